# SPDX-License-Identifier: Apache-2.0
"""Waits of masters for each other, at level 2's port and at DDR, which carry one line at a time.

The SCU lets both cores through to level 2 in turn (round robin: Intel's note 000086541 on the Cortex-A9 MPCore of Cyclone V),
and DDR serves level 2 and the DMA controller (UG585 10.1). The simulator runs a core for a quantum and then the other, so it is
not known which accesses meet; the share of time that each keeps a port busy is known. Time is cut into windows of whole quanta.
A master's wait for a line in a window is the mean wait behind the others' lines of the previous window, if those come at random
(the
queue M/D/1: Kleinrock, Queueing Systems I, 5.6):

    wait = line * use / (2 * (1 - use))      use: the others' share; the others wait for a master's own lines

and its own lines follow each other no faster than line / (1 - use). Use is capped at the share that a fair arbiter leaves the
others of a port that all masters want. Fractions of cycles add up, so that nothing is random here.

Windows end for all masters at once, at a moment that both cores have reached (`machine`), for any division of a run into calls.
A core that runs alone, without any other master, is measured in one window for as long as that lasts.

Not modelled: the on-chip memory's port, transfers from one core's cache to the other's, a master's wait for an unfinished line
of its own except in `cache/outstanding.py`.
"""

from typing import Final

from ovm.board.parameters import PARAMETERS
from ovm.board.ram.banks import DMA, MASTERS, banks_alone, banks_reset, banks_settle, visit
from ovm.board.state import running
from ovm.metal import Struct, array, fn, static, u32, u64

LEVEL2: Final = 0
MEMORY: Final = 1
PORTS: Final = 2
BOTH: Final = 3  # bits of the cores
LINE_BYTES: Final = 32
DEFAULT_QUANTUM: Final = 2000

_LOG: Final = 8  # of parts of a cycle


class Share(Struct):
    """The share of one master at one port. Waits are in parts of a cycle."""

    lines: u64  # moved in this window
    wait: u32  # of each of them
    waited: u32  # of that, the part that is no whole cycle yet
    apart: u32  # the least distance between its lines; 0: there is no other master
    behind: u32  # of that, the part that is no whole cycle yet


class Window(Struct):
    """The window in progress."""

    begun: u64
    end: u64  # 0: when there is another master


SHARES = static(array(Share, MASTERS * PORTS))
WINDOW = static(Window)
DMA_BYTES = static(u32)


@fn(inline=False)
def contention_reset() -> None:
    """Clear all counts of moved lines."""
    WINDOW.begun = 0
    WINDOW.end = 0
    DMA_BYTES.value = 0
    for number in u32.range(MASTERS * PORTS):
        share = SHARES[number]
        share.lines = 0
        share.wait = 0
        share.waited = 0
        share.apart = 0
        share.behind = 0
    banks_reset()


@fn(inline=True)
def moves(port: u32) -> None:
    """Note that the running core moves a line through a port, without waiting."""
    SHARES[running() * PORTS + port].lines += 1


@fn
def _wait(share: Share, lines: u32) -> u32:
    share.waited += share.wait * lines
    cycles = share.waited >> _LOG
    share.waited &= (1 << _LOG) - 1
    return cycles


@fn(inline=True)
def moves_and_waits(core: u32, port: u32) -> u32:
    """Note that a core moves a line through a port; return its wait for the other masters."""
    share = SHARES[core * PORTS + port]
    share.lines += 1
    return _wait(share, 1) if share.wait != 0 else 0


@fn
def spacing(core: u32, port: u32, alone: u32) -> u32:
    """Return the cycles from one line of a core to the next; `alone` is their number without other masters."""
    share = SHARES[core * PORTS + port]
    if share.apart == 0:
        return alone
    share.behind += share.apart
    cycles = share.behind >> _LOG
    share.behind &= (1 << _LOG) - 1
    return max(alone, cycles)


@fn
def dma_moved(size: u32, bank: u32) -> None:
    """Note bytes that the DMA controller has moved from or to a bank of DDR."""
    DMA_BYTES.value += size
    visit(DMA, bank)


