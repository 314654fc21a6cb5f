# SPDX-License-Identifier: Apache-2.0
"""Each stub of entry and return against the words whose place it takes, in Debian's own kernels.

Unicorn's processor executes the kernel's words in Supervisor mode, and the patched kernel's in User mode on a vCPU page. Writes
of CP15, which trap there, are what the stubs avoid; where one is made, the test says what must be so.
"""

import random
import struct
from dataclasses import dataclass

import pytest
import unicorn
from unicorn import arm_const

from ovm.abi.vcpu_page import BANK_SVC, BANK_USER, VcpuPage
from ovm.arm.psr import MODE_SVC, MODE_USR
from ovm.linux.compiled import functions_of
from ovm.linux.entry_code import SEQUENCES, Entered, entered
from ovm.linux.kallsyms import symbols_of
from ovm.linux.patch import Patched, words_of
from ovm.linux.sensitive import SVC_BASE
from ovm.metal import offsetof
from tests.linux.debian import SUITES, unpatched
from tests.linux.test_debian_stubs import stubbed

PAGE, STACK, BYTES = 0xC000_0000, 0xCF00_0000, 0x1000
SCTLR, DACR, TPIDRURO = (15, 0, 0, 1, 0, 0, 0), (15, 0, 0, 3, 0, 0, 0), (15, 0, 0, 13, 0, 0, 3)
OFFSETS = {name: offsetof(VcpuPage, name) for name in ("sctlr", "dacr", "leave", "user_tpidruro", "user_dacr")}
OFFSETS |= {"sp": offsetof(VcpuPage, "sp") + 4 * BANK_USER, "lr": offsetof(VcpuPage, "lr") + 4 * BANK_USER}
OFFSETS["spsr"] = offsetof(VcpuPage, "spsr") + 4 * BANK_SVC
REGISTERS = [getattr(arm_const, f"UC_ARM_REG_R{number}") for number in range(13)] + [
    arm_const.UC_ARM_REG_SP,
    arm_const.UC_ARM_REG_LR,
]
# Registers that are dead behind each sequence; its last word that counts is the one behind the stub's work.
DEAD = {
    "registers of a system call": (9, 10, 12),
    "thread of a system call": (),
    "domains of a system call": (9,),
    "control of an exception": (),
    "registers of an exception": (3, 6),
    "thread of an exception": (8,),
    "domains of an interrupt": (3,),
    "return to the kernel": (0,),
}
ROUNDS = 12


@dataclass
class Outcome:
    registers: list[int]
    stack: bytes
    thread: int
    domains: int
    saved: int
    page: bytes
    end: int
    trap: int | None


