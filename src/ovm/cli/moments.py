# SPDX-License-Identifier: Apache-2.0
"""Times on the command line: simulated times, and the limit of a run's real time."""

import math
import re
from collections.abc import Callable

import click

from ovm.cli.arguments import F
from ovm.machines.running import DEFAULT_TIMEOUT_SECONDS

_TIME = re.compile(r"\s*([0-9][0-9_]{0,17}(?:\.[0-9]{1,18})?)\s*(s|ms|us|ns|cycles|)\s*")
_SECONDS = {"s": 1.0, "": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def moment(text: str) -> Callable[[int], int]:
    """Return a time since the start, such as `20ms`, `1.5s` or `300000cycles`, as a function from cycles per second to cycles."""
    match = _TIME.fullmatch(text)
    if not match:
        raise click.BadParameter(f"'{text}' is no time: write it as 20ms, 1.5s, 300us or 4000cycles")
    number, unit = float(match[1].replace("_", "")), match[2]
    if unit == "cycles":
        return lambda hz: int(number)
    return lambda hz: round(number * _SECONDS[unit] * hz)


def _finite(_context: click.Context, _option: click.Parameter, seconds: float) -> float:
    """Refuse a number that no clock can reach. (NaN is in every range.)"""
    if not math.isfinite(seconds):
        raise click.BadParameter(f"{seconds} is no number of seconds")
    return seconds


def timeout_option(command: F) -> F:
    """Add the option for the limit of a run's real time."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=1),
        default=DEFAULT_TIMEOUT_SECONDS,
        show_default=True,
        callback=_finite,
        help="Give up after so many seconds of real time.",
    )(command)
