# SPDX-License-Identifier: Apache-2.0
"""The cycles and counts that each guest used on the virtual board, itself and in OVM on its behalf.

OVM keeps the number of the guest that runs in the first word of each CPU's entry of `ovm.core.cpu.CPUS`, and a
deprivileged guest's virtual mode in the page that it shares with it (`ovm.abi.vcpu_page`).
"""

from typing import Any

from ovm.abi.config import Level
from ovm.abi.vcpu_page import VcpuPage
from ovm.board.api import Board
from ovm.metal import offsetof
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive

_CPUS = "ovm.core.cpu.CPUS"
_NOBODY = 16


def start_accounts(board: Board, archive: Archive) -> None:
    """Let the board account to guests from now on; for an image without OVM's symbols nothing happens."""
    symbols = Elf(archive.core.content).symbols
    if _CPUS not in symbols:
        return
    plan = archive.plan
    modes = {
        place.guest.index: place.physical(place.ram_gpa) + offsetof(VcpuPage, "mode")
        for place in plan.guests
        if place.guest.level is not Level.HRT
    }
    hard = [place.guest.index for place in plan.guests if place.guest.level is Level.HRT]
    # An HRT guest owns CPU 1: OVM need not say so.
    board.accounts.start((symbols[_CPUS].address, None), (_NOBODY, hard[0] if hard else _NOBODY), modes)


def guest_use(board: Board, index: int) -> dict[str, Any]:
    """Return one guest's part of the run so far: its own cycles and counts, OVM's on its behalf, and interrupt latencies."""
    own, ovm = (board.accounts.ledger(index, monitor) for monitor in (False, True))
    latency = board.accounts.latency(index)
    found: dict[str, Any] = {
        "cycles": own.cycles,
        "instructions": own.instructions,
        "asleep_cycles": own.asleep,
        **own.counts,
        "ovm": {"cycles": ovm.cycles, "instructions": ovm.instructions, "entries": ovm.entries, **ovm.counts},
        "interrupt_latency": None,
    }
    if latency:
        found["interrupt_latency"] = {
            "count": latency.count,
            "min": latency.least,
            "mean": round(latency.mean, 1),
            "p99": latency.p99,
            "max": latency.most,
        }
    return found


def machine_use(board: Board) -> dict[str, Any]:
    """Return the whole machine's part, including work for no guest."""
    nobody = board.accounts.ledger(_NOBODY, True)
    return {
        "hz": board.hz,
        "cycles": [core.cycles for core in board.cores],
        "instructions": [core.instructions for core in board.cores],
        "unowned_cycles": nobody.cycles,
        "idle_cycles": nobody.asleep,
    }
