# SPDX-License-Identifier: Apache-2.0
"""Constants that go to parameters, fields and elements, as mypy sees them with the plugin."""

from dataclasses import dataclass, replace
from typing import Final, assert_type

from ovm.arm.cp15 import TTBCR
from ovm.arm.psr import PSR_F, PSR_I
from ovm.metal import Array, PhysAddr, Ptr, Struct, array, cp15_write, extern, fn, function_table, i8, param, static, u8, u32, u64

SMALL: Final = 5
BYTES: Final = SMALL * 50
WIDE: Final = 1 << 40
NEGATIVE: Final = -1
TYPED: Final = u32(3)
TEXT: Final = "5"
FLAG: Final = True
SOME: Final = param(7)
plain = 5


class Inner(Struct):
    small: u8
    signed: i8
    word: u32
    wide: u64
    place: PhysAddr
    words: Array[u32] = array(u32, 4)


INNER = static(Inner)
CELL = static(u32)


@fn
def take(word: u32, byte: u8) -> u32:
    return word + u32(byte)


@fn(inline=True)
def signed(number: i8) -> None:
    INNER.signed = number


@extern("elsewhere")
def elsewhere(wide: u64) -> u64: ...


@fn
def accepted(words: Ptr[u32], word: u32) -> u32:
    take(0, 255)
    take(word, SMALL)
    take(byte=BYTES, word=~-6)
    take(PSR_I | PSR_F, SMALL | 1)
    take(TYPED, SOME)
    signed(NEGATIVE)
    signed(-128)
    elsewhere(WIDE)
    cp15_write(TTBCR, PSR_I)
    INNER.small = BYTES
    INNER.signed = NEGATIVE
    INNER.wide = WIDE | 1
    INNER.words[0] = BYTES | 1
    words[1] = 7
    CELL.value = SOME
    INNER.word = 1 << SMALL
    # What a constant was stored to is read as what it is.
    assert_type(INNER.word, u32)
    assert_type(CELL.value, u32)
    if word != 0:
        INNER.word = 0xFFFF_FFFF
    return take(INNER.word, INNER.small)


@fn
def choices(words: Ptr[u32], word: u32, byte: u8) -> u32:
    take(1 if word == 0 else SMALL, byte if word == 0 else 0)
    take(word, byte=1 if word == 0 else (2 if word == 1 else byte))
    INNER.small = BYTES if word == 0 else 1
    INNER.words[word if word < 4 else 0] = min(word, SMALL)
    CELL.value = max(SMALL, word) if word != 9 else 3
    words[1] = word + (word if word != 0 else 1)
    words[0] = word << (24 if word == 0 else 20)
    assert_type(CELL.value, u32)
    take(max(word, 1) * word, 0)
    return u32(1 if word == 0 else 2)


@fn
def result(word: u32) -> u8:
    if word == 0:
        return 0
    if word == 1:
        return BYTES if CELL.value == 0 else u8(word)
    if word == 2:
        return min(u8(word), SMALL)
    return SMALL | 1


@fn
def smallest(word: u32) -> u32:
    return min(word, SMALL - 1)


@fn(inline=True)
def inlined(word: u32) -> i8:
    return NEGATIVE if word == 0 else -128


@fn
def results(word: u32) -> u32:
    assert_type(result(word), u8)
    assert_type(inlined(word), i8)
    assert_type(HANDLERS[word](word), u8)
    return u32(result(word)) + u32(inlined(word))


HANDLERS = function_table(result, result)


@fn
def rejected_choices(words: Ptr[u32], word: u32, byte: u8) -> u32:
    take(0, 1 if word == 0 else 256)  # error: arg-type
    take(0, word if word == 0 else 1)  # error: arg-type
    take(plain if word == 0 else 1, 0)  # error: arg-type
    take(0 if word == 0 else TEXT, 0)  # error: arg-type
    INNER.small = 1 if word == 0 else 256  # error: assignment
    INNER.small = word if word == 0 else 1  # error: assignment
    words[0] = plain if word == 0 else 1  # error: assignment
    take(0, min(byte, 256))  # error: arg-type
    INNER.small = max(word, 1)  # error: assignment
    return result(word)  # error: return-value


@fn
def rejected_result(word: u32) -> u8:
    if word == 0:
        return BYTES + SMALL + 1  # error: return-value
    if word == 1:
        return 0 if CELL.value == 0 else -1  # error: return-value
    if word == 2:
        return FLAG  # error: return-value
    if word == 3:
        return plain  # error: return-value
    if word == 4:
        return TEXT  # error: return-value
    if word == 5:
        return word  # error: return-value
    return 0


@fn(inline=True)
def rejected_inlined(word: u32) -> i8:
    return 128 if word == 0 else 0  # error: return-value


def not_metal(word: u32) -> u8:
    return 0  # error: return-value


@fn
def rejected(words: Ptr[u32], byte: u8) -> None:
    take(1 << 32, 0)  # error: arg-type
    take(WIDE, 0)  # error: arg-type
    take(0, 256)  # error: arg-type
    take(0, BYTES + SMALL + 1)  # error: arg-type
    take(NEGATIVE, 0)  # error: arg-type
    take(0, PSR_I | PSR_F | 256)  # error: arg-type
    take("0", 0)  # error: arg-type
    take(0, TEXT)  # error: arg-type
    take(FLAG, 0)  # error: arg-type
    take(0, plain)  # error: arg-type
    take(byte, 0)  # error: arg-type
    take(0, TYPED)  # error: arg-type
    signed(128)  # error: arg-type
    elsewhere(-1)  # error: arg-type
    INNER.small = 256  # error: assignment
    INNER.small = TEXT  # error: assignment
    INNER.small = plain  # error: assignment
    INNER.small = TYPED  # error: assignment
    INNER.place = 0  # error: assignment
    INNER.word = 0.5  # error: assignment
    CELL.value = -1  # error: assignment
    INNER.words[0] = WIDE  # error: assignment
    INNER.words[0] = TEXT  # error: assignment
    words[0] = -1  # error: assignment
    words[TEXT] = 0  # error: index


@dataclass(frozen=True)
class Ordinary:
    number: int


# Other plugins still have their say.
assert_type(replace(Ordinary(1), number=2), Ordinary)
replace(Ordinary(1), number="2")  # error: arg-type
