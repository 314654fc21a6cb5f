# SPDX-License-Identifier: Apache-2.0
"""Each target's way to memory.

On ARM a reference is a machine pointer. On the host it is a 32-bit number, and every access adds it to the base of a
mapping that stands for the whole 32-bit address space; the shared object's loader supplies that mapping.
"""

from __future__ import annotations

from ovm.metal.emit.spelling import symbol
from ovm.metal.emit.writer import Writer

HOST_BASE = "@metal_memory_base"
HOST_STACK = "@metal_stack_pointer"


class ArmMemory:
    """References are pointers."""

    host = False
    null = "null"

    def __init__(self) -> None:
        self.statics: dict[str, int] = {}

    def pointer(self, writer: Writer, reference: str) -> str:
        """Return a machine pointer for `reference`."""
        return reference

    def static(self, name: str) -> str:
        """Return the reference of a static."""
        return symbol(name)

    def offset(self, writer: Writer, reference: str, offset: int) -> str:
        """Return `reference` moved by a constant."""
        if offset == 0:
            return reference
        return writer.value(f"getelementptr i8, ptr {reference}, i32 {offset}")

    def member(self, writer: Writer, reference: str, offset: int) -> str:
        """Return the place of a field in the struct at `reference`."""
        return self.offset(writer, reference, offset)

    def scaled(self, writer: Writer, reference: str, index: str, stride: int) -> str:
        """Return `reference` moved by `index` (an i32) times `stride`."""
        return writer.value(f"getelementptr [{stride} x i8], ptr {reference}, i32 {index}")

    def to_number(self, writer: Writer, reference: str) -> str:
        """Return `reference` as an i32."""
        return writer.value(f"ptrtoint ptr {reference} to i32")

    def from_number(self, writer: Writer, number: str) -> str:
        """Return an i32 as a reference."""
        return writer.value(f"inttoptr i32 {number} to ptr")


class HostMemory:
    """References are numbers, added to a base at each access."""

    host = True
    null = "0"

    def __init__(self, statics: dict[str, int]) -> None:
        self.statics = statics

    def pointer(self, writer: Writer, reference: str) -> str:
        """Return a machine pointer for `reference`."""
        base = writer.value(f"load ptr, ptr {HOST_BASE}, align 8, !invariant.load !0")
        wide = writer.value(f"zext i32 {reference} to i64")
        return writer.value(f"getelementptr i8, ptr {base}, i64 {wide}")

    def static(self, name: str) -> str:
        """Return the reference of a static: its fixed address."""
        return str(self.statics[name])

    def offset(self, writer: Writer, reference: str, offset: int) -> str:
        """Return `reference` moved by a constant."""
        if offset == 0:
            return reference
        return writer.value(f"add i32 {reference}, {offset}")

    def member(self, writer: Writer, reference: str, offset: int) -> str:
        """Return the place of a field in the struct at `reference`.

        No struct lies across the end of memory, so this does not wrap, and the processor can add the offset itself.
        """
        if offset == 0:
            return reference
        return writer.value(f"add nuw i32 {reference}, {offset}")

    def scaled(self, writer: Writer, reference: str, index: str, stride: int) -> str:
        """Return `reference` moved by `index` (an i32) times `stride`."""
        distance = writer.value(f"mul i32 {index}, {stride}") if stride != 1 else index
        return writer.value(f"add i32 {reference}, {distance}")

    def to_number(self, writer: Writer, reference: str) -> str:
        """Return `reference` as an i32."""
        return reference

    def from_number(self, writer: Writer, number: str) -> str:
        """Return an i32 as a reference."""
        return number


Memory = ArmMemory | HostMemory
