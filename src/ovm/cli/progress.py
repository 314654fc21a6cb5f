# SPDX-License-Identifier: Apache-2.0
"""The progress of a build: one changing line at a terminal, plain lines otherwise, always on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from ovm.system.build import Progress


@contextmanager
def progress_line(quiet: bool = False) -> Iterator[Progress]:
    """Yield a function that shows the step it is given."""
    console = Console(stderr=True, highlight=False)
    started = time.monotonic()
    if quiet:
        yield lambda step: None
    elif console.is_terminal:
        with console.status("starting") as status:
            yield lambda step: status.update(f"{step} ...")
    else:
        yield lambda step: console.print(f"{step} ({time.monotonic() - started:.1f} s)")
