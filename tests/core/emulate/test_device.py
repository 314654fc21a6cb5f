# SPDX-License-Identifier: Apache-2.0
"""Loads and stores that reach a virtual device do what Unicorn's processor does with memory that holds the same bytes."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator

import pytest
import unicorn
from unicorn import arm_const

from ovm.abi.config import Level
from ovm.arm import cp15
from ovm.core.memory import fault
from ovm.core.memory.access import Access, FaultOutcome
from ovm.core.memory.devices import DevicePage
from ovm.core.trap.abort import data_abort
from ovm.metal import u32
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, compile_unit
from tests.core.emulate import mirror
from tests.core.emulate.assembled import assemble, word_of
from tests.core.emulate.oracle import CODE
from tests.core.machine import GPA, GUEST_BYTES, Machine, write

PLACE = 0x7000_0000
OFFSETS = ("[r1]", "[r1, #{0}]", "[r1, #-{0}]", "[r1, #{0}]!", "[r1], #-{0}", "[r1, r2]", "[r1, -r2]!", "[r1], r2")
SHIFTED = ("[r1, r2, lsl #2]", "[r1, -r2, lsr #1]", "[r1, r2, asr #2]!", "[r1], r2, ror #4", "[r1, r2, rrx]")
THUMB_OFFSETS = ("[r1, #-4]", "[r1, #4]!", "[r1], #-8")
ARM = (
    *(f"{name} r3, {place.format(4)}" for name in ("ldr", "str", "ldrb", "strb") for place in (*OFFSETS, *SHIFTED)),
    *(f"{name} r3, {place.format(2)}" for name in ("ldrh", "strh", "ldrsh", "ldrsb") for place in OFFSETS),
    "ldrt r3, [r1], #4", "strt r3, [r1], r2", "ldrbt r3, [r1], #1", "strbt r3, [r1], -r2", "ldrht r3, [r1], #2",
    "strht r3, [r1], r2",
    "ldrsbt r3, [r1], #1", "ldr sp, [r1, #8]", "str lr, [r1, #0x7fc]", "ldr r3, [r12, #4]!", "strge r3, [r1]", "ldrb r1, [r1]",
)  # fmt: skip
THUMB = (
    *(f"{name} r3, [r1, #4]" for name in ("ldr", "str", "ldrb", "strb", "ldrh", "strh")),
    *(f"{name} r3, [r1, r2]" for name in ("ldr", "str", "ldrb", "strb", "ldrh", "strh", "ldrsb", "ldrsh")),
    *(f"{name}.w r3, [r1, #100]" for name in ("ldr", "str", "ldrb", "strb", "ldrh", "strh", "ldrsb", "ldrsh")),
    *(f"{name} r3, {place}" for name in ("ldr", "str", "ldrb", "strh", "ldrsh") for place in THUMB_OFFSETS),
    *(f"{name}.w r9, [r1, r2, lsl #2]" for name in ("ldr", "str", "ldrb", "strb", "ldrh", "strh", "ldrsb", "ldrsh")),
    "ldrt r3, [r1, #4]", "strbt r3, [r1, #4]", "ldrsht r3, [r1, #4]", "ldr.w lr, [r12, #4]",
)  # fmt: skip
NOT_DECODED = (
    "ldm r1, {r3, r4}", "ldrd r4, r5, [r1]", "strd r4, r5, [r1]", "ldrex r3, [r1]", "swp r3, r4, [r1]", "ldr pc, [r1]",
    ".inst 0xE4911004", ".inst 0xE0913FB4", ".inst 0xE6913014",
)  # fmt: skip
ROUNDS = 8


@functools.cache
def program() -> HostProgram:
    constants = {"ovm.core.config.DEVICE_PAGES": 2}
    return HostProgram(compile_unit(mirror.ROOTS, Options(target="host", checked=True, constants=constants)))


def prepared(level: Level) -> Iterator[Machine]:
    made = Machine((level,), program())
    with made.memory.current():
        made.prepare()
        page = made.view(DevicePage, "ovm.core.memory.devices.PAGES", 1)
        write(page, guest=0, gpa=PLACE, device=mirror.MIRROR + 1)
        yield made


@pytest.fixture
def made() -> Iterator[Machine]:
    yield from prepared(Level.SRT)


class Judge:
    """Unicorn's processor, with memory where the device is."""

    def __init__(self) -> None:
        self.machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.machine.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_A9)
        self.machine.mem_map(GPA, GUEST_BYTES)
        self.machine.mem_map(PLACE, 4096)
        self.access: tuple[int, bool] = (0, False)
        self.machine.hook_add(unicorn.UC_HOOK_MEM_READ, self.note, None, PLACE, PLACE + 4095)
        self.machine.hook_add(unicorn.UC_HOOK_MEM_WRITE, self.note, None, PLACE, PLACE + 4095)

    def note(self, uc: unicorn.Uc, kind: int, address: int, size: int, value: int, user: object) -> None:
        self.access = address, kind == unicorn.UC_MEM_WRITE

    def run(self, registers: list[int], psr: int, content: bytes, code: bytes) -> tuple[list[int], int, bytes]:
        self.machine.mem_write(PLACE, content)
        self.machine.mem_write(CODE, code + bytes(8))
        self.machine.ctl_remove_cache(CODE, CODE + 16)
        self.machine.reg_write(arm_const.UC_ARM_REG_CPSR, psr)
        for number, value in enumerate(registers):
            self.machine.reg_write(_REGISTERS[number], value)
        self.machine.emu_start(CODE | psr >> 5 & 1, 0, count=1)
        found = [self.machine.reg_read(each) for each in _REGISTERS]
        return found, self.machine.reg_read(arm_const.UC_ARM_REG_CPSR), bytes(self.machine.mem_read(PLACE, 4096))


