# SPDX-License-Identifier: Apache-2.0
"""Each stub against the instruction whose place it takes, which Unicorn's processor executes in a privileged mode.

The patched kernel runs in User mode on a vCPU page, from random states: registers, flags, modes, masks, pending interrupts. At
each of its instructions the memory below SP is overwritten, as an interrupt of the guest would do.
"""

import random
import struct
from dataclasses import dataclass

import pytest
import unicorn
from unicorn import arm_const

from ovm.abi.vcpu_page import VcpuPage
from ovm.arm.psr import MODE_ABT, MODE_IRQ, MODE_SVC, MODE_SYS, MODE_UND
from ovm.linux.patch import Options, Patched, patch
from ovm.linux.sensitive import SVC_BASE
from ovm.linux.stubs import Form
from ovm.metal import offsetof
from tests.linux.made_up import BASE, MadeUp, function

PAGE = 0xC000_0000
STACK = 0xC100_0000
STACK_BYTES = 0x1000
CPSID_I, CPSIE_I = 0xF10C_0080, 0xF108_0080
MRS, MSR = 0xE10F_0000, 0xE121_F000
PUSH, POP = 0xE92D_4010, 0xE8BD_8010  # PUSH {R4, LR}; POP {R4, PC}
MOV_R0_LR, BX_LR = 0xE1A0_000E, 0xE12F_FF1E
MODES = (MODE_SVC, MODE_IRQ, MODE_ABT, MODE_UND, MODE_SYS)
MASKED, PENDING, STATUS = (offsetof(VcpuPage, name) for name in ("irq_masked", "irq_pending", "status"))
REGISTERS = (*range(13), 14)
STATES = 25
# The processor's part of CPSR: flags, Q, GE.
FLAGS = 0xF80F_0000


def kernel() -> tuple[bytes, dict[int, tuple[str, int]]]:
    """Return a kernel with each stub in each form: the address of each place, with its form and its number of words."""
    words: dict[int, int] = {}
    places: dict[int, tuple[str, int]] = {}
    single = [CPSID_I, CPSIE_I, *(MRS | number << 12 for number in REGISTERS), *(MSR | number for number in REGISTERS)]
    cases = [([word], live) for word in single for live in (False, True)]
    cases += [([MRS | number << 12, CPSID_I], live) for number in REGISTERS for live in (False, True)]
    for number, (code, live) in enumerate(cases):
        start = function(number)
        end = [MOV_R0_LR, POP] if live else [POP]
        for place, word in enumerate([PUSH, *code, *end]):
            words[start + place * 4] = word
        names_link = len(code) == 1 and code[0] in (MRS | 14 << 12, MSR | 14)
        form = "PAIR" if len(code) == 2 else "OWN" if live or names_link else "LINK"
        places[start + 4] = (form, len(code))
    return MadeUp(words=words).image(), places


@dataclass
class State:
    registers: list[int]
    flags: int
    mode: int
    masks: int  # A and F
    masked: int
    pending: int

    @property
    def cpsr(self) -> int:
        return self.flags | self.masks | self.masked | self.mode


