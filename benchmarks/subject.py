# SPDX-License-Identifier: Apache-2.0
"""Run bare programs on the virtual board, with its whole timing model on."""

import time
from dataclasses import dataclass

from ovm.board.api import Board
from ovm.metal.build.elf import Elf


@dataclass(frozen=True)
class Run:
    """The times and the output of a program. `seconds` is CPU time of this process, `cycles` is the board's time."""

    seconds: float
    result: int
    instructions: int
    cycles: int


def on_board(board: Board, program: Elf, entry: str = "_start") -> Run:
    """Load a program, run it on CPU 0 until it reaches `finish`, and take its result; the other CPU sleeps."""
    board.reset()
    board.load(program.content)
    board.start(program.symbols[entry].address)
    finish = board.breakpoints.add(program.symbols["finish"].address, core=0)
    cycles, instructions = board.cores[0].cycles, board.cores[0].instructions
    before = time.process_time()
    reason = board.run()
    seconds = time.process_time() - before
    board.breakpoints.remove(finish)
    assert board.cores[0].pc == program.symbols["finish"].address, reason
    result = int.from_bytes(board.read(program.symbols["result"].address, 4), "little")
    return Run(seconds, result, board.cores[0].instructions - instructions, board.cores[0].cycles - cycles)
