# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u8


@fn
def f() -> u8:
    return u8(300)
