# SPDX-License-Identifier: Apache-2.0
"""The rows of the loop's handlers for extension registers.

Each stands for many encodings, of which `decode/floating.py` has tables of its own.
"""

from __future__ import annotations

from typing import Final

from ovm.board.execute.row import Instruction, a32, t32
from ovm.board.vfp import elements, execute, system, transfer

ROWS: Final = [
    Instruction(execute.floating, host="floating.operate"),
    Instruction(transfer.load_words, host="floating.load_words"),
    Instruction(transfer.load_double, host="floating.load_double"),
    Instruction(transfer.store_words, host="floating.store_words"),
    Instruction(system.register_read),
    Instruction(system.register_write),
    Instruction(elements.elements),
]
# Encodings of which the form chooses a row, by `decode/floating.py`.
CHOOSING: Final = [
    a32("vfp", "cccc110xxxxxxxxxxxxx101xxxxxxxxx", "vfp.floating"),
    a32("vfp", "cccc1110xxxxxxxxxxxx101xxxxxxxxx", "vfp.floating"),
    a32("simd", "1111001xxxxxxxxxxxxxxxxxxxxxxxxx", "vfp.data"),
    a32("simd", "11110100xxx0xxxxxxxxxxxxxxxxxxxx", "vfp.transfers"),
    t32("vfp", "1110110xxxxxxxxx xxxx101xxxxxxxxx", "vfp.floating"),
    t32("vfp", "11101110xxxxxxxx xxxx101xxxxxxxxx", "vfp.floating"),
    t32("simd", "111x1111xxxxxxxx xxxxxxxxxxxxxxxx", "vfp.data", 1),
    t32("simd", "11111001xxx0xxxx xxxxxxxxxxxxxxxx", "vfp.transfers", 1),
]
