# SPDX-License-Identifier: Apache-2.0
"""An address says whose walk it was; events of other kinds and cores don't count."""

from pathlib import Path

import pytest

from ovm.board.api.events import KINDS, LAYOUT
from ovm.machines.errors import MachineError
from ovm.measure.walks import DEVICES, GATE, OVM, WalkCount
from ovm.system.build import checked
from ovm.system.plan import Plan

SYSTEM = Path(__file__).parents[2] / "systems/lockdown.toml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return checked(SYSTEM)[1]


def walk(address: int, cycles: int, core: int = 0, kind: str = "walk") -> bytes:
    return LAYOUT.pack(1000, KINDS[kind], core, 0, address, cycles, 0)


def test_parties(plan: Plan) -> None:
    count = WalkCount(plan, 0)
    count.add(walk(0x1000_0000, 10) + walk(0x100F_FFFC, 5) + walk(0x1010_0000, 1))
    count.add(walk(0x2040_0000, 3) + walk(0xFFFF_F000, 2) + walk(0xFFFF_F810, 2))
    count.add(walk(0xF8F0_0100, 7) + walk(0x0010_0000, 4) + walk(0x1030_0000, 4))
    assert {name: (each.count, each.cycles) for name, each in count.of.items()} == {
        "beat": (3, 16),
        "churn": (1, 3),
        GATE: (2, 4),
        DEVICES: (1, 7),
        OVM: (2, 8),
    }


def test_others_events_do_not_count(plan: Plan) -> None:
    count = WalkCount(plan, 0)
    count.add(walk(0x1000_0000, 1, core=1) + walk(0x1000_0000, 1, kind="fault"))
    assert set(count.counts().values()) == {0}


def test_guests_at_one_address_are_refused(tmp_path: Path) -> None:
    text = SYSTEM.read_text().replace("address = 0x2000_0000", "")
    (tmp_path / "same.toml").write_text(text)
    with pytest.raises(MachineError, match="beat and churn can't be told apart"):
        WalkCount(checked(tmp_path / "same.toml")[1], 0)
