# SPDX-License-Identifier: Apache-2.0
"""The choice of decoded instructions that may stand anywhere in a random program.

Registers have roles: what data goes to, bases that lead into the window of data at any address, at a multiple of four, or
across its end into nothing, an index below 32, the count of turns, and a stack of which only what lies above may be used.
"""

from dataclasses import dataclass
from typing import Any

from ovm.board.execute import data, hints, media, multiple, multiply, parallel, saturation, single
from ovm.board.execute.alu import CMN, OPERATION, TST
from ovm.board.execute.table import HANDLERS

DATA = (0, 1, 2, 3, 8, 14)
INDEX = (4, 9)
ANYWHERE, ALIGNED, EDGE, STACK = (5, 10), (6, 11), (7,), 13
BASES = (*ANYWHERE, *ALIGNED, *EDGE, STACK)
LIST = sum(1 << number for number in DATA)
_PC = 15
_FARTHEST = 0x100  # that a base moves at once


@dataclass(frozen=True)
class Decoded:
    """A record's fields."""

    handler: int
    rd: int
    rn: int
    rm: int
    ra: int
    imm: int
    aux: int
    step: int


def _is_data(number: int) -> bool:
    return number in DATA


def _offset_is_small(record: Decoded) -> bool:
    """Tell whether an index stays in the window, or leads far behind it."""
    if not record.aux & single.OFFSET_REGISTER:
        return True
    kind, amount = record.aux >> single.KIND & 3, record.aux >> single.AMOUNT
    return record.rm in INDEX and not record.aux & single.RRX and (kind in (1, 2) or amount < 6)


def _stays_whole(record: Decoded, size: int) -> bool:
    """Tell whether an access near the end of memory is there or not, never in part; and a moved base at a multiple of 4."""
    if record.aux & single.WRITE_BACK and _FARTHEST < record.imm < (1 << 32) - _FARTHEST:
        return False
    if record.rn in ANYWHERE:
        return True
    if record.rn == STACK:
        return record.imm < 0x1000 and not record.aux & (single.WRITE_BACK | single.OFFSET_DOWN)
    if record.aux & single.WRITE_BACK:
        return not record.aux & single.OFFSET_REGISTER and record.imm % 4 == 0
    if record.rn in ALIGNED:
        return True
    return size == 1 or not record.aux & single.OFFSET_REGISTER and record.imm % size == 0


def _indexed_is_good(record: Decoded, stores: bool) -> bool:
    return record.rn in BASES and record.rm in INDEX and record.aux >> single.AMOUNT < 6 and (stores or _is_data(record.rd))


def _any_is_good(record: Decoded, stores: bool) -> bool:
    literal = record.rn == _PC and not stores and not record.aux & (single.OFFSET_REGISTER | single.WRITE_BACK)
    return (record.rn in BASES or literal) and _offset_is_small(record) and (stores or _is_data(record.rd))


def _pair_is_good(record: Decoded, stores: bool) -> bool:
    if record.rn not in (*ALIGNED, STACK) or record.aux & single.OFFSET_REGISTER or record.imm & 3:
        return False
    return stores or _is_data(record.rd) and _is_data(record.ra)


def _list_is_good(record: Decoded, stores: bool) -> bool:
    if record.rn == STACK and record.aux & (multiple.WRITE_BACK | multiple.DOWN):
        return False
    return record.rn in (*ALIGNED, STACK) and record.imm >> 15 == 0 and (stores or record.imm & ~LIST == 0)


_LOADS = {
    single.load_offset: _any_is_good,
    single.load_indexed: _indexed_is_good,
    single.load_any: _any_is_good,
    single.load_pair: _pair_is_good,
    multiple.load_multiple: _list_is_good,
}
_STORES = {
    single.store_offset: _any_is_good,
    single.store_indexed: _indexed_is_good,
    single.store_any: _any_is_good,
    single.store_pair: _pair_is_good,
    multiple.store_multiple: _list_is_good,
}
_LONG = (
    multiply.multiply_long,
    multiply.multiply_accumulate_accumulate,
    multiply.multiply_halves_long,
    multiply.multiply_dual_long,
)
_DATA = (data.data_immediate, data.data_register, data.data_shifted, data.data_shifted_flags, data.data_by_register)
_ONE = (data.move_wide, *(value for value in vars(multiply).values() if callable(value)), parallel.parallel)
_MEDIA = (
    media.extend,
    media.reverse,
    media.bit_field,
    media.bit_field_insert,
    media.pack,
    media.select,
    media.absolute_differences,
    saturation.saturate,
    saturation.add_saturating,
)


def is_transfer(function: Any) -> bool:
    """Tell whether a handler accesses memory."""
    return function in _LOADS or function in _STORES


def is_good(record: Decoded) -> bool:
    """Tell whether an instruction keeps registers in their roles and accesses only what it may."""
    function, variant = HANDLERS[record.handler].function, HANDLERS[record.handler].variant
    if function in _DATA:
        return TST <= variant & OPERATION <= CMN or _is_data(record.rd)
    if is_transfer(function):
        judge = _LOADS.get(function) or _STORES[function]
        offset = function in (single.load_offset, single.store_offset)
        shaped = Decoded(**{**vars(record), "aux": single.INDEX}) if offset else record
        indexed = function in (single.load_indexed, single.store_indexed)
        listed = function in (multiple.load_multiple, multiple.store_multiple)
        size = 4 if variant == single.WORD else 1 if variant in (single.BYTE, single.SIGNED_BYTE) else 2
        whole = listed or _stays_whole(shaped, size) and (not indexed or record.rn not in EDGE or size == 1)
        return whole and judge(shaped, function in _STORES)
    if function in _LONG:
        return _is_data(record.rd) and _is_data(record.ra)
    return (function in _ONE or function in _MEDIA or function is hints.hint and variant == 0) and _is_data(record.rd)
