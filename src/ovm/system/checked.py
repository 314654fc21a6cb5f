# SPDX-License-Identifier: Apache-2.0
"""Checked descriptions: read, judged and planned, without building anything or importing the build."""

from collections.abc import Callable
from pathlib import Path as FilePath

from ovm.system.check import check
from ovm.system.load import load
from ovm.system.model import System
from ovm.system.plan import Plan, plan

Change = Callable[[System], System]


def checked(file: FilePath, shown: str = "", board: str = "", change: Change | None = None) -> tuple[System, Plan]:
    """Read, check and plan the description in `file`, without building anything; `change` is applied before the check."""
    system = load(file, shown, board)
    system = change(system) if change else system
    check(system)
    return system, plan(system)
