# SPDX-License-Identifier: Apache-2.0
"""Slots that stretches of code take, against what the Cortex-A9 TRM (B.2 to B.4) and LLVM's model of the core say."""

import random
import struct

import pytest

from ovm.board.parameters import Parameters
from ovm.metal import offsetof
from tests.board.issue.cost import CODE, assembled, prepare, slots, step, taken, turns
from tests.board.processor import Processor


@pytest.fixture(scope="module")
def core() -> Processor:
    return Processor()


def total(core: Processor, text: str, thumb: bool = False, **parameters: int) -> int:
    """Slots of all instructions before a branch: how many they are, or more if one is issued, or keeps its unit, later."""
    code = assembled(text, thumb)
    prepare(core, code + assembled("b .", thumb), thumb, **parameters)
    end = CODE + sum(map(len, code))
    return sum(taken(core, end))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add r0, r1, r2; add r3, r1, r2; add r4, r1, r2; add r5, r1, r2", 4),  # two a cycle
        ("add r0, r0, r2; add r0, r0, r2; add r0, r0, r2; add r0, r0, r2", 6),  # each waits for the one before
        ("add r0, r1, r2; add r3, r0, r2; add r4, r1, r2; add r5, r4, r2", 4),  # two chains fill each other's waits
        ("cmp r1, r2; addeq r0, r0, #1; addne r3, r3, #1", 3),
        ("cmp r1, r2; addeq r0, r0, #1; addeq r0, r0, #1", 4),  # flags are operands
        ("muls r0, r1, r2; bne . + 4; add r3, r1, r2", 3),  # of a branch, which is predicted, they aren't
        ("mov r0, r1; movne r0, r2; add r3, r0, #1", 4),  # a conditional result is the old one, too
        ("ldr r0, [r1]; add r2, r0, #1", 4),  # B.3: forwarded, 2 cycles
        ("ldr r0, [r1]; add r2, r3, r0, lsl #1", 8),  # with a shift 3; B.2: the shift takes 2
        ("ldrsh r0, [r1]; add r2, r0, #1", 8),  # sign extension 4
        ("ldrb r0, [r1]; add r2, r0, #1", 6),  # a byte 3
        ("ldrne r0, [r1]; add r2, r0, #1", 6),  # conditional 3
        ("ldr r0, [r1]; ldr r0, [r0]", 8),  # 4 to the next address
        ("ldr r0, [r1, r2, lsl #2]; ldr r0, [r0]", 8),  # a simple addressing mode
        ("ldr r0, [r1, r2, lsl #3]; ldr r0, [r0]", 10),  # a cycle later
        ("ldr r0, [r1]; str r0, [r2]", 2),  # a store waits for its data behind the core
        ("ldr r0, [r1], #4; ldr r2, [r1]", 2),  # the base is there after a cycle
        ("ldr r0, [r1]; ldr r2, [r1]; ldr r3, [r1]", 4),  # one unit for addresses
        ("str r0, [r1]; ldr r2, [r1]; add r3, r1, r2, lsl #1", 10),
        ("ldr r0, [r1]; add r3, r4, r5; add r6, r0, #1", 4),  # what is done while one waits costs nothing more
        ("mul r0, r1, r2; add r3, r0, #1", 8),  # B.4: 4
        ("mul r0, r1, r2; mul r3, r1, r2", 6),  # two cycles each
        ("smulbb r0, r1, r2; add r3, r0, #1", 6),  # 3
        ("umull r0, r3, r1, r2; add r4, r5, #1; add r6, r5, #1", 4),  # three cycles of one ALU; the other is free
        ("eor r0, r1, r2, lsl #3; eor r3, r0, r2", 4),  # B.2: 2
        ("eor r0, r1, r2, lsl r3; eor r3, r0, r2", 6),  # 3
        ("lsl r0, r1, #3; eor r3, r0, r2", 2),  # MOV: 1
        ("uxtb r0, r1; add r2, r0, #1", 4),  # 2
        ("uxtab r0, r1, r2; add r2, r0, #1", 6),  # 3
        ("ubfx r0, r1, #2, #3; add r2, r0, #1", 4),
        ("ssat r0, #3, r1; add r2, r0, #1", 6),
        ("qadd r0, r1, r2; add r2, r0, #1", 4),
        ("clz r0, r1; add r2, r0, #1", 2),
        ("ldm r1, {r2-r9}; add r0, r9, #1", 10),  # four cycles of addresses; the last register comes a cycle behind
        ("push {r4-r7}; ldr r0, [r1]", 4),
    ],
)
def test_a_stretch(core: Processor, text: str, expected: int) -> None:
    code = assembled(text)
    assert total(core, text) == expected
    assert len(code) <= total(core, text, issue_window=1)


