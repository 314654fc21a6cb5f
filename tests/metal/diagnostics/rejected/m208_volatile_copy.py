# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Struct, copy, fn, static, u32


class Port(Struct, volatile=True):
    data: u32


PORT = static(Port)

@fn
def f() -> None:
    copy(PORT, PORT)
