# SPDX-License-Identifier: Apache-2.0
"""How a guest begins: OVM enters `_start` with the address of the guest's page in r0."""

from collections.abc import Callable
from typing import Any

from ovm.metal import symbol


def begin(main: Callable[..., Any]) -> str:
    """Return the assembly of `_start`: set the stack of the present mode and go on in `main`, to which r0 goes."""
    return f"ldr sp, =__stack_top\nb {symbol(main)}\n.ltorg"
