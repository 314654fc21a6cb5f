# SPDX-License-Identifier: Apache-2.0
"""Compile-time Python: folded constants, unrolled loops over objects, branches not compiled."""

from dataclasses import dataclass
from typing import Final

from ovm.metal import Cp15, Struct, cp15_read, fn, param, sizeof, static, u8, u32, unroll

WIDE: Final = param(False)
SCTLR = Cp15("SCTLR", 1, 0, 0, 0, "B4.1.130")
ACTLR = Cp15("ACTLR", 1, 0, 0, 1, "B4.1.1")


class Port(Struct, volatile=True):
    data: u32
    mode: u8


@dataclass(frozen=True)
class Step:
    register: Cp15
    weight: int


STEPS = [Step(register, 1 << number) for number, register in enumerate((SCTLR, ACTLR))]
PORT = static(Port)


@fn
def total() -> u32:
    result = u32(sizeof(Port) * len(STEPS))
    for step in unroll(STEPS):
        result += cp15_read(step.register) * step.weight
    for name, value in unroll([("a", 1), ("b", 2)]):
        if name == "b":
            result += value
    return result


@fn
def chosen(x: u32) -> u32:
    if WIDE:
        return x.no_such_thing  # type: ignore[attr-defined, no-any-return]
    return x if not WIDE else u32(0)


@fn
def poll() -> u32:
    PORT.mode |= 1
    return PORT.data + PORT.data
