# SPDX-License-Identifier: Apache-2.0
"""Structs, arrays, pointers, bit fields, addresses, text."""

from ovm.metal import (
    Array,
    Bits,
    PhysAddr,
    Ptr,
    Struct,
    VirtAddr,
    address,
    array,
    at,
    copy,
    field,
    first,
    flag,
    fn,
    overlay,
    pointer,
    static,
    table,
    text,
    u8,
    u16,
    u32,
    volatile_load,
    volatile_store,
)


class Status(Bits):
    code = field(0, 4)
    write = flag(11)


class Inner(Struct):
    base: PhysAddr
    count: u16


class Outer(Struct, size=0x40):
    status: Status
    inner: Inner
    items: Array[u8] = array(u8, 9)
    following: Ptr[u32]
    last: u32 = at(0x3C)


OUTER = static(Outer, align=64)
POOL = static(array(Inner, 4), section=".pool")
SQUARES = table(u32, [0, 1, 4, 9])
COUNTER = static(u32)


@fn
def fill(outer: Outer, items: Array[u8], n: u32) -> u32:
    outer.status = outer.status.set(Status.code, n).set(Status.write, n > 3)
    outer.inner.base = PhysAddr(n) + 4
    outer.items[n % 9] = items[0]
    outer.following = first(SQUARES) + 1
    copy(POOL[1], outer.inner)
    COUNTER.value += outer.following[n & 1]
    return outer.status.code + u32(outer.status.write) + outer.last


@fn
def walk(virtual: VirtAddr) -> u32:
    words = pointer(u32, virtual & ~3 % 2**32)
    volatile_store(words + 1, volatile_load(words))
    here = Outer()
    buffer = array(u8, 5)
    found = text("found")
    buffer[0] = found[1]
    return fill(here, buffer, SQUARES[3]) + (address(here) - address(overlay(Outer, virtual))) + (virtual >> 12)
