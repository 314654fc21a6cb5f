# SPDX-License-Identifier: Apache-2.0
"""The progress and speed of a run: one line at the foot of a terminal, and nothing elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from ovm.machines.running import Pace

Observe = Callable[[Pace], None]
# Between two changes of the line, seconds of real time.
_SHOW_SECONDS = 0.25
_MEGA = 1_000_000


@contextmanager
def rate_line(console: Console, quiet: bool = False) -> Iterator[Observe]:
    """Yield a function that is told the run's progress; output of `console` meanwhile appears above the line."""
    if quiet or not console.is_terminal:
        yield lambda pace: None
        return
    with console.status("starting") as status:
        meter = _Meter()

        def observe(pace: Pace) -> None:
            text = meter.text(pace)
            if text:
                status.update(text)

        yield observe


class _Meter:
    """A meter of the speed since the last time that it was shown."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._shown_at = now()
        self._last = Pace(0.0, 0)

    def text(self, pace: Pace) -> str:
        """Return the line; empty while it is too early for another one."""
        now = self._now()
        passed = now - self._shown_at
        if passed < _SHOW_SECONDS:
            return ""
        rate = (pace.instructions - self._last.instructions) / passed / _MEGA
        factor = (pace.seconds - self._last.seconds) / passed
        self._shown_at, self._last = now, pace
        return f"{pace.seconds:.3f} s simulated, {rate:,.0f} MIPS, {factor:.2f} of real time"
