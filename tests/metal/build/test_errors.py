# SPDX-License-Identifier: Apache-2.0
"""Every error of the build tools has a page of its own."""

import re
from pathlib import Path

from ovm.metal.build import errors
from ovm.metal.build.errors import CODES, BuildError
from ovm.metal.diagnostics import MetalError

CODE = re.compile(r'(?:BuildError\(\s*|^CODE = )"(B\d+)"', re.MULTILINE)


def test_every_code_is_explained_and_used() -> None:
    folder = Path(errors.__file__).parent
    used = {code for path in folder.glob("*.py") for code in CODE.findall(path.read_text())}
    assert used == set(CODES)


def test_an_error_is_the_compilers_kind_and_reads_like_one() -> None:
    error = BuildError("B099", "it broke", found="this", expected="that", fix="mend it")
    assert isinstance(error, MetalError)
    assert str(error) == "error[B099]: it broke\n  found:    this\n  expected: that\n  fix:      mend it"
    placed = BuildError("B099", "it broke", file="main.c", line=3)
    assert str(placed) == "error[B099]: main.c:3:1: it broke"
