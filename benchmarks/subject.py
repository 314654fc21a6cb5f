# SPDX-License-Identifier: Apache-2.0
"""Run bare programs on the virtual board, with its whole timing model on."""

import time
from dataclasses import dataclass

from ovm.board.api import Board
from ovm.metal.build.elf import Elf

WFI = (0xE320_F003).to_bytes(4, "little")


@dataclass(frozen=True)
class Run:
    """What a program took and gave. `seconds` is CPU time of this process, `cycles` is the board's time."""

    seconds: float
    result: int
    instructions: int
    cycles: int


def on_board(board: Board, program: Elf, entry: str = "_start_flat") -> Run:
    """Load a program, run it on CPU 0 until it reaches `finish`, and take its result; the other CPU sleeps."""
    board.reset()
    board.load(program.content)
    finish = program.symbols["finish"].address
    board.write(finish, WFI)
    board.start(program.symbols[entry].address)
    cycles, instructions = board.now, board.cores[0].instructions
    before = time.process_time()
    reason = board.run()
    seconds = time.process_time() - before
    assert board.cores[0].pc in (finish, finish + 4), reason
    result = int.from_bytes(board.read(program.symbols["result"].address, 4), "little")
    return Run(seconds, result, board.cores[0].instructions - instructions, board.now - cycles)
