# SPDX-License-Identifier: Apache-2.0
"""A distribution's kernel, nothing patched, bare on the virtual board: it judges the board, and nobody here wrote it."""

import re

import pytest

from benchmarks.linux.bare import IMAGE, boot, initramfs, operations, times
from tests.linux.debian import SUITES, unpatched

OPERATIONS = (
    "init-began", "getppid", "read-EBADF", "page-fault", "munmap-page",
    "fork-exit", "fork-exec", "ping-pong", "compute-step", "done",
)  # fmt: skip
LOG_BYTES = 1 << 17


def said(line: str, log: bytes) -> bool:
    return re.search(line.encode(), log) is not None


@pytest.mark.parametrize("suite", SUITES)
def test_a_stock_kernel_runs_its_first_program(suite: str) -> None:
    image = unpatched(suite)
    board, lines = boot(image, initramfs(operations()))
    assert tuple(times(lines)) == OPERATIONS
    # The order is the kernel's own: a call takes hundreds of cycles, a process as long as a thousand calls.
    found = [times(lines)[name] for name in ("compute-step", "getppid", "page-fault", "ping-pong", "fork-exit", "fork-exec")]
    assert found == sorted(found)
    memory = board.read(IMAGE + len(image), LOG_BYTES << 6)
    log = memory[memory.find(b"Booting Linux on physical CPU") :][:LOG_BYTES]
    assert said("Booting Linux on physical CPU", log)
    assert not said("Oops|BUG:|Call trace|Backtrace|WARNING:", log)
    assert said("L2C-310", log)
