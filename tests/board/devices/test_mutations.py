# SPDX-License-Identifier: Apache-2.0
"""Errors planted in bus, devices and machine loop, each of which a named test must notice."""

import pytest

from tests.board.mutating import Planted

GIC, ZONE, TIMERS = "devices/test_gic.py::", "devices/test_trustzone.py::", "devices/test_timers.py::"
SD = "devices/test_sd.py::"
DMA, UART, TRIPLE = "devices/test_dma.py::", "devices/test_uart.py::", "devices/test_triple_timer.py::"
# File below src/ovm/board, what to replace (its first occurrence), by what, and the test that fails then.
MUTATIONS = {
    "Non-secure priority shifted wrong": (
        "devices/gic_distributor.py",
        "u8((0x80 | value >> 1)",
        "u8((0x80 | value)",
        GIC + "test_non_secure_code_sees_group_1_only",
    ),
    "group ignored on acknowledge": (
        "devices/gic_interface.py",
        "return SPURIOUS if ns != 0 else 0",
        "return 0",
        GIC + "test_groups_go_to_their_lines_and_acknowledge",
    ),
    "preempted by an equal": (
        "devices/gic_state.py",
        "& mask >= running_priority",
        "& mask > running_priority",
        GIC + "test_most_urgent_first_then_preemption",
    ),
    "SGI to the wrong core": (
        "devices/gic_distributor.py",
        "cores = cores_mask() ^ (1 << core)",
        "cores = 1 << core",
        GIC + "test_software_interrupts_reach_their_cores",
    ),
    "level latched": (
        "devices/gic_state.py",
        "if up and GIC.edge[word] & bit != 0:",
        "if up:",
        GIC + "test_level_comes_again_until_it_falls",
    ),
    "timer off by one": (
        "devices/private_timer.py",
        "steps = u64(timer.load) + 1 if",
        "steps = u64(timer.load) if",
        TIMERS + "test_reload_takes_load_plus_one",
    ),
    "comparator of the other core": (
        "devices/global_timer.py",
        "TIMER.status[core] = 1",
        "TIMER.status[core ^ 1] = u32(1)",
        TIMERS + "test_comparator_fires_at_or_above",
    ),
    "TrustZone bit of DDR": ("devices/slcr.py", "(physical >> 26)", "(physical >> 27)", ZONE + "test_a_bit_opens_64_megabytes"),
    "SNSAC ignored": (
        "devices/scu.py",
        "return ns == 0 or ",
        "return ns < 2 or ",
        ZONE + "test_snsac_opens_timers_of_each_core",
    ),
    "DMA past TrustZone": (
        "interconnect/bus.py",
        "master != MASTER_HOST and not allowed",
        "master < MASTER_DMA and not allowed",
        DMA + "test_non_secure_channel_is_kept_from_secure_memory",
    ),
    "manager's security at once": (
        "devices/dma_registers.py",
        "if ns != 0 and DMA.manager_ns == 0:",
        "if ns > 1:",
        DMA + "test_secure_manager_takes_no_orders_from_the_normal_world",
    ),
    "byte too short": (
        "devices/uart_state.py",
        "FRAME_BITS: Final = 10",
        "FRAME_BITS: Final = 9",
        UART + "test_a_byte_takes_its_time",
    ),
    "half a command is one": (
        "devices/sd_host.py",
        "offset == COMMAND and lanes >> 24 != 0",
        "offset == COMMAND",
        SD + "test_the_last_byte_issues_a_command",
    ),
    "status that nobody enabled": (
        "devices/sd_host.py",
        "(HOST.words[STATUS_ENABLE // 4] | ERROR)",
        "0xFFFF_FFFF",
        SD + "test_only_enabled_status_shows",
    ),
    "blocks of bytes": (
        "devices/sd_card.py",
        "CARD_HOST + block * BLOCK",
        "CARD_HOST + block",
        SD + "test_each_block_of_several_is_announced",
    ),
    "64 KiB are none": (
        "interconnect/sd_dma.py",
        "asked if asked != 0 else MOST_WORDS * 4",
        "asked",
        SD + "test_a_descriptor_without_a_length_is_of_64_kib",
    ),
    "interval without its zero": (
        "devices/triple_timer.py",
        "& 0xFFFF) + 1",
        "& 0xFFFF)",
        TRIPLE + "test_interval_counts_a_sixth_of_the_clock",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
