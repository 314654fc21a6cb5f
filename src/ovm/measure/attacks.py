# SPDX-License-Identifier: Apache-2.0
"""The cost of a hostile neighbour to an SRT guest: a run for each attack of the guest `hog`, together with `beat`.

The board's events give OVM's longest stay, during which nothing can interrupt it, and the alarm's longest wait. `beat` records
how late each activation began. All are in cycles, which are exact, so each has a bar.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from struct import iter_unpack

from ovm.abi.config import Level
from ovm.machines.errors import MachineError
from ovm.machines.trace_names import guests_of
from ovm.measure.paths import EVENTS, Paths
from ovm.measure.run import Observed
from ovm.system.build import build
from ovm.system.model import Guest, System

Progress = Callable[[str], None]
# The bars in cycles, which no attack may exceed: for a stay of OVM, and for the lateness of an activation.
STAY_BAR, LATE_BAR = 6000, 6000
HOG, VICTIM = "hog", "victim"
# The numbers by which `hog` knows its attacks: places in this list, which is NAMES of its guest.py.
NAMES = (
    "spin",
    "flood",
    "balloon",
    "store_across",
    "refused",
    "undefined",
    "forget_code",
    "yields",
    "timers",
    "sleeps",
    "interrupts",
    "doorbells",
    "denied",
    "restarts",
    "sweep",
    "ends",
    "lost",
    "drop_address",
    "drop_all",
    "drop_large",
    "crowd_out",
    "switch_spaces",
)
EVERYTHING = 99
# The run continues for this time after the last activation is due.
_MARGIN = 0.015
_WARM_UP = 16


@dataclass(frozen=True)
class Attack:
    """An attack of `hog` with its argument; whether it may manage other guests, and whether an HRT guest runs meanwhile."""

    name: str
    argument: int = 0
    manager: bool = False
    hard: bool = False

    @property
    def number(self) -> int:
        """Return the attack's number for `hog`."""
        return EVERYTHING if self.name == "everything" else NAMES.index(self.name)

    @property
    def title(self) -> str:
        """Return the attack's name with its argument and conditions."""
        argument = f" {self.argument}" if self.argument else ""
        return self.name + argument + ", a manager" * self.manager + ", HRT" * self.hard


# One row for each attack. The number of the guest that `restarts` names is VICTIM's, without an HRT guest.
ATTACKS = (
    Attack("spin"),
    Attack("flood"),
    Attack("flood", hard=True),
    Attack("balloon"),
    Attack("balloon", hard=True),
    Attack("store_across"),
    Attack("refused"),
    Attack("undefined"),
    Attack("forget_code"),
    Attack("yields"),
    Attack("timers", 1000),
    Attack("sleeps", 1000),
    Attack("interrupts"),
    Attack("doorbells"),
    Attack("denied"),
    Attack("restarts", 2, manager=True),
    Attack("sweep"),
    Attack("sweep", hard=True),
    Attack("ends"),
    Attack("lost"),
    Attack("drop_address", 16),
    Attack("drop_address", 64),
    Attack("drop_all", 16),
    Attack("drop_all", 64),
    Attack("drop_large", 490),
    Attack("crowd_out", 490),
    Attack("switch_spaces", 80),
    Attack("everything"),
    Attack("everything", hard=True),
)


@dataclass(frozen=True)
class AttackRun:
    """The result of an attack: the longest stay and the longest wait, each with its path, and the lateness of each activation."""

    attack: Attack
    stays: Mapping[str, int]
    waits: Mapping[str, int]
    late: tuple[int, ...]

    @property
    def stay(self) -> tuple[str, int]:
        """Return the longest stay of OVM."""
        return max(self.stays.items(), key=lambda item: item[1], default=("", 0))

    @property
    def wait(self) -> tuple[str, int]:
        """Return the alarm's longest wait, with the path that delayed it."""
        return max(self.waits.items(), key=lambda item: item[1], default=("", 0))

    @property
    def misses(self) -> list[str]:
        """Return the bars that the attack exceeded."""
        found = []
        if self.stay[1] > STAY_BAR:
            found.append(f"OVM stays {self.stay[1]} cycles in {self.stay[0]}, at most {STAY_BAR} allowed")
        if max(self.late) > LATE_BAR:
            found.append(f"beat is late by {max(self.late)} cycles, at most {LATE_BAR} allowed")
        return found


def measure_attacks(
    description: Path, progress: Progress, attacks: Iterable[Attack] = ATTACKS, activations: int = 0
) -> Iterator[AttackRun]:
    """Run a description for each attack, with that many activations; 0 means the description's number."""
    for attack in attacks:
        yield _run(description, attack, activations, progress)


def _run(description: Path, attack: Attack, activations: int, progress: Progress) -> AttackRun:
    archive = build(description, progress, change=lambda system: _changed(system, attack, activations))
    paths = Paths(guests_of(archive.plan))
    progress(f"running beside {attack.title}")
    beat, file = _sampled(archive.plan.system)
    run = Observed(archive, EVENTS, paths.add, only=beat.name)
    scale = run.hz / archive.plan.system.board.timer_hz
    late = [round(ticks * scale) for ticks, _ in iter_unpack("<II", run.saved[file])]
    return AttackRun(
        attack=attack,
        stays={name: max(each) for name, each in paths.stays.items()},
        waits={name: max(each) for name, each in paths.waits.items()},
        late=tuple(late[: beat.arguments[0]]),
    )


def _changed(system: System, attack: Attack, activations: int) -> System:
    """Return the system as the attack needs it."""
    beat, _ = _sampled(system)
    count = activations or beat.arguments[0]
    limits = tuple(each for each in beat.expect.limits if each.key != "activations")
    changes = {
        beat.name: {"arguments": (count, *beat.arguments[1:]), "expect": replace(beat.expect, limits=limits)},
        HOG: {"arguments": (attack.number, attack.argument), "manager": attack.manager},
    }
    left_out = {each.name for each in system.guests if each.level is Level.HRT and not attack.hard}
    left_out |= set() if attack.manager else {VICTIM}
    kept = [each for each in system.guests if each.name not in left_out]
    guests = tuple(replace(each, index=index, **changes.get(each.name, {})) for index, each in enumerate(kept))  # type: ignore[arg-type]
    seconds = (count + _WARM_UP) * beat.arguments[1] / 1e6 + _MARGIN
    return replace(system, guests=guests, seconds=seconds)


def _sampled(system: System) -> tuple[Guest, str]:
    """Return the SRT guest that is measured, and the file that its samples are saved to."""
    for guest in system.guests:
        for region in guest.regions:
            if guest.level is Level.SRT and region.save:
                return guest, region.save
    raise MachineError(
        "R106",
        f"nothing in '{system.name}' can be attacked: no SRT guest saves a region",
        fix="see systems/attacks.toml and src/ovm/guests/beat/README.md",
    )
