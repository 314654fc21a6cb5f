# SPDX-License-Identifier: Apache-2.0
"""The latency of DDR: rows that banks hold open, and refresh.

The ZC702 has four MT41J256M8 side by side: 8 banks, rows of 4 KB. Its boot code (U-Boot, ps7_init_gpl.c of the ZC702)
lets the controller keep rows open (pageclose = 0), puts the bank at address bits 14:12 and the row above (addrmap
registers), and refreshes one at a time. So a read finds its row open, its bank closed, or another row open, which must be
closed first; or all banks are being refreshed, which closes them. Writes are posted, and open rows.

The rows that each core opened are kept here. `banks.py` says whether another master has opened others since.
"""

from typing import Final

from ovm.board.parameters import PARAMETERS
from ovm.board.ram.banks import BANKS, all_closed, others_came, visit
from ovm.board.ram.contention import MEMORY, moves, moves_and_waits
from ovm.board.state import running
from ovm.metal import Array, Struct, array, fn, static, u32, u64

CORES: Final = 2
BANK_SHIFT: Final = 12
ROW_SHIFT: Final = 15


class Dram(Struct):
    """The open rows of each core, and the number of refreshes before its last access."""

    rows: Array[u32] = array(u32, CORES * BANKS)  # row + 1; 0 is none
    refreshes: Array[u64] = array(u64, CORES)


DRAM = static(Dram)


@fn
def _close_rows(core: u32) -> None:
    """Close all rows of a core."""
    for bank in u32.range(BANKS):
        DRAM.rows[core * BANKS + bank] = 0


@fn(inline=False)
def dram_reset() -> None:
    """Set the memory to its state before any access."""
    for core in u32.range(CORES):
        _close_rows(core)
        DRAM.refreshes[core] = 0


@fn
def _refresh(moment: u64) -> u32:
    """Close the rows that a refresh since the last access closed; return the rest of a refresh in progress."""
    if PARAMETERS.refresh_interval == 0:
        return 0
    refreshes = moment // u64(PARAMETERS.refresh_interval)
    if refreshes > DRAM.refreshes[running()]:
        DRAM.refreshes[running()] = refreshes
        _close_rows(running())
        all_closed(running(), refreshes * u64(PARAMETERS.refresh_interval))
    since = u32(moment - refreshes * u64(PARAMETERS.refresh_interval))
    return PARAMETERS.refresh_time - min(since, PARAMETERS.refresh_time) if refreshes != 0 else 0


@fn
def bank_of(place: u32) -> u32:
    """Return the bank of a byte of DDR."""
    return (place >> BANK_SHIFT) % BANKS


@fn
def _open(place: u32, moment: u64) -> u32:
    """Open the row of a byte of DDR; return the time for that."""
    bank = bank_of(place)
    row = (place >> ROW_SHIFT) + 1
    number = running() * BANKS + bank
    before = DRAM.rows[number]
    DRAM.rows[number] = row
    visit(running(), bank)
    if others_came(running(), bank, moment):
        return PARAMETERS.memory_precharge + PARAMETERS.memory_activate
    if before == row:
        return 0
    return PARAMETERS.memory_activate if before == 0 else PARAMETERS.memory_precharge + PARAMETERS.memory_activate


@fn(inline=False)
def dram_read(place: u32, moment: u64) -> u32:
    """Return the cycles from the request for a byte of DDR at a moment to the first word."""
    waits = moves_and_waits(running(), MEMORY)
    waits += _refresh(moment + u64(waits))
    return waits + _open(place, moment + u64(waits)) + PARAMETERS.memory_read


@fn(inline=False)
def dram_write(place: u32, moment: u64) -> None:
    """Note a write, for which no master waits."""
    moves(MEMORY)
    _refresh(moment)
    _open(place, moment)
