# SPDX-License-Identifier: Apache-2.0
"""The line that tells how fast a run is."""

import io
import re

from rich.console import Console

from ovm.cli.rate import _Meter, rate_line
from ovm.machines.running import Pace


def test_speed_is_that_since_the_last_line() -> None:
    moments = iter([0.0, 0.1, 1.0, 3.0])
    meter = _Meter(lambda: next(moments))
    assert meter.text(Pace(0.1, 1_000_000)) == ""
    assert meter.text(Pace(0.5, 200_000_000)) == "0.500 s simulated, 200 MIPS, 0.50 of real time"
    assert meter.text(Pace(4.5, 300_000_000)) == "4.500 s simulated, 50 MIPS, 2.00 of real time"


def test_only_a_terminal_sees_it() -> None:
    plain = io.StringIO()
    with rate_line(Console(file=plain)) as observe:
        observe(Pace(1.0, 1))
    assert plain.getvalue() == ""
    shown = io.StringIO()
    with rate_line(Console(file=shown, force_terminal=True)) as observe:
        observe(Pace(1.0, 1))
    assert re.search("starting", shown.getvalue())