@pytest.mark.parametrize(
    ("cycles", "texts"),
    [
        (4, ("mla r0, r1, r2, r3", "smmul r0, r1, r2", "smmla r0, r1, r2, r3", "umull r0, r5, r1, r2", "umaal r0, r5, r1, r2")),
        (
            3,
            ("smlabb r0, r1, r2, r3", "smulwb r0, r1, r2", "smuad r0, r1, r2", "smlalbb r0, r5, r1, r2", "smlald r0, r5, r1, r2"),
        ),
        (3, ("smlawb r0, r1, r2, r3", "smlad r0, r1, r2, r3", "usad8 r0, r1, r2", "usada8 r0, r1, r2, r3")),
        (2, ("bfi r0, r1, #2, #3", "pkhbt r0, r1, r2", "shadd8 r0, r1, r2")),
        (1, ("rev r0, r1", "movw r0, #3", "sel r0, r1, r2", "sadd8 r0, r1, r2", "mrs r0, cpsr")),
    ],
)
def test_when_each_result_is_an_operand(core: Processor, cycles: int, texts: tuple[str, ...]) -> None:
    """A9 TRM B.4 for multiplications, with the lower half of a long product; B.2 and LLVM's model for the others."""
    assert {text: total(core, f"{text}; add r4, r0, #1") for text in texts} == dict.fromkeys(texts, 2 * cycles)


def test_counted_down_by_predicted_branches(core: Processor) -> None:
    """Linux' delay loop, SUBS and BHI, takes a cycle a turn: boot logs of Zynq at 666.67 MHz say 1332 BogoMIPS."""
    assert turns(core, assembled("subs r0, r0, #1; bhi . - 4"), 4) == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ldr r0, [r0]; subs r1, r1, #1; bne . - 8", [6, 1, 1]),  # 4 cycles from load to load, whatever is in between
        ("mul r0, r0, r0; nop; b . - 8", [6, 1, 1]),
        ("ldr r0, [r1]; subs r2, r2, #1; bne . - 8", [1, 1, 1]),  # nothing waits
        ("ldr r0, [r0]; subs r1, r1, #1; beq . + 8; b . - 12", [5, 1, 1, 1]),
    ],
)
def test_a_turn_waits_for_the_one_before(core: Processor, text: str, expected: list[int]) -> None:
    code = assembled(text)
    assert turns(core, code, 3 * len(code))[-len(code) :] == expected


def test_a_narrow_loop(core: Processor) -> None:
    code = [*assembled("ldr r0, [r0]; subs r1, r1, #1", True), struct.pack("<H", 0xD1FC)]
    assert turns(core, code, 6, True)[3:] == [6, 1, 1]


@pytest.mark.parametrize(("jump", "followed"), [("b", True), ("bl", True), ("bne", False), ("blne", False), ("blx", False)])
def test_what_is_followed(core: Processor, jump: str, followed: bool) -> None:
    """A direct branch that is sure to be taken, in the same instruction set."""
    code = [*assembled(f"ldr r0, [r1]; {jump} . + 16"), *assembled("bx lr; bx lr; bx lr; ldr r0, [r0]; b .")]
    assert turns(core, code, 1) == [6 if followed else 1]


@pytest.mark.parametrize(("distance", "followed"), [(256, True), (260, False), (-240, True), (-280, False)])
def test_how_far_it_is_followed(core: Processor, distance: int, followed: bool) -> None:
    load, chase, end = assembled("ldr r0, [r1]; ldr r0, [r0]; b .")
    at = CODE + 0x400
    prepare(core, [load, assembled(f"b . + {distance}" if distance > 0 else f"b . - {-distance}")[0]], False, at)
    core.write(at + 4 + distance, chase + end)
    core.start(at)
    assert (step(core) > 1) == followed


