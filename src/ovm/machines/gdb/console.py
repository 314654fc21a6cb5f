# SPDX-License-Identifier: Apache-2.0
"""The console of a machine whose time can go back: what was said once is not said again."""

from collections.abc import Callable


class Once:
    """Hands each byte of a console on once. `count` is how many the machine has sent up to its present."""

    def __init__(self, onward: Callable[[int, bytes], None]) -> None:
        self._onward = onward
        self._said = 0
        self.count = 0

    def __call__(self, uart: int, data: bytes) -> None:
        """Take what the machine sends."""
        fresh = self.count + len(data) - max(self._said, self.count)
        self.count += len(data)
        self._said = max(self._said, self.count)
        if fresh > 0:
            self._onward(uart, data[-fresh:])

    def forget(self) -> None:
        """From now on it is another machine: everything it says is new."""
        self._said = self.count
