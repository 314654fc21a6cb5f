# SPDX-License-Identifier: Apache-2.0
"""Errors planted in VFP and Advanced SIMD, each of which a named test must notice; files are below their folder."""

from collections.abc import Iterator

import pytest

from tests.board.mutating import Planted

STEPS = "vfp/test_steps.py::test_single_steps"
ACCESS = "vfp/test_access.py::test_"
# File below src/ovm/board/vfp, what to replace (its first occurrence), by what, and the test that fails then.
MUTATIONS = {
    "ties away from even": (
        "number.py",
        "(u64(1) << (shift - 1)) - 1 + ((significand >> shift) & 1)",
        "(u64(1) << (shift - 1))",
        STEPS + "[vfp-a32]",
    ),
    "no trace of what a sum shifts out": (
        "number.py",
        "return (value >> count) | u64(value << (64 - count) != 0)",
        "return value >> count",
        STEPS + "[vfp-a32]",
    ),
    "flushed operands not told": (
        "number.py",
        "    raise_flags(IDC)\n",
        "",
        STEPS + "[vfp-t32]",
    ),
    "accumulator's sign": (
        "scalar.py",
        "negated = record.imm & (1 << 20) != 0",
        "negated = record.imm & (1 << 6) != 0",
        STEPS + "[vfp-t32]",
    ),
    "carries of a long product": (
        "arithmetic.py",
        "(cross >> 32) + (other >> 32)",
        "(cross >> 32)",
        STEPS + "[vfp-a32]",
    ),
    "saturation without QC": (
        "element.py",
        "        raise_flags(FPSCR_QC)\n        return u64(lowest)",
        "        return u64(lowest)",
        STEPS + "[simd-a32]",
    ),
    "estimate by the wrong end of its interval": (
        "estimate.py",
        "middle = operand * 2 + 1 if operand < 256",
        "middle = operand * 2 + 2 if operand < 256",
        STEPS + "[simd-t32]",
    ),
    "scalar of the wrong lane": (
        "walkers.py",
        "(one << 1) | (four >> 3)",
        "(four >> 3 << 1) | one",
        STEPS + "[simd-a32]",
    ),
    "registers of a structure": (
        "elements.py",
        "group + part * _field(record, STEP)",
        "group + part",
        STEPS + "[elements-t32]",
    ),
    "post-index by a register": (
        "elements.py",
        "address + CPU.r[record.rm]",
        "address + _bytes(record)",
        STEPS + "[elements-a32]",
    ),
    "NSACR forgotten": (
        "state.py",
        "return CPU.scr & 1 == 0 or CPU.nsacr & NSACR_FULL == NSACR_OPEN",
        "return True",
        ACCESS + "nsacr_closes_the_non_secure_state_alone",
    ),
    "base written before an abort": (
        "transfer.py",
        "    swap = _swap(record)\n    for index",
        "    swap = _swap(record)\n    _write_back(record)\n    for index",
        ACCESS + "an_abort_leaves_the_base",
    ),
    "doubles of big-endian memory": (
        "transfer.py",
        "CPU.big_endian != 0 and record.aux & IS_DOUBLE != 0",
        "CPU.big_endian != 0 and record.aux & IS_DOUBLE == 0",
        ACCESS + "big_endian_doubles",
    ),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    mutations = {name: (f"vfp/{file}", before, after, test) for name, (file, before, after, test) in MUTATIONS.items()}
    with Planted(tmp_path_factory.mktemp("planted"), mutations, {"OVM_FLOATING_CASES": "6000"}) as made:
        yield made


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
