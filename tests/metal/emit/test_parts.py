# SPDX-License-Identifier: Apache-2.0
"""A program in parts means what it means in one, and a change of a function changes the text of few parts."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from types import ModuleType

import pytest

from ovm.metal.build.elf import Elf
from ovm.metal.build.host import HostProgram
from ovm.metal.build.objects import compile_ir
from ovm.metal.compiler import Options, Target, Unit, compile_unit
from tests.metal.unicorn_run import UnicornProgram

PACKAGE = "parted"
PARTS = {f"{PACKAGE}.low": "low", f"{PACKAGE}.high": "high", f"{PACKAGE}.low.GIVEN": "data"}
BYTES = b"".join(value.to_bytes(4, "little") for value in (1, 20, 300, 4000))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a copy of the program that can be edited and imported."""
    copytree(Path(__file__).parent / PACKAGE, tmp_path / PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / PACKAGE
    forget()


def forget() -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    importlib.invalidate_caches()


def program(target: Target, parts: dict[str, str], given: bytes = BYTES) -> Unit:
    forget()
    high: ModuleType = importlib.import_module(f"{PACKAGE}.high")
    return compile_unit((high.choose,), Options(target, parts=parts, data={f"{PACKAGE}.low.GIVEN": given}, debug=target == "arm"))


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after) + "\n")


@pytest.mark.parametrize("parts", [{}, PARTS], ids=["whole", "parts"])
@pytest.mark.parametrize("target", ["host", "arm"])
def test_results_are_the_same(folder: Path, target: Target, parts: dict[str, str]) -> None:
    unit = program(target, parts)
    assert sorted(unit.parts) == sorted(set(parts.values()) or {""})
    run = HostProgram(unit) if target == "host" else UnicornProgram(unit)
    assert run.call("choose", 0, 7) == 15
    assert run.call("choose", 0, 1) == 17
    assert run.call("choose", 1, 3) == 6 + 4000 + 8


def changed(folder: Path, file: str, before: str, after: str) -> set[str]:
    """Names of the parts whose text an edit changes."""
    old = program("arm", PARTS).parts
    edit(folder / file, before, after)
    new = program("arm", PARTS).parts
    return {name for name in new if new[name] != old[name]}


def test_a_function_changes_its_own_part(folder: Path) -> None:
    assert changed(folder, "low.py", "TOTAL.value += twice(value)", "TOTAL.value += twice(value) + 1") == {"low"}
    assert changed(folder, "high.py", "add(value) + 1", "add(value) + 3") == {"high"}


def test_an_inlined_function_changes_the_parts_that_inline_it(folder: Path) -> None:
    assert changed(folder, "low.py", "return value * 2", "return value * 4") == {"low", "high"}


def test_a_constant_changes_the_parts_that_use_it(folder: Path) -> None:
    assert changed(folder, "low.py", "[5, 6, 7, 8]", "[5, 6, 7, 9]") == {"low"}


def test_what_is_data_alone_changes_no_code(folder: Path) -> None:
    old = program("arm", PARTS).parts
    new = program("arm", PARTS, bytes(16)).parts
    assert {name for name in new if new[name] != old[name]} == {"data"}
    assert f"{PACKAGE}.low.GIVEN" in Elf(compile_ir(old["data"])).symbols


def test_a_copy_is_no_code_of_its_part(folder: Path) -> None:
    symbols = Elf(compile_ir(program("arm", PARTS).parts["high"])).symbols
    assert f"{PACKAGE}.low.twice" not in symbols
    assert f"{PACKAGE}.high.first" in symbols
