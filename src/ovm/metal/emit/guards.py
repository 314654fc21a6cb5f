# SPDX-License-Identifier: Apache-2.0
"""Panics, and the checks that lead to them."""

from __future__ import annotations

from ovm.metal.emit.context import FunctionContext
from ovm.metal.emit.spelling import symbol


def panic(context: FunctionContext, code: str) -> None:
    """End the block by stopping the program."""
    context.writer.effect(f"call void {symbol(context.module.panic)}(i32 {code})")
    context.writer.end("unreachable")


def guard(context: FunctionContext, condition: str, code: int) -> None:
    """Continue only if `condition` holds."""
    writer = context.writer
    going_on, stop = writer.label("ok"), writer.label("stop")
    writer.branch(condition, going_on, stop)
    writer.place(stop)
    panic(context, str(code - (1 << 32)))
    writer.place(going_on)
