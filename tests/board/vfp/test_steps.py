# SPDX-License-Identifier: Apache-2.0
"""VFP and Advanced SIMD in random states, single-stepped on Unicorn's Cortex-A9 and on ours.

`OVM_FLOATING_CASES` sets how many cases each set of rows gets in each instruction set. What is left out of the
comparison is in ../disagreements.md.
"""

import os
from functools import cache

import pytest

from ovm.board.decode.floating import DATA
from ovm.board.decode.scalar_rows import SCALAR
from ovm.board.decode.simd_unary_memory_rows import ELEMENT_ROWS
from tests.board.vfp.compare import Judge, compare

CASES = int(os.environ.get("OVM_FLOATING_CASES", "20000"))
SEED = int(os.environ.get("OVM_ISA_SEED", "1"))
SETS = {"vfp": SCALAR, "simd": DATA, "elements": ELEMENT_ROWS}


@cache
def judge() -> Judge:
    return Judge()


@pytest.mark.parametrize("thumb", [False, True], ids=["a32", "t32"])
@pytest.mark.parametrize("name", SETS)
def test_single_steps(name: str, thumb: bool) -> None:
    tally = compare(SETS[name], CASES, SEED, thumb=thumb, judge=judge())
    print(tally.compared, "compared", tally.faulted, "with a fault", tally.unpredictable, "UNPREDICTABLE", tally.repeated)
    assert not tally.failures, "\n".join(tally.failures[:20])
    assert tally.compared > CASES // 2
    if CASES >= 10_000:
        assert set(tally.rows) == {each.name for each in SETS[name]}, "every row has cases that do not fault"
