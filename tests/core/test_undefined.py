# SPDX-License-Identifier: Apache-2.0
"""Ends of the Undefined trap: stepped over, aborted, refused, delivered, or the guest stopped in its vectors (ARM B1.8.3)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.config import GuestState
from ovm.abi.hypercalls import NULL
from ovm.core.output import Queue
from ovm.core.trap.undefined import undefined
from ovm.metal import u32
from tests.core.emulate.assembled import assemble, word_of
from tests.core.machine import ENTRY, GPA, Machine, machine, write

USR, FIQ, SVC, ABT, UND = 0x10, 0x11, 0x13, 0x17, 0x1B
I = 1 << 7
MRS_PC = (".inst 0xe14ff000", ".inst 0xe10ff000")
ARM = ("ldmia r0, {r1}^", "stmia r0, {r1}^", "udf #0", "mrs r2, spsr", "mrseq r2, spsr", "mrsne r2, spsr", *MRS_PC)
THUMB = ("udf #0", "mrs r2, spsr", "udf.w #0", "cpsid.w i", "cpsid i", "cpsie.w i, #17", "yield.w")
VBAR, OUTSIDE = GPA + 0x2000, 0x7000_0000
ZERO = 0x4000_0000


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as each:
        write(each.vcpu(), vbar=VBAR, sctlr=0x00C5_0078)
        yield each


def meet(made: Machine, line: str, at: int = ENTRY, thumb: bool = False, mode: int = SVC, **registers: int) -> dict[str, int]:
    """Let the guest meet an instruction; what changed in its counters."""
    vcpu = made.vcpu()
    before = {name: int(getattr(vcpu.counters, name)) for name in ("emulated", "refusals", "exceptions", "undefined")}
    code = word_of(assemble(THUMB if thumb else ARM, thumb)[(THUMB if thumb else ARM).index(line)], thumb)
    made.guest_write(at, code + bytes(4))
    write(vcpu, mode=mode, privileged=int(mode != USR), psr=0x10 | 0x20 * thumb | ZERO, state=GuestState.READY)
    made.page().spsr[1] = u32(0x1234_5610)
    for name, value in registers.items():
        vcpu.registers[int(name[1:])] = u32(value)
    vcpu.registers[15] = u32(at + (2 if thumb else 4))
    made.call(undefined, vcpu)
    return {name: int(getattr(vcpu.counters, name)) - value for name, value in before.items()}


def reported(made: Machine) -> int:
    """Return how many bytes OVM has put out so far about the first guest."""
    return int(made.view(Queue, "ovm.core.output.QUEUES").head)


@pytest.mark.parametrize(
    ("word", "calls"), [(0xF7F0_8000, 1), (0xF7FF_8000, 1), (0xF7F0_8FFF, 1), (0xF7F0_9000, 0), (0xF7E0_8000, 0)]
)
def test_a_thumb_smc_is_a_call_whatever_its_number(made: Machine, word: int, calls: int) -> None:
    """And whatever stands where it should have zeros (ARM B9.3.14, T1)."""
    vcpu = made.vcpu()
    made.guest_write(ENTRY, (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little"))
    write(vcpu, mode=SVC, privileged=1, psr=0x30, state=GuestState.READY)
    vcpu.registers[0], vcpu.registers[15] = u32(NULL), u32(ENTRY + 2)
    made.call(undefined, vcpu)
    assert int(vcpu.counters.emulated_calls) == calls


def place(made: Machine) -> tuple[int, int, int]:
    vcpu = made.vcpu()
    return int(vcpu.mode), int(vcpu.registers[15]), int(vcpu.registers[14])


@pytest.mark.parametrize(("line", "status"), [("ldmia r0, {r1}^", 0x008), ("stmia r0, {r1}^", 0x808)])
def test_data_of_nobody_is_a_refusal(made: Machine, line: str, status: int) -> None:
    said = reported(made)
    counts = meet(made, line, r0=OUTSIDE, r1=7)
    assert reported(made) != said
    assert counts == {"emulated": 1, "refusals": 1, "exceptions": 1, "undefined": 1}
    assert place(made) == (ABT, VBAR + 0x10, ENTRY + 8)
    page, vcpu = made.page(), made.vcpu()
    assert (int(page.dfsr), int(page.dfar)) == (status, OUTSIDE)
    assert (int(vcpu.last_pc), int(vcpu.last_status), int(vcpu.last_address)) == (ENTRY, status, OUTSIDE)


def test_data_that_is_not_aligned_is_no_refusal(made: Machine) -> None:
    said = reported(made)
    assert meet(made, "stmia r0, {r1}^", r0=GPA + 0x9002) == {"emulated": 1, "refusals": 0, "exceptions": 1, "undefined": 1}
    assert place(made) == (ABT, VBAR + 0x10, ENTRY + 8)
    assert (int(made.page().dfsr), int(made.page().dfar)) == (0x801, GPA + 0x9002)
    assert reported(made) == said


@pytest.mark.parametrize(("line", "thumb"), [("mrs r2, spsr", False), ("mrs r2, spsr", True), ("mrseq r2, spsr", False)])
def test_what_is_emulated_is_stepped_over(made: Machine, line: str, thumb: bool) -> None:
    assert meet(made, line, thumb=thumb) == {"emulated": 1, "refusals": 0, "exceptions": 0, "undefined": 1}
    assert place(made)[:2] == (SVC, ENTRY + 4)
    assert int(made.vcpu().registers[2]) == 0x1234_5610


@pytest.mark.parametrize(
    ("line", "mode", "before", "after"),
    [("cpsid.w i", SVC, 0, I), ("cpsid i", SVC, 0, I), ("cpsie.w i, #17", FIQ, I, 0), ("yield.w", SVC, I, I)],
)
def test_thumb_changes_masks_and_mode(made: Machine, line: str, mode: int, before: int, after: int) -> None:
    """CPS in both sizes, with a mode and without, and a hint of the same space (ARM B9.3.2, A6.3.4)."""
    write(made.page(), irq_masked=before)
    counts = meet(made, line, thumb=True)
    assert counts == {"emulated": 1, "refusals": 0, "exceptions": 0, "undefined": 1}
    assert (int(made.vcpu().mode), int(made.page().irq_masked)) == (mode, after)


@pytest.mark.parametrize("at", [ENTRY + 2, ENTRY + 0xFFE])
def test_a_thumb_instruction_of_two_halves_begins_anywhere(made: Machine, at: int) -> None:
    """In the middle of a word, and in two pages (ARM A6.1)."""
    assert meet(made, "mrs r2, spsr", at=at, thumb=True) == {"emulated": 1, "refusals": 0, "exceptions": 0, "undefined": 1}
    assert place(made)[:2] == (SVC, at + 4)
    assert int(made.vcpu().registers[2]) == 0x1234_5610


def test_a_condition_that_fails_does_nothing(made: Machine) -> None:
    for mode in (SVC, USR):
        assert meet(made, "mrsne r2, spsr", mode=mode, r2=5)["exceptions"] == 0
        assert place(made)[:2] == (mode, ENTRY + 4) and int(made.vcpu().registers[2]) == 5


@pytest.mark.parametrize(("line", "thumb", "link"), [
    ("udf #0", False, 4), ("udf #0", True, 2), ("udf.w #0", True, 2),
    (".inst 0xe14ff000", False, 4), (".inst 0xe10ff000", False, 4),  # MRS to the pc (ARM B9.3.8)
])
def test_what_is_not_known_is_the_guests(made: Machine, line: str, thumb: bool, link: int) -> None:
    for mode in (SVC, USR):
        assert meet(made, line, thumb=thumb, mode=mode) == {"emulated": 0, "refusals": 0, "exceptions": 1, "undefined": 1}
        assert place(made) == (UND, VBAR + 4, ENTRY + link)
        assert (int(made.vcpu().last_pc), int(made.vcpu().last_address)) == (ENTRY, ENTRY)


@pytest.mark.parametrize(
    ("offset", "mode", "stopped"),
    [(0, SVC, True), (4, UND, True), (28, SVC, True), (32, SVC, False), (-4, SVC, False), (4, USR, False)],
)
def test_undefined_vectors_stop_the_guest(made: Machine, offset: int, mode: int, stopped: bool) -> None:
    meet(made, "udf #0", at=VBAR + offset, mode=mode)
    assert (made.vcpu().state == GuestState.STOPPED) == stopped
    if not stopped:
        assert place(made) == (UND, VBAR + 4, VBAR + offset + 4)


def test_code_that_is_gone_is_a_prefetch_abort(made: Machine) -> None:
    """The hardware executed it, the guest's own tables lead nowhere."""
    vcpu = made.vcpu()
    write(vcpu, mode=SVC, privileged=1, psr=0x10, state=GuestState.READY)
    vcpu.registers[15] = u32(OUTSIDE + 4)
    made.call(undefined, vcpu)
    assert place(made) == (ABT, VBAR + 0x0C, OUTSIDE + 4)
    assert (int(made.page().ifsr), int(made.page().ifar)) == (0x008, OUTSIDE)
