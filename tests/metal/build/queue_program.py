# SPDX-License-Identifier: Apache-2.0
"""A small metal program that several tests compile."""

from typing import Never

from ovm.metal import (
    Array,
    Cp15,
    Struct,
    VirtAddr,
    address,
    array,
    asm_block,
    asm_value,
    cp15_read,
    cp15_write,
    extern,
    fn,
    forever,
    isb,
    naked,
    panic,
    pointer,
    static,
    symbol,
    u8,
    u16,
    u32,
    u64,
)

CONTEXTIDR = Cp15("CONTEXTIDR", 13, 0, 0, 1, "ARM DDI 0406C B4.1.36")


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


@fn
def push(queue: Queue, item: u8) -> bool:
    """Append `item`; False when the queue is full."""
    if queue.count == 8:
        return False
    queue.items[(queue.head + queue.count) % 8] = item
    queue.count += 1
    return True


@fn(inline=False)
def total(queue: Queue, factor: u16) -> u64:
    """Add up the weights of all items."""
    result = u64(0)
    for place in u32.range(queue.count, bound=8):
        result += u64(weigh(queue.items[(queue.head + place) % 8], factor))
    TOTAL.value = result
    return result


@fn
def last_total() -> u64:
    """Give the result of the last addition."""
    return TOTAL.value


@fn
def is_own(queue: Queue) -> bool:
    """Tell whether a queue is the static one."""
    return address(queue) == address(QUEUE)


@fn
def item_at(queue: Queue, place: u32) -> u8:
    """Give an item without asking whether it is there."""
    return queue.items[place]


@fn
def stop(code: u32) -> u32:
    """Panic unless the code is zero."""
    if code != 0:
        panic(code)
    return u32(1)


@fn
def switch(identifier: u32) -> u32:
    """Go through hardware."""
    cp15_write(CONTEXTIDR, identifier)
    isb()
    return cp15_read(CONTEXTIDR) + asm_value(u32, "mrs {out}, cpsr")


@fn
def load_word(place: VirtAddr) -> u32:
    """Follow an address."""
    return pointer(u32, place)[0]


@fn(inline=False)
def triple(value: u32) -> u32:
    """A function to stand in with a debugger."""
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
