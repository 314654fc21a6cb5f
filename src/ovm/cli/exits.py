# SPDX-License-Identifier: Apache-2.0
"""Exit codes, and the conversion of every foreseen failure to a message instead of a traceback."""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

SUCCESS = 0
UNEXPECTED = 1
REFUSED = 2
NO_MACHINE = 3
NOTHING_JUDGED = 4
INTERNAL = 70
INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_ADVICE = {
    errno.ENOENT: "make the folder first, or give another path",
    errno.EACCES: "give a path that you may use",
    errno.EPERM: "give a path that you may use",
    errno.EROFS: "give a path that can be written to",
    errno.ENOSPC: "make room, or give a path on another disk",
}


class Interrupted(KeyboardInterrupt):
    """The exception of Ctrl-C, never one that a guest's module raises."""


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End the command cleanly, as for Ctrl-C, at SIGTERM or when the terminal is closed."""
    raise Interrupted


def _abandon_output() -> None:
    """Drop the output that standard output does not take.

    Otherwise the interpreter would try again at its end and print a message.
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def failures(description: Path | None = None) -> Iterator[None]:
    """Turn the libraries' exceptions into a message on standard error and an exit code."""
    # Signals that the caller ignores, as under nohup, stay ignored.
    heard = [each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, _interrupt) for each in heard}
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        raise  # the reader of our output has gone, as after `| head`: click ends without a message
    except OSError as error:
        click.echo(_file_trouble(error), err=True)
        _abandon_output()
        raise SystemExit(REFUSED) from None
    except Exception as error:  # noqa: BLE001 - the last line of defence: no user gets a traceback
        raise SystemExit(_foreseen(error) or _internal(error, description)) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _foreseen(error: Exception) -> int:
    """Print the message of one of OVM's own errors and return its exit code; 0 for any other error."""
    # Imported here: these modules bring half of OVM with them, and a command that succeeds needs none of it.
    from ovm.machines.errors import MachineError
    from ovm.metal.build.errors import BuildError
    from ovm.metal.diagnostics import MetalError
    from ovm.system.problems import DescriptionError

    if not isinstance(error, DescriptionError | MetalError | BuildError | MachineError):
        return 0
    click.echo(str(error), err=True)
    if isinstance(error, DescriptionError | MetalError) and len(error.diagnostics) > 1:
        click.echo(f"\n{len(error.diagnostics)} errors", err=True)
    return NO_MACHINE if isinstance(error, MachineError) else REFUSED


def _internal(error: Exception, description: Path | None) -> int:
    """Print an unforeseen error, and return its exit code."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    lines = [
        f"error[S199]: internal error: {type(error).__name__}: {error}",
        f"  found:    {Path(last.filename).name}, line {last.lineno}, working on {description or 'the input'}",
        "  fix:      this is a mistake in OVM: please report it with the description; OVM_DEBUG=1 shows more",
    ]
    click.echo("\n".join(lines), err=True)
    if debugging():
        traceback.print_exception(error)
    return INTERNAL


def _file_trouble(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    advice = _ADVICE.get(error.errno or 0)
    return f"error[S190]: {where}{error.strerror or error}" + (f"\n  fix:      {advice}" if advice else "")


def debugging() -> bool:
    """Return whether the user asked for tracebacks of internal errors."""

    return bool(os.environ.get("OVM_DEBUG"))
