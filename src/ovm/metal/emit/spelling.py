# SPDX-License-Identifier: Apache-2.0
"""The spelling of names, bytes and types in LLVM IR."""

from __future__ import annotations

from ovm.metal.tree.types import NeverType, PointerType, Type, VoidType, is_reference, register_width


def symbol(name: str) -> str:
    """Return `name` as a global identifier."""
    return f'@"{name}"'


def quoted(data: bytes) -> str:
    """Return `data` with everything but plain ASCII escaped, without quotes."""
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:02X}" for byte in data)


def byte_string(data: bytes) -> str:
    """Return `data` as a constant array of bytes."""
    return f'c"{quoted(data)}"'


class Spelling:
    """Types as one target writes them: references are `ptr` on ARM, 32-bit numbers on the host."""

    def __init__(self, host: bool) -> None:
        self.reference = "i32" if host else "ptr"

    def type(self, kind: Type) -> str:
        """Return the LLVM type of a value of `kind` in a register."""
        if isinstance(kind, VoidType | NeverType):
            return "void"
        if isinstance(kind, PointerType) or is_reference(kind):
            return self.reference
        return f"i{register_width(kind)}"

    def memory(self, kind: Type) -> str:
        """Return the LLVM type of a scalar of `kind` in memory."""
        written = self.type(kind)
        return "i8" if written == "i1" else written
