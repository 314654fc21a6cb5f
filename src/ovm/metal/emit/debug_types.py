# SPDX-License-Identifier: Apache-2.0
"""DWARF descriptions of types, so that a debugger prints `*vcpu`, an enum's name and a static's fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ovm.metal.emit.metadata import Metadata
from ovm.metal.tree.program import Member
from ovm.metal.tree.types import (
    INTEGERS,
    ArrayType,
    BoolType,
    CellType,
    EnumType,
    PointerType,
    StructType,
    Type,
    is_signed,
    register_width,
    size_of,
)

POINTER_BITS = 32


class DebugTypes:
    """The descriptions of types, one for each. On the host references are numbers, so only their width is given."""

    def __init__(self, metadata: Metadata, layouts: Mapping[StructType, tuple[Member, ...]], host: bool) -> None:
        self._metadata = metadata
        self._layouts = layouts
        self._host = host
        self._made: dict[Type, int] = {}

    def value(self, kind: Type) -> int:
        """Return the type of a variable of `kind`: references are pointers."""
        if isinstance(kind, StructType):
            return self._pointer(kind, kind)
        if isinstance(kind, ArrayType):
            return self._pointer(kind, kind.element)
        if isinstance(kind, CellType):
            return self._pointer(kind, kind.target)
        return self.place(kind)

    def place(self, kind: Type) -> int:
        """Return the type of the memory of a `kind`."""
        if isinstance(kind, PointerType):
            return self._pointer(kind, kind.target)
        if isinstance(kind, CellType):
            return self.place(kind.target)
        found = self._made.get(kind)
        if found is None:
            found = self._make(kind)
        return found

    def _make(self, kind: Type) -> int:
        if isinstance(kind, StructType):
            return self._struct(kind)
        if isinstance(kind, ArrayType):
            count = self._metadata.add(f"!DISubrange(count: {kind.length})")
            text = (
                f"!DICompositeType(tag: DW_TAG_array_type, baseType: !{self.place(kind.element)}, "
                f"size: {size_of(kind) * 8}, elements: !{self._list([count])})"
            )
            number = self._metadata.add(text)
        elif isinstance(kind, EnumType):
            number = self._enum(kind)
        else:
            number = self._basic(kind)
        self._made[kind] = number
        return number

    def _basic(self, kind: Type) -> int:
        bits = max(register_width(kind), 8)
        encoding = "boolean" if isinstance(kind, BoolType) else "signed" if is_signed(kind) else "unsigned"
        return self._metadata.add(f'!DIBasicType(name: "{kind}", size: {bits}, encoding: DW_ATE_{encoding})')

    def _pointer(self, kind: Type, target: Type) -> int:
        if self._host:
            return self._basic(kind)
        return self._metadata.add(
            f"!DIDerivedType(tag: DW_TAG_pointer_type, baseType: !{self.place(target)}, size: {POINTER_BITS})"
        )

    def _enum(self, kind: EnumType) -> int:
        members: Any = kind.source
        names = [
            self._metadata.add(f'!DIEnumerator(name: "{member.name}", value: {member.value}, isUnsigned: true)')
            for member in members
        ]
        base = self._basic(INTEGERS[f"u{kind.width}"])
        return self._metadata.add(
            f'!DICompositeType(tag: DW_TAG_enumeration_type, name: "{kind}", baseType: !{base}, size: {kind.width}, '
            f"elements: !{self._list(names)})"
        )

    def _struct(self, kind: StructType) -> int:
        # Numbered before its members are described: one of them may point back to it.
        number = self._made[kind] = self._metadata.reserve()
        members = [
            self._metadata.add(
                f'!DIDerivedType(tag: DW_TAG_member, name: "{member.name}", baseType: !{self.place(member.type)}, '
                f"size: {size_of(member.type) * 8}, offset: {member.offset * 8})"
            )
            for member in self._layouts.get(kind, ())
        ]
        self._metadata.fill(
            number,
            f'distinct !DICompositeType(tag: DW_TAG_structure_type, name: "{kind}", size: {kind.size * 8}, '
            f"elements: !{self._list(members)})",
        )
        return number

    def _list(self, numbers: Iterable[int]) -> int:
        return self._metadata.add(f"!{{{', '.join(f'!{number}' for number in numbers)}}}")
