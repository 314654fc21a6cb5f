# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn


@fn
def f(a: bool, b: bool) -> bool:
    return a + b
