# SPDX-License-Identifier: Apache-2.0
from ovm.metal import VirtAddr, call_code, fn, u32


@fn
def f() -> u32:
    return call_code(VirtAddr(0x1000), u32(1))
