# SPDX-License-Identifier: Apache-2.0
"""A small metal program that several tests compile."""

from typing import Never

from ovm.metal import (
    Array,
    Struct,
    array,
    asm_block,
    extern,
    fn,
    forever,
    naked,
    panic,
    static,
    symbol,
    u8,
    u16,
    u32,
    u64,
)


class Queue(Struct):
    """A ring of bytes."""

    head: u32
    count: u32
    items: Array[u8] = array(u8, 8)


QUEUE = static(Queue)
TOTAL = static(u64)
STACK = static(array(u32, 256), section=".stack", align=8)


@extern("outside_weigh")
def weigh(item: u8, factor: u16) -> u32:
    """Give the weight of an item; supplied by the test."""
    ...


@fn(inline=False)
def total(queue: Queue, factor: u16) -> u64:
    """Add up the weights of all items."""
    result = u64(0)
    for place in u32.range(queue.count, bound=8):
        result += u64(weigh(queue.items[(queue.head + place) % 8], factor))
    TOTAL.value = result
    return result


@fn
def stop(code: u32) -> u32:
    """Panic unless the code is zero."""
    if code != 0:
        panic(code)
    return u32(1)


@fn(inline=False)
def triple(value: u32) -> u32:
    """Return a function to stand in with a debugger."""
    doubled = value + value
    threefold = doubled + value
    TOTAL.value += u64(threefold)
    return threefold


@fn(inline=False)
def work() -> Never:
    """Go round for ever."""
    number = u32(1)
    while forever():
        number = triple(number)
        number += 1


@naked(export="_start")
def start() -> Never:
    """Begin on a bare machine."""
    asm_block(f"ldr sp, =queue_program_stack_top\nbl {symbol(work)}\n.ltorg")
