# SPDX-License-Identifier: Apache-2.0
"""The start of a guest: OVM enters `_start` with the address of the guest's page in r0."""

from collections.abc import Callable
from typing import Any

from ovm.metal import symbol


def begin(main: Callable[..., Any]) -> str:
    """Return the assembly of `_start`: set the stack of the present mode and continue in `main`, which gets r0."""
    return f"ldr sp, =__stack_top\nb {symbol(main)}\n.ltorg"
