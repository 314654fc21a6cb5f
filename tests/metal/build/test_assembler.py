# SPDX-License-Identifier: Apache-2.0
"""The assembler's refusals are told at their line of Python."""

from pathlib import Path

import pytest

from ovm.metal.build.cache import Cache
from ovm.metal.build.objects import compile_ir
from ovm.metal.compiler import Options, compile_unit
from ovm.metal.diagnostics import MetalError
from tests.metal.build import wrong_assembly

SOURCE = Path(wrong_assembly.__file__).read_text().splitlines()


def line_of(text: str) -> int:
    (number,) = [number for number, line in enumerate(SOURCE, 1) if text in line]
    return number


def test_each_refused_instruction_has_its_place(build_cache: Cache) -> None:
    unit = compile_unit([wrong_assembly.second], Options("arm"))
    with pytest.raises(MetalError) as caught:
        compile_ir(unit.ir, cache=build_cache)
    found = {(each.code, each.file.rpartition("/")[2], each.line, each.source) for each in caught.value.diagnostics}
    assert found == {
        ("B007", "wrong_assembly.py", line_of("bogus"), "bogus r1, r2"),
        ("B007", "wrong_assembly.py", line_of("msr nothing"), "msr nothing, r0"),
    }
    assert "invalid operand" in str(caught.value)


def test_without_debug_information_the_tools_own_words_stand(build_cache: Cache) -> None:
    unit = compile_unit([wrong_assembly.second], Options("arm", debug=False))
    with pytest.raises(MetalError, match="B003") as caught:
        compile_ir(unit.ir, cache=build_cache)
    assert "msr nothing" in str(caught.value)
