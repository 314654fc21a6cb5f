# SPDX-License-Identifier: Apache-2.0
"""The records about a stopped guest, to the letter: why, at which instruction, after which SVC, with which registers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.vcpu_page import BANK_SVC
from ovm.arm import cp15
from ovm.core.report import STOP_PARTS, report_stop
from ovm.core.trap.abort import prefetch_abort
from ovm.metal import u32
from tests.core.machine import ENTRY, GPA, Machine, machine, write

VECTORS = 0x7000_0000
TRANSLATION = 0x005
USR, THUMB = 0x10, 1 << 5
SVC_ARM, SVC_THUMB = 0xEF00_002A, 0xDF2A


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as prepared:
        write(prepared.vcpu(), vbar=VECTORS)
        yield prepared


def fail(made: Machine, vector: int) -> None:
    """Let the fetch of a vector fail."""
    made.vcpu().registers[15] = u32(VECTORS + vector + 4)
    made.processor.cp15[cp15.key_of(cp15.IFSR)] = TRANSLATION
    made.processor.cp15[cp15.key_of(cp15.IFAR)] = VECTORS + vector
    made.call(prefetch_abort, made.vcpu())
    made.printed()


def stop(made: Machine, vector: int) -> list[str]:
    """Let the fetch of a vector fail, then that of the abort's own, which stops the guest: the lines of the report."""
    fail(made, vector)
    fail(made, 0xC)
    for _ in range(STOP_PARTS):
        made.call(report_stop, made.vcpu())
    return made.printed().decode().removesuffix("\n").split("\n")


@pytest.mark.parametrize(("psr", "svc", "size"), [(USR, SVC_ARM, 4), (USR | THUMB, SVC_THUMB, 2)])
def test_a_supervisor_call_without_vectors(made: Machine, psr: int, svc: int, size: int) -> None:
    """A Thumb SVC is 2 bytes before where it returns to, an ARM one 4 (ARM B1.8.7)."""
    made.guest_write(ENTRY, svc.to_bytes(size, "little"))
    made.page().spsr[u32(BANK_SVC)] = u32(psr)
    made.vcpu().registers[14] = u32(ENTRY + size)
    for index in range(13):
        made.vcpu().registers[index] = u32(index * 0x1111)
    stopped, registers = stop(made, 8)
    assert stopped == (
        f"\x1estopped guest=guest0 why=no-vectors pc={VECTORS + 8:#x} psr=0x1d7 address={VECTORS + 8:#x} status=0x8"
        f" instruction=0x0 cpacr=0x0 fpexc=0x0 maps_fault=0x8"
        f" svc={ENTRY:#x} svc_psr={psr:#x} svc_instruction={svc:#x} svc_r0=0x0"
    )
    values = [*(index * 0x1111 for index in range(13)), *(int(made.vcpu().registers[index]) for index in (13, 14, 15))]
    assert registers == "\x1eregisters guest=guest0" + "".join(f" r{index}={value:#x}" for index, value in enumerate(values))


@pytest.mark.parametrize("vector", [4, 0xC])
def test_other_vectors_tell_of_no_call(made: Machine, vector: int) -> None:
    stopped, _ = stop(made, vector)
    assert f" pc={VECTORS + vector:#x} " in stopped
    assert "svc" not in stopped


def test_the_instruction_is_told_as_it_is_read(made: Machine) -> None:
    """A word at a multiple of 4, a halfword at an odd multiple of 2."""
    write(made.vcpu(), vbar=GPA)
    made.guest_write(ENTRY, bytes.fromhex("78563412"))
    for at, expected in ((ENTRY, 0x1234_5678), (ENTRY + 2, 0x1234)):
        made.vcpu().registers[15] = u32(at)
        write(made.guest(), stop_parts=2, stop_bytes=0)
        made.call(report_stop, made.vcpu())
        assert f" instruction={expected:#x} " in made.printed().decode()
