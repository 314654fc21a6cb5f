# SPDX-License-Identifier: Apache-2.0
"""Performance monitors in the whole machine."""

import struct

from ovm.board.api import Board

ENTRY = 0x20_0000


def test_a_core_with_overflow_interrupts_may_sleep() -> None:
    """Overflows are looked for by the machine's time, which goes on while the core's own stands still."""
    board = Board()
    # mov r0, #1; mcr PMINTENSET; wfi; b to the wfi
    board.write(ENTRY, struct.pack("<4I", 0xE3A0_0001, 0xEE09_0F3E, 0xE320_F003, 0xEAFF_FFFD))
    board.start(ENTRY)
    for _ in range(5):
        before = board.now
        board.call("run.machine.machine_run", before + 20_000)
        assert board.now >= before + 20_000
    assert board.cores[0].instructions < 10
