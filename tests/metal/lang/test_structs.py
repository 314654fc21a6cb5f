# SPDX-License-Identifier: Apache-2.0
"""Struct layouts against ctypes; arrays, pointers and statics in simulated memory."""

import ctypes
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovm.metal import (
    Array,
    Bits,
    Enum,
    Ptr,
    Struct,
    VirtAddr,
    address,
    alignof,
    array,
    at,
    copy,
    field,
    first,
    i16,
    offsetof,
    overlay,
    pointer,
    sizeof,
    static,
    table,
    text,
    u8,
    u16,
    u32,
    u64,
    volatile_load,
    volatile_store,
)
from ovm.metal.lang import memory
from ovm.metal.lang.errors import IndexPanic, NullPanic
from ovm.metal.lang.integers import INTEGERS, Integer
from ovm.metal.lang.storage import static_of
from ovm.metal.lang.types import ArrayType, PointerType
from ovm.metal.simulate import simulate


class Kind(Enum, width=u8):
    ONE = 1


class Word(Bits):
    low = field(0, 8)


class Point(Struct):
    x: i16
    y: u32


class Everything(Struct):
    flag: bool
    kind: Kind
    word: Word
    where: VirtAddr
    next: "Ptr[Everything]"
    point: Point
    points: Array[Point] = array(Point, 3)
    bytes: Array[u8] = array(u8, 5)
    big: u64


class Registers(Struct, volatile=True, size=0x1000):
    data: u32
    control: u32 = at(0x3C)
    words: Array[u32] = array(u32, 4, offset=0x100)


POINT = static(Point)
NUMBERS = static(array(u32, 4), section=".numbers", align=64, init=b"\x01\0\0\0\x02")
COUNT = static(u16)
PRIMES = table(u16, [2, 3, u32(5), 7])


def ctype(kind: type[Integer]) -> Any:
    return getattr(ctypes, f"c_{'' if kind.SIGNED else 'u'}int{kind.WIDTH}")


@given(st.lists(st.tuples(st.sampled_from(INTEGERS), st.integers(0, 5)), min_size=1, max_size=8))
def test_layout_is_that_of_c(members: list[tuple[type[Integer], int]]) -> None:
    namespace: dict[str, Any] = {"__module__": __name__, "__annotations__": {}}
    c_fields = []
    for place, (kind, length) in enumerate(members):
        namespace["__annotations__"][f"m{place}"] = Array[kind] if length else kind  # type: ignore[valid-type]
        if length:
            namespace[f"m{place}"] = array(kind, length)
        c_fields.append((f"m{place}", ctype(kind) * length if length else ctype(kind)))
    make: Any = type(Struct)
    made = make("Made", (Struct,), namespace)
    c_struct: Any = type("CMade", (ctypes.LittleEndianStructure,), {"_fields_": c_fields})
    assert (sizeof(made), alignof(made)) == (ctypes.sizeof(c_struct), ctypes.alignment(c_struct))
    for name, _ in c_fields:
        assert offsetof(made, name) == getattr(c_struct, name).offset


def test_every_kind_of_field() -> None:
    with simulate():
        thing = Everything()
        thing.flag = True
        thing.kind = Kind.of(u32(9))
        thing.word = Word(0x1234_5678)
        thing.where = VirtAddr(0x4000_0000)
        thing.point.x = i16(-2)
        thing.points[2].y = u32(7)
        thing.bytes[4] = u8(255)
        thing.big = u64(1 << 63)
        thing.next = pointer(Everything, address(thing))
        again = thing.next[0]
        assert again.flag is True
        assert (int(again.kind.raw), int(again.word.low), int(again.point.x)) == (9, 0x78, -2)
        assert (int(again.points[2].y), int(again.bytes[4]), int(again.big)) == (7, 255, 1 << 63)
        raw = memory.current().read(int(address(thing)), 12)
        assert raw == bytes([1, 9, 0, 0, 0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0x40])


def test_layout_for_the_compiler() -> None:
    fields = Everything.LAYOUT.fields
    assert fields["next"].kind == PointerType(Everything)
    assert fields["points"].kind == ArrayType(Point, 3)
    assert Registers.LAYOUT.volatile
    assert Registers.LAYOUT.fields["words"].offset == 0x100
    assert sizeof(Registers) == 0x1000


