# SPDX-License-Identifier: Apache-2.0
"""Fixtures for all tests.

A tool of the operating system that is missing is a visible skip on a developer's machine and a failure where
`CI` is set, so that nothing goes unchecked in silence.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture
def require_tool() -> Callable[[str], str]:
    """Call it with a program's name to get its path, or to skip (locally) or fail (in CI) the test."""
    return find_tool


def find_tool(name: str) -> str:
    """The path of a program that a test cannot do without."""
    path = shutil.which(name)
    if path is None:
        reason = f"'{name}' is not installed"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; in CI every tool must be there", pytrace=False)
        pytest.skip(reason)
    return path
