# SPDX-License-Identifier: Apache-2.0
"""A type checker's refusals. Each line marked with an error code is refused with it; no other line is."""

from ovm.metal import Bits, PhysAddr, Ptr, VirtAddr, field, first, flag, fn, i32, pointer, static, table, u8, u32, u64

TABLE = table(u8, [1])
COUNT = static(u32)


class Status(Bits):
    level = field(0, 4)
    ready = flag(5)


@fn
def f(a: u32, b: i32, c: u64, p: PhysAddr, v: VirtAddr, s: Status, q: Ptr[u8]) -> u32:
    a + b  # error: operator
    a + c  # error: operator
    a == b  # noqa: B015  # error: operator
    a < c  # noqa: B015  # error: operator
    a / a  # error: operator
    a << b  # error: operator
    a + p  # error: operator
    p + b  # error: operator
    p == v  # noqa: B015  # error: operator
    p - v  # error: operator
    u32(q)  # error: arg-type
    VirtAddr(p)  # error: arg-type
    pointer(u8, p)  # error: arg-type
    s.set(Status.ready, a)  # error: call-overload
    s.set(Status.level, b)  # error: call-overload
    q[0] = a  # error: assignment
    COUNT.value = b  # error: assignment
    first(TABLE)[0] + a  # error: operator
    f(5, b, c, p, v, s, q)  # error: arg-type
    match a:
        case 1:
            return b  # error: return-value
    return 1  # error: return-value
