# SPDX-License-Identifier: Apache-2.0
"""Patched words: each does what the instruction that it stands for does, and only for a patched kernel."""

import functools
from collections.abc import Iterator

import pytest

from ovm.abi.config import GuestFlags, Level
from ovm.abi.hypercalls import NULL
from ovm.arm.psr import MODE_SVC, MODE_USR, PSR_T
from ovm.core import start_state
from ovm.core.emulate.arm import arm_conditional, arm_unconditional
from ovm.core.trap.patched import PATTERN
from ovm.core.trap.supervisor_call import supervisor_call
from ovm.core.virtual import mode
from ovm.linux.sensitive import decode, replacement
from ovm.metal import u32
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, compile_unit
from tests.core.machine import ENTRY, GPA, ROOTS, Machine, write

# CPSID i, CPSIE i, CPS #SYS, MRS r3 CPSR, MSR CPSR_c r1, MSR CPSR_c #0xD3, MRS r2 SPSR, MSR SPSR_fsxc r4, MOVS pc lr,
# SUBS pc lr #4, LDM sp {r0-pc}^, STMDB r0 {sp lr}^, LDMDB r2 {r0-lr}^, WFINE.
WORDS = (
    0xF10C_0080, 0xF108_0080, 0xF102_001F, 0xE10F_3000, 0xE121_F001, 0xE321_F0D3, 0xE14F_2000, 0xE16F_F004, 0xE1B0_F00E,
    0xE25E_F004, 0xE8DD_FFFF, 0xE940_6000, 0xE952_7FFF, 0x1320_F003,
)  # fmt: skip
START = (0, 0xFFFF_FFFF, 0x1234_5678)
STACK = ENTRY + 0x400


@functools.cache
def program() -> HostProgram:
    constants = {"ovm.core.limits.PATCHED_WORDS": len(WORDS)}
    data = {"ovm.core.config.WORDS": b"".join(word.to_bytes(4, "little") for word in WORDS)}
    roots = (*ROOTS, arm_conditional, arm_unconditional)
    return HostProgram(compile_unit(roots, Options(target="host", checked=True, constants=constants, data=data)))


@pytest.fixture
def made() -> Iterator[Machine]:
    machine = Machine((Level.SRT, Level.SRT), program())
    with machine.memory.current():
        machine.describe()
        write(machine.guest(0).config, flags=GuestFlags(u32(0)).set(GuestFlags.patched, True))
        for index, value in enumerate(START):
            machine.guest(0).config.start[u32(index)] = u32(value)
        machine.describe = lambda: None  # type: ignore[method-assign]
        machine.prepare()
        yield machine


def patched(index: int) -> int:
    what = decode(WORDS[index])
    assert what is not None
    return replacement(what, index)


def begin(made: Machine, guest: int, word: int, psr: int = MODE_USR) -> None:
    """Execute an SVC of a guest at ENTRY + 0x100, with recognisable registers and a stack for an exception return."""
    vcpu = made.vcpu(guest)
    made.call(start_state.start_state, vcpu)
    place = ENTRY - GPA + 0x100
    for index in range(13):
        vcpu.registers[index] = u32(0x40 + index)
    for index in (0, 2, 8, 13):
        vcpu.registers[index] = u32(STACK)
    vcpu.registers[14] = u32(ENTRY + 0x200)
    vcpu.registers[15] = u32(ENTRY + 0x104)
    vcpu.registers[1] = u32(0x1F)
    made.page(guest).spsr[u32(1)] = u32(MODE_USR)
    write(vcpu, psr=psr)
    made.guest_write(GPA + place, word.to_bytes(4, "little"))
    made.guest_write(STACK, b"".join((ENTRY + 4 * number).to_bytes(4, "little") for number in range(32)))


def state(made: Machine, guest: int = 0) -> tuple[object, ...]:
    vcpu, page = made.vcpu(guest), made.page(guest)
    registers = tuple(int(vcpu.registers[index]) for index in range(16))
    banks = tuple((int(page.sp[u32(bank)]), int(page.lr[u32(bank)]), int(page.spsr[u32(bank)])) for bank in range(6))
    masks = int(page.irq_masked), bool(vcpu.fiq_masked), bool(vcpu.abort_masked)
    return registers, banks, masks, int(vcpu.mode), int(vcpu.psr), int(vcpu.state.value), made.guest_bytes(STACK - 64, 192)


@pytest.mark.parametrize("index", range(len(WORDS)), ids=[f"{word:08x}" for word in WORDS])
def test_it_is_the_instruction(made: Machine, index: int) -> None:
    begin(made, 0, patched(index))
    vcpu = made.vcpu()
    vcpu.registers[15] = u32(ENTRY + 0x100)
    handler = arm_unconditional if WORDS[index] >> 28 == 15 else arm_conditional
    before = state(made)
    outcome = made.call(handler, vcpu, WORDS[index])
    if outcome == 0:
        vcpu.registers[15] = u32(int(vcpu.registers[15]) + 4)
    wanted = state(made)
    assert wanted != before
    begin(made, 0, patched(index))
    made.call(supervisor_call, vcpu)
    assert state(made)[:-1] == wanted[:-1]
    assert state(made)[-1] == wanted[-1]
    assert int(vcpu.counters.emulated) == 1


def taken_as_exception(made: Machine, guest: int, vector: int = 8) -> bool:
    vcpu = made.vcpu(guest)
    return int(vcpu.registers[15]) == vector and int(vcpu.mode) == MODE_SVC


@pytest.mark.parametrize("why", ["User mode", "Thumb", "another guest", "number too large", "another number"])
def test_any_other_svc_is_the_guests_own(made: Machine, why: str) -> None:
    guest = 1 if why == "another guest" else 0
    word = {"number too large": 0xE000_0000 | int(PATTERN) | len(WORDS), "another number": 0xEF57_0000}.get(why, patched(3))
    begin(made, guest, word, MODE_USR | (PSR_T if why == "Thumb" else 0))
    if why == "User mode":
        made.call(mode.mode_switch, made.vcpu(), MODE_USR)
    made.vcpu(guest).registers[0] = u32(0)
    made.call(supervisor_call, made.vcpu(guest))
    assert taken_as_exception(made, guest)
    assert int(made.vcpu(guest).counters.emulated) == 0


def test_hypercalls_of_a_patched_kernel_are_made(made: Machine) -> None:
    begin(made, 0, 0xEF00_0000)
    made.vcpu().registers[0] = u32(NULL)
    made.call(supervisor_call, made.vcpu())
    assert (int(made.vcpu().registers[0]), int(made.vcpu().registers[15])) == (0, ENTRY + 0x104)


def test_registers_at_the_start(made: Machine) -> None:
    for guest, wanted in ((0, START), (1, (GPA, 0, 0))):
        made.call(start_state.start_state, made.vcpu(guest))
        assert tuple(int(made.vcpu(guest).registers[index]) for index in range(3)) == wanted
