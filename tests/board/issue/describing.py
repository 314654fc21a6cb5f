# SPDX-License-Identifier: Apache-2.0
"""The facts of many instructions, by one call of compiled code."""

from typing import Final

from ovm.board.decode.instruction import decode_arm, decode_narrow, decode_wide
from ovm.board.issue.describe import describe
from ovm.board.issue.facts import Facts
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import array, fn, static, u32

MOST: Final = 8192
WORDS = static(array(u32, MOST))
FACTS = static(array(Facts, MOST))
RECORDS = static(array(Record, MOST))


@fn
def describe_words(count: u32, halves: u32) -> None:
    """Decode each word, A32 or one or two halfwords, and note its facts."""
    CPU.thumb = u32(halves != 0)
    for index in u32.range(count, bound=MOST):
        if halves == 0:
            decode_arm(RECORDS[index], WORDS[index])
        elif halves == 1:
            decode_narrow(RECORDS[index], WORDS[index])
        else:
            decode_wide(RECORDS[index], WORDS[index])
        describe(RECORDS[index], u32(0), FACTS[index])
