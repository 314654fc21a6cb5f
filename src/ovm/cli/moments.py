# SPDX-License-Identifier: Apache-2.0
"""Simulated times on the command line."""

import re
from collections.abc import Callable

import click

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
