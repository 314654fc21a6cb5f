# SPDX-License-Identifier: Apache-2.0
"""Events of memory: MMU, caches, CP15 and devices tell here what they change.

The loop takes much for granted that follows from their state: lines that hit and pages to fetch from (`lines`), decoded
instructions (`code`) and their blocks. Each function here names one event and ends what no longer holds. It costs
nothing: all are inlined.
"""

from ovm.board import code, lines
from ovm.board.record import CARE_FETCH
from ovm.metal import fn, u32


@fn(inline=True)
def context_changed() -> None:
    """The running core's mode, world, CPSR.E or SCTLR has changed."""
    lines.select_table()


@fn(inline=True)
def rights_changed() -> None:
    """The running core may access other memory now, or in another way, than its micro-TLBs allowed before."""
    lines.drop_lines()
    lines.drop_pages()


@fn(inline=True)
def data_entry_dropped(entry: u32) -> None:
    """The running core's data micro-TLB has lost an entry."""
    lines.drop_data_entry(entry)


@fn(inline=True)
def fetch_entry_dropped(entry: u32) -> None:
    """The running core's instruction micro-TLB has lost an entry."""
    lines.drop_fetch_entry(entry)


@fn(inline=True)
def entries_dropped(core: u32) -> None:
    """Both micro-TLBs of a core are empty."""
    lines.drop_core_lines(core)
    lines.drop_core_pages(core)


@fn(inline=True)
def data_line_dropped(core: u32, hit: u32, home: u32) -> None:
    """A core has lost the level 1 line `home`, for which the line `hit` may stand (`cache.hints`)."""
    lines.drop_hit(core, hit, home)


@fn(inline=True)
def data_line_shared(core: u32, hit: u32, home: u32) -> None:
    """The next store to the level 1 line `home`, for which the line `hit` may stand, must be seen."""
    lines.drop_hit_of_stores(core, hit, home)


@fn(inline=True)
def instruction_line_came(core: u32, physical: u32, ns: u32, before: bool, behind: bool) -> None:
    """A core's instruction cache holds a line now, and the line `before` it, or `behind` it, too."""
    code.check_fetches(
        core,
        physical,
        ns,
        u32(0),
        u32(0) if before else u32(CARE_FETCH),
        u32(0) if behind else u32(CARE_FETCH),
    )


@fn(inline=True)
def instruction_line_dropped(core: u32, physical: u32, ns: u32) -> None:
    """A core's instruction cache has lost a line."""
    code.check_fetches(core, physical, ns, CARE_FETCH, CARE_FETCH, CARE_FETCH)


@fn(inline=True)
def instruction_line_differs(core: u32, physical: u32, ns: u32) -> None:
    """A core fetches other bytes from a line now than before."""
    code.forget_line(core, physical, ns)


@fn(inline=True)
def instruction_cache_off(core: u32) -> None:
    """A core's fetches don't go through its instruction cache any more."""
    code.check_all_fetches(core)


@fn(inline=True)
def code_written(physical: u32, size: u32) -> None:
    """Bytes of one page, in lines that hold decoded instructions (`holds_code`), are written."""
    code.drop_records(physical, size)


@fn(inline=True)
def memory_moved() -> None:
    """Other memory answers at some addresses now."""
    code.drop_short_cuts()
