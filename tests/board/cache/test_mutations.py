# SPDX-License-Identifier: Apache-2.0
"""Errors planted in caches and short cuts, each of which a named test must notice."""

import pytest

from tests.board.mutating import Mutation, Planted

FIRST, SECOND = "cache/test_level1.py::", "cache/test_level2.py::"
WAITING = "cache/test_outstanding.py::"
AHEAD = "cache/test_prefetch.py::"
STORING = "cache/test_stores.py::"
EARLY = "cache/test_preload.py::"
BEHIND = "cache/test_level2_ahead.py::"
DRAM = "cache/test_dram.py::"
CONTENTION, BESIDE = "cache/test_contention.py::", "test_neighbours.py::"
EXACT, SHARED, STALE = "cache/test_exact.py::", "cache/test_coherency.py::", "cache/test_stale.py::"
MUTATIONS: dict[str, Mutation] = {
    "lookers take memory for coherent": (
        "cache/seen.py",
        "return memory & MEMORY_SHAREABLE == 0 or core.actlr & ACTLR_SMP != 0",
        "return True",
        "api/test_memory.py::test_shareable_memory_goes_past_a_cache_that_is_not_coherent",
    ),
    "lookers take memory for cached": (
        "cache/seen.py",
        "inner != CACHE_WRITE_BACK_ALLOCATE and inner != CACHE_WRITE_BACK",
        "inner > 3",
        "api/test_memory.py::test_a_virtual_address_is_seen_as_the_core_maps_it",
    ),
    "registers that are loaded are forgotten": (
        "cache/outstanding.py",
        "base = max(loads.ready[record.rn % REGISTERS],",
        "base = max(u64(0),",
        WAITING + "test_a_load_waits_for_its_base",
    ),
    "five misses at once": (
        "cache/outstanding.py",
        "moment = loads.done[loads.next]",
        "moment = u64(0)",
        WAITING + "test_no_more_than_four_are_out",
    ),
    "misses side by side across a barrier": (
        "cache/outstanding.py",
        "if by != 0 and stalled == loads.stalled and",
        "if by != 0 and",
        WAITING + "test_whatever_else_waits_ends_it",
    ),
    "any number of lines from memory": (
        "cache/outstanding.py",
        "max(done, loads.fills[loads.next_fill] + u64(MISSED.latency))",
        "done",
        WAITING + "test_two_lines_come_from_memory_at_once",
    ),
    "crossing a doubleword ends what is under way": (
        "cache/outstanding.py",
        "if loads.stalled == stalled:",
        "if loads.stalled == stalled + 1:",
        WAITING + "test_what_crosses_a_doubleword_takes_its_time",
    ),
    "crossing a doubleword for nothing": (
        "access/memory.py",
        "        _cross(address, size)\n    return value",
        "        pass\n    return value",
        WAITING + "test_what_crosses_a_doubleword_takes_its_time",
    ),
    "loads of the other core": (
        "cache/outstanding.py",
        "    loads = LOADS[running()]\n    waited",
        "    loads = LOADS[0]\n    waited",
        WAITING + "test_each_core_has_its_own",
    ),
    "on-chip memory behind level 2": (
        "cache/source.py",
        "        MISSED.source = NOWHERE\n",
        "",
        WAITING + "test_on_chip_memory_has_a_way_of_its_own",
    ),
    "a whole line has to come": (
        "cache/stores.py",
        "        stores.done[number] = min(stores.done[number], now())\n",
        "        stores.done[number] = max(stores.done[number], now())\n",
        STORING + "test_a_whole_line_is_not_waited_for",
    ),
    "waiting stores": (
        "cache/stores.py",
        "CPU.slots - stores.begun >= WHOLE_LINE",
        "now() >= WHOLE_LINE",
        STORING + "test_a_store_that_waits_stores_no_whole_line",
    ),
    "walks end after the load that made them": (
        "access/memory.py",
        "            happened_by_now(head)",
        "            pass",
        WAITING + "test_what_happens_meanwhile_has_happened_by_then",
    ),
    "loads take what stores have asked for": (
        "cache/data.py",
        ", stored_line_comes(core, line))",
        ", u64(0))",
        STORING + "test_a_load_waits_for_a_line_that_a_store_brings",
    ),
    "short cut to a line that a store has asked for": (
        "cache/hints.py",
        "if DATA[running() * LINES + home] & AHEAD == 0:",
        "if home != NONE:",
        STORING + "test_a_load_waits_for_a_line_that_a_store_brings",
    ),
    "short cut for stores alone outlives its line": (
        "cache/hints.py",
        "return (line.read != NO_LINE or line.write != NO_LINE) and",
        "return line.read != NO_LINE and",
        STORING + "test_a_short_cut_for_stores_is_known_to_its_line",
    ),
    "lines from memory as fast as one likes": (
        "cache/outstanding.py",
        "loads.memory_line + u64(apart)",
        "loads.memory_line",
        STORING + "test_lines_from_memory_keep_their_distance",
    ),
    "DSB leaves the prefetcher alone": (
        "execute/hints.py",
        "if variant == DATA_SYNCHRONISE:\n            prefetch_stop",
        "if variant == SYNCHRONISE:\n            prefetch_stop",
        AHEAD + "test_what_stops_it[DSB]",
    ),
    "lines brought from level 2": (
        "cache/data.py",
        "if level2_holds(line, u32(line & NON_SECURE != 0)) or",
        "if",
        AHEAD + "test_lines_of_level_2_are_left_there",
    ),
    "prefetch without ACTLR": (
        "cache/data.py",
        "if MISSED.source == FROM_MEMORY and CPU.actlr & ACTLR_L1_PREFETCH != 0:",
        "if MISSED.source == FROM_MEMORY:",
        AHEAD + "test_actlr_turns_it_on",
    ),
    "PLD lets the core wait": (
        "access/preload.py",
        "    CPU.stalled = stalled\n",
        "",
        EARLY + "test_the_main_tlb_is_asked",
    ),
    "PLD past rights": (
        "access/preload.py",
        "if status == 0 and data.cacheable():",
        "if data.cacheable():",
        EARLY + "test_rights_are_asked_for",
    ),
    "PLD is there at once": (
        "cache/preloads.py",
        "moment = max(moment, PRELOADS[core].arrives[number])",
        "moment = u64(0)",
        EARLY + "test_lines_come_from_level_2_too",
    ),
    "code that a PLD has asked for is there": (
        "cache/source.py",
        "        under_way(BROUGHT.value, arrives)",
        "        pass",
        EARLY + "test_a_fetch_waits_for_a_line_that_is_asked_for",
    ),
    "of many lines that PLDs have asked for the first are there": (
        "cache/source.py",
        "return ARRIVES[known] if holds(known, physical, ns) else 0",
        "return 0",
        EARLY + "test_however_many_are_asked_for_each_is_waited_for",
    ),
    "a line takes over when its place was to be filled": (
        "cache/source.py",
        "        ARRIVES[index] = 0\n",
        "",
        BEHIND + "test_nobody_waits_for_a_line_of_its_place_before",
    ),
    "level 2 looks ahead across pages": (
        "cache/level2_ahead.py",
        "if (following ^ physical) >> 12 == 0 and",
        "if",
        BEHIND + "test_a_page_ends_it",
    ),
    "level 2 looks ahead of fetches for loads": (
        "cache/source.py",
        "PREFETCH_FETCHES if fetch else",
        "u32(PREFETCH_FETCHES) if not fetch else",
        BEHIND + "test_fetches_bring_the_next_line",
    ),
    "lines that level 2 has asked for are there": (
        "cache/level2_ahead.py",
        "return u32(ARRIVES[index] - now())",
        "return latency",
        BEHIND + "test_a_line_that_is_under_way_is_waited_for",
    ),
    "prefetch across pages": (
        "cache/prefetch.py",
        "if stream.seen >= STARTS and (following ^ line) & ~(PAGE - 1) == 0",
        "if stream.seen >= STARTS and following != 0",
        AHEAD + "test_a_page_ends_it",
    ),
    "prefetch at once": (
        "cache/prefetch.py",
        "STARTS: Final = 2",
        "STARTS: Final = 1",
        AHEAD + "test_the_third_miss_brings_the_next_line[1]",
    ),
    "lines under way are there": (
        "cache/data.py",
        "if arrives > now():",
        "if arrives == 0:",
        AHEAD + "test_a_load_waits_for_a_line_that_is_under_way",
    ),
    "row of the wrong bank": (
        "ram/dram.py",
        "return (place >> BANK_SHIFT) % BANKS",
        "return (place >> BANK_SHIFT) % BANKS // 2",
        DRAM + "test_eight_banks_hold_rows_of_their_own",
    ),
    "refresh closes nothing": (
        "ram/dram.py",
        "        _close_rows(running())\n",
        "",
        DRAM + "test_refresh_holds_a_read_up_and_closes_rows",
    ),
    "refresh for the core that is behind": (
        "ram/dram.py",
        "if refreshes > DRAM.refreshes[",
        "if refreshes != DRAM.refreshes[",
        DRAM + "test_a_core_that_is_behind_closes_no_rows_again",
    ),
    "a core waits for itself": (
        "ram/contention.py",
        "one = _busy((master + 1) % MASTERS, port, length)",
        "one = _busy(master, port, length)",
        CONTENTION + "test_what_a_core_does_itself_is_no_reason_to_wait",
    ),
    "use that is not fair": (
        "ram/contention.py",
        "less + min(max(one, two), (length - less) // 2)",
        "less + min(max(one, two), (length - less) * 3 // 4)",
        CONTENTION + "test_level_2_is_waited_for_as_the_other_core_used_it[400]",
    ),
    "whoever wants little waits for its turn": (
        "ram/contention.py",
        "less = min(min(one, two), length // MASTERS)",
        "less = length // MASTERS",
        CONTENTION + "test_three_masters_share_memory[20-300-use4]",
    ),
    "parts of a cycle are lost": (
        "ram/contention.py",
        "share.waited &= (1 << _LOG) - 1",
        "share.waited = 0",
        CONTENTION + "test_level_2_is_waited_for_as_the_other_core_used_it[50]",
    ),
    "use of all windows": (
        "ram/contention.py",
        "SHARES[number].lines = 0",
        "SHARES[number].lines += u64(0)",
        CONTENTION + "test_only_the_last_window_counts",
    ),
    "a batch that ends with its window": (
        "ram/contention.py",
        "share.lines -= min(share.lines, length // u64(max(PARAMETERS.memory_busy, u32(1))))",
        "share.lines = 0",
        CONTENTION + "test_a_batch_of_the_dma_controller_takes_more_than_one_window",
    ),
    "windows end with the quantum": (
        "ram/contention.py",
        "(PARAMETERS.contention_window + quantum - 1) // quantum",
        "PARAMETERS.contention_window // quantum",
        CONTENTION + "test_windows_are_whole_quanta",
    ),
    "windows end when someone asks": (
        "run/machine.py",
        "return min(end, WINDOW.end) if WINDOW.end != 0 else end",
        "return end",
        BESIDE + "test_however_a_run_is_cut[0]",
    ),
    "lines as fast as alone": (
        "ram/contention.py",
        "return max(alone, cycles)",
        "return alone",
        CONTENTION + "test_lines_come_no_faster_than_the_port_is_free[500-8]",
    ),
    "rows of others where nobody was": (
        "ram/banks.py",
        "view = VIEWS[core * BANKS + bank]\n    visits =",
        "view = VIEWS[core * BANKS]\n    visits =",
        CONTENTION + "test_others_close_rows[1-400-0]",
    ),
    "a core closes its own rows": (
        "ram/banks.py",
        "others = total - view.visits",
        "others = total",
        CONTENTION + "test_nobody_closes_rows_that_a_core_comes_back_to",
    ),
    "others come before a refresh": (
        "ram/dram.py",
        "        all_closed(running(), refreshes * u64(PARAMETERS.refresh_interval))\n",
        "",
        CONTENTION + "test_what_others_opened_before_a_refresh_is_closed_by_it",
    ),
    "lines of the DMA controller count for nobody": (
        "ram/contention.py",
        "    share.lines += u64(lines)\n",
        "",
        BESIDE + "test_the_dma_controller_and_cores_wait_for_each_other",
    ),
    "latency off by one": (
        "cache/level2_state.py",
        "        return PARAMETERS.level2_hit\n",
        "        return PARAMETERS.level2_hit + 1\n",
        FIRST + "test_evicted_lines_are_in_level_2",
    ),
    "lockdown of the wrong way": (
        "cache/level2_tags.py",
        "ALL_WAYS & ~locked_ways",
        "ALL_WAYS & ~(locked_ways >> 1)",
        SECOND + "test_locked_ways_take_nothing_and_hit",
    ),
    "master ignored by lockdown": (
        "cache/source.py",
        "else L2.data_ways[CPU.number]",
        "else L2.data_ways[0]",
        SECOND + "test_lockdown_is_by_master_and_kind",
    ),
    "lock by line ignored": (
        "cache/level2_tags.py",
        "and TAGS[first + way] & LOCKED == 0",
        "and TAGS[first + way] & VALID != 0",
        SECOND + "test_lock_by_line",
    ),
    "NS ignored by level 1": (
        "cache/level1.py",
        "(physical & 0xFFFF_FFE0) | (ns << 1) | VALID",
        "(physical & 0xFFFF_FFE0) | VALID",
        FIRST + "test_worlds_have_lines_of_their_own",
    ),
    "NS maintenance of Secure lines": (
        "cache/level2_maintain.py",
        "(ns != 0 and tag & tags.NON_SECURE == 0)",
        "(ns != 0 and tag == 0)",
        SECOND + "test_worlds_have_lines_of_their_own",
    ),
    "half the sets": ("cache/level1.py", "SETS: Final = 256", "SETS: Final = 128", FIRST + "test_capacity"),
    "invalidation leaves a short cut": (
        "cache/data.py",
        'without writing it back."""\n    drop_home(core, index)',
        'without writing it back."""',
        FIRST + "test_maintenance_by_address",
    ),
    "eviction leaves a short cut": (
        "cache/data.py",
        "            _write_back(core, index, tag)\n        drop_home(core, index)",
        "            _write_back(core, index, tag)",
        EXACT + "test_random_accesses[900]",
    ),
    "clean leaves a short cut for stores": (
        "cache/data.py",
        "= tag & ~u32(DIRTY | AHEAD)\n        drop_home_writes(core, index)",
        "= tag & ~u32(DIRTY | AHEAD)",
        FIRST + "test_maintenance_by_address",
    ),
    "micro-TLB entry leaves short cuts": (
        "shortcuts/lines.py",
        "if line.owner >> 16 == entry:",
        "if line.owner >> 17 == entry:",
        EXACT + "test_random_accesses[64]",
    ),
    "short cuts of another context": (
        "shortcuts/lines.py",
        "number = CPU.number * TABLES + context",
        "number = CPU.number * TABLES",
        EXACT + "test_rights_are_those_of_the_mode",
    ),
    "evicted code stays fetched": (
        "cache/fetch.py",
        "instruction_line_dropped(core, tag & 0xFFFF_FFE0, u32(tag & NON_SECURE != 0))",
        "pass",
        EXACT + "test_code_larger_than_the_cache",
    ),
    "half an instruction fetched": (
        "cache/fetch.py",
        "ns, before, behind)",
        "ns, True, True)",
        EXACT + "test_code_larger_than_the_cache",
    ),
    "page stays open": (
        "shortcuts/lines.py",
        "    lines.opens = 0\n",
        "",
        EXACT + "test_rights_change_with_the_domain",
    ),
    "short way past the other core's monitor": (
        "access/fast_path.py",
        "    end_exclusive(physical)\n    DATA[home] |= DIRTY",
        "    DATA[home] |= DIRTY",
        SHARED + "test_a_store_that_hits_is_seen_by_the_monitor",
    ),
    "short way takes a shared line": (
        "access/fast_path.py",
        "DATA[home] & SHARED != 0",
        "DATA[home] & SHARED > 8",
        EXACT + "test_random_accesses[900]",
    ),
    "short way leaves a line clean": (
        "access/fast_path.py",
        "    DATA[home] |= DIRTY\n",
        "",
        EXACT + "test_random_accesses[900]",
    ),
    "store not dirty": ("cache/data.py", "(tag | DIRTY)", "tag", FIRST + "test_dirty_lines_are_written_back"),
    "on-chip memory in level 2": (
        "cache/source.py",
        "if place >= ON_CHIP_HOST:",
        "if place == 0:",
        FIRST + "test_on_chip_memory_is_not_in_level_2",
    ),
    "monitor misses a store": (
        "execute/exclusive.py",
        "    drop_core_writes(1 - CPU.number, physical)\n",
        "",
        SHARED + "test_a_store_that_hits_is_seen_by_the_monitor",
    ),
    "other core keeps its copy": (
        "cache/data.py",
        "if other != NONE and MAPPING.shareable != 0 and",
        "if other != NONE and MAPPING.shareable == 0 and",
        SHARED + "test_a_store_takes_the_line",
    ),
    "level 2 keeps what was cleaned": (
        "cache/level2_tags.py",
        "stale.move(place, stale.level2_bytes(index))",
        "pass",
        STALE + "test_stores_reach_memory_by_cleaning_both_levels",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
