# SPDX-License-Identifier: Apache-2.0
"""VFP and Advanced SIMD in random states, single-stepped on Unicorn's Cortex-A9 and on ours.

`OVM_FLOATING_CASES` sets how many cases each set of rows gets.
"""

import os

import pytest

from board.vfp.compare import compare
from ovm.board.vfp.decode import DATA
from ovm.board.vfp.scalar_rows import SCALAR
from ovm.board.vfp.simd_more_rows import ELEMENT_ROWS

CASES = int(os.environ.get("OVM_FLOATING_CASES", "4000"))
SEED = int(os.environ.get("OVM_ISA_SEED", "1"))
SETS = {"vfp": SCALAR, "simd": DATA, "elements": ELEMENT_ROWS}


@pytest.mark.parametrize("thumb", [False, True], ids=["a32", "t32"])
@pytest.mark.parametrize("name", SETS)
def test_single_steps(name: str, thumb: bool) -> None:
    tally = compare(SETS[name], CASES, SEED, thumb=thumb)
    print(tally.compared, "compared", tally.faulted, "with a fault", tally.unpredictable, "UNPREDICTABLE", tally.repeated)
    assert not tally.failures, "\n".join(tally.failures[:20])
    assert tally.compared > CASES // 2
    assert tally.repeated < CASES // 100
