# SPDX-License-Identifier: Apache-2.0
"""The use of DDR's banks by each master, and whether others have used a bank since a core did.

A master that uses a bank opens a row of its own there, so the row that a core left open is closed once another master has come.
The simulator runs a core for a quantum and then the other; the accesses between two accesses of a core are therefore taken from
the last window (`contention.py`): the others are assumed to have come as often as then, evenly.
"""

from typing import Final

from ovm.metal import Struct, array, fn, static, u32, u64

BANKS: Final = 8
CORES: Final = 2
DMA: Final = 2
MASTERS: Final = 3
_LOG: Final = 16
_MOST: Final = u64(2 << _LOG)  # each of the others in every cycle


class Bank(Struct):
    """One bank, as used by one master."""

    visits: u32  # in this window
    others: u32  # visits of the other masters in a cycle, in 2^-16, as the last window had them
    since: u32  # visits of others that were not seen yet, in 2^-16: less than one
    spare: u32
    moment: u64  # of the last access


VIEWS = static(array(Bank, MASTERS * BANKS))


@fn(inline=False)
def banks_reset() -> None:
    """Clear all counts."""
    for number in u32.range(MASTERS * BANKS):
        view = VIEWS[number]
        view.visits = 0
        view.others = 0
        view.since = 0
        view.moment = 0


@fn
def visit(master: u32, bank: u32) -> None:
    """Note an access."""
    VIEWS[master * BANKS + bank].visits += 1


@fn
def others_came(core: u32, bank: u32, moment: u64) -> bool:
    """Return whether other masters have used a bank since the core did; the core uses it again at a given moment."""
    view = VIEWS[core * BANKS + bank]
    visits = u64(view.since) + u64(view.others) * (moment - min(view.moment, moment))
    view.moment = moment
    view.since = u32(visits) & ((1 << _LOG) - 1)
    return visits >> _LOG != 0


@fn
def all_closed(core: u32, moment: u64) -> None:
    """Note that at a moment no bank had a row open."""
    for bank in u32.range(BANKS):
        VIEWS[core * BANKS + bank].moment = moment


@fn(inline=False)
def banks_settle(length: u64) -> None:
    """End a window of this many cycles."""
    for bank in u32.range(BANKS):
        total = u32(0)
        for master in u32.range(MASTERS):
            total += VIEWS[master * BANKS + bank].visits
        for core in u32.range(CORES):
            view = VIEWS[core * BANKS + bank]
            others = total - view.visits
            rate = (u64(others) << _LOG) // max(length, 1) if others != 0 else u64(0)
            view.others = u32(min(rate, _MOST))
        for master in u32.range(MASTERS):
            VIEWS[master * BANKS + bank].visits = 0


@fn
def banks_alone() -> None:
    """Clear the rates of other masters."""
    for number in u32.range(MASTERS * BANKS):
        VIEWS[number].others = 0
