# SPDX-License-Identifier: Apache-2.0
"""Branch prediction by its rules (A9 TRM 7.3.2), and directions against a model of the same rules in Python."""

import random
import struct

import pytest

from ovm.board import events, parameters, state
from ovm.board.processor import status
from ovm.board.shortcuts import lines
from ovm.board.shortcuts.slots import drop_records
from ovm.metal import offsetof, sizeof
from tests.board.processor import Processor

CODE = 0x8000
DATA = 0x2_0000
STACK = 0x3_0000
COST = 9
SCTLR_Z = 1 << 11
NOP, WFI = 0xE320F000, 0xE320F003
BX_LR, MOV_PC_LR, LDM_PC, LDR_PC = 0xE12FFF1E, 0xE1A0F00E, 0xE8BD8000, 0xE49DF004
PUSH_LR = 0xE52DE004
NEXT = (0xE4921004, 0xE3510000)  # ldr r1, [r2], #4; cmp r1, #0
EQ, NE, AL = 0, 1, 14


def branch(source: int, target: int, condition: int = AL, link: bool = False) -> int:
    """B or BL from one word's number to another's."""
    return condition << 28 | 0x0A00_0000 | link << 24 | (target - source - 2) & 0xFF_FFFF


class Core:
    """A core that predicts, and what its branches came to."""

    def __init__(self) -> None:
        self.of = Processor()

    def reset(self, history: int = 12, on: bool = True) -> None:
        self.of.reset()
        place = self.of.program.address_of("ovm.board.parameters.PARAMETERS")
        for name, value in (("mispredict", COST), ("branch_history", history)):
            self.of.memory.store(place + offsetof(parameters.Parameters, name), 4, value)
        self.switch(on)

    def switch(self, on: bool) -> None:
        """Write SCTLR.Z of the Secure world."""
        place = self.of.cpu + offsetof(state.Cpu, "world") + offsetof(state.WorldRegisters, "sctlr")
        self.of.memory.store(place, 4, SCTLR_Z if on else 0)
        self.of.call(lines.drop_lines)

    def run(self, code: bytes, registers: tuple[int, ...] = (), thumb: bool = False) -> tuple[int, int]:
        """Execute up to WFI; return how many branches there were and how many were mispredicted."""
        self.of.write(CODE, code)
        for page in range(CODE, CODE + len(code), 4096):
            self.of.call(drop_records, page, 4096)
        return self.again(registers, thumb)

    def again(self, registers: tuple[int, ...] = (), thumb: bool = False) -> tuple[int, int]:
        """Return the same with the code that is there."""
        before, waited = self.counts(), self.of.get("stalled")
        self.of.call(status.return_to, 0x1D3 | thumb << 5)
        self.of.registers = (*registers, *[0] * (13 - len(registers)), STACK, 0)
        self.of.start(CODE)
        self.of.run(10_000_000)
        assert self.of.get("stopped") == state.STOP_WAIT
        after = self.counts()
        branches, mispredicts = (after[which] - before[which] for which in (events.COUNT_BRANCHES, events.COUNT_MISPREDICTS))
        assert self.of.get("stalled") - waited == COST * mispredicts
        return branches, mispredicts

    def words(self, *words: int, registers: tuple[int, ...] = ()) -> tuple[int, int]:
        return self.run(struct.pack(f"<{len(words)}I", *words), registers)

    def counts(self) -> tuple[int, ...]:
        place = self.of.program.address_of("ovm.board.events.CORE_COUNTS")
        return struct.unpack(f"<{events.COUNTS}Q", self.of.memory.read(place, sizeof(events.Counts)))


@pytest.fixture(scope="module")
def shared() -> Core:
    return Core()


@pytest.fixture
def core(shared: Core) -> Core:
    shared.reset()
    return shared


LOOP = (0xE2500001, branch(1, 0, NE), WFI)  # subs r0, r0, #1; bne


