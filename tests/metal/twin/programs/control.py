# SPDX-License-Identifier: Apache-2.0
"""Control flow: branches, loops, match, tables of functions, unrolling, calls, panics."""

from typing import Final, Never

from ovm.metal import (
    array,
    bound,
    first,
    fn,
    forever,
    function_table,
    i8,
    i32,
    i64,
    panic,
    param,
    static,
    u8,
    u16,
    u32,
    u64,
    unroll,
    volatile_load,
    volatile_store,
)

LIMIT: Final = param(8)
FAST: Final = param(True)
STEPS: Final = (1, 3, 9)
TRACE = static(array(u32, 8))
TURN = static(u32)


@fn
def note(value: u32) -> u32:
    """Leave a trace, so that the order of evaluation shows."""
    TRACE[TURN.value % 8] = value
    TURN.value += 1
    return value


@fn
def branches(a: i32, b: i32) -> i32:
    if a < 0 and b < 0:
        r = a + b
    elif a == b or a > 1000:
        r = a - b
    elif not (a >= 10):
        r = -a
    else:
        r = b
    return r


@fn
def short_circuit(a: u32, b: u32) -> u32:
    TURN.value = u32(0)
    if note(a) > 5 and note(b) > 5 or note(a + b) > 20:
        return u32(1)
    return u32(0)


@fn
def order(a: u32, b: u32) -> u32:
    TURN.value = u32(0)
    TRACE[note(a) % 8] = note(b) + note(a) * note(a ^ b)
    return max(note(1 + a), note(b)) if note(a) < note(b) else min(note(a), note(b + 2))


@fn
def bare(a: u32, b: u32) -> u32:
    """Choose between constants that take their type from where they go."""
    TURN.value = 0 if a < b else LIMIT
    TRACE[a % 8 if a < b else 3] = min(b, 1000) if note(a) < 100 else 7
    TRACE[1] += a if a < b else 1
    total = (1 if a < 8 else 3) << (a % 40) | b >> (30 if a < b else 31)
    total += a - (b if a < b else 2) + b * (a if a < 3 else (b if b < 5 else 4)) - max(9, a)
    if total > (0x8000_0000 if a < b else 1):
        return note(1 if b < 9 else a)
    middle = u32(1 if a < b else 2) + u32(a if b < 4 else 3) + u32(min(a, 6))
    total ^= middle
    return total if total != 3 else 0xFFFF_FFFF


@fn
def signed_or_bare(a: i8) -> i8:
    return -1 if a < -9 else max(a, 0)


@fn
def three(a: u32, b: u32, c: u32) -> u32:
    return a * 100 + b * 10 + c


@fn
def keyword_arguments(a: u32, b: u32) -> u32:
    TURN.value = u32(0)
    return three(c=note(a), a=note(b), b=note(a + b))


@fn
def sum_range(n: u32) -> u32:
    total = u32(0)
    for i in u32.range(n % 70, bound=64):
        total += i * i
    return total


@fn
def constant_ranges(seed: i32) -> i32:
    total = seed
    for i in i32.range(5):
        total = total * 3 + i
    for i in i32.range(-4, 4):
        total -= i
    for i in i32.range(10, -11, -3):
        total ^= i
    for j in u8.range(250, 256):
        total += i32(j)
    for j in u8.range(3, 3):
        total += 100000 * i32(j)
    for k in i8.range(127, -128, -100):
        total -= i32(k)
    for w in u64.range(0, 0x3_0000_0000, 0x1_0000_0000):
        total += i32(w >> 32)
    # 2 ** 32 turns: one more than the variable's width can count.
    for x in u32.range(0x1_0000_0000):
        if x == 3:
            break
        total += i32(x) + 1
    return total


@fn
def range_variables(start: u16, stop: u16) -> u16:
    total = u16(0)
    for i in u16.range(start % 64, stop % 64, bound=63):
        total += i
    return total