def test_wrong_layouts_are_refused() -> None:
    class Crooked(Struct):
        word: u32 = at(2)

    with pytest.raises(TypeError, match="not aligned"):
        sizeof(Crooked)

    class Full(Struct, size=4):
        word: u64

    with pytest.raises(TypeError, match="more than size=4"):
        sizeof(Full)

    class Unlike(Struct):
        words: Array[u32] = array(u8, 4)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"annotated Array\[u32\]"):
        sizeof(Unlike)

    class Split(Struct, volatile=True):
        low: u32
        both: u64

    with pytest.raises(TypeError, match="wider than one access"):
        sizeof(Split)
    with pytest.raises(TypeError, match="at most 32 bits"):
        volatile_load(pointer(u64, VirtAddr(8)))
    with pytest.raises(TypeError, match="must derive from Struct"):

        class Derived(Point):
            z: u32


def test_fields_take_their_own_type_only() -> None:
    with simulate():
        with pytest.raises(TypeError, match="expected u32"):
            POINT.y = i16(1)  # type: ignore[assignment]
        with pytest.raises(OverflowError):
            POINT.y = 1 << 32  # type: ignore[assignment]
        with pytest.raises(TypeError, match="not assigned"):
            Everything().point = Point()


def test_copy_copies_all() -> None:
    with simulate():
        source, target = Point(), Point()
        source.x, source.y = i16(-5), u32(6)
        copy(target, source)
        source.y = u32(0)
        assert (int(target.x), int(target.y)) == (-5, 6)
        with pytest.raises(TypeError):
            copy(target, Everything())


def test_statics_begin_anew_in_each_simulation() -> None:
    for _ in range(2):
        with simulate():
            assert [int(n) for n in NUMBERS] == [1, 2, 0, 0]
            assert COUNT.value == 0
            NUMBERS[3] = u32(9)
            COUNT.value += 1


def test_statics_for_the_compiler() -> None:
    info = static_of(NUMBERS)
    assert info is not None
    assert (info.kind, info.section, info.align) == (ArrayType(u32, 4), ".numbers", 64)
    assert int(address(NUMBERS)) % 64 == 0
    prime_info = static_of(PRIMES)
    assert prime_info is not None and prime_info.read_only
    assert prime_info.init == b"\2\0\3\0\5\0\7\0"
    assert static_of(Point()) is None


def test_a_table_is_read_only() -> None:
    assert [int(prime) for prime in PRIMES] == [2, 3, 5, 7]
    with pytest.raises(TypeError, match="read-only"):
        PRIMES[0] = u16(1)
    with pytest.raises(OverflowError):
        table(u8, [256])
    with pytest.raises(OverflowError):
        table(u8, [u32(256)])


@pytest.mark.parametrize("index", [4, u32(4), -1, u32(0xFFFF_FFFF)])
def test_an_index_outside_panics(index: Any) -> None:
    with pytest.raises(IndexPanic):
        NUMBERS[index]
    with pytest.raises(IndexPanic):
        NUMBERS[index] = u32(0)


def test_pointers_step_by_elements() -> None:
    with simulate():
        p = first(NUMBERS)
        (p + 1)[1] = u32(0xABCD)
        assert NUMBERS[2] == 0xABCD
        assert p[2] == (p + 3 - u32(1))[0] == 0xABCD
        halves = pointer(u16, address(p + 2))
        assert (int(halves[0]), int(halves[1])) == (0xABCD, 0)
        volatile_store(p, u32(5))
        assert volatile_load(p) == NUMBERS[0] == 5


def test_a_null_pointer_panics() -> None:
    with pytest.raises(NullPanic):
        pointer(u32, VirtAddr(0))[1]


def test_volatile_accesses_are_logged_and_reach_the_device() -> None:
    class Device:
        def __init__(self) -> None:
            self.seen: list[tuple[int, ...]] = []

        def read(self, offset: int, size: int) -> int:
            self.seen.append((offset, size))
            return 0x55

        def write(self, offset: int, size: int, value: int) -> None:
            self.seen.append((offset, size, value))

    device = Device()
    with simulate(devices=[(0xE000_0000, 0x1000, device)]) as machine:
        registers = overlay(Registers, VirtAddr(0xE000_0000))
        registers.control = registers.data | 0x100
        registers.words[1] = u32(3)
    assert device.seen == [(0, 4), (0x3C, 4, 0x155), (0x104, 4, 3)]
    assert machine.names() == ["0xe0000000", "0xe000003c", "0xe0000104"]


def test_text_is_constant_bytes() -> None:
    p = text("hé")
    assert bytes(int(p[i]) for i in range(4)) == b"h\xc3\xa9\0"
    assert text("hé") == p


def test_memory_crosses_pages() -> None:
    with simulate() as machine:
        p = pointer(u64, VirtAddr(0x2FFC))
        p[0] = u64(0x1122_3344_5566_7788)
        assert p[0] == 0x1122_3344_5566_7788
        assert machine.memory.read(0x3000, 4) == b"\x44\x33\x22\x11"
