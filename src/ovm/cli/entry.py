# SPDX-License-Identifier: Apache-2.0
"""The start of the command `ovm`: no traceback while its modules are imported, nor if help can't be printed."""

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def _end(_signal: int, _frame: FrameType | None) -> None:
    """End after Ctrl-C before a command has begun: there is nothing to clean up."""
    os.write(sys.stderr.fileno(), b"interrupted\n")
    os._exit(INTERRUPTED)


def main() -> None:
    """Run the command."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    from ovm.cli.exits import failures
    from ovm.cli.main import main as command

    with failures():
        command()
