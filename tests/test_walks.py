# SPDX-License-Identifier: Apache-2.0
"""The walks of docs/architecture.md are whole: what they name is what a trap, an instruction and a key go through."""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from ovm.board.decode.tables import CONDITIONAL, WIDE
from ovm.board.execute import media, roles
from ovm.board.execute.row import Instruction
from ovm.board.execute.table import number_of
from ovm.core.entry.gate import GATE_VA
from ovm.core.reservation import reservation_wake
from ovm.core.vcpu import VCPUS, config_of
from ovm.metal import u32, u64
from ovm.metal.build.elf import Elf
from ovm.metal.simulate import simulate
from ovm.system import report
from ovm.system.build import build
from ovm.system.pack import guest_configs
from tests.core.test_gate_interrupt import SYSTEM, Traps
from tests.system.test_pack import placed

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src"
WALKS = ("trap", "instruction", "key")
MOST = 7  # files of each
# The key and what it becomes; and the files that only declare it.
KEY = ("budget_us", "budget_ticks")
DECLARED = {"src/ovm/abi/config.py", "src/ovm/system/model.py"}
HANDLER = media.bit_field_insert
# Copied into a page of its own, where no line table reaches.
GATE = "src/ovm/core/entry/gate.py"


def walk(name: str) -> set[str]:
    """Return the files that a walk of the page names in its numbered lines."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    section = re.search(rf"^### A walk: [^\n]*\b{name}\b[^\n]*\n(.*?)^##", text, re.MULTILINE | re.DOTALL)
    assert section, name
    lines = re.findall(r"^\d+\. (.*(?:\n   .*)*)", section[1], re.MULTILINE)
    return {path for line in lines for path in re.findall(r"`(src/[\w/]+\.py)`", line)}


def words(path: Path) -> set[str]:
    """Return the names in a source file, and its strings that are a name."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    return {token.string.strip("\"'") for token in tokens if token.type in (tokenize.NAME, tokenize.STRING)}


def naming(*names: str) -> set[str]:
    """Return the files below src/ovm that use one of these names."""
    found = [path for path in (SOURCES / "ovm").rglob("*.py") if not words(path).isdisjoint(names)]
    return {path.relative_to(ROOT).as_posix() for path in found}


@pytest.mark.parametrize("name", WALKS)
def test_a_walk_is_short(name: str) -> None:
    assert 3 <= len(walk(name)) <= MOST
    assert [path for path in walk(name) if not (ROOT / path).is_file()] == []


def test_the_trap_goes_through_just_these_files() -> None:
    traps, core = Traps(), Elf(build(SYSTEM, lambda step: None).core.content)
    traps.run_to("arm_svc")
    assert traps.core.get("r0") == 0x8600_0000  # NULL
    traps.board.step()
    entered = set()
    while traps.core.mode != "usr":
        pc = traps.core.pc
        line = core.line_at(pc)
        entered.add(GATE if pc >= GATE_VA else f"src/{line.file}" if line else hex(pc))
        traps.board.step()
    assert entered == walk("trap")


def test_the_instruction_has_its_parts_in_just_these_files() -> None:
    encodings = [each for each in (*CONDITIONAL, *WIDE) if each.handler == number_of(HANDLER)]
    assert len(encodings) == 2
    # The forms of its operands, and what its row is made of.
    modules = {each.form.__module__ for each in encodings} | {Instruction.__module__, roles.__name__}
    files = {Path(str(sys.modules[each].__file__)).relative_to(ROOT).as_posix() for each in modules}
    assert naming(HANDLER.__name__) | files == walk("instruction")


@pytest.fixture
def entered() -> Iterator[set[str]]:
    """Files of which a line that names the key is executed meanwhile."""
    found: set[str] = set()
    lines = {path: (ROOT / path).read_text().splitlines() for path in naming(*KEY)}

    def trace(frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        file = frame.f_code.co_filename
        path = Path(file).relative_to(ROOT).as_posix() if file.startswith(str(SOURCES)) else ""
        if path not in lines:
            return None
        if event == "line" and any(each in lines[path][frame.f_lineno - 1] for each in KEY):
            found.add(path)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    yield found
    sys.settrace(before)


def test_the_key_goes_through_just_these_files(tmp_path: Path, entered: set[str]) -> None:
    plan, images = placed(tmp_path)
    packed = guest_configs(plan, images)
    soft = next(place for place in plan.guests if place.guest.name == "soft")
    assert "250 us in every" in "\n".join(report._guest_lines(soft, images["soft"]))
    assert (250 * plan.system.board.timer_hz // 1_000_000).to_bytes(4, "little") in packed
    with simulate():
        config_of(VCPUS[0]).budget_ticks = u32(10)
        reservation_wake(VCPUS[0], u64(1000))
        assert VCPUS[0].budget_left == 10
    assert naming(*KEY) == walk("key")
    assert entered == walk("key") - DECLARED
