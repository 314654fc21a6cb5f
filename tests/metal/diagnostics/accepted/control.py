# SPDX-License-Identifier: Apache-2.0
"""Every kind of loop and branch."""

from typing import Never

from ovm.metal import Enum, bound, fn, forever, function_table, i8, panic, u8, u32, wfi


class Colour(Enum, width=u8):
    RED = 1
    GREEN = 2


@fn
def loops(n: u32) -> u32:
    total = u32(0)
    for i in u32.range(3, 12, 4):
        if i == 7:
            continue
        total += i
    for j in i8.range(5, -5, -1):
        if j == 0:
            break
        total += u32(j)
    for k in u32.range(n, bound=64):
        total += k
    while total > n:
        bound(32)
        total = total >> 1
    return total


@fn
def named(colour: Colour) -> u32:
    match colour:
        case Colour.RED | Colour.GREEN:
            return colour.raw
        case _:
            return u32(0)


@fn
def rest(x: u32) -> Never:
    if x == 0:
        panic(7)
    while forever():
        wfi()


@fn
def one(x: u32) -> u32:
    return x + 1


@fn
def two(x: u32) -> u32:
    y = one(x) if not (x < 3 or x == 9) else x
    assert y != 0
    return y


HANDLERS = function_table(one, two)


@fn
def dispatch(index: u32, x: u32) -> u32:
    return HANDLERS[index](x) + HANDLERS[0](x)