@fn
def dma_waits() -> u32:
    """Return the DMA controller's wait for the cores with the bytes that it has moved since the last call."""
    lines = DMA_BYTES.value // LINE_BYTES
    DMA_BYTES.value %= LINE_BYTES
    share = SHARES[DMA * PORTS + MEMORY]
    share.lines += u64(lines)
    return _wait(share, lines)


@fn
def _line_cycles(port: u32) -> u32:
    return PARAMETERS.level2_busy if port == LEVEL2 else PARAMETERS.memory_busy


@fn
def _busy(master: u32, port: u32, length: u64) -> u64:
    return min(SHARES[master * PORTS + port].lines * u64(_line_cycles(port)), length)


@fn
def _others(master: u32, port: u32, length: u64) -> u64:
    """Return the cycles of a window in which others kept a port busy, at most their fair share."""
    one = _busy((master + 1) % MASTERS, port, length)
    two = _busy((master + 2) % MASTERS, port, length)
    less = min(min(one, two), length // MASTERS)
    return less + min(max(one, two), (length - less) // 2)


@fn
def _settle(master: u32, port: u32, length: u64) -> None:
    """Compute a master's wait in the next window."""
    share = SHARES[master * PORTS + port]
    busy = _others(master, port, length)
    if busy == 0:
        share.wait = 0
        share.apart = 0
        return
    line = u64(_line_cycles(port)) << _LOG
    share.wait = u32(line * busy // (2 * (length - busy)))
    share.apart = u32(line * length // (length - busy))


@fn(inline=False)
def _end_window(length: u64) -> None:
    for port in u32.range(PORTS):
        for master in u32.range(MASTERS):
            _settle(master, port, length)
    banks_settle(length)
    for number in u32.range(DMA * PORTS):
        SHARES[number].lines = 0
    # The DMA controller moves a batch at once: the part that doesn't fit takes its time in the next window.
    share = SHARES[DMA * PORTS + MEMORY]
    if share.lines != 0:
        share.lines -= min(share.lines, length // u64(max(PARAMETERS.memory_busy, u32(1))))


@fn
def _begin(moment: u64) -> None:
    """Begin a window. It ends at a multiple of quanta, where the cores meet, and has at least half of the usual length."""
    quantum = PARAMETERS.quantum if PARAMETERS.quantum != 0 else u32(DEFAULT_QUANTUM)
    length = u64((PARAMETERS.contention_window + quantum - 1) // quantum) * u64(quantum)
    WINDOW.begun = moment
    WINDOW.end = ((moment + length // 2) // length + 1) * length


@fn
def _more_than_one(runs: u32) -> bool:
    return runs == BOTH or SHARES[DMA * PORTS + MEMORY].lines != 0


@fn
def _nobody_else(runs: u32) -> bool:
    """Return whether the running core, if one runs (`runs` has a bit for each), has no master for which to wait."""
    if _more_than_one(runs):
        return False
    one = (runs >> 1) * PORTS
    return runs == 0 or SHARES[one + LEVEL2].wait | SHARES[one + MEMORY].wait == 0


@fn
def _wait_for_nobody() -> None:
    for number in u32.range(MASTERS * PORTS):
        SHARES[number].wait = 0
        SHARES[number].apart = 0
    banks_alone()


@fn(inline=False)
def windows_until(moment: u64, runs: u32) -> None:
    """End the window if both cores have reached its end; `runs` has a bit for each core that doesn't sleep."""
    if WINDOW.end == 0 or moment < WINDOW.end:
        return
    _end_window(moment - WINDOW.begun)
    _begin(moment)
    if _nobody_else(runs):
        _wait_for_nobody()
        WINDOW.end = 0


@fn
def windows_from(moment: u64, runs: u32) -> None:
    """End the window of a core alone if it is no longer alone."""
    if WINDOW.end == 0 and PARAMETERS.contention_window != 0 and _more_than_one(runs):
        _end_window(moment - min(WINDOW.begun, moment))
        _begin(moment)
