# SPDX-License-Identifier: Apache-2.0
"""Structs, arrays, pointers, enums and bit fields."""

from ovm.metal import (
    Array,
    Bits,
    Enum,
    GuestPhysAddr,
    PhysAddr,
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
    flag,
    fn,
    i8,
    i16,
    i32,
    i64,
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


class Colour(Enum, width=u8):
    RED = 1
    GREEN = 2
    BLUE = 200


class Wide(Enum, width=u16):
    LOW = 0
    HIGH = 0xFFFF


class Status(Bits):
    code = field(0, 5)
    level = field(5, 11)
    high = field(28, 4)
    ready = flag(16)
    top = flag(31)


class Point(Struct):
    x: i16
    y: i32


class Record(Struct):
    tiny: u8
    valid: bool
    half: u16
    signed: i8
    word: u32
    big: u64
    negative: i64
    colour: Colour
    wide: Wide
    status: Status
    where: PhysAddr
    point: Point
    points: Array[Point] = array(Point, 3)
    bytes: Array[u8] = array(u8, 5)
    link: "Ptr[Record]"


class Placed(Struct, volatile=True, size=0x40):
    data: u32
    control: u16 = at(0x1E)
    words: Array[u32] = array(u32, 4, offset=0x20)


RECORD = static(Record)
OTHER = static(Record)
RECORDS = static(array(Record, 3))
PLACED = static(Placed)
BYTES = static(array(u8, 16))
WORDS = static(array(u32, 8), align=64)
LONGS = static(array(i64, 4))
COLOURS = static(array(Colour, 4))
POINTERS = static(array(Ptr[u32], 3))
COUNT = static(u32)
SIGNED = static(i16)
CHOICE = static(Colour)
STATE = static(Status)
READY = static(bool)
PRIMES = table(u16, [2, 3, 5, 7, 11, 13, 60000])
NEGATIVES = table(i32, [-1, -2, 2147483647, -2147483648])


@fn
def every_static() -> None:
    """Use the statics that other functions only see as parameters."""
    RECORD.tiny += OTHER.tiny
    BYTES[0] += u8(WORDS[1])


@fn
def read_all(r: Record) -> u64:
    total = u64(r.tiny) + u64(r.half) * 3 + u64(r.word) * 5 + r.big
    total += u64(r.signed) + u64(r.negative)
    if r.valid:
        total ^= 0x5555
    return total


@fn
def write_all(r: Record, a: u64, b: i64, valid: bool) -> None:
    r.tiny = u8(a)
    r.valid = valid
    r.half = u16(a >> 8)
    r.signed = i8(b)
    r.word = u32(a >> 16)
    r.big = a
    r.negative = b
    r.colour = Colour.of(u32(a))
    r.wide = Wide.of(u32(a >> 24))
    r.status = Status(u32(b))
    r.where = PhysAddr(u32(a))
    r.point.x = i16(b)
    r.point.y = i32(b >> 3)
    r.points[1].x = i16(a)
    r.bytes[4] = u8(b)


@fn
def element(r: Record, i: u32) -> i32:
    return r.points[i].y + i32(r.points[i].x) + i32(u32(r.bytes[i]))


@fn
def embedded(r: Record, v: i32) -> i32:
    p = r.point
    p.y = v
    q = r.points[2]
    q.y -= v
    return r.point.y - r.points[2].y


@fn
def update(r: Record, v: u8) -> u8:
    r.tiny += v
    r.half <<= v
    r.word -= u32(v)
    r.big //= 7
    r.negative %= -5
    r.bytes[1] ^= v
    r.bytes[u32(v) % 5] |= 0x81
    return r.tiny


@fn
def swap(a: Record, b: Record) -> u32:
    third = Record()
    before = third.word
    copy(third, a)
    copy(a, b)
    copy(b, third)
    return before + third.word


@fn
def copy_element(a: Record, i: u32, j: u32) -> None:
    copy(RECORDS[i], RECORDS[j])
    copy(a.points[0], RECORDS[i].point)


@fn
def local_array(n: u32, seed: u16) -> u32:
    values = array(u16, 8)
    for i in u32.range(8):
        values[i] += seed * u16(i)
    return u32(values[n % 8]) << u32(values[0])


@fn
def local_zeroed(turns: u8) -> u32:
    total = u32(0)
    for i in u8.range(turns % 6, bound=5):
        r = Record()
        total += r.word + u32(r.bytes[2]) + u32(r.point.x)
        r.word = u32(i)
        r.bytes[2] = i
        r.point.x = i16(7)
    return total


@fn
def colour_number(c: Colour) -> u32:
    match c:
        case Colour.RED:
            return u32(10)
        case Colour.GREEN | Colour.BLUE:
            return u32(20) + c.raw
        case _:
            return c.raw


@fn
def colour_of(x: u32) -> Colour:
    c = Colour.of(x)
    if c == Colour.RED:
        return Colour.BLUE
    if c != Colour.GREEN:
        c = Colour.GREEN if x > 100 else Colour.of(x + 1)
    return c


@fn
def wide_raw(x: u32) -> u32:
    return Wide.of(x).raw


@fn
def colours(i: u32, x: u32) -> Colour:
    COLOURS[i] = Colour.of(x)
    CHOICE.value = COLOURS[(i + 1) % 4]
    return COLOURS[i]


@fn
def bits_read(raw: u32) -> u32:
    s = Status(raw)
    result = s.code + s.level * 2 + s.high * 3
    if s.ready:
        result += 1000000
    if s.top and not s.ready:
        result += 5000000
    return result ^ s.raw


@fn
def bits_write(s: Status, v: u32, on: bool) -> Status:
    changed = s.set(Status.code, v).set(Status.level, v >> 3).set(Status.high, 5)
    return changed.set(Status.ready, on).set(Status.top, not on)


@fn
def bits_static(v: u32) -> u32:
    STATE.value = STATE.value.set(Status.level, v)
    return STATE.value.raw


@fn
def scalars(a: u32, b: i16) -> u32:
    COUNT.value += a
    SIGNED.value //= b
    READY.value = not READY.value and COUNT.value > a
    if READY.value:
        COUNT.value ^= 1
    return COUNT.value


@fn
def pointer_walk(p: Ptr[u32], i: u32, v: u32) -> u32:
    q = p + 2
    q[i % 4] = v
    q = q - 1
    q[0] += 3
    return p[1] ^ (q + i % 4)[1] ^ p[u32(3)]


@fn
def pointer_bytes(i: u32) -> u32:
    p = pointer(u8, address(WORDS) + i % 28)
    half = pointer(u16, address(WORDS) + (i % 8) * 2)
    return u32(p[0]) << 16 | u32(half[1])


@fn
def pointer_struct(i: u32, v: u64) -> u64:
    p = first(RECORDS)
    p[i % 3].big = v
    q = p + i % 3
    q[0].big += 1
    return RECORDS[1].big


@fn
def pointer_array(i: u32, v: u32) -> u32:
    POINTERS[0] = first(WORDS)
    POINTERS[1] = first(WORDS) + 3
    POINTERS[2] = POINTERS[1] + 1
    POINTERS[i][1] = v
    return WORDS[4] + WORDS[1] + WORDS[5]


@fn
def pointer_volatile(i: u32, v: u32) -> u32:
    volatile_store(first(WORDS) + i % 8, v)
    return volatile_load(first(WORDS) + 3) + WORDS[i % 8]


@fn
def pointer_null(v: u32) -> u32:
    p = pointer(u32, VirtAddr(v & 0))
    return p[0]


@fn
def linked(n: u32) -> u64:
    RECORD.link = first(RECORDS) + 1
    RECORDS[1].link = first(RECORDS)
    RECORDS[1].link[0].word = n
    return u64(RECORD.link[0].link[0].word) + RECORD.link[0].big


@fn
def overlaid(i: u32) -> u64:
    r = overlay(Point, address(LONGS) + (i % 3) * 8)
    r.x = i16(-3)
    r.y -= 1
    return u64(LONGS[i % 3])


@fn
def placed(p: Placed, v: u32) -> u32:
    p.control = u16(v)
    p.words[v % 4] = v
    p.data = u32(p.control) + p.words[3]
    return p.data


@fn
def placed_static(v: u32) -> u32:
    PLACED.words[v % 4] += 1
    return placed(PLACED, v) + u32(PLACED.control)


@fn
def array_parameter(items: Array[u8], i: u32, v: u8) -> u8:
    items[i % 16] = v
    return items[0] + items[u8(15)]


@fn
def checked_index(i: u32, v: u32) -> u32:
    WORDS[i] = v
    return WORDS[7]


@fn
def checked_signed_index(i: i32) -> i64:
    return LONGS[i]


@fn
def checked_wide_index(i: u64) -> u8:
    return BYTES[i]


@fn
def tables(i: u32) -> i32:
    return i32(u32(PRIMES[i % 7])) * NEGATIVES[i % 4]


@fn
def constants() -> u32:
    return (
        u32(sizeof(Record)) * 1000000
        + u32(alignof(Record)) * 100000
        + u32(offsetof(Record, "status")) * 1000
        + u32(len(WORDS))
        + u32(sizeof(u64))
    )


@fn
def string(i: u32) -> u8:
    return text("hello, metal\n")[i % 14]


@fn
def address_arithmetic(a: PhysAddr, b: PhysAddr, n: u32) -> u32:
    c = (a + n) & 0xFFFFF000
    d = (b - n) | 0xFFF
    result = d - c + (a >> 12) + b % 4096
    if a < b:
        result += 1
    if c >= d or a == b:
        result ^= 0x80000000
    return result


@fn
def address_crossing(g: GuestPhysAddr, n: u32) -> VirtAddr:
    return VirtAddr(u32(g) + n) - 1


@fn
def address_choice(a: VirtAddr, b: VirtAddr, low: bool) -> VirtAddr:
    c = a if low else b
    return c if c > 0x1000 else VirtAddr(0x1000)
