# SPDX-License-Identifier: Apache-2.0
"""Constants that a build overrides: `LIMIT: Final = param(8)`.

A module computes with its constants while it is imported, so an override has to be there at that moment. A build sets
`overriding(...)` around the import; `param` finds out the name to which its result will be bound.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

# Operations that bind a name of a module.
_STORES = (dis.opmap["STORE_NAME"], dis.opmap["STORE_GLOBAL"])
_OVERRIDES: dict[str, int | bool] = {}
_USED: set[str] = set()
_KNOWN: dict[str, int | bool] = {}


def target_name(frame: FrameType) -> str:
    """Return `module.NAME` for the assignment that a module-level call in `frame` is the value of."""
    code, high = frame.f_code.co_code, 0
    for at in range(frame.f_lasti, len(code), 2):
        operation, number = code[at], high | code[at + 1]
        if operation in _STORES:
            return f"{frame.f_globals['__name__']}.{frame.f_code.co_names[number]}"
        high = number << 8 if operation == dis.EXTENDED_ARG else 0
    return ""


def override(frame: FrameType, default: int | bool) -> int | bool:
    """Return the value of the parameter that `frame` defines."""
    name = target_name(frame)
    _KNOWN[name] = default
    if name not in _OVERRIDES:
        return default
    value = _OVERRIDES[name]
    if isinstance(value, bool) != isinstance(default, bool):
        raise TypeError(f"{name} is a {type(default).__name__}, not {value!r}")
    _USED.add(name)
    return value


def known_parameters() -> Mapping[str, int | bool]:
    """Return parameters of all modules imported so far, by `module.NAME`, with their default values."""
    return _KNOWN


@contextmanager
def overriding(values: Mapping[str, int | bool]) -> Iterator[set[str]]:
    """Let modules imported meanwhile see these values; yield the set of the names that were read."""
    before = dict(_OVERRIDES)
    _USED.clear()
    _OVERRIDES.update(values)
    try:
        yield _USED
    finally:
        _OVERRIDES.clear()
        _OVERRIDES.update(before)