_REGISTERS = tuple(getattr(arm_const, f"UC_ARM_REG_R{index}") for index in range(13)) + (
    arm_const.UC_ARM_REG_SP, arm_const.UC_ARM_REG_LR, arm_const.UC_ARM_REG_PC,
)  # fmt: skip


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


def content_of(made: Machine) -> int:
    return made.program.address_of("tests.core.emulate.mirror.CONTENT")


def abort(made: Machine, registers: list[int], psr: int, code: bytes, access: tuple[int, bool]) -> None:
    """Let the guest's instruction abort at an address, for reading or writing."""
    vcpu = made.vcpu()
    made.guest_write(CODE, code + bytes(8))
    for number, value in enumerate(registers):
        vcpu.registers[number] = u32(value)
    vcpu.registers[15] = u32(CODE + 8)
    write(vcpu, psr=psr, mode=0x13, privileged=1)
    address, writes = access
    made.processor.cp15[cp15.key_of(cp15.DFSR)] = 0x005 | writes << 11
    made.processor.cp15[cp15.key_of(cp15.DFAR)] = address
    made.call(data_abort, vcpu)


def compare(made: Machine, judge: Judge, line: str, code: bytes, thumb: bool) -> None:
    chance = random.Random(line)
    before = int(made.vcpu().counters.emulated)
    for _ in range(ROUNDS):
        registers = [chance.getrandbits(32) for _ in range(15)]
        registers[1] = registers[12] = PLACE + 0x400 + 4 * chance.randrange(64)
        registers[2] = chance.choice((0, 0x40, 0x80))
        # Carry clear, or RRX leads far away; greater or equal.
        psr = 0x10 | thumb << 5 | chance.getrandbits(1) << 9 | chance.choice((0, 0x9000_0000, 0x4000_0000))
        content = chance.randbytes(4096)
        made.memory.write(content_of(made), content)
        expected = judge.run(registers, psr, content, code)
        abort(made, registers, psr, code, judge.access)
        vcpu = made.vcpu()
        found = [int(vcpu.registers[number]) for number in range(16)], int(vcpu.psr)
        assert found == expected[:2], (registers, hex(psr))
        assert bytes(made.memory.read(content_of(made), 4096)) == expected[2]
    assert int(made.vcpu().counters.emulated) == before + ROUNDS


