# SPDX-License-Identifier: Apache-2.0
"""The fields of every struct that a program mentions, for the debugger."""

from __future__ import annotations

from ovm.metal.frontend.kinds import fields_of, type_of
from ovm.metal.tree.program import Member, Program
from ovm.metal.tree.types import ArrayType, CellType, PointerType, StructType, Type


def layouts_of(program: Program) -> dict[StructType, tuple[Member, ...]]:
    """Return the layouts of the structs that variables and statics reach."""
    waiting: list[Type] = [static.type for static in program.statics.values()]
    for function in program.functions.values():
        waiting += [variable.type for variable in (*function.parameters, *function.variables)]
    found: dict[StructType, tuple[Member, ...]] = {}
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, ArrayType):
            waiting.append(kind.element)
        elif isinstance(kind, PointerType | CellType):
            waiting.append(kind.target)
        elif isinstance(kind, StructType) and kind not in found:
            found[kind] = tuple(Member(name, type_of(layout.kind), layout.offset) for name, layout in fields_of(kind).items())
            waiting += [member.type for member in found[kind]]
    return found