@fn
def range_wide(start: i64, count: u8) -> i64:
    total = i64(0)
    for i in i64.range(start // 2, start // 2 + i64(count % 8), bound=7):
        total ^= i
    return total


@fn
def loop_variable_after(n: u32) -> u32:
    last = u32(99)
    for i in u32.range(n % 5, bound=4):
        last = i
        i += 10
        last += i
    return last


@fn
def break_continue(n: u32, skip: u32) -> u32:
    total = u32(0)
    for i in u32.range(20):
        if i == skip % 20:
            continue
        if i > n % 25:
            break
        for j in u32.range(4):
            if j == i % 3:
                continue
            if j > 2:
                break
            total += i * j
        total += 1
    return total


@fn
def collatz(n: u32) -> u32:
    steps = u32(0)
    while n > 1:
        bound(40)
        n = n // 2 if n % 2 == 0 else n * 3 + 1
        steps += 1
    return steps


@fn
def nested_while(a: u8, b: u8) -> u32:
    total = u32(0)
    i = a % 6
    while i > 0:
        bound(4)
        j = b % 5
        while j > 0:
            bound(3)
            total += u32(i) * u32(j)
            j -= 1
            if total > 40:
                break
        i -= 1
    return total


@fn
def while_continue(n: u32) -> u32:
    total = u32(0)
    while n > 0:
        bound(33)
        n >>= 1
        if n % 2 == 1:
            continue
        total += n
    return total


@fn
def match_numbers(x: i32) -> i32:
    match x:
        case 0:
            return i32(100)
        case 1 | 2 | 3:
            r = x * 2
        case -1:
            r = i32(-100)
        case 2147483647:
            r = i32(7)
        case _:
            r = x - 1
    return r


@fn
def match_small(x: u8) -> u8:
    r = x
    match x % 6:
        case 0:
            r += 1
        case 1 | 5:
            r = u8(200)
        case 4:
            pass
    return r


@fn
def match_wide(x: u64) -> u32:
    match x:
        case 0xFFFF_FFFF_FFFF_FFFF:
            return u32(1)
        case 0x1_0000_0000:
            return u32(2)
        case 0:
            return u32(3)
        case _:
            return u32(x)


@fn
def match_in_loop(n: u32) -> u32:
    total = u32(0)
    for i in u32.range(10):
        match (i + n) % 5:
            case 0:
                continue
            case 3:
                break
            case _:
                total += i
    return total


@fn
def double(x: u32) -> u32:
    return x * 2


@fn(inline=False)
def square(x: u32) -> u32:
    return x * x


@fn(inline=True)
def half(x: u32) -> u32:
    return x // 2


ACTIONS = function_table(double, square, half)


@fn
def dispatch(i: u32, x: u32) -> u32:
    return ACTIONS[i % 4](x)


@fn
def dispatch_all(x: u32) -> u32:
    total = u32(0)
    for i in u32.range(3):
        total += ACTIONS[i](x + i)
    return total


@fn
def unrolled(x: u32) -> u32:
    for step in unroll(STEPS):
        x = x * 7 + step
        if x % 5 == 0:
            continue
        if x % 11 == 3:
            break
        x += 1
    for action in unroll((double, half)):
        x = action(x)
    for low, name in unroll(((4, "a"), (8, "b"))):
        if name == "b":
            x ^= u32(1) << low
    return x


@fn
def compile_time_if(x: u32) -> u32:
    if FAST:
        x += LIMIT
    else:
        x -= LIMIT
    return x


@fn
def many_arguments(a: u8, b: i8, c: u64, d: u16, e: i64, f: bool, g: u32, h: i32) -> u64:
    r = u64(a) + u64(b) * 3 + c * 5 + u64(d) * 7 + u64(e) * 11 + u64(g) * 13 + u64(h) * 17
    return r if f else ~r


@fn
def narrow_results(a: u8, b: i8) -> i8:
    return i8(a) + b


@fn
def use_narrow_results(a: u8, b: i8) -> i32:
    return i32(narrow_results(a, b)) * 256 + i32(narrow_results(u8(b), i8(a)))


@fn
def fibonacci(n: u32) -> u64:
    a = u64(0)
    b = u64(1)
    for _ in u32.range(n % 100, bound=99):
        c = a + b
        a = b
        b = c
    return a


@fn
def crc(value: u64) -> u32:
    result = ~u32(0)
    for i in u32.range(64):
        bit = u32(value >> i) & 1
        odd = (result ^ bit) & 1 == 1
        result = result >> 1 ^ (u32(0xEDB88320) if odd else u32(0))
    return ~result


@fn
def asserted(a: u32, b: u32) -> u32:
    assert a < b
    return b - a


@fn
def refuse(code: u32) -> Never:
    panic(code | 0x100)


@fn
def panics(a: u32) -> u32:
    if a % 3 == 0:
        panic(5)
    if a % 3 == 1:
        refuse(a & 0xFF)
    return a


@fn
def drain(n: u32) -> Never:
    left = n % 10
    while forever():
        if left == 0:
            panic(3)
        left -= 1
        TURN.value += 1


@fn
def fall_through(a: u32) -> None:
    if a > 5:
        TURN.value = a
        return
    TURN.value = u32(1)


@fn
def early_return(items: u32) -> i64:
    for i in i64.range(10):
        if u32(i) * 7 > items % 100:
            return i
    return i64(-1)


@fn
def volatile_order(a: u32, b: u32) -> u32:
    TURN.value = u32(0)
    volatile_store(first(TRACE) + note(a) % 4, note(b))
    return volatile_load(first(TRACE) + note(a + b) % 8)


@fn
def stepped_up(start: u8, stop: u8, small: u8) -> u32:
    total = u32(0)
    for i in u8.range(start, stop, 3, bound=86):
        total = total * 3 + u32(i)
    for i in u8.range(small % 8, stop % 9, 4, bound=2):
        total ^= u32(i) << 8
    return total


@fn
def stepped_down(start: i8, stop: i8) -> i32:
    total = i32(0)
    for i in i8.range(start, stop, -5, bound=51):
        total = total * 7 + i32(i)
    for j in i32.range(i32(start), i32(stop), -127, bound=3):
        total -= j
    return total


@fn
def stepped_wide(start: u64, length: u8) -> u64:
    total = u64(0)
    for i in u64.range(start // 2, start // 2 + u64(length), 100, bound=2):
        total += i
    return total


@fn
def range_of_changing_limits(n: u32) -> u32:
    n = n % 10
    total = u32(0)
    for i in u32.range(n, n + 5, bound=5):
        n += 3
        total = total * 5 + i
    return total + n


@fn
def stop_in_the_middle(n: u32) -> Never:
    STOPS[n % 2](n)


@fn
def refuse_more(code: u32) -> Never:
    panic(code | 0x8000)


STOPS = function_table(refuse, refuse_more)
