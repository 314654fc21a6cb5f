# SPDX-License-Identifier: Apache-2.0
"""The generated C header, judged by a C compiler: it compiles, its asserts hold, its values are Python's."""

import re
from pathlib import Path

import pytest

from ovm.abi import hypercalls
from ovm.abi.header import CALLS, call_names, constants, header
from ovm.metal.build.elf import Elf
from ovm.metal.build.errors import BuildError
from ovm.metal.build.objects import Source, compile_source


def compiled(folder: Path, text: str, *flags: str, header_text: str = "") -> Elf:
    (folder / "ovm_abi.h").write_text(header_text or header())
    (folder / "unit.c").write_text('#include "ovm_abi.h"\n' + text)
    return Elf(compile_source(Source(folder / "unit.c", folder, (folder,), flags=("-Wall", "-Wextra", "-Werror", *flags))))


def test_it_compiles_without_a_warning_in_every_mode(tmp_path: Path) -> None:
    for flags in ((), ("-std=c11", "-pedantic"), ("-DOVM_CONDUIT_SMC",), ("-Wconversion",)):
        compiled(tmp_path, "int unit;", *flags)


def test_values_are_those_of_python(tmp_path: Path) -> None:
    names = constants()
    assert len(names) > 70
    text = "const uint32_t values[] = {" + ", ".join(names) + "};"
    data = compiled(tmp_path, text).section_data(".rodata.values")
    values = [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]
    assert dict(zip(names, values, strict=True)) == names


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("uint32_t dfsr;", "uint64_t dfsr;"),
        ("uint32_t spsr[6];", "uint32_t spsr[5];"),
        ("uint8_t reserved_84[3964];", ""),
        ("uint32_t console[1024];", "uint32_t console[1023];"),
    ],
)
def test_a_changed_layout_is_refused_by_its_asserts(tmp_path: Path, said: str, wrong: str) -> None:
    assert said in header()
    with pytest.raises(BuildError, match="static assertion failed"):
        compiled(tmp_path, "int unit;", header_text=header().replace(said, wrong))


def test_every_hypercall_has_a_function() -> None:
    assert {call.name for call in CALLS} == call_names()
    assert hypercalls.EXIT and "NOT_SUPPORTED" not in call_names()


def test_each_function_makes_one_call_through_its_conduit(tmp_path: Path) -> None:
    calls = [call for call in CALLS if call.parameters == "void"]
    text = "\n".join(f"void f_{call.name}(void) {{ ovm_{call.name.lower()}(); }}" for call in calls)
    for flags, conduit in (((), b"\x00\x00\x00\xef"), (("-DOVM_CONDUIT_SMC",), b"\x70\x00\x60\xe1")):
        elf = compiled(tmp_path, text, *flags)
        for call in calls:
            assert elf.section_data(f".text.f_{call.name}").count(conduit) == 1, call.name


def test_comments_come_along() -> None:
    assert re.search(r"/\* r1 = number of bytes \(0\.\.24\).*\*/\n#define OVM_CONSOLE_WRITE", header())
    assert "/* Consumed by the hypercall RETURN. */\n    uint32_t return_r0;" in header()
