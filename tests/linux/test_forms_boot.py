# SPDX-License-Identifier: Apache-2.0
"""Kernels whose places call stubs boot bare on the virtual board, and run programs: the kernel itself judges the forms of places.

Here each stub does its instruction itself, in Supervisor mode, and what would trap is as it was. So where LR is not dead, where
something jumps between the words of a pair, or where a branch leads elsewhere, the kernel breaks. Thread registers have
changed places, and the function tracer's calls are gone.
"""

import struct

import pytest

from benchmarks.linux.bare import IMAGE, boot, initramfs, operations, times
from ovm.linux import stub_code, stubs
from ovm.linux.patch import EVERYTHING, patch
from ovm.linux.stubs import Form
from tests.linux.debian import SUITES, unpatched
from tests.linux.test_stock_bare import LOG_BYTES, OPERATIONS, said


def save(page: int, target: int) -> str:
    restore = "" if target == 14 else f"mov lr, r{target}"
    return f"push {{lr}}\n{restore}\nmrs r{target}, cpsr\ncpsid i\npop {{pc}}"


def privileged(monkeypatch: pytest.MonkeyPatch, image: bytes) -> tuple[bytes, int]:
    """Return an Image with privileged stubs, and how many places call one."""
    monkeypatch.setattr(stub_code, "disable", lambda page, end: f"cpsid i\n{end}")
    monkeypatch.setattr(stub_code, "enable", lambda page, trap, end: f"cpsie i\n{end}")
    monkeypatch.setattr(stub_code, "read", lambda page, target, end: f"mrs r{target}, cpsr\n{end}")
    monkeypatch.setattr(stub_code, "write", lambda page, source, trap, end: f"msr cpsr_c, r{source}\n{end}")
    monkeypatch.setattr(stub_code, "save", save)
    monkeypatch.setattr(stubs, "whole", lambda found, torn: ())
    done = patch(image, EVERYTHING)
    changed = bytearray(done.image)
    traps = [site for site in done.sites if site.form is Form.TRAP]
    for site in traps:
        struct.pack_into("<I", changed, site.address - done.layout.base, site.sensitive.word)
    return bytes(changed), len(done.sites) - len(traps)


@pytest.mark.parametrize("suite", SUITES)
def test_a_kernel_with_calls_of_stubs_runs_programs(suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image, count = privileged(monkeypatch, unpatched(suite))
    assert count > 6000
    board, lines = boot(image, initramfs(operations()))
    assert tuple(times(lines)) == OPERATIONS
    memory = board.read(IMAGE + len(image), LOG_BYTES << 6)
    log = memory[memory.find(b"Booting Linux on physical CPU") :][:LOG_BYTES]
    assert said("Booting Linux on physical CPU", log)
    assert not said("Oops|BUG:|Call trace|Backtrace|WARNING:", log)
