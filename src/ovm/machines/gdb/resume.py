# SPDX-License-Identifier: Apache-2.0
"""What `vCont` asks for, and how a halt is told."""

from collections.abc import Sequence

from ovm.machines.gdb.target import (
    BEGINNING,
    BREAKPOINT,
    FINISHED,
    ILLEGAL,
    INTERRUPTED,
    WATCHPOINT,
    Halt,
)

_SIGNALS = {INTERRUPTED: 2, ILLEGAL: 4}
_TRAP = 5


def wanted_step(actions: Sequence[str], cores: int, present: int) -> int | None:
    """The core that `vCont` wants to step; None if all just go on.

    For each thread the first action that names it, or names none, counts. Stepping several cores means the first of them.
    """
    for core in _order(cores, present):
        for action in actions:
            what, _, thread = action.partition(":")
            if not thread or int(thread, 16) in (core + 1, -1):
                if what[:1] in ("s", "S"):
                    return core
                break
    for action in actions:
        if action[:1] not in ("c", "C", "s", "S"):
            raise ValueError(action)
    return None


def _order(cores: int, present: int) -> list[int]:
    return [present, *(core for core in range(cores) if core != present)]


def reply(halt: Halt, watch: str) -> str:
    """The stop reply; `watch` is the kind of the watchpoint that was hit."""
    if halt.reason == FINISHED:
        return "W00"
    text = f"T{_SIGNALS.get(halt.reason, _TRAP):02x}thread:{halt.core + 1:x};core:{halt.core:x};"
    if halt.reason == BREAKPOINT:
        return text + "swbreak:;" if halt.address else text
    if halt.reason == WATCHPOINT:
        return text + f"{watch}:{halt.address:x};"
    if halt.reason == BEGINNING:
        return text + "replaylog:begin;"
    return text
