# SPDX-License-Identifier: Apache-2.0
"""Fixtures for all tests.

A tool of the operating system that is missing is a visible skip on a developer's machine and a failure where
`CI` is set, so that nothing goes unchecked in silence.
"""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools import find_tool

REPOSITORY = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Let Ctrl-C be tested where it is ignored: a job in the background starts, and starts others, with SIGINT ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def repository() -> Path:
    """Return the root of the source tree."""
    return REPOSITORY


@pytest.fixture
def require_tool() -> Callable[[str], str]:
    """Call it with a program's name to get its path, or to skip (locally) or fail (in CI) the test."""
    return find_tool


@pytest.fixture(scope="session")
def qemu() -> str:
    """Return the path of QEMU; without it the test is skipped (locally) or fails (in CI)."""
    return find_tool("qemu-system-arm")
