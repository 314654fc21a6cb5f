# SPDX-License-Identifier: Apache-2.0
"""Times on the command line: simulated ones, and how much real time a run may take."""

import math
import re
from collections.abc import Callable

import click

from ovm.cli.arguments import F
from ovm.machines.running import DEFAULT_TIMEOUT_SECONDS

_TIME = re.compile(r"\s*([0-9][0-9_]{0,17}(?:\.[0-9]{1,18})?)\s*(s|ms|us|ns|cycles|)\s*")
_SECONDS = {"s": 1.0, "": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def moment(text: str) -> Callable[[int], int]:
    """A time since the start, as `20ms`, `1.5s` or `300000cycles`: what makes cycles of it, given cycles a second."""
    match = _TIME.fullmatch(text)
    if not match:
        raise click.BadParameter(f"'{text}' is no time: write it as 20ms, 1.5s, 300us or 4000cycles")
    number, unit = float(match[1].replace("_", "")), match[2]
    if unit == "cycles":
        return lambda hz: int(number)
    return lambda hz: round(number * _SECONDS[unit] * hz)


def _finite(_context: click.Context, _option: click.Parameter, seconds: float) -> float:
    """Refuse what no clock ever comes to. (NaN is in every range.)"""
    if not math.isfinite(seconds):
        raise click.BadParameter(f"{seconds} is no number of seconds")
    return seconds


def timeout_option(command: F) -> F:
    """How much real time a run may take."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=1),
        default=DEFAULT_TIMEOUT_SECONDS,
        show_default=True,
        callback=_finite,
        help="Give up after so many seconds of real time.",
    )(command)