class Judge:
    def __init__(self, suite: str) -> None:
        self.done: Patched = stubbed(suite)
        self.images = {True: self.done.image, False: unpatched(suite)}
        self.machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.machine.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_A9)
        self.machine.mem_map(PAGE, 0x200_0000)
        self.machine.mem_map(STACK - BYTES, 2 * BYTES)
        base = self.done.layout.base
        self.pieces = [(0xC030_0000, 0x2000), (self.done.padding.start, self.done.stub_bytes)]
        self.base = base

    def load(self, patched: bool) -> None:
        for start, size in self.pieces:
            content = self.images[patched][start - self.base : start - self.base + size]
            self.machine.mem_write(start, content)
            self.machine.ctl_remove_cache(start, start + size)

    def cp15(self, register: tuple[int, ...], value: int | None = None) -> int:
        if value is None:
            return int(self.machine.reg_read(arm_const.UC_ARM_REG_CP_REG, register))
        self.machine.reg_write(arm_const.UC_ARM_REG_CP_REG, (*register, value))
        return value

    def run(
        self, patched: bool, state: dict[str, int], registers: list[int], stack: bytes, start: int, ends: set[int]
    ) -> Outcome:
        machine = self.machine
        machine.reg_write(arm_const.UC_ARM_REG_CPSR, 0x1DF)
        machine.reg_write(arm_const.UC_ARM_REG_SP, state["sp"])
        machine.reg_write(arm_const.UC_ARM_REG_LR, state["lr"])
        machine.reg_write(arm_const.UC_ARM_REG_CPSR, 0x1C0 | MODE_SVC)
        machine.reg_write(arm_const.UC_ARM_REG_SPSR, state["spsr"])
        self.cp15(TPIDRURO, state["thread"])
        self.cp15(DACR, state["dacr"])
        page = bytearray(random.Random(1).randbytes(BYTES))
        for name in ("sp", "lr", "spsr", "dacr"):
            struct.pack_into("<I", page, OFFSETS[name], state[name])
        struct.pack_into("<I", page, OFFSETS["sctlr"], self.cp15(SCTLR))
        machine.mem_write(PAGE, bytes(page))
        machine.mem_write(STACK - BYTES, stack)
        machine.reg_write(arm_const.UC_ARM_REG_CPSR, state["flags"] | (MODE_USR if patched else 0x1C0 | MODE_SVC))
        for each, value in zip(REGISTERS, registers, strict=True):
            machine.reg_write(each, value)
        trap: list[int] = []

        def stop(uc: unicorn.Uc, at: int, size: int, data: object) -> None:
            word = int.from_bytes(uc.mem_read(at, 4), "little")
            if at in ends or word & 0x0FFF_FF00 == SVC_BASE or (patched and word & 0x0F10_0010 == 0x0E00_0010):
                if at not in ends and (word >> 28 == 14 or not uc.reg_read(arm_const.UC_ARM_REG_CPSR) >> 30 & 1):
                    trap.append(word)
                elif at not in ends:
                    return
                uc.emu_stop()

        hook = machine.hook_add(unicorn.UC_HOOK_CODE, stop)
        try:
            machine.emu_start(start, 0, count=100)
        finally:
            machine.hook_del(hook)
        end = machine.reg_read(arm_const.UC_ARM_REG_PC)
        found = [machine.reg_read(each) & 0xFFFF_FFFF for each in REGISTERS]
        kept, thread, domains = bytes(machine.mem_read(STACK - BYTES, 2 * BYTES)), self.cp15(TPIDRURO), self.cp15(DACR)
        after = bytes(machine.mem_read(PAGE, BYTES))
        saved = word_at(after, "spsr")
        if not patched:
            saved = machine.reg_read(arm_const.UC_ARM_REG_SPSR) if end in ends else 0
        machine.reg_write(arm_const.UC_ARM_REG_CPSR, 0x1C0 | MODE_SVC)
        return Outcome(found, kept, thread, domains, saved, after, end, trap[0] if trap else None)


def word_at(page: bytes, name: str) -> int:
    return int.from_bytes(page[OFFSETS[name] : OFFSETS[name] + 4], "little")


def places(suite: str) -> list[Entered]:
    image = unpatched(suite)
    words, layout, symbols = words_of(image), stubbed(suite).layout, symbols_of(image)
    functions = functions_of(words, layout, symbols)
    return list(entered(words, layout.base, functions.entries, functions.name_of))


def random_state(chosen: random.Random) -> tuple[dict[str, int], list[int], bytes]:
    state = {name: chosen.getrandbits(32) for name in ("sp", "lr", "thread")}
    state |= {"flags": chosen.getrandbits(4) << 28, "spsr": chosen.getrandbits(4) << 28 | MODE_USR}
    state["dacr"] = chosen.choice((0x51, 0x55))
    registers = [chosen.getrandbits(32) for _ in range(13)] + [STACK, chosen.getrandbits(32)]
    return state, registers, chosen.randbytes(2 * BYTES)


