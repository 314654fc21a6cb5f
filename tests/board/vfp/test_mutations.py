# SPDX-License-Identifier: Apache-2.0
"""Errors planted in VFP and Advanced SIMD, each of which a named test must notice."""

import pytest

from tests.board.mutating import Planted

STEPS = "vfp/test_steps.py::test_single_steps"
ACCESS = "vfp/test_access.py::test_"
SETTINGS = {"OVM_FLOATING_CASES": "6000"}
MUTATIONS = {
    "ties away from even": (
        "vfp/number.py",
        "(u64(1) << (shift - 1)) - 1 + ((significand >> shift) & 1)",
        "(u64(1) << (shift - 1))",
        STEPS + "[vfp-a32]",
    ),
    "no trace of what a sum shifts out": (
        "vfp/number.py",
        "return (value >> count) | u64(value << (64 - count) != 0)",
        "return value >> count",
        STEPS + "[vfp-a32]",
    ),
    "flushed operands not told": (
        "vfp/number.py",
        "    raise_flags(IDC)\n",
        "",
        STEPS + "[vfp-t32]",
    ),
    "accumulator's sign": (
        "vfp/scalar.py",
        "negated = record.imm & (1 << 20) != 0",
        "negated = record.imm & (1 << 6) != 0",
        STEPS + "[vfp-t32]",
    ),
    "carries of a long product": (
        "vfp/arithmetic.py",
        "(cross >> 32) + (other >> 32)",
        "(cross >> 32)",
        STEPS + "[vfp-a32]",
    ),
    "saturation without QC": (
        "vfp/element.py",
        "        raise_flags(FPSCR_QC)\n        return u64(lowest)",
        "        return u64(lowest)",
        STEPS + "[simd-a32]",
    ),
    "estimate by the wrong end of its interval": (
        "vfp/estimate.py",
        "middle = operand * 2 + 1 if operand < 256",
        "middle = operand * 2 + 2 if operand < 256",
        STEPS + "[simd-t32]",
    ),
    "scalar of the wrong lane": (
        "vfp/walkers.py",
        "(one << 1) | (four >> 3)",
        "(four >> 3 << 1) | one",
        STEPS + "[simd-a32]",
    ),
    "registers of a structure": (
        "vfp/elements.py",
        "group + part * _field(record, STEP)",
        "group + part",
        STEPS + "[elements-t32]",
    ),
    "post-index by a register": (
        "vfp/elements.py",
        "address + CPU.r[record.rm]",
        "address + _bytes(record)",
        STEPS + "[elements-a32]",
    ),
    "NSACR forgotten": (
        "vfp/state.py",
        "return CPU.scr & 1 == 0 or CPU.nsacr & NSACR_FULL == NSACR_OPEN",
        "return True",
        ACCESS + "nsacr_closes_the_non_secure_state_alone",
    ),
    "base written before an abort": (
        "vfp/transfer.py",
        "    swap = _swap(record)\n    for index",
        "    swap = _swap(record)\n    _write_back(record)\n    for index",
        ACCESS + "an_abort_leaves_the_base",
    ),
    "doubles of big-endian memory": (
        "vfp/transfer.py",
        "CPU.big_endian != 0 and record.aux & IS_DOUBLE != 0",
        "CPU.big_endian != 0 and record.aux & IS_DOUBLE == 0",
        ACCESS + "big_endian_doubles",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
