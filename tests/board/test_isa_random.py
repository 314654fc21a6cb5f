# SPDX-License-Identifier: Apache-2.0
"""Random instructions in random states, single-stepped on Unicorn's Cortex-A9 and on ours.

What the comparison leaves out, and why, is in disagreements.md. `OVM_ISA_CASES` sets how many cases each set gets:
100,000 takes about a minute in all on an idle core.
"""

import os

import pytest

from board.compare import compare
from ovm.board.decode.arm import CONDITIONAL, UNCONDITIONAL
from ovm.board.decode.narrow import NARROW
from ovm.board.decode.wide import WIDE

CASES = int(os.environ.get("OVM_ISA_CASES", "8000"))
SEED = int(os.environ.get("OVM_ISA_SEED", "1"))
SETS = {"a32": ((CONDITIONAL, False), (UNCONDITIONAL, False)), "t32": ((NARROW, True), (WIDE, True))}


@pytest.mark.parametrize("name", SETS)
def test_single_steps(name: str) -> None:
    tally = compare(SETS[name], CASES, SEED)
    print(name, tally.compared, "compared", tally.faulted, "with a fault", tally.unpredictable, "UNPREDICTABLE", tally.repeated)
    assert not tally.failures, "\n".join(tally.failures[:20])
    assert tally.compared > CASES // 2
    assert tally.faulted > 0
    assert tally.repeated < CASES // 100
