# SPDX-License-Identifier: Apache-2.0
"""The Python objects for which a compiled program's symbols and numbers stand.

Compiled code knows a static by its dotted name, an extern function by its symbol and a CP15 register by its
encoding. The objects are module globals; this looks them up among the modules that are loaded.
"""

import sys
from collections.abc import Iterator
from typing import Any

from ovm.metal.lang.functions import Function
from ovm.metal.lang.machine import Cp15
from ovm.metal.lang.storage import static_of


def _globals_of(kind: type) -> Iterator[Any]:
    for module in list(sys.modules.values()):
        for thing in list(getattr(module, "__dict__", {}).values()):
            if type(thing) is kind:
                yield thing


def static_object(symbol: str) -> Any | None:
    """Return the static with this dotted name, as its module holds it."""
    module, _, name = symbol.rpartition(".")
    thing = getattr(sys.modules.get(module), name, None)
    return thing if static_of(thing) is not None else None


def function_of(symbol: str) -> Function | None:
    """Return the function that links under `symbol`."""
    return next((each for each in _globals_of(Function) if each.symbol == symbol), None)


def encoding_of(register: Cp15) -> int:
    """Return the number by which compiled code asks for a register: crn, op1, crm and op2 in one."""
    return register.crn << 12 | register.op1 << 8 | register.crm << 4 | register.op2


def register_of(encoding: int) -> Cp15 | None:
    """Return the CP15 register with this encoding."""
    return next((each for each in _globals_of(Cp15) if encoding_of(each) == encoding), None)
