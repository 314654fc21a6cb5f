# SPDX-License-Identifier: Apache-2.0
"""Events of memory: MMU, caches, CP15 and devices tell here what they change.

The loop takes much for granted that follows from their state: lines that hit and pages to fetch from (`lines`), decoded
instructions (`slots`) and their blocks. Each function here names one event and ends what no longer holds. It costs
nothing: all are inlined.
"""

from ovm.board.record import CARE_FETCH
from ovm.board.shortcuts import lines, slots
from ovm.metal import fn, u32


@fn(inline=True)
def context_changed() -> None:
    """Follow a change of the running core's mode, world, CPSR.E or SCTLR."""
    lines.select_table()


@fn(inline=True)
def rights_changed() -> None:
    """Follow a change of what the running core may access, or how, by the entries that its micro-TLBs still hold."""
    lines.drop_lines()
    lines.drop_pages()


@fn(inline=True)
def data_entry_dropped(entry: u32) -> None:
    """Follow the loss of an entry of the running core's data micro-TLB."""
    lines.drop_data_entry(entry)


@fn(inline=True)
def fetch_entry_dropped(entry: u32) -> None:
    """Follow the loss of an entry of the running core's instruction micro-TLB."""
    lines.drop_fetch_entry(entry)


@fn(inline=True)
def entries_dropped(core: u32) -> None:
    """Follow a flush of both micro-TLBs of a core."""
    lines.drop_core_lines(core)
    lines.drop_core_pages(core)


@fn(inline=True)
def data_line_dropped(core: u32, hit: u32, home: u32) -> None:
    """Follow the loss of a core's level 1 line `home`, for which the line `hit` may stand (`cache.hints`)."""
    lines.drop_hit(core, hit, home)


@fn(inline=True)
def data_line_shared(core: u32, hit: u32, home: u32) -> None:
    """Have the next store to the level 1 line `home` seen, for which the line `hit` may stand."""
    lines.drop_hit_of_stores(core, hit, home)


@fn(inline=True)
def instruction_line_came(core: u32, physical: u32, ns: u32, before: bool, behind: bool) -> None:
    """Follow the fill of a line of a core's instruction cache, which also has the line `before` it, or `behind` it."""
    slots.check_fetches(
        core,
        physical,
        ns,
        0,
        0 if before else CARE_FETCH,
        0 if behind else CARE_FETCH,
    )


@fn(inline=True)
def instruction_line_dropped(core: u32, physical: u32, ns: u32) -> None:
    """Follow the loss of a line of a core's instruction cache."""
    slots.check_fetches(core, physical, ns, CARE_FETCH, CARE_FETCH, CARE_FETCH)


@fn(inline=True)
def instruction_line_differs(core: u32, physical: u32, ns: u32) -> None:
    """Follow a change of the bytes that a core fetches from a line."""
    slots.forget_line(core, physical, ns)


@fn(inline=True)
def instruction_cache_off(core: u32) -> None:
    """Have all fetches of a core checked, since its instruction cache is off."""
    slots.check_all_fetches(core)


@fn(inline=True)
def code_written(physical: u32, size: u32) -> None:
    """Follow a write of bytes of one page whose lines hold decoded instructions (`holds_code`)."""
    slots.drop_records(physical, size)


@fn(inline=True)
def memory_moved() -> None:
    """Follow a change of the memory that answers at addresses."""
    slots.drop_short_cuts()