def test_a_loop_is_learnt_by_two_turns(shared: Core) -> None:
    """Without history: from strongly not taken the third turn is right, and the last one is not."""
    shared.reset(history=0)
    assert shared.words(*LOOP, registers=(100,)) == (100, 3)
    assert shared.again((100,)) == (100, 1)


def test_history_tells_turns_apart(core: Core) -> None:
    """A loop of 10 turns has a history of its own before its end: 12 directions see it."""
    assert core.words(*LOOP, registers=(10,))[1] > 1
    for _ in range(4):
        core.again((10,))
    assert core.again((10,)) == (10, 0)


@pytest.mark.parametrize(("history", "wrong"), [(12, 1), (0, 21)])
def test_alternation(shared: Core, history: int, wrong: int) -> None:
    """Of 40 turns the last comes by surprise; without history half of the others do."""
    shared.reset(history=history)
    # 0: tst r0, #1; beq 3; nop; 3: subs r0, #1; bne 0
    shared.words(0xE3100001, branch(1, 3, EQ), NOP, 0xE2500001, branch(4, 0, NE), WFI, registers=(40,))
    for _ in range(40):
        shared.again((40,))
    assert shared.again((40,)) == (80, wrong)


class Model:
    """The rules, from the manual and the board file, without the board's code."""

    def __init__(self, history: int) -> None:
        self.counters = [0] * 4096
        self.bits, self.history = history, 0
        self.targets: dict[int, list[int]] = {}  # addresses of two branches for each set, the older one first
        self.branches = self.mispredicts = 0

    def meet(self, address: int, taken: bool, indirect: bool = False) -> None:
        index = address // 2 % 2048 ^ self.history
        wrong = (self.counters[index] >= 2) != taken
        self.counters[index] = min(self.counters[index] + 1, 3) if taken else max(self.counters[index] - 1, 0)
        self.history = (self.history * 2 + taken) % (1 << self.bits)
        known = self.targets.setdefault(address // 4 % 256, [])
        if indirect and taken and address not in known:
            wrong = True
            known[:] = [*known[-1:], address]
        self.branches += 1
        self.mispredicts += wrong


def a32(kinds: list[str]) -> tuple[bytes, list[int]]:
    """Return a loop of conditional branches over a nop, or calls; where each is. r0 counts; the last one is the loop's."""
    words, places = [branch(0, 3), BX_LR, NOP], []
    for kind in kinds:
        words += NEXT
        places.append(CODE + 4 * len(words))
        if kind == "call":
            words += [branch(len(words), 1, EQ, link=True)]
        elif kind == "register":
            words += [0xE28F3004, 0x012FFF13, NOP]  # add r3, pc, #4; bxeq r3
            places[-1] += 4
        else:
            words += [branch(len(words), len(words) + 2, EQ), NOP]
    words += [0xE2500001, branch(len(words) + 1, 3, NE), WFI]
    return struct.pack(f"<{len(words)}I", *words), [*places, CODE + 4 * (len(words) - 2)]


def t32(kinds: list[str]) -> tuple[bytes, list[int]]:
    """Return the same in T32: B<c>, CBZ, and B in an IT block."""
    halves, places = [], []
    for kind in kinds:
        halves += [0x6811, 0x3204, 0x2900]  # ldr r1, [r2]; adds r2, #4; cmp r1, #0
        halves += [0xBF08] if kind == "block" else []
        places.append(CODE + 2 * len(halves))
        halves += [{"branch": 0xD000, "zero": 0xB101, "block": 0xE000}[kind], 0xBF00]
    halves += [0x3801]  # subs r0, #1; bne.w
    far = -(2 * len(halves) + 4) // 2
    places.append(CODE + 2 * len(halves))
    halves += [0xF440 | far >> 11 & 0x3F, 0xA800 | far & 0x7FF, 0xBF30]
    return struct.pack(f"<{len(halves)}H", *halves), places


@pytest.mark.parametrize("history", [12, 7, 0])
@pytest.mark.parametrize("thumb", [False, True])
def test_directions_are_those_of_the_model(shared: Core, thumb: bool, history: int) -> None:
    """Branches with conditions of their own, of A32, of IT blocks, near and across pages, with random outcomes."""
    source = random.Random(history)
    kinds = source.choices(["branch", "zero", "block"] if thumb else ["branch", "call", "register"], [6, 1, 1], k=300)
    code, places = (t32 if thumb else a32)(kinds)
    turns = 60
    shared.reset(history=history)
    model = Model(history)
    others = 0 if thumb else 1  # the branch at the start
    likely = [source.choice((0.02, 0.5, 0.9)) for _ in kinds]
    outcomes = []
    for turn in range(turns):
        for kind, place, chance in zip(kinds, places, likely, strict=False):
            zero = source.random() < chance
            outcomes.append(0 if zero else 1)
            model.meet(place, zero, kind == "register")
            others += zero and kind == "call"  # returns, which are right
        model.meet(places[-1], turn < turns - 1)
    shared.of.write(DATA, struct.pack(f"<{len(outcomes)}I", *outcomes))
    assert shared.run(code, (turns, 0, DATA), thumb) == (model.branches + others, model.mispredicts)


RETURNS = {"bx lr": BX_LR, "mov pc, lr": MOV_PC_LR, "pop {pc}": LDM_PC, "ldr pc, [sp], #4": LDR_PC}


def nested(depth: int, back: int) -> list[int]:
    """Calls in calls, 1 to `depth`, each of which saves r14 and comes back by one instruction."""
    words = [branch(0, 2, link=True), WFI]
    for level in range(depth):
        words += [PUSH_LR]
        if level < depth - 1:
            words += [branch(len(words), len(words) + (3 if back in (BX_LR, MOV_PC_LR) else 2), link=True)]
        words += [0xE49DE004, back] if back in (BX_LR, MOV_PC_LR) else [back]  # ldr lr, [sp], #4
    return words


@pytest.mark.parametrize("back", RETURNS)
@pytest.mark.parametrize(("depth", "wrong"), [(1, 0), (8, 0), (9, 1), (11, 3)])
def test_the_return_stack_holds_eight(core: Core, back: str, depth: int, wrong: int) -> None:
    assert core.words(*nested(depth, RETURNS[back])) == (2 * depth, wrong)


def test_returns_in_t32_and_between_sets(core: Core) -> None:
    """blx to T32 code, which calls and comes back by `bx lr`, `pop {pc}`: all are pushed and popped with their set."""
    thumb = struct.pack("<6H", 0xB500, 0xF000, 0xF801, 0xBD00, 0x4770, 0xBF00)  # push {lr}; bl +4; pop {pc}; bx lr
    code = struct.pack("<2I", 0xFA000000, WFI) + thumb  # blx to the third word
    assert core.run(code) == (4, 0)


def test_indirect_targets_are_remembered(core: Core) -> None:
    """bx r3 in a loop of 10: known from the second time on; to two places in turn it never is."""
    loop = [0xE12FFF13, NOP, 0xE2500001, branch(3, 0, NE), WFI]
    core.words(*loop, registers=(10, 0, 0, CODE + 8))
    assert core.again((1, 0, 0, CODE + 8))[1] <= 1  # the loop's own
    # eor r3, r3, r4; bx r3; nop; nop; subs; bne
    loop = [0xE0233004, 0xE12FFF13, NOP, NOP, 0xE2500001, branch(5, 0, NE), WFI]
    assert core.words(*loop, registers=(20, 0, 0, CODE + 8, 4))[1] >= 20


@pytest.mark.parametrize(("places", "wrong"), [(2, 0), (3, 3)])
def test_a_set_of_the_btac_has_two_ways(core: Core, places: int, wrong: int) -> None:
    """Branches 1 KiB apart share a set."""
    words = [NOP] * (256 * places + 2)
    for number in range(places):
        words[256 * number] = 0xE1A0F004 + number  # mov pc, r4, r5, r6
        words[256 * number + 1] = WFI
    words[256 * places] = WFI
    registers = (0, 0, 0, 0, *[CODE + 1024 * (number + 1) for number in range(places)])
    assert core.words(*words, registers=registers) == (places, places)
    assert core.again(registers) == (places, wrong)


MAINTENANCE = {"BPIALL": 0xEE070FD5, "ICIALLU": 0xEE070F15, "BPIALLIS": 0xEE070FD1, "BPIMVA": 0xEE073FF5, "ICIMVAU": 0xEE073F35}


@pytest.mark.parametrize(("operation", "wrong"), [("BPIALL", 1), ("ICIALLU", 1), ("BPIALLIS", 1), ("BPIMVA", 1), ("ICIMVAU", 0)])
def test_targets_are_forgotten(core: Core, operation: str, wrong: int) -> None:
    """The operation; then bx r4."""
    words = (MAINTENANCE[operation], 0xE12FFF14, NOP, WFI)
    registers = (0, 0, 0, CODE + 4, CODE + 8)
    assert core.words(*words, registers=registers) == (1, 1)
    assert core.again(registers) == (1, wrong)


def test_only_the_branch_named_is_forgotten(core: Core) -> None:
    words = (MAINTENANCE["BPIMVA"], 0xE12FFF14, NOP, WFI)
    core.words(*words, registers=(0, 0, 0, CODE + 4, CODE + 8))
    assert core.again((0, 0, 0, CODE + 8, CODE + 8)) == (1, 0)


@pytest.mark.parametrize(("operation", "wrong"), [("BPIALL", 1), ("BPIMVA", 0)])
def test_returns_are_forgotten(core: Core, operation: str, wrong: int) -> None:
    words = (branch(0, 2, link=True), WFI, MAINTENANCE[operation], BX_LR)
    assert core.words(*words) == (2, wrong)


def test_directions_are_kept(core: Core) -> None:
    core.words(MAINTENANCE["BPIALL"], *LOOP[:1], branch(2, 1, NE), WFI, registers=(4,))
    for _ in range(4):
        core.again((4,))
    assert core.again((4,)) == (4, 0)


def test_without_prediction_taken_branches_wait(shared: Core) -> None:
    """Directions, calls, returns and unconditional ones: each that is taken, none that is not, and nothing is learnt."""
    shared.reset(on=False)
    code = (branch(0, 3), WFI, BX_LR, branch(3, 2, link=True), 0xE2500001, branch(5, 3, NE), branch(6, 1))
    for _ in range(3):
        assert shared.words(*code, registers=(10,)) == (1 + 20 + 10 + 1, 1 + 20 + 9 + 1)
    shared.switch(True)
    assert shared.words(*LOOP, registers=(1,)) == (1, 0)


def test_exception_returns_are_not_predicted(core: Core) -> None:
    """subs pc, lr, #0 and rfe count as no branches (A9 TRM 7.3.2)."""
    # msr spsr_fc, r3; mov lr, r4; movs pc, lr; wfi
    assert core.words(0xE169F003, 0xE1A0E004, 0xE1B0F00E, WFI, registers=(0, 0, 0, 0x1D3, CODE + 12)) == (0, 0)


def test_conditions_that_fail_are_no_returns(core: Core) -> None:
    """bxne lr, then bx lr: the first takes nothing off the stack."""
    words = (branch(0, 2, link=True), WFI, 0xE1500000, 0x112FFF1E, BX_LR)  # cmp r0, r0
    assert core.words(*words) == (3, 0)
    assert core.words(branch(0, 2, link=True), WFI, 0xE1500000, 0x18BD8000, 0x1A000000, BX_LR) == (4, 0)
