# SPDX-License-Identifier: Apache-2.0
"""The breakpoints and watchpoints of a session, by GDB's names for them: type, address, size."""

from dataclasses import dataclass, field

from ovm.machines.gdb.packets import number
from ovm.machines.gdb.target import Target

_SOFTWARE, _HARDWARE, _WRITE, _READ, _ACCESS = "01234"
_KINDS = {_WRITE: "watch", _READ: "rwatch", _ACCESS: "awatch"}
_OK = "OK"
_WORD = 4
_TOP = 1 << 32
# Kinds of a breakpoint and how they are aligned: a halfword or two of T32, a word of A32 (appendix "ARM Breakpoint Kinds").
_ALIGNED = {2: 2, 3: 2, 4: 4}


@dataclass
class Stops:
    """The stops that are set. Setting one twice or removing one that isn't there is no error: packets may be repeated."""

    target: Target
    _set: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def insert(self, text: str) -> str:
        """Set a stop (`Z`)."""
        key = _key(text)
        kind, address, size = key
        if kind not in (_SOFTWARE, _HARDWARE, *_KINDS):
            return ""
        if kind in _KINDS and (size == 0 or address + size > _TOP) or kind not in _KINDS and address % _ALIGNED[size]:
            raise ValueError(text)
        if key in self._set:
            return _OK
        if kind in _KINDS:
            self._set[key] = self.target.add_watchpoint(address, size, read=kind != _WRITE, write=kind != _READ)
        else:
            self._set[key] = self.target.add_breakpoint(address)
        return _OK

    def remove(self, text: str) -> str:
        """Remove a stop (`z`)."""
        key = _key(text)
        if key[0] not in (_SOFTWARE, _HARDWARE, *_KINDS):
            return ""
        number = self._set.pop(key, None)
        if number is not None and key[0] in _KINDS:
            self.target.remove_watchpoint(number)
        elif number is not None:
            self.target.remove_breakpoint(number)
        return _OK

    def clear(self) -> None:
        """Remove all: the debugger has gone."""
        for kind, address, size in list(self._set):
            self.remove(f"{kind},{address:x},{size:x}")

    def kind_at(self, address: int) -> str:
        """Return GDB's word for the watchpoint that an access of up to a word at `address` has hit."""
        for (kind, first, size), _ in self._set.items():
            if kind in _KINDS and first < address + 2 * _WORD and address < first + size:
                return _KINDS[kind]
        return "awatch"


def _key(text: str) -> tuple[str, int, int]:
    kind, address, size, *_ = text.partition(";")[0].split(",")
    if number(address) >= _TOP:
        raise ValueError(text)
    return kind, number(address), number(size)
