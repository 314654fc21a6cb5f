# SPDX-License-Identifier: Apache-2.0
"""Marks that say in machine code where a loop is entered and where a turn begins (`docs/reference/flow.md`).

A mark is inline assembly without an instruction: how often it is executed is something that the optimiser has to keep, whatever
it does with the loop. It writes a record into the section `.loop_bounds`, which is not loaded.
"""

from __future__ import annotations

from ovm.metal.emit.context import FunctionContext
from ovm.metal.tree.nodes import Location

ENTRY, TURN = 0, 1
# The bound of `while forever()`.
ENDLESS = 0xFFFF_FFFF


def mark_entry(context: FunctionContext, location: Location, bound: int | None, turns: str = "") -> str:
    """Mark the place behind which a loop begins; return the loop's name. `turns`, an i32, is the number of turns."""
    if not context.module.marked:
        return ""
    name = f"{context.function.symbol}#{len(context.marks)}"
    limit = ENDLESS if bound is None else min(bound, ENDLESS)
    context.marks.append((location, limit))
    context.module.loops[name] = (context.function.file, location, limit)
    _mark(context, ENTRY, limit, name, turns)
    return name


def mark_turn(context: FunctionContext, name: str) -> None:
    """Mark the place where each turn of a loop passes once."""
    if name:
        _mark(context, TURN, 0, name, "")


def _mark(context: FunctionContext, kind: int, bound: int, name: str, turns: str) -> None:
    lines = (
        ".Lovm_mark${:uid}:",
        ".pushsection .loop_bounds,\\22\\22,%progbits",
        f".long .Lovm_mark${{:uid}}, {kind}, {bound}",
        f".asciz \\22{'$0' if turns else ''}\\22",
        f".asciz \\22{name}\\22",
        ".popsection",
    )
    operand = f'"ir"(i32 {turns})' if turns else '""()'
    text = "\\0A".join(lines)
    context.writer.effect(f'call void asm sideeffect "{text}", {operand}')
