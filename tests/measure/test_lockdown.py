# SPDX-License-Identifier: Apache-2.0
"""Lock entries do what OVM is about: an SRT guest in them takes no page walk, whatever its neighbour does to the TLB."""

from pathlib import Path
from statistics import mean

import pytest

from ovm.machines.errors import MachineError
from ovm.measure.lockdown import Variant, measure_lockdown
from ovm.measure.walks import GATE

SYSTEM = Path(__file__).parents[2] / "systems/lockdown.toml"
ACTIVATIONS = 60
CHANGES = (
    ("arguments = [1000, 1000]", f"arguments = [{ACTIVATIONS}, 1000]"),
    ("activations = 1000", f"activations = {ACTIVATIONS}"),
    ("arguments = [1100]", "arguments = [90]"),
)


def described(folder: Path) -> Path:
    text = SYSTEM.read_text()
    for before, after in CHANGES:
        assert before in text
        text = text.replace(before, after)
    (folder / "short.toml").write_text(text)
    return folder / "short.toml"


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Variant]:
    found = measure_lockdown(described(tmp_path_factory.mktemp("lockdown")), lambda step: None)
    return {each.name: each for each in found}


def test_a_locked_guest_takes_no_walk(variants: dict[str, Variant]) -> None:
    assert variants["locked"].own_walks == 0
    assert variants["locked"].walks[GATE].count == 0


def test_an_unlocked_guest_walks_at_each_activation(variants: dict[str, Variant]) -> None:
    """Its section and the gate: the neighbour has thrown them out every time."""
    for name in ("not locked", "not locked, entries empty"):
        assert variants[name].own_walks >= ACTIVATIONS
        assert variants[name].walks[GATE].count >= ACTIVATIONS


def test_a_locked_guest_is_sooner(variants: dict[str, Variant]) -> None:
    """By about what the walks cost that it doesn't take: its own, and the gate's. All run one image, so nothing else differs."""
    locked = variants["locked"]
    for name in ("not locked", "not locked, entries empty"):
        other = variants[name]
        assert mean(locked.late) < mean(other.late)
        assert mean(locked.done) < mean(other.done)


def test_the_neighbour_walks_all_the_time(variants: dict[str, Variant]) -> None:
    for each in variants.values():
        assert each.walks["churn"].count > 100 * ACTIVATIONS
        assert sum(walks.count for walks in each.walks.values()) == each.counts["main_misses"]


def test_every_activation_is_there(variants: dict[str, Variant]) -> None:
    for each in variants.values():
        assert len(each.late) == len(each.done) == ACTIVATIONS
        assert all(0 < late < done for late, done in zip(each.late, each.done, strict=True))


def test_a_system_without_samples_is_refused() -> None:
    with pytest.raises(MachineError, match="no SRT guest saves a region"):
        measure_lockdown(SYSTEM.with_name("hello.toml"), lambda step: None)
