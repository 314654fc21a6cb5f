# SPDX-License-Identifier: Apache-2.0
"""Random instructions in random states on Unicorn's Cortex-A9 and on ours: single steps, and runs that do not branch.

What the comparison leaves out, and why, is in disagreements.md. `OVM_ISA_CASES` sets how many instructions each set gets,
`OVM_ISA_SEED` which; `long_run.py` is for millions.
"""

import os
import struct

import pytest

from tests.board.batches import SETS, Batches, compare
from tests.board.processor import Processor

CASES = int(os.environ.get("OVM_ISA_CASES", "110000"))
SEED = int(os.environ.get("OVM_ISA_SEED", "1"))


def test_store_over_itself() -> None:  # it is complete before what it wrote counts
    core = Processor()
    core.write(0x8000, struct.pack("<2I", 0xE4801004, 0xE320F000))  # str r1, [r0], #4; nop
    core.registers = (0x8000, 0x1234, *[0] * 13)
    core.start(0x8000)
    assert core.step(1) == 1
    assert core.pc == 0x8004
    assert core.registers[0] == 0x8004
    assert core.read(0x8000, 4) == struct.pack("<I", 0x1234)


@pytest.mark.parametrize("name", SETS)
def test_single_steps(name: str) -> None:
    batches = Batches(name, SEED)
    tally = compare(batches, CASES)
    print(name, tally.compared, "compared", tally.faulted, "with a fault", tally.unpredictable, "UNPREDICTABLE", tally.repeated)
    assert not tally.failures, "\n".join(tally.failures[:20])
    assert tally.compared >= CASES
    assert tally.faulted > CASES // 100
    if CASES > 50_000:
        unseen = {each.name for each in batches.rows} - set(tally.rows) - batches.left_out
        assert not unseen
