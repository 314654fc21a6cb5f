# SPDX-License-Identifier: Apache-2.0
"""The effect of TLB lock entries on an SRT guest: the same boot image with them and without.

Without them is a parameter of the board, whose lock entries then can't be written. A build without locking would have its code
elsewhere, and in cold caches that makes more of a difference than the walks.

The board counts page walks of each party on CPU 0 from the first instruction on. The guest `beat` records how late each
activation began and ended, in timer ticks (two CPU cycles).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from struct import iter_unpack

from ovm.abi.config import Level
from ovm.machines.errors import MachineError
from ovm.measure.run import Observed
from ovm.measure.walks import WalkCount, Walks
from ovm.system.archive import Archive
from ovm.system.build import build
from ovm.system.model import System

Progress = Callable[[str], None]
# Parameters of the board. No manual says what lockable entries hold while none is locked, and until when: the board keeps there
# the first translations, which can include just the entry that matters. So there is a run without them too.
VARIANTS: Mapping[str, Mapping[str, int]] = {
    "locked": {},
    "not locked": {"main_tlb_unlockable": 1},
    "not locked, entries empty": {"main_tlb_unlockable": 1, "main_tlb_spare": 0},
}
CPU = 0


@dataclass(frozen=True)
class Variant:
    """One of the runs. `late` and `done` are cycles from the time when each activation was due."""

    name: str
    guest: str
    walks: Mapping[str, Walks]
    late: list[int]
    done: list[int]
    counts: Mapping[str, int]
    seconds: float

    @property
    def own_walks(self) -> int:
        """Return page walks of the SRT guest."""
        return self.walks[self.guest].count


def measure_lockdown(description: Path, progress: Progress) -> list[Variant]:
    """Run a description with one SRT guest that saves its samples, with lock entries and without: one build, three boards."""
    archive = build(description, progress)
    return [_run(archive, name, parameters, progress) for name, parameters in VARIANTS.items()]


def _run(archive: Archive, name: str, parameters: Mapping[str, int], progress: Progress) -> Variant:
    guest, file = _sampled(archive.plan.system)
    walks = WalkCount(archive.plan, CPU)
    progress(f"running, {name}")
    run = Observed(archive, ("walk",), walks.add, parameters=parameters)
    scale = run.hz / archive.plan.system.board.timer_hz
    samples = [(round(late * scale), round(done * scale)) for late, done in iter_unpack("<II", run.saved[file])]
    return Variant(
        name=name,
        guest=guest,
        walks=walks.of,
        late=[late for late, _ in samples],
        done=[done for _, done in samples],
        counts=run.counts[CPU],
        seconds=run.result.seconds,
    )


def _sampled(system: System) -> tuple[str, str]:
    """Return the SRT guest that is measured and the file that its samples are saved to."""
    for guest in system.guests:
        for region in guest.regions:
            if guest.level is Level.SRT and region.save:
                return guest.name, region.save
    raise MachineError(
        "R106",
        f"nothing in '{system.name}' can be measured: no SRT guest saves a region",
        fix="see systems/lockdown.toml and src/ovm/guests/beat/README.md",
    )
