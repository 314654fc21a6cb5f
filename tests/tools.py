# SPDX-License-Identifier: Apache-2.0
"""Programs that a test cannot do without: a skip on a developer's machine, a failure in CI."""

import os
import shutil
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    """Skip the test visibly, or fail it where `CI` is set."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI every tool must be there", pytrace=False)
    pytest.skip(reason)


def find_tool(name: str) -> str:
    """Return the path of a program that a test cannot do without."""
    path = shutil.which(name)
    if path is None:
        absent(f"'{name}' is not installed")
    return path