def test_it_is_not_followed_to_another_page(core: Processor) -> None:
    load, chase, end = assembled("ldr r0, [r1]; ldr r0, [r0]; b .")
    for at, followed in ((CODE + 16, True), (CODE, False)):
        prepare(core, [load, assembled("b . - 20")[0]], False, at)
        core.write(at - 16, chase + end)
        core.start(at)
        assert step(core) == (6 if followed else 1)


@pytest.mark.parametrize("distance", [-240, -32, 256])
def test_where_a_branch_leads_may_be_written(core: Processor, distance: int) -> None:
    load, chase, end, store = assembled("ldr r0, [r1]; ldr r0, [r0]; b .; str r2, [r3]")
    target = CODE + 0x404 + distance
    prepare(core, [load, assembled(f"b . + {distance}" if distance > 0 else f"b . - {-distance}")[0]], False, CODE + 0x400)
    core.write(target, end)
    core.write(0x9000, store)
    core.start(CODE + 0x400)
    assert step(core) == 1
    core.registers = (0xA000, 0xA000, int.from_bytes(chase, "little"), target, *[0] * 11)
    core.start(0x9000)
    step(core)
    core.start(CODE + 0x400)
    assert step(core) == 7


def test_a_chain_is_as_long_as_its_latencies(core: Processor) -> None:
    """In the long run: 40 loads, each with the address that the last one gave, at 4 cycles; others at a cycle each."""
    chain = slots(core, assembled("ldr r0, [r0]; " * 40))
    assert chain[:32] == [8] * 32
    between = slots(core, assembled("ldr r0, [r0]; add r1, r1, #1; add r2, r2, #1; " * 12))
    assert sum(between[:18]) == 6 * 8
    apart = slots(core, assembled("ldr r0, [r1]; " * 40))
    assert apart[:32] == [2] * 32


def test_costs_add_up_wherever_a_stretch_is_entered(core: Processor) -> None:
    code = assembled("ldr r0, [r1]; mul r2, r0, r0; adds r3, r2, r1; ldr r4, [r1]; addeq r5, r4, r3; b .")
    costs = turns(core, code, 5)
    for first in range(5):
        assert turns(core, code[first:], 5 - first) == costs[first:]
    # The load to the multiplication, 3 cycles; from there the load of r4 hides some of the 4 to the addition.
    assert costs == [6, 5, 1, 3, 1]


@pytest.mark.parametrize("last", ["dsb", "ldrex r0, [r1]", "mrc p15, 0, r0, c0, c0, 0", "cpsid f", "clrex"])
def test_what_drains_is_alone(core: Processor, last: str) -> None:
    """An instruction before it takes its whole cycle, and waits are over when it begins."""
    code = assembled(f"add r3, r1, r2; add r4, r1, r2; {last}; add r5, r1, r2; add r6, r1, r2")
    assert slots(core, code[:2] + code[2:])[:2] == [1, 2]


def test_barriers_take_time(core: Processor) -> None:
    for text, waited in (("dsb", 10), ("dmb", 10), ("isb", 15), ("nop", 0)):
        for thumb in (False, True):
            prepare(core, assembled(text, thumb), thumb, barrier=10, serialise=15)
            step(core)
            assert core.get("stalled") == waited


def test_narrow_and_wide(core: Processor) -> None:
    assert total(core, "adds r0, r0, r1; adds r0, r0, r1; ldr r2, [r0]; adds r2, r2, #1", thumb=True) == 2 + 2 + 4
    assert total(core, "ldr.w r0, [r1]; ldr r0, [r0]; add.w r2, r0, #1", thumb=True) == 8 + 4


def test_if_then(core: Processor) -> None:
    """An instruction in an IT block reads flags, one behind it doesn't: CMP; ITTT EQ, IT EQ or ITTT AL; CMP; ADD twice."""
    for it, expected in ((0xBF02, [1, 1, 2, 1]), (0xBF08, [1, 1, 1, 1]), (0xBFE2, [1, 1, 1, 1])):
        code = [struct.pack("<H", each) for each in (0x4291, it, 0x4291, 0x189B, 0x189B, 0xE7FE)]
        assert turns(core, code, 4, True) == expected


