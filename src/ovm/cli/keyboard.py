# SPDX-License-Identifier: Apache-2.0
"""The user's end of a guest's console: a terminal, a pipe, or a file, whose bytes a `Typist` sends.

At a terminal, keys go to the guest as they are, Ctrl-C too. Ctrl-A is ours: behind it `n` goes to the next guest, `x` ends the
run, and `a` types a Ctrl-A.
"""

import contextlib
import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from pathlib import Path

import click

from ovm.machines.typist import Typist

ESCAPE = 0x01
HELP = "Ctrl-A n: the next guest; Ctrl-A x: end the run; Ctrl-A a: type a Ctrl-A"
_MOST_READ = 4096


@contextlib.contextmanager
def typing(typist: Typist | None, file: Path | None) -> Iterator[None]:
    """Let a typist type what `file` holds, or else what standard input brings, while the context lasts."""
    if typist is None:
        yield
    elif file is not None:
        typist.type(file.read_bytes())
        yield
    elif sys.stdin.isatty():
        with _own_keys():
            click.echo(f"{typist.focus} has the keyboard. {HELP}", err=True)
            _Keyboard(typist, keys=True).start()
            yield
    else:
        _Keyboard(typist, keys=False).start()
        yield


@contextlib.contextmanager
def _own_keys() -> Iterator[None]:
    """Take the terminal's keys one by one, unseen; what is printed is treated as before."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    changed = termios.tcgetattr(terminal)
    changed[0] &= ~(termios.ICRNL | termios.IXON)
    changed[3] &= ~termios.ISIG
    termios.tcsetattr(terminal, termios.TCSADRAIN, changed)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


class _Keyboard:
    """Standard input; `keys` says that it is a terminal, on which Ctrl-A is ours."""

    def __init__(self, typist: Typist, keys: bool) -> None:
        self._typist = typist
        self._keys = keys
        self._escaped = False

    def start(self) -> None:
        """Let the typist ask for what has been entered."""
        self._typist.is_live = True
        self._typist.poll = self.poll

    def poll(self, seconds: float) -> None:
        """Type what has been entered; wait at most so long for it."""
        if not self._typist.is_live:
            return
        ready, _, _ = select.select([sys.stdin], [], [], seconds)
        if not ready:
            return
        data = os.read(sys.stdin.fileno(), _MOST_READ)
        if not data:
            self._typist.is_live = False
        elif self._keys:
            self._take_keys(data)
        else:
            self._typist.type(data)

    def _take_keys(self, data: bytes) -> None:
        for byte in data:
            if self._escaped:
                self._escaped = False
                self._command(byte)
            elif byte == ESCAPE:
                self._escaped = True
            else:
                self._typist.type(bytes((byte,)))

    def _command(self, byte: int) -> None:
        if byte == ord("x"):
            raise KeyboardInterrupt
        if byte in (ESCAPE, ord("a")):
            self._typist.type(bytes((ESCAPE,)))
        elif byte == ord("n"):
            names = self._typist.names
            self._typist.choose(names[(names.index(self._typist.focus) + 1) % len(names)])
            click.echo(f"\n{self._typist.focus} has the keyboard", err=True)
        else:
            click.echo(f"\n{HELP}", err=True)
