# SPDX-License-Identifier: Apache-2.0
"""Errors planted in the core, each of which a named test must notice.

MMU and CP15 have theirs in mmu, devices and bus in devices.
"""

import pytest

from tests.board.mutating import Planted

STEPS = "test_isa_random.py::test_single_steps"
EVENTS = "test_exceptions.py::"
BRANCHES = "test_prediction.py::"
SETTINGS = {"OVM_ISA_CASES": "3000"}
MUTATIONS = {
    "ITSTATE taken for a condition": (
        "run/loop.py",
        "passes((state >> 4) ^ 14)",
        "passes(care)",
        "test_programs.py::test_it_blocks",
    ),
    "wrong bank": (
        "processor/exceptions.py",
        "CPU.spsr[bank_of(mode)] = saved",
        "CPU.spsr[bank_of(0x13)] = saved",
        EVENTS + "test_smc_goes_to_monitor_and_keeps_ns",
    ),
    "pc off by one": (
        "run/loop.py",
        "4 if CPU.thumb != 0 else 8",
        "4 if CPU.thumb != 0 else 4",
        STEPS + "[a32]",
    ),
    "carry of subtraction": (
        "execute/alu.py",
        "add_with_carry(left, ~right, 1, flags)",
        "add_with_carry(left, ~right, u32(0), flags)",
        STEPS + "[a32]",
    ),
    "overflow": (
        "execute/alu.py",
        "((left ^ result) & (right ^ result)) >> 31",
        "((left ^ result) & (left ^ right)) >> 31",
        STEPS + "[t32]",
    ),
    "flags in IT": (
        "decode/narrow_forms.py",
        "return variant if it_now() != 0 else variant | SETS_FLAGS",
        "return variant | SETS_FLAGS",
        STEPS + "[t32]",
    ),
    "write-back of PUSH": (
        "execute/multiple.py",
        "return base - size if aux & DOWN != 0 else base + size",
        "return base + size",
        STEPS + "[t32]",
    ),
    "FIQ masked in spite of NMFI": (
        "processor/status.py",
        "if value & PSR_F != 0 and not returning:",
        "if returning:",
        EVENTS + "test_fiq_cannot_be_masked_by_software",
    ),
    "NS kept by exceptions in Monitor": (
        "processor/exceptions.py",
        "CPU.scr &= 0xFFFF_FFFF ^ SCR_NS",
        "pass",
        EVENTS + "test_exception_in_monitor_clears_ns",
    ),
    "link of aborts": (
        "processor/exceptions.py",
        "link = pc_of(at) + 8",
        "link = pc_of(at) + 4",
        EVENTS + "test_data_abort_status",
    ),
    "VCR in Secure state": (
        "processor/exceptions.py",
        "return not secure() and CPU.vcr & vcr_bit != 0",
        "return secure() and CPU.vcr & vcr_bit != 0",
        EVENTS + "test_vcr_overrides_the_mask",
    ),
    "history without taken branches": (
        "execute/predict.py",
        "(CPU.history * 2 + 1)",
        "(CPU.history * 2)",
        BRANCHES + "test_directions_are_those_of_the_model",
    ),
    "counters that end one early": (
        "execute/predict.py",
        "before < STRONGLY_TAKEN",
        "before < STRONGLY_TAKEN - 1",
        BRANCHES + "test_directions_are_those_of_the_model",
    ),
    "return stack of four": (
        "state.py",
        "RETURNS: Final = 8",
        "RETURNS: Final = 4",
        BRANCHES + "test_the_return_stack_holds_eight",
    ),
    "targets that survive BPIALL": (
        "predictor.py",
        "BTAC[first + way].branch = 0",
        "pass",
        BRANCHES + "test_targets_are_forgotten[BPIALL-1]",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
