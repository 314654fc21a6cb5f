# SPDX-License-Identifier: Apache-2.0
"""Registers of the virtual board that decide what guests' time and lives are like, after a run: of both cores and devices.

What differs between two runs by their time alone is left out: counts, tables in use, what was accessed last.
"""

from typing import Any

from ovm.board.api import Board
from ovm.board.cache.level2_state import Level2
from ovm.board.devices.gic_state import Gic
from ovm.board.devices.private_timer import Countdown
from ovm.board.devices.scu import Scu
from ovm.board.devices.slcr import Slcr
from ovm.board.devices.system_watchdog import SystemWatchdog
from ovm.metal.lang.kinds import ArrayType

DEVICES: tuple[tuple[str, Any, set[str]], ...] = (
    (
        "cache.level2_state.L2",
        Level2,
        {"turn", "random", "event_count", "busy_until", "busy_register", "busy_ways"},
    ),
    ("devices.scu.SCU", Scu, set()),
    ("devices.slcr.SLCR", Slcr, set()),
    ("devices.system_watchdog.SYSTEM_WATCHDOG", SystemWatchdog, {"status"}),
    ("devices.gic_state.GIC", Gic, {"level", "held_ns", "active", "pending"}),
)
# By both worlds; those of translation and faults belong to the guest that ran last.
BANKED = ("SCTLR", "TTBCR", "TTBR1", "PRRR", "NMRR", "VBAR", "CSSELR", "TPIDRPRW")
COMMON = ("ACTLR", "SCR", "SDER", "NSACR", "VCR", "VIR", "MVBAR", "CPACR", "PMCR", "PMUSERENR", "PMCNTENSET", "PMINTENSET")
COMMON_MORE = ("TLB_LOCKDOWN", "TEECR", "JOSCR")


def registers(board: Board) -> dict[str, int]:
    """Return all registers by name."""
    found: dict[str, int] = {}
    for core in board.cores:
        names = [name for name in core.names if name.partition("_NS")[0].partition("_S")[0] in BANKED or name in COMMON]
        names += [name for name in COMMON_MORE if name in core.names]
        found |= {f"CPU {core.number} {name}": core.get(name) for name in names}
    for name, struct, times in DEVICES:
        view = board.static(name, struct)
        for field in struct.LAYOUT.fields.values():
            if field.name in times:
                continue
            if isinstance(field.kind, ArrayType):
                count = field.kind.length
                found |= {f"{struct.__name__}.{field.name}[{index}]": view.get(field.name, index) for index in range(count)}
            else:
                found[f"{struct.__name__}.{field.name}"] = view.get(field.name)
    timers = board.static("devices.private_timer.COUNTDOWNS", ArrayType(Countdown, 4))
    # OVM's clock is a watchdog in timer mode: what mode a loader had it in would show only when it wraps, with a reset.
    found |= {f"watchdog of CPU {core} control": timers.get(2 + core, "control") for core in (0, 1)}
    # Of the private interrupts a guest's own may be active.
    shared = board.static("devices.gic_state.GIC", Gic)
    return found | {f"Gic.active[{word}]": shared.get("active", word) for word in (2, 3)}
