# SPDX-License-Identifier: Apache-2.0
"""The routines of `ovm.metal.runtime` that nodes need on a target.

The Cortex-A9 has no divide instruction and a bare-metal image has no C library, so division and larger copies are calls
to routines that are metal themselves. The driver asks this module what to compile, and the emitter what to call; both get the
same answer.
"""

from __future__ import annotations

from ovm.metal.tree.nodes import Binary, Constant, Copy, Count, Expression, LocalStorage, Statement
from ovm.metal.tree.types import StructType, Type, align_of, is_signed, register_width, size_of

DIVIDE = "ovm.metal.runtime.divide"
MEMORY = "ovm.metal.runtime.memory"
INLINE_BYTES = 32


def is_power_of_two(value: int) -> bool:
    """Tell whether `value` is 1, 2, 4, ..."""
    return value > 0 and value & (value - 1) == 0


def _division(node: Binary) -> str | None:
    wide = register_width(node.type) == 64
    if isinstance(node.right, Constant) and (not wide or node.right.value in (0, -1) or is_power_of_two(node.right.value)):
        return None
    name = f"{'i' if is_signed(node.type) else 'u'}{64 if wide else 32}_{node.operation}"
    return f"{DIVIDE}.{name}"


def _turns(node: Count) -> str | None:
    """Return the routine that computes the number of turns of a stepped 64-bit range."""
    known = isinstance(node.start, Constant) and isinstance(node.stop, Constant)
    if known or register_width(node.variable.type) != 64 or is_power_of_two(abs(node.step)):
        return None
    return f"{DIVIDE}.u64_divide"


def _block(kind: Type, verb: str) -> str | None:
    words = align_of(kind) % 4 == 0 and size_of(kind) % 4 == 0
    if words and size_of(kind) <= INLINE_BYTES:
        return None
    return f"{MEMORY}.{verb}_{'words' if words else 'bytes'}"


# Most nodes are none of these, and every node of a program is asked for several times.
_WITH_ROUTINES = frozenset((Binary, Count, LocalStorage, Copy))


def routine_for(node: Expression | Statement) -> str | None:
    """Return the symbol of the routine that `node` calls on ARM, or None."""
    if type(node) not in _WITH_ROUTINES:
        return None
    if isinstance(node, Binary) and node.operation in ("divide", "modulo"):
        return _division(node)
    if isinstance(node, Count):
        return _turns(node)
    if isinstance(node, LocalStorage):
        return _block(node.type, "clear")
    if isinstance(node, Copy) and isinstance(node.target.type, StructType):
        return _block(node.target.type, "copy")
    return None
