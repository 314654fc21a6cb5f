# SPDX-License-Identifier: Apache-2.0
"""The console of a machine whose time can go back: text that was printed once is not printed again."""

from collections.abc import Callable


class Once:
    """A filter that passes each byte of a console on once. `count` says how many the machine has sent up to its present."""

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
        """Take all further text as new: from now on it is another machine."""
        self._said = self.count
