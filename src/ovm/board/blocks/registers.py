# SPDX-License-Identifier: Apache-2.0
"""The host's registers that hold guest registers while a block runs.

Guest registers are always in memory, so a block can be left anywhere; the host's registers hold copies.
"""

from typing import Final

from ovm.board.arena.x86 import FIRST_FREE, LAST_FREE, MOV, MOV_TO, both, state
from ovm.metal import Array, Struct, array, fn, static, u8, u32

NOWHERE: Final = 0
NOTHING: Final = 0xFF
PC: Final = 15


class Copies(Struct):
    """Copies, in both directions."""

    where: Array[u8] = array(u8, 16)  # the host's register of a guest's; NOWHERE
    what: Array[u8] = array(u8, 16)  # the guest's register of which one of the host's is a copy; NOTHING
    before: Array[u8] = array(u8, 16)  # `where` before an instruction that may not be executed
    following: u32  # the host's register that is taken next
    busy: u32  # those of the instruction in progress, a bit each


COPIES = static(Copies)


@fn
def forget_copies() -> None:
    """Begin a block, without any copies."""
    for number in u32.range(16):
        COPIES.where[number] = NOWHERE
        COPIES.what[number] = NOTHING
    COPIES.following = FIRST_FREE
    COPIES.busy = 0


@fn
def next_instruction() -> None:
    """Begin an instruction; no copy of r15 outlives one."""
    COPIES.busy = 0
    forget(PC)


@fn
def forget(guest: u32) -> None:
    """Drop all copies of a guest's register."""
    host = u32(COPIES.where[guest])
    if host != NOWHERE:
        COPIES.what[host] = NOTHING
        COPIES.where[guest] = NOWHERE


@fn
def before_condition() -> None:
    """Save the set of copies before an instruction that may be skipped."""
    for number in u32.range(16):
        COPIES.before[number] = COPIES.where[number]


@fn
def after_condition() -> None:
    """Keep only copies that exist in both cases."""
    for number in u32.range(16):
        if COPIES.where[number] != COPIES.before[number]:
            forget(number)


@fn
def _take(guest: u32) -> u32:
    """Return a register of the host for a guest's."""
    host = COPIES.following
    for _ in u32.range(6):
        if (COPIES.busy >> host) & 1 != 0:
            host = FIRST_FREE if host == LAST_FREE else host + 1
    COPIES.following = FIRST_FREE if host == LAST_FREE else host + 1
    if COPIES.what[host] != NOTHING:
        COPIES.where[COPIES.what[host]] = NOWHERE
    COPIES.what[host] = u8(guest)
    COPIES.where[guest] = u8(host)
    return host


@fn
def value_of(guest: u32) -> u32:
    """Return the host's register that holds a guest's; load it if needed."""
    host = u32(COPIES.where[guest])
    if host == NOWHERE:
        host = _take(guest)
        state(MOV, host, guest * 4)
    COPIES.busy |= 1 << host
    return host


@fn
def assign(guest: u32, source: u32) -> None:
    """Give a guest's register the value of a scratch register."""
    host = u32(COPIES.where[guest])
    if host == NOWHERE:
        host = _take(guest)
    COPIES.busy |= 1 << host
    both(MOV, host, source)
    state(MOV_TO, source, guest * 4)
