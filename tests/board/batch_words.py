# SPDX-License-Identifier: Apache-2.0
"""The words and states of random cases, drawn in compiled code from the rows of a decoder's tables."""

from typing import Final

from ovm.board.shortcuts.slots import drop_records
from ovm.metal import VirtAddr, bound, fn, pointer, u16, u32
from tests.board.batch import (
    ALONE,
    CASES,
    CODE,
    CONDITIONAL,
    HAS_TWO_HALVES,
    LEFT_OUT,
    MAY_BRANCH,
    MOST_CASES,
    MOST_IN_STREAM,
    MOST_ROWS,
    NO_RETURN,
    RANDOM,
    ROWS,
    STORES,
    WINDOW,
    WINDOW_BYTES,
    Case,
    Row,
)
from tests.board.ram import host_address

SINGLE_BYTES: Final = 16
STREAM_BYTES: Final = 128
CLREX: Final = 0xF57F_F01F
CLREX_WIDE: Final = 0xF3BF_8F2F
SPECIALS: Final = 11


@fn
def draw() -> u32:
    """Return the next random number (a linear congruential generator; Knuth's multiplier, its high half)."""
    RANDOM.value = RANDOM.value * 6364136223846793005 + 1442695040888963407
    return u32(RANDOM.value >> 32)


@fn
def _value() -> u32:
    """Return a register: often an address in the window, often near a limit of arithmetic."""
    kind = draw() >> 29
    if kind < 4:
        address = WINDOW + 0x1000 + (draw() >> 4) % (WINDOW_BYTES - 0x2000)
        return address & 0xFFFF_FFFC if kind < 3 else address
    if kind == 4:
        return _special((draw() >> 8) % SPECIALS)
    return (draw() >> 8) % 64 if kind == 5 else draw()


@fn
def _special(which: u32) -> u32:
    if which < 3:
        return which - 1
    if which < 5:
        return u32(0x7FFF_FFFC) + which
    if which < 8:
        return which + 26
    if which == 8:
        return u32(255)
    return u32(0xFFFF) if which == 9 else u32(0x8000)


@fn
def _word(row: Row) -> u32:
    """Return an instruction of an encoding; one in 32 has bits that should be otherwise."""
    word = row.value | row.ones | (draw() & row.free)
    if draw() >> 27 == 0:
        word ^= draw() & row.should
    if row.kind & CONDITIONAL != 0:
        condition = u32(14) if draw() % 97 < 68 else (draw() >> 8) % 15
        word = (word & 0x0FFF_FFFF) | (condition << 28)
    return word


@fn
def _claimed_by(word: u32, first: u32, last: u32) -> u32:
    """Return the row that claims a word, as the decoder chooses it; `last` if none does."""
    for index in u32.range(MOST_ROWS):
        at = first + index
        if at >= last:
            return last
        # 15 is no condition: those words have a table of their own.
        if word & ROWS[at].mask == ROWS[at].value and (ROWS[at].kind & CONDITIONAL == 0 or word >> 28 != 15):
            return at
    return last


@fn
def _acceptable(at: u32, word: u32, last: u32, refused: u32) -> bool:
    """Tell whether a word may be a case; T32 stores relative to the PC may not (disagreements.md)."""
    if at == last:
        # Unicorn takes LDC and STC of some coprocessors for 64-bit moves.
        moves = word & 0x0E00_0000 == 0x0C00_0000 or word & 0xEE00_0000 == 0xEC00_0000
        return refused & MAY_BRANCH == 0 and not moves
    if ROWS[at].kind & (LEFT_OUT | refused) != 0:
        return False
    if ROWS[at].kind & NO_RETURN != 0 and word & 0xF000 == 0xF000:
        return False
    if ROWS[at].kind & STORES != 0 and refused != 0 and (word >> 16) & 15 == 15:
        return False
    return ROWS[at].kind & HAS_TWO_HALVES == 0 or word & 0xFF1F_0000 != 0xF80F_0000


@fn
def _any_word(row: Row) -> u32:
    """Return any word that the table of a row is for."""
    word = draw()
    if row.kind & CONDITIONAL != 0:
        return word ^ 0x1000_0000 if word >> 28 == 15 else word
    if row.kind & HAS_TWO_HALVES != 0:
        return word | 0xE800_0000 if word & 0x1800_0000 != 0 else word | 0xF000_0000
    return (word | 0xF000_0000) if row.value >> 28 == 15 else (word >> 16) % 0xE800


@fn
def _pick(first: u32, last: u32, refused: u32, case: Case) -> u32:
    """Draw words until one may be a case; one in 16 is any word of the same length."""
    turns = u32(0)
    while turns < 1000:
        bound(1000)
        turns += 1
        row = ROWS[first + (draw() >> 4) % (last - first)]
        word = _word(row)
        if refused == 0 and draw() >> 28 == 0:
            word = _any_word(row)
        at = _claimed_by(word, first, last)
        if _acceptable(at, word, last, refused):
            case.row = at
            return word
    return u32(0)


