# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
async def f(x: u32) -> u32:
    y = await x
    return y