@pytest.mark.parametrize("thumb", [False, True])
def test_a_stretch_ends_with_its_page(core: Processor, thumb: bool) -> None:
    code = assembled("ldr r0, [r1]; ldr r0, [r0]; b .", thumb)
    size = len(code[0])
    inside = slots(core, code[:2], thumb, CODE + 0x1000 - 2 * size)
    across = slots(core, code[:2], thumb, CODE + 0x1000 - size)
    assert (inside[0], across[0]) == (8, 1)


def test_a_stretch_ends_with_its_line_where_lines_have_bytes(core: Processor) -> None:
    """A block can't know what the next line will hold when it is fetched."""
    code = assembled("ldr r0, [r1]; ldr r0, [r0]; b .")
    prepare(core, code, False, CODE + 28, stale_lines=1)
    assert step(core) == 1


@pytest.mark.parametrize("distance", [1, 3, 7])
def test_what_follows_may_be_written(core: Processor, distance: int) -> None:
    """A store changes the cost of what was executed before, into a line from which nothing was."""
    chase, nop = assembled("ldr r0, [r0]; nop")
    code = [chase, *[nop] * 7, assembled("b .")[0]]
    changed = [*code[:distance], chase, *code[distance + 1 :]]
    at = CODE + 32 - 4
    prepare(core, changed, False, at, level1_load=30)
    expected = step(core)
    store = assembled("str r2, [r3]")
    prepare(core, code, False, at, level1_load=30)
    core.write(0x9000, store[0])
    assert step(core) == 1
    core.registers = (0xA000, 0, int.from_bytes(chase, "little"), at + 4 * distance, *[0] * 11)
    core.start(0x9000)
    step(core)
    core.start(at)
    assert step(core) == expected > 1


def test_without_a_window_all_take_their_turn(core: Processor) -> None:
    code = assembled("ldr r0, [r1]; ldr r0, [r0]; mul r2, r0, r0; umull r0, r1, r2, r3; b .")
    assert slots(core, code[:4], issue_window=0) == [2, 2, 4, 6]


@pytest.mark.parametrize("window", [1, 2, 3, 6, 16])
def test_no_more_instructions_wait_than_the_window_holds(core: Processor, window: int) -> None:
    """The last four are decoded behind an ADD that waits until slot 40 if the window holds all five."""
    text = "ldr r0, [r1]; add r2, r0, #1" + 4 * "; add r3, r4, r5"
    assert total(core, text, load_forwarded=20, issue_window=window) == 40 + max(0, 5 - window)


def test_each_latency_is_a_parameter(core: Processor) -> None:
    for name, text in (
        ("load_forwarded", "ldr r0, [r1]; add r2, r0, #1"),
        ("load_result", "ldr r0, [r1]; mul r2, r0, r3"),
        ("level1_load", "ldr r0, [r1]; ldr r0, [r0]"),
        ("shift_result", "eor r0, r1, r2, lsl #3; eor r3, r0, r2"),
        ("multiply_result", "mul r0, r1, r2; add r3, r0, #1"),
        ("multiply_half_result", "smulbb r0, r1, r2; add r3, r0, #1"),
    ):
        assert offsetof(Parameters, name) >= 0
        times = [total(core, text, **{name: cycles}) for cycles in (9, 10, 30)]
        assert (times[1] - times[0], times[2] - times[0]) == (2, 42), name


def test_every_instruction_takes_a_slot(core: Processor) -> None:
    """Counted instructions rely on it, and two slots a cycle are all there are."""
    chance = random.Random(7)
    forms = ("add r{}, r{}, r{}", "mul r{}, r{}, r{}", "umull r{}, r9, r{}, r{}")
    forms += ("eor r{}, r{}, r{}, lsl #3", "orr r{}, r{}, r{}, lsr r1")
    for _ in range(40):
        lines = [chance.choice(forms).format(*(chance.randrange(2, 7) for _ in range(3))) for _ in range(16)]
        code = assembled(";".join(lines))
        prepare(core, code + assembled("b ."))
        taken(core, CODE + 4)  # the page is entered, the first instruction executed
        for number in range(1, len(code)):
            before = core.get("slots")
            core.run(2)  # decoded, then executed
            assert core.pc == CODE + 4 * number + 4
            assert 1 <= core.get("slots") - before <= 10, lines