@dataclass
class Judge:
    """One processor with both kernels' code, at different times."""

    image: bytes
    done: Patched

    def __post_init__(self) -> None:
        self.machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.machine.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_A9)
        self.machine.mem_map(PAGE, 0x10_0000)
        self.machine.mem_map(BASE & ~0xFFFF, (len(self.image) + 0x2_0000) & ~0xFFFF)
        self.machine.mem_map(STACK - STACK_BYTES, 2 * STACK_BYTES)
        # SCR.AW and FW: the kernel may mask aborts and FIQs.
        self.machine.reg_write(arm_const.UC_ARM_REG_CP_REG, (15, 0, 0, 1, 1, 0, 0, 0x30))
        self.above = random.Random(0).randbytes(STACK_BYTES)

    def load(self, image: bytes) -> None:
        self.machine.mem_write(BASE, image)
        self.machine.ctl_remove_cache(BASE & ~0xFFFF, (BASE & ~0xFFFF) + ((len(image) + 0x2_0000) & ~0xFFFF))

    def set(self, state: State, cpsr: int) -> None:
        self.machine.reg_write(arm_const.UC_ARM_REG_CPSR, cpsr)
        for number, value in enumerate(state.registers):
            self.machine.reg_write(_REGISTERS[number], value)
        self.machine.mem_write(STACK, self.above)

    def registers(self) -> list[int]:
        return [self.machine.reg_read(each) & 0xFFFF_FFFF for each in _REGISTERS]

    def reference(self, state: State, address: int, count: int) -> tuple[list[int], int]:
        """Return registers and CPSR after the kernel's own instructions, in a privileged mode."""
        self.set(state, state.cpsr)
        self.machine.emu_start(address, address + 4 * count)
        cpsr = int(self.machine.reg_read(arm_const.UC_ARM_REG_CPSR))
        self.machine.reg_write(arm_const.UC_ARM_REG_CPSR, state.cpsr & ~0x1C0 | 0x1C0)
        return self.registers(), cpsr

    def stub(self, state: State, address: int, count: int, late: int = -1) -> tuple[list[int], int, list[int], int]:
        """Run the patched place in User mode; return registers, flags, the traps taken, and steps.

        An interrupt becomes pending before step `late`. A trap is what OVM does: the instruction at that place is over.
        """
        self.set(state, state.flags | 0x10)
        before = random.Random(1).randbytes(0x1000)
        page = bytearray(before)
        words = {MASKED: state.masked, PENDING: state.pending, STATUS: state.mode | state.masks}
        for offset, value in words.items():
            struct.pack_into("<I", page, offset, value)
        self.machine.mem_write(PAGE, bytes(page))
        traps: list[int] = []
        steps = 0

        def step(machine: unicorn.Uc, at: int, size: int, data: object) -> None:
            nonlocal steps
            sp = machine.reg_read(arm_const.UC_ARM_REG_SP)
            machine.mem_write(sp - 64, b"\xa5" * 64)
            if steps == late:
                machine.mem_write(PAGE + PENDING, struct.pack("<I", 1))
            steps += 1

        def trap(machine: unicorn.Uc, number: int, data: object) -> None:
            # Unicorn has executed SVC without an exception: PC is behind it.
            pc = machine.reg_read(arm_const.UC_ARM_REG_PC)
            traps.append(int.from_bytes(machine.mem_read(pc - 4, 4), "little"))

        hooks = [self.machine.hook_add(unicorn.UC_HOOK_CODE, step), self.machine.hook_add(unicorn.UC_HOOK_INTR, trap)]
        try:
            self.machine.emu_start(address, address + 4 * count, count=200)
        finally:
            for hook in hooks:
                self.machine.hook_del(hook)
        assert self.machine.reg_read(arm_const.UC_ARM_REG_PC) == address + 4 * count
        assert self.machine.mem_read(STACK, STACK_BYTES) == self.above
        after = self.machine.mem_read(PAGE, 0x1000)
        changed = [at for at in range(0, 0x1000, 4) if after[at : at + 4] != page[at : at + 4]]
        assert set(changed) <= {MASKED, *([PENDING] if late >= 0 else [])}
        self.masked = int.from_bytes(after[MASKED : MASKED + 4], "little")
        return self.registers(), self.machine.reg_read(arm_const.UC_ARM_REG_CPSR) & FLAGS, traps, steps


_REGISTERS = [getattr(arm_const, f"UC_ARM_REG_R{number}") for number in range(13)] + [
    arm_const.UC_ARM_REG_SP,
    arm_const.UC_ARM_REG_LR,
]


