# SPDX-License-Identifier: Apache-2.0
"""OVM's part for a patched kernel: thread registers that change with the virtual mode, and the word that stubs read."""

import functools
import random
from collections.abc import Iterator

import pytest

from ovm.abi.config import GuestFlags, Level
from ovm.arm import cp15
from ovm.arm.cp15 import key_of
from ovm.arm.psr import MODE_ABT, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_SYS, MODE_UND, MODE_USR
from ovm.core import context
from ovm.core.emulate import fields
from ovm.core.vcpu import Vcpu
from ovm.core.virtual import control, exception, mode
from ovm.metal import offsetof, u32
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, compile_unit
from tests.core.machine import ROOTS, Machine, write

CONSTANTS = {"ovm.core.config.THREAD_SWAP": True, "ovm.core.config.KERNEL_STUBS": True}
MODES = (MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS)
URW = key_of(cp15.TPIDRURW)


@functools.cache
def program() -> HostProgram:
    roots = (*ROOTS, context.context_save, context.context_load, fields.context_write, control.sctlr_write)
    return HostProgram(compile_unit(roots, Options(target="host", checked=True, constants=CONSTANTS)))


@pytest.fixture
def made() -> Iterator[Machine]:
    machine = Machine((Level.SRT, Level.SRT), program())
    with machine.memory.current():
        machine.describe()
        write(machine.guest(0).config, flags=GuestFlags(u32(0)).set(GuestFlags.thread_swap, True))
        machine.describe = lambda: None  # type: ignore[method-assign]
        machine.prepare()
        yield machine


def test_each_side_finds_its_own_thread_registers(made: Machine) -> None:
    """A model has the two registers by the names that the kernel's source gives them, and the other guest's one."""
    chosen = random.Random(3)
    vcpu, other, hardware = made.vcpu(0), made.vcpu(1), made.processor.cp15
    assert bool(vcpu.thread_swap) and not bool(other.thread_swap)
    hardware[URW] = 0
    kernel = user = neighbour = 0
    for _ in range(500):
        value = chosen.getrandbits(32)
        match chosen.randrange(4):
            case 0:
                made.call(mode.mode_switch, vcpu, chosen.choice(MODES))
            case 1:  # The kernel writes its TPIDRPRW, a User program its TPIDRURW; neither traps.
                hardware[URW] = value
                kernel, user = (value, user) if int(vcpu.privileged) else (kernel, value)
            case 2 if int(vcpu.privileged):  # The kernel's access to TPIDRURW traps, as one to TPIDRPRW.
                write(vcpu, tpidrprw=value)
                user = value
            case 3:
                made.call(context.context_save, vcpu)
                made.call(context.context_load, other)
                assert hardware[URW] == neighbour
                hardware[URW] = neighbour = value
                made.call(mode.mode_switch, other, chosen.choice(MODES))
                assert hardware[URW] == neighbour
                made.call(context.context_save, other)
                made.call(context.context_load, vcpu)
        assert hardware[URW] == (kernel if int(vcpu.privileged) else user)
        if int(vcpu.privileged):
            assert int(vcpu.tpidrprw) == user


def status(made: Machine) -> int:
    vcpu = made.vcpu()
    return int(vcpu.mode) | 0x40 * bool(vcpu.fiq_masked) | 0x100 * bool(vcpu.abort_masked)


def test_the_page_has_mode_and_masks_after_each_change(made: Machine) -> None:
    chosen = random.Random(4)
    vcpu, page = made.vcpu(), made.page()
    assert int(page.status) == MODE_SVC | 0x140
    seen = set()
    for _ in range(300):
        match chosen.randrange(6):
            case 0:
                made.call(mode.mode_switch, vcpu, chosen.choice(MODES))
            case 1:
                made.call(mode.psr_return, vcpu, 0x8000, chosen.choice(MODES) | chosen.getrandbits(9) & 0x1C0)
            case 2:
                made.call(exception.take_interrupt, vcpu)
            case 3:
                made.call(exception.take_data_abort, vcpu, 7, 0x1000)
            case 4:
                made.call(exception.take_prefetch_abort, vcpu, 7, 0x1000)
            case 5:
                made.call(exception.take_supervisor_call, vcpu)
        assert int(page.status) == status(made)
        # Stubs put this word into a PSR.
        assert int(page.irq_masked) in (0, 0x80)
        seen.add(int(page.status))
    assert len(seen) > 12


KEPT = {"svc": True, "irq": True, "data": False, "undefined": False}


def test_a_return_with_leave_takes_the_program_s_registers_and_an_entry_gives_the_kernel_s_back(made: Machine) -> None:
    """A model has TPIDRURO and DACR of the kernel and of the program."""
    chosen = random.Random(5)
    vcpu, page, hardware = made.vcpu(), made.page(), made.processor.cp15
    thread_key = key_of(cp15.TPIDRURO)
    made.call(mode.mode_switch, vcpu, MODE_SVC)
    for _ in range(400):
        kernel = [chosen.getrandbits(32), chosen.choice((0x51, 0x55))]
        program = [chosen.getrandbits(32), 0x55]
        write(vcpu, tpidruro=kernel[0], dacr=kernel[1])
        hardware[thread_key] = kernel[0]
        write(page, dacr=kernel[1])
        leave = chosen.random() < 0.8
        write(page, leave=chosen.randrange(1, 1 << 32) if leave else 0, user_tpidruro=program[0], user_dacr=program[1])
        made.call(mode.mode_switch, vcpu, MODE_IRQ)
        assert [int(vcpu.tpidruro), int(vcpu.dacr)] == kernel and (int(page.leave) != 0) == leave
        made.call(mode.psr_return, vcpu, 0x8000, MODE_USR)
        expected = program if leave else kernel
        assert [int(vcpu.tpidruro), int(vcpu.dacr)] == expected and hardware[thread_key] == expected[0]
        assert int(page.leave) == 0
        assert int(page.dacr) == expected[1]
        kind = chosen.choice(tuple(KEPT))
        match kind:
            case "svc":
                made.call(exception.take_supervisor_call, vcpu)
            case "irq":
                made.call(exception.take_interrupt, vcpu)
            case "data":
                made.call(exception.take_data_abort, vcpu, 7, 0x1000)
            case "undefined":
                made.call(exception.take_undefined, vcpu)
        domains = kernel[1] if KEPT[kind] else expected[1]
        assert [int(vcpu.tpidruro), int(vcpu.dacr)] == [kernel[0], domains] and hardware[thread_key] == kernel[0]
        assert int(page.dacr) == domains
        made.call(exception.take_supervisor_call, vcpu)
        assert [int(vcpu.tpidruro), int(vcpu.dacr)] == [kernel[0], domains]


def test_the_page_has_sctlr_and_dacr_after_each_write(made: Machine) -> None:
    vcpu, page = made.vcpu(), made.page()
    for value in (0x55, 0x51):
        made.call(fields.context_write, vcpu, offsetof(Vcpu, "dacr"), value)
        assert int(page.dacr) == int(vcpu.dacr) == value
    for value in (0x0C50_0000, 0x0C51_0002):
        made.call(control.sctlr_write, vcpu, value)
        assert int(page.sctlr) == int(vcpu.sctlr)
