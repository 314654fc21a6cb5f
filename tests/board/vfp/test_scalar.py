# SPDX-License-Identifier: Apache-2.0
"""VFP in random states, single-stepped on Unicorn's Cortex-A9 and on ours. `OVM_FLOATING_CASES` sets how many cases."""

import os

import pytest

from board.vfp.compare import compare
from ovm.board.vfp.scalar_rows import SCALAR

CASES = int(os.environ.get("OVM_FLOATING_CASES", "8000"))
SEED = int(os.environ.get("OVM_ISA_SEED", "1"))


@pytest.mark.parametrize("thumb", [False, True], ids=["a32", "t32"])
def test_single_steps(thumb: bool) -> None:
    tally = compare(SCALAR, CASES, SEED, thumb=thumb)
    print(tally.compared, "compared", tally.faulted, "with a fault", tally.unpredictable, "UNPREDICTABLE", tally.repeated)
    assert not tally.failures, "\n".join(tally.failures[:20])
    assert tally.compared > CASES // 2
    assert tally.repeated < CASES // 100
