# SPDX-License-Identifier: Apache-2.0
"""The meaning of `vCont`, and the stop reply."""

from collections.abc import Sequence

from ovm.machines.gdb.packets import number, thread_number
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
_SIGNAL_DIGITS = 2


def wanted_step(actions: Sequence[str], cores: int, present: int) -> int | None:
    """Return the core that `vCont` wants to step; None if all just continue. `ValueError` for a request that the protocol
    doesn't allow.

    For each thread the first action that names it counts, otherwise the one that names none. Stepping several cores means the
    first of them; any thread means the present one.
    """
    parsed = [_action(action, cores) for action in actions]
    if not parsed or sum(thread is None for _, thread in parsed) > 1:
        raise ValueError(actions)  # no action, or two for threads that have none of their own
    for core in _order(cores, present):
        any_core = 0 if core == present else core + 1
        own = [step for step, thread in parsed if thread in (core + 1, any_core, -1)]
        if (own or [step for step, thread in parsed if thread is None] or [False])[0]:
            return core
    return None


def _action(text: str, cores: int) -> tuple[bool, int | None]:
    """Return whether an action steps, and the thread that it names, if any."""
    what, colon, thread = text.partition(":")
    if what not in ("c", "s"):
        if what[:1] not in ("C", "S") or len(what) != _SIGNAL_DIGITS + 1:
            raise ValueError(text)
        number(what[1:])
    named = thread_number(thread) if colon else None
    if named is not None and named > cores:
        raise ValueError(text)
    return what[0] in "sS", named


def _order(cores: int, present: int) -> list[int]:
    return [present, *(core for core in range(cores) if core != present)]


def reply(halt: Halt, watch: str) -> str:
    """Return the stop reply; `watch` is the kind of the watchpoint that was hit."""
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
