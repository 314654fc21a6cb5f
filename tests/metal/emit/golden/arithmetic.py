# SPDX-License-Identifier: Apache-2.0
"""Operations that LLVM leaves undefined are defined here: shift counts are guarded, division rounds down, nothing is `nsw`."""

from ovm.metal import fn, i32, u8, u32


@fn
def wraps(x: i32, y: i32) -> i32:
    return x + y * 3


@fn
def shifts(x: i32, n: u8) -> i32:
    return (x << n) >> 40


@fn
def divides(x: i32, y: u32) -> u32:
    return u32(x // 8) + u32(x % 5) + y // 10 + y // y
