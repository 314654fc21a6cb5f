# SPDX-License-Identifier: Apache-2.0
"""A type checker's knowledge of metal. Each `assert_type` is checked by mypy, not at run time."""

from collections.abc import Iterator
from typing import Final, Never, assert_type

from ovm.metal import (
    Array,
    Bits,
    Cp15,
    Enum,
    PhysAddr,
    Ptr,
    Struct,
    Var,
    VirtAddr,
    address,
    array,
    asm_value,
    at,
    bound,
    clz,
    cp15_read,
    extern,
    field,
    first,
    flag,
    fn,
    forever,
    function_table,
    naked,
    overlay,
    panic,
    param,
    pointer,
    static,
    table,
    text,
    u8,
    u16,
    u32,
    unroll,
    volatile_load,
)


class Colour(Enum, width=u8):
    RED = 1


class Status(Bits):
    level = field(0, 4)
    ready = flag(5)


class Node(Struct, size=0x40, volatile=True):
    value: u32
    items: Array[u16] = array(u16, 4)
    next: "Ptr[Node]" = at(0x20)
    status: Status
    colour: Colour


NODE = static(Node)
NODES = static(array(Node, 4), section=".nodes", align=64)
COUNT = static(u32)
WHERE = static(PhysAddr)
PRIMES = table(u16, [2, 3, 5])
LIMIT: Final = param(8)
SCTLR = Cp15("SCTLR", 1, 0, 0, 0, "B4.1.130")


@fn
def double(x: u32) -> u32:
    return x * 2


@fn(inline=True, section=".text.fast", export="halve")
def half(x: u32) -> u32:
    return 5 + (x >> 1)


@extern("outside")
def outside(x: u32, y: Ptr[u8]) -> u32: ...


@naked
def vectors() -> None: ...


@fn
def endless() -> Never:
    while forever():
        COUNT.value += 1


@fn
def matched(colour: Colour, number: u32) -> u32:
    match colour:
        case Colour.RED:
            result = u32(1)
        case _:
            result = colour.raw
    match number:
        case 1 | 2:
            assert_type(result, u32)
            result += LIMIT
        case _:
            panic(3)
    return result


@fn
def types(node: Node, phys: PhysAddr, virt: VirtAddr, small: u8) -> u32:
    while node.value < 5:
        bound(6)
        node.value += 1
    for step in unroll((1, 2)):
        node.value += step
    for i in u8.range(4):
        assert_type(i, u8)
    assert_type(node.items[small], u16)
    assert_type(node.next[0].value, u32)
    assert_type(node.status.level, u32)
    assert_type(node.status.ready, bool)
    assert_type(node.status.set(Status.ready, True).set(Status.level, 3), Status)
    assert_type(phys - phys, u32)
    assert_type(phys - 4, PhysAddr)
    assert_type(phys >> 12, u32)
    assert_type(VirtAddr(u32(phys)), VirtAddr)
    assert_type(overlay(Node, virt), Node)
    assert_type(pointer(u8, virt) + 1, Ptr[u8])
    assert_type(first(NODES)[1].colour, Colour)
    assert_type(text("hello")[0], u8)
    assert_type(volatile_load(first(PRIMES)), u16)
    assert_type(address(node), VirtAddr)
    assert_type(clz(small), u8)
    assert_type(min(node.value, u32(small)), u32)
    assert_type(cp15_read(SCTLR) | 1, u32)
    assert_type(asm_value(VirtAddr, "mrs {out}, spsr"), VirtAddr)
    assert_type(function_table(double, half)[small](node.value), u32)
    assert_type(half(double(node.value)), u32)
    assert_type(1 << small, u8)
    return node.value << small


assert_type(NODE, Node)
assert_type(NODES, Array[Node])
assert_type(COUNT, Var[u32])
assert_type(WHERE, Var[PhysAddr])
assert_type(PRIMES, Array[u16])
assert_type(u32.range(3), Iterator[u32])
