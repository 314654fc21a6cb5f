# SPDX-License-Identifier: Apache-2.0
"""The decoder of VFP and Advanced SIMD instructions: one search for A32 and T32.

T32 has the same encodings with other leading bits; they are moved to the places of A32 (ARM A7.1). The rows are data that is
searched, not code, since there are many and each is needed once for an executed instruction.
"""

from typing import Final

from ovm.board.decode.pattern import UNDEFINED, UNPREDICTABLE, Encoding
from ovm.board.decode.scalar_rows import SCALAR
from ovm.board.decode.simd_rows import REGISTER_ROWS
from ovm.board.decode.simd_unary_memory_rows import ELEMENT_ROWS, OTHER_ROWS
from ovm.board.record import Record
from ovm.metal import fn, function_table, table, u32

DATA: Final = [*REGISTER_ROWS, *OTHER_ROWS]
ROWS: Final[list[Encoding]] = [*SCALAR, *DATA, *ELEMENT_ROWS]
DATA_ROWS: Final = len(SCALAR)  # their begin
TRANSFER_ROWS: Final = DATA_ROWS + len(DATA)
ALL_ROWS: Final = len(ROWS)
_FORMS: Final = list(dict.fromkeys(each.form for each in ROWS))
MASKS = table(u32, [each.mask for each in ROWS])
VALUES = table(u32, [each.value for each in ROWS])
SHOULD = table(u32, [each.should for each in ROWS])
SHOULD_VALUES = table(u32, [each.should_value for each in ROWS])
HANDLERS = table(u32, [each.handler for each in ROWS])
EXTRAS = table(u32, [each.extra for each in ROWS])
FORM_NUMBERS = table(u32, [_FORMS.index(each.form) for each in ROWS])
FORMS = function_table(*_FORMS)


@fn
def _search(record: Record, word: u32, first: u32, last: u32) -> u32:
    for row in u32.range(first, last, bound=len(ROWS)):
        if word & MASKS[row] == VALUES[row]:
            if word & SHOULD[row] != SHOULD_VALUES[row]:
                return UNPREDICTABLE
            return FORMS[FORM_NUMBERS[row]](record, word, HANDLERS[row], EXTRAS[row])
    return UNDEFINED


@fn(inline=False)
def floating(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VFP, in A32 and T32 alike."""
    return _search(record, word, 0, DATA_ROWS)


@fn(inline=False)
def data(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Advanced SIMD data processing; extra 1: T32, where U is bit 28."""
    moved = word
    if extra != 0:
        moved = 0xF200_0000 | ((word >> 4) & (1 << 24)) | (word & 0xFF_FFFF)
    return _search(record, moved, DATA_ROWS, TRANSFER_ROWS)


@fn(inline=False)
def transfers(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode loads and stores of elements; extra 1: T32."""
    moved = 0xF400_0000 | (word & 0xFF_FFFF) if extra != 0 else word
    return _search(record, moved, TRANSFER_ROWS, ALL_ROWS)
