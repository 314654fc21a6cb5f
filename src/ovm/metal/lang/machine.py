# SPDX-License-Identifier: Apache-2.0
"""The machine under the language: coprocessor 15, barriers, inline assembly, panic.

Under CPython each of these reaches the simulated processor, or raises if there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Never, TypeVar

from ovm.metal.lang import processor
from ovm.metal.lang.addresses import VirtAddr
from ovm.metal.lang.errors import Panic, SimulationError
from ovm.metal.lang.integers import Scalar, u32
from ovm.metal.lang.references import Ptr, from_bits
from ovm.metal.lang.types import resolve

T = TypeVar("T")


@dataclass(frozen=True)
class Cp15:
    """A 32-bit register of coprocessor 15, as `MRC p15, op1, Rt, crn, crm, op2` names it."""

    name: str
    crn: int
    op1: int
    crm: int
    op2: int
    manual: str


def cp15_read(register: Cp15) -> u32:
    """Read a CP15 register."""
    return u32.wrap(processor.current().cp15_read(register))


def cp15_write(register: Cp15, value: u32 | int) -> None:
    """Write a CP15 register."""
    processor.current().cp15_write(register, int(u32(value)))


def dsb() -> None:
    """Wait until all earlier memory accesses and maintenance are complete."""
    processor.current().barrier("dsb")


def dmb() -> None:
    """Order earlier memory accesses before later ones."""
    processor.current().barrier("dmb")


def isb() -> None:
    """Refetch what follows, after a change of context."""
    processor.current().barrier("isb")


def clrex() -> None:
    """Drop the exclusive monitor's reservation."""
    processor.current().barrier("clrex")


def sev() -> None:
    """Send an event to all processors."""
    processor.current().barrier("sev")


def wfe() -> None:
    """Wait for an event."""
    processor.current().barrier("wfe")


def wfi() -> None:
    """Wait for an interrupt."""
    processor.current().barrier("wfi")


def _bits(value: Any) -> int:
    if isinstance(value, Scalar):
        return value.to_bits()
    if isinstance(value, Ptr):
        return value.address
    if isinstance(value, int):
        return int(value)
    return int(value.address)


def asm(template: str, *inputs: Any, clobbers: tuple[str, ...] = ()) -> None:
    """Execute assembly; `{0}`, `{1}` stand for the registers that hold the inputs."""
    processor.current().assembly(template, tuple(_bits(value) for value in inputs))


def asm_value(result: type[T], template: str, *inputs: Any, clobbers: tuple[str, ...] = ()) -> T:
    """Execute assembly and return the value of `{out}`."""
    bits = processor.current().assembly(template, tuple(_bits(value) for value in inputs))
    value: T = from_bits(resolve(result), bits)
    return value


def asm_block(lines: str) -> Never:
    """Write the whole body of a naked function."""
    raise SimulationError("a naked function's assembly does not run under CPython")


def call_code(code: VirtAddr, argument: u32 | int) -> u32:
    """Call machine code of the host that the program has written into its memory; see the language's page."""
    raise SimulationError("machine code of the host does not run under CPython")


def panic(code: u32 | int) -> Never:
    """Stop the program."""
    raise Panic(f"panic({int(u32(code))})", int(u32(code)))