def random_state(chosen: random.Random, word: int) -> State:
    registers = [chosen.getrandbits(32) for _ in range(15)]
    registers[13] = STACK
    state = State(
        registers,
        chosen.getrandbits(32) & FLAGS,
        chosen.choice(MODES),
        chosen.choice((0, 0x40, 0x100, 0x140)),
        chosen.choice((0, 0x80)),
        chosen.choice((0, 0, 1, 2, 1 << 31)),
    )
    if word & 0xFFFF_FFF0 == MSR:
        # A mode that exists: mostly the same one, with the same F.
        mode, masks = (state.mode, state.masks) if chosen.random() < 0.7 else (chosen.choice(MODES), chosen.choice((0, 0x40)))
        registers[word & 15] = chosen.getrandbits(32) & ~0xFF | mode | masks & 0x40 | chosen.choice((0, 0x80))
    return state


@pytest.fixture(scope="module")
def made() -> tuple[Judge, dict[int, tuple[str, int]]]:
    image, places = kernel()
    return Judge(image, patch(image, Options(stubs=True))), places


def test_every_place_has_its_form(made: tuple[Judge, dict[int, tuple[str, int]]]) -> None:
    judge, places = made
    found = {site.address: site.form for site in judge.done.sites}
    assert {address: found[address].name for address in places} == {at: form for at, (form, _) in places.items()}
    assert Form.TRAP not in found.values()


def test_stubs_do_what_the_instructions_do(made: tuple[Judge, dict[int, tuple[str, int]]]) -> None:
    judge, places = made
    sites = {site.address: site for site in judge.done.sites}
    chosen = random.Random(7)
    states = [(address, random_state(chosen, sites[address].sensitive.word)) for address in places for _ in range(STATES)]
    judge.load(judge.image)
    expected = [judge.reference(state, address, places[address][1]) for address, state in states]
    judge.load(judge.done.image)
    seen = set()
    for (address, state), (registers, cpsr) in zip(states, expected, strict=True):
        form, count = places[address]
        word = sites[address].sensitive.word
        found, flags, traps, _ = judge.stub(state, address, count)
        changes_mode = word & 0xFFFF_FFF0 == MSR and (cpsr ^ state.cpsr) & 0x5F != 0
        must_trap = changes_mode or (cpsr & 0x80 == 0 and state.pending != 0 and word >> 16 != 0xE10F)
        assert bool(traps) == must_trap, (hex(word), form, state)
        seen.add((word & 0xFFFF_0000, form, must_trap))
        if form == "LINK":
            found[14] = registers[14]
        if changes_mode:
            # SP and LR are the other mode's then.
            found[13:] = registers[13:]
        if must_trap:
            assert traps[0] & 0x0FFF_FF00 == SVC_BASE
            if not changes_mode:
                assert judge.done.table[traps[0] & 0xFF] & 0xFFFF_FFF0 == word & 0xFFFF_FFF0
        assert found == registers, (hex(word), form, state)
        assert flags == state.flags
        if not must_trap:
            assert judge.masked == cpsr & 0x80, (hex(word), form, state)
    assert len(seen) > 12


def test_an_interrupt_that_comes_before_the_unmasking_store_is_never_lost(
    made: tuple[Judge, dict[int, tuple[str, int]]],
) -> None:
    judge, places = made
    sites = {site.address: site for site in judge.done.sites}
    judge.load(judge.done.image)
    chosen = random.Random(8)
    for address, (_, count) in places.items():
        word = sites[address].sensitive.word
        if word != CPSIE_I and word & 0xFFFF_FFF0 != MSR:
            continue
        state = random_state(chosen, word)
        state.masked, state.pending = 0x80, 0
        if word != CPSIE_I:
            state.registers[word & 15] = state.mode | state.masks & 0x40
        *_, traps, steps = judge.stub(state, address, count)
        assert not traps
        lost = []
        for late in range(steps):
            *_, traps, _ = judge.stub(state, address, count, late)
            lost.append(not traps)
        # Up to the store it traps; behind it, OVM delivers, and the stub may see it or not.
        assert lost == sorted(lost) and not lost[0]