@pytest.mark.parametrize("line", ARM)
def test_arm(made: Machine, judge: Judge, line: str) -> None:
    compare(made, judge, line, word_of(assemble(ARM)[ARM.index(line)], False), False)


@pytest.mark.parametrize("line", THUMB)
def test_thumb(made: Machine, judge: Judge, line: str) -> None:
    compare(made, judge, line, word_of(assemble(THUMB, thumb=True)[THUMB.index(line)], True), True)


@pytest.mark.parametrize(("before", "after"), [(0x04, 0x08), (0x08, 0x00)])
def test_an_instruction_of_an_it_block_moves_its_state_on(made: Machine, before: int, after: int) -> None:
    """ITAdvance() (ARM A2.5.2): with two instructions of the block left, and with one."""
    flags = 0x4000_0030
    psr = [flags | (state & 3) << 25 | (state >> 2) << 10 for state in (before, after)]
    abort(made, [0, PLACE, *range(13)], psr[0], word_of(assemble(THUMB, thumb=True)[0], True), (PLACE + 4, False))
    assert int(made.vcpu().psr) == psr[1]


def outcome(made: Machine) -> tuple[int, int, int]:
    """Return the virtual mode, and the fault that the guest sees."""
    vcpu = made.vcpu()
    return int(vcpu.mode), int(vcpu.guest_dfsr) & 0x40F, int(vcpu.guest_dfar)


@pytest.mark.parametrize("line", NOT_DECODED)
def test_what_is_not_decoded_is_refused(made: Machine, line: str) -> None:
    refusals = int(made.vcpu().counters.refusals)
    code = word_of(assemble(NOT_DECODED)[NOT_DECODED.index(line)], False)
    abort(made, [0, PLACE, *range(13)], 0x10, code, (PLACE, line.startswith(("str", "swp"))))
    # Synchronous external abort (ARM table B3-23).
    assert outcome(made) == (0x17, 0x008, PLACE)
    assert int(made.vcpu().counters.refusals) == refusals + 1


def test_an_unaligned_access_is_the_guests_alignment_fault(made: Machine) -> None:
    code = word_of(assemble(ARM)[0], False)
    abort(made, [0, PLACE + 2, *range(13)], 0x10, code, (PLACE + 2, False))
    assert outcome(made) == (0x17, 0x001, PLACE + 2)


@pytest.mark.parametrize("access", [(PLACE + 4, False), (PLACE, True)])
def test_another_instruction_than_the_one_that_aborted_is_made_again(made: Machine, access: tuple[int, bool]) -> None:
    registers = [0, PLACE, *range(13)]
    abort(made, registers, 0x10, word_of(assemble(ARM)[0], False), access)
    vcpu = made.vcpu()
    assert [int(vcpu.registers[number]) for number in range(16)] == [*registers, CODE]
    assert int(vcpu.mode) == 0x13


def test_only_the_guest_that_has_the_device_reaches_it(made: Machine) -> None:
    page = made.view(DevicePage, "ovm.core.memory.devices.PAGES", 1)
    write(page, guest=1)
    abort(made, [0, PLACE, *range(13)], 0x10, word_of(assemble(ARM)[0], False), (PLACE, False))
    write(page, guest=0)
    assert outcome(made) == (0x17, 0x008, PLACE)


def test_a_paged_guest_reaches_it_too_but_never_fetches_there() -> None:
    for made in prepared(Level.NRT):
        write(made.vcpu(), space=0, privileged=1)
        arguments = made.vcpu(), PLACE + 0x10
        assert made.call(fault.fault, *arguments, Access.READ.value, 0x005) == FaultOutcome.DEVICE.value
        assert int(made.vcpu().fault_status) == 1
        assert made.call(fault.fault, *arguments, Access.FETCH.value, 0x005) == FaultOutcome.REFUSED.value
        assert made.call(fault.fault, made.vcpu(), PLACE + 0x1000, Access.READ.value, 0x005) == FaultOutcome.REFUSED.value
