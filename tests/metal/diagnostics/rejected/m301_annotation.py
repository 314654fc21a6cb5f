# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ovm.metal import fn, u32


@fn
def f(x: u33) -> u32:
    return u32(x)