@pytest.mark.parametrize("suite", SUITES)
def test_stubs_of_entry_do_what_the_words_do(suite: str) -> None:
    judge, chosen = Judge(suite), random.Random(9)
    found = places(suite)
    assert {each.sequence.name for each in found} == {each.name for each in SEQUENCES}
    cases = []
    for place in found:
        for _ in range(ROUNDS if place.sequence.name in DEAD else 0):
            state, registers, stack = random_state(chosen)
            # Bases of stores, and values that are equal to what they are compared with, or not.
            registers[0] = registers[8] = STACK + 0x100
            if "domains" in place.sequence.name:
                registers[8], registers[12] = 0x51, 0x51
            if place.sequence.name.startswith("thread") and chosen.random() < 0.5:
                registers[7] = registers[10] = state["thread"]
            if place.sequence.name == "return to the kernel":
                registers[5] = chosen.getrandbits(4) << 28 | 0x13
            cases.append((place, state, registers, stack))
    outcomes = {}
    for patched in (False, True):
        judge.load(patched)
        outcomes[patched] = [
            judge.run(patched, state, registers, stack, place.branch, {place.covered.stop})
            for place, state, registers, stack in cases
        ]
    trapped = 0
    for (place, state, _, _), old, new in zip(cases, outcomes[False], outcomes[True], strict=True):
        name = place.sequence.name
        if new.trap is not None:
            # The write that the kernel wants, of a value that isn't there yet.
            trapped += 1
            assert new.trap & 0x0FFF_0FFF in (0x0E0D_0F70, 0x0E03_0F10), hex(new.trap)
            assert old.thread != state["thread"] or old.domains != state["dacr"]
            continue
        dead = DEAD[name]
        assert [each for number, each in enumerate(new.registers) if number not in dead] == [
            each for number, each in enumerate(old.registers) if number not in dead
        ], name
        assert new.stack == old.stack, name
        assert (new.thread, new.domains) == (old.thread, old.domains), name
        assert new.saved == old.saved, name
    assert 0 < trapped < len(cases) // 2


@pytest.mark.parametrize("suite", SUITES)
def test_the_return_to_user_mode(suite: str) -> None:
    """The kernel's own words arrive in User mode; the stub's trap, a return with what the page has, must arrive there, too."""
    judge, chosen = Judge(suite), random.Random(10)
    (place,) = [each for each in places(suite) if each.sequence.name == "return to User mode"]
    for _ in range(40):
        state, registers, _ = random_state(chosen)
        frame = [chosen.getrandbits(32) for _ in range(18)]
        frame[15] = STACK + 0x800
        frame[16] = chosen.getrandbits(4) << 28 | 0x10
        bad = chosen.random() < 0.2
        if bad:
            frame[16] |= 0x80
        stack = bytearray(2 * BYTES)
        stack[BYTES : BYTES + 72] = struct.pack("<18I", *frame)
        judge.load(True)
        new = judge.run(True, state, registers, bytes(stack), place.branch, set())
        if bad:
            # The kernel has BUG there: its own words continue, with the write that the stub left out.
            assert new.trap == 0xEE0D_1F70 and new.registers[1] == registers[1]
            assert word_at(new.page, "leave") == word_at(random.Random(1).randbytes(BYTES), "leave")
            continue
        assert new.trap is not None and judge.done.table[new.trap & 0xFF] == 0xE1B0_F00E
        judge.load(False)
        old = judge.run(False, state, registers, bytes(stack), place.branch, {frame[15]})
        assert old.end == frame[15]
        assert new.registers[:13] == old.registers[:13]
        # In User mode: SP and LR of the program. The stub left them in the page, and the kernel's SP above the frame.
        assert [word_at(new.page, "sp"), word_at(new.page, "lr")] == old.registers[13:] == frame[13:15]
        assert new.registers[13:] == [STACK + 72, frame[15]]
        assert word_at(new.page, "spsr") == frame[16]
        assert word_at(new.page, "user_tpidruro") == old.thread == registers[1]
        assert word_at(new.page, "user_dacr") == old.domains == 0x55
        assert word_at(new.page, "leave") != 0
