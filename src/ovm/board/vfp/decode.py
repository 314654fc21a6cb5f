# SPDX-License-Identifier: Apache-2.0
"""From a VFP or Advanced SIMD instruction to its record: one search for A32 and T32.

T32 has the same encodings with other leading bits; they are moved to where A32 has them (ARM A7.1). The rows are data
that is searched, not code, since there are many and each is needed once for an instruction that is executed.
"""

from typing import Final

from ovm.board.decode.pattern import UNDEFINED, UNPREDICTABLE, Encoding
from ovm.board.record import Record
from ovm.board.vfp.scalar_rows import SCALAR
from ovm.metal import fn, function_table, table, u32

ROWS: Final[list[Encoding]] = [*SCALAR]
SCALAR_ROWS: Final = len(SCALAR)
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
    for row in u32.range(first, last, bound=1024):
        if word & MASKS[row] == VALUES[row]:
            if word & SHOULD[row] != SHOULD_VALUES[row]:
                return u32(UNPREDICTABLE)
            return FORMS[FORM_NUMBERS[row]](record, word, HANDLERS[row], EXTRAS[row])
    return u32(UNDEFINED)


@fn(inline=False)
def floating(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """VFP, in A32 and T32 alike."""
    return _search(record, word, u32(0), u32(SCALAR_ROWS))