@fn
def _put(address: u32, word: u32, size: u32) -> None:
    """Write an instruction; of two halves the high one comes first."""
    drop_records(address, u32(4))
    place = VirtAddr(host_address(address))
    if size == 4:
        pointer(u32, place)[0] = word
        return
    if size == 2:
        pointer(u16, place)[0] = u16(word)
        return
    pointer(u16, place)[0] = u16(word >> 16)
    pointer(u16, place)[1] = u16(word)


@fn
def _status(thumb: u32) -> u32:
    """Return a random CPSR: flags, GE, mode, now and then E."""
    mode = u32(0x13)
    chosen = draw() >> 28
    if chosen < 4:
        mode = u32(0x10) + chosen
    elif chosen < 7:
        mode = u32(0x17) + (chosen - 4) * 4
    big = u32(0x200) if draw() >> 29 == 0 else u32(0)
    return (draw() & 0xF80F_0000) | big | 0x1C0 | (thumb << 5) | mode


@fn
def make_cases(count: u32, first: u32, middle: u32, last: u32, thumb: u32, longest: u32) -> None:
    """Make cases of rows `first` to `last`: A32 words, or T32 with halfwords up to `middle`."""
    spacing = u32(SINGLE_BYTES) if longest == 1 else u32(STREAM_BYTES)
    for number in u32.range(count, bound=MOST_CASES):
        case = CASES[number]
        case.place = CODE + 6 + number * spacing + ((draw() >> 8) % 5) * 2 * thumb
        if thumb == 0:
            case.place = (case.place + 3) & 0xFFFF_FFFC
        case.count = u32(1) if longest == 1 else 2 + (draw() >> 8) % (longest - 1)
        case.status = _status(thumb)
        # Exception returns stay in the mode.
        case.saved = (case.status & 0x1FF) | (draw() & 0xF80F_0220)
        for register in u32.range(15):
            case.before[register] = _value()
        _make_code(case, first, middle, last, thumb)


@fn
def _make_code(case: Case, first: u32, middle: u32, last: u32, thumb: u32) -> None:
    at = case.place
    block = u32(0)
    refused = u32(MAY_BRANCH | ALONE) if case.count > 1 else u32(0)
    for index in u32.range(case.count, bound=MOST_IN_STREAM):
        if thumb == 0:
            _put(at, _pick(first, last, refused, case), u32(4))
            at += 4
        elif block == 0 and case.count - index > 5 and draw() >> 30 == 0:
            block = 1 + (draw() >> 30)
            _put(at, _if_then(block), u32(2))
            at += 2
        else:
            block -= u32(block != 0)
            size = u32(2) if draw() >> 31 != 0 else u32(3)
            word = _pick(first, middle, refused, case) if size == 2 else _pick(middle, last, refused, case)
            _put(at, word, size)
            at += 2 * (size - 1)
    _in_it_block(case)
    case.end = at
    if ROWS[case.row].kind & ALONE != 0:
        _lead(case, thumb)


@fn
def _lead(case: Case, thumb: u32) -> None:
    """Let a STREX follow its LDREX, or a CLREX with which only the other side begins: its monitor outlives a case."""
    load = _load_before(case.place, thumb) if draw() >> 31 != 0 else u32(0)
    if load == 0:
        _put(case.place - 4, u32(CLREX_WIDE) if thumb != 0 else u32(CLREX), u32(3) if thumb != 0 else u32(4))
        return
    case.place -= 4
    case.count = u32(2)
    _put(case.place, load, u32(3) if thumb != 0 else u32(4))


@fn
def _load_before(place: u32, thumb: u32) -> u32:
    """Return the LDREX from the address of a STREX, into what will be its result; 0 for a pair."""
    words = pointer(u16, VirtAddr(host_address(place)))
    low = u32(words[0])
    high = u32(words[1])
    if thumb == 0:
        word = (high << 16) | low
        return u32(0) if (word >> 21) & 3 == 1 else word | 0x0010_000F
    word = (low << 16) | high
    if word & 0x0080_0000 == 0:
        return (word & 0xFFFF_00FF) | 0x0010_0F00 | ((word & 0xF00) << 4)
    return u32(0) if word & 0xF0 == 0x70 else (word & 0xFFFF_0FF0) | 0x0010_000F | ((word & 15) << 12)


@fn
def _if_then(length: u32) -> u32:
    """Return an IT instruction over some instructions, any condition but AL."""
    lowest = u32(1) << (4 - length)
    return 0xBF00 | (((draw() >> 8) % 14) << 4) | (draw() & 15 & ~(2 * lowest - 1)) | lowest


@fn
def _in_it_block(case: Case) -> None:
    """Let one T32 instruction in 4 be the last of an IT AL block, where it cannot branch."""
    if case.count == 1 and case.status & 0x20 != 0 and ROWS[case.row].kind & (MAY_BRANCH | ALONE) == 0 and draw() >> 30 == 0:
        case.status |= (0xE8 >> 2) << 10
