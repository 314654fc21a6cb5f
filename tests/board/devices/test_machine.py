# SPDX-License-Identifier: Apache-2.0
"""Two cores and devices in one time: nothing but state and parameters decides what happens when."""

import struct
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from ovm.board.api import Board
from ovm.metal.build.zig import zig_binary
from tests.board.start_up import CORE_NUMBER, ENTRY, WAKE_SECOND

ADDS = 2000
# Both cores add to one word by exclusives and print a letter every 250; core 1 is sent from the BootROM's loop.
ADDING = f"""
        {CORE_NUMBER}
        ldr   r9, =0xE0001000
        bne   1f
        {WAKE_SECOND}
        sub   r9, r9, #0x1000
        mov   r0, #0x14
        str   r0, [r9]
    1:  ldr   r8, =0x300000
        ldr   r4, ={ADDS}
        mov   r5, #250
        add   r6, r10, #'a'
    2:  ldrex r1, [r8]
        add   r1, r1, #1
        strex r2, r1, [r8]
        cmp   r2, #0
        bne   2b
        subs  r5, r5, #1
        moveq r5, #250
        streq r6, [r9, #0x30]
        subs  r4, r4, #1
        bne   2b
        add   r3, r8, #0x100
        str   r6, [r3, r10, lsl #2]
    3:  wfi
        b     3b
"""
# Core 1 sleeps with its interface open for SGIs; core 0 waits for its timer, then sends it SGI 3.
WAKING = f"""
        {CORE_NUMBER}
        ldr   r7, =0xF8F00100
        ldr   r8, =0xF8F01000
        mov   r0, #0xF0
        str   r0, [r7, #4]
        mov   r0, #1
        str   r0, [r7]
        str   r0, [r8]
        bne   1f
        {WAKE_SECOND}
        mov   r0, #0x20000000
        str   r0, [r8, #0x100]
        ldr   r6, =0xF8F00600
        ldr   r0, =50000
        str   r0, [r6]
        mov   r0, #5
        str   r0, [r6, #8]
        wfi
        ldr   r2, [r7, #12]
        ldr   r0, =0x20003
        str   r0, [r8, #0xF00]
        b     2f
    1:  wfi
        ldr   r2, [r7, #12]
    2:  wfe
        b     2b
"""
# Core 0 stops core 1, which counts, by A9_CPU_RST_CTRL, for half of the time.
STOPPING = f"""
        {CORE_NUMBER}
        bne   3f
        {WAKE_SECOND}
        ldr   r5, =20000
    1:  subs  r5, r5, #1
        bne   1b
        ldr   r6, =0xF8000000
        ldr   r0, =0xDF0D
        str   r0, [r6, #8]
    6:  mov   r0, #0x20
        str   r0, [r6, #0x244]
        ldr   r5, =20000
    1:  subs  r5, r5, #1
        bne   1b
        mov   r0, #0
        str   r0, [r6, #0x244]
        ldr   r5, =20000
    1:  subs  r5, r5, #1
        bne   1b
        add   r7, r7, #1
        cmp   r7, #5
        bne   6b
        mov   r0, #0x22
        str   r0, [r6, #0x244]
    2:  b     2b
    3:  add   r4, r4, #1
        b     3b
"""
# Segment 0 becomes Non-secure; then Non-secure code reads there and in segment 1. Its abort handler is at 0x210010.
CROSSING = """
        ldr   r6, =0xF8000000
        ldr   r0, =0xDF0D
        str   r0, [r6, #8]
        mov   r0, #1
        str   r0, [r6, #0x430]
        cps   #0x16
        mcr   p15, 0, r0, c1, c1, 0
        isb
        ldr   r1, =0x210000
        mcr   p15, 0, r1, c12, c0, 0
        ldr   r1, =0x1D3
        msr   spsr_fsxc, r1
        adr   lr, 1f
        movs  pc, lr
    1:  ldr   r3, =0x300000
        ldr   r3, [r3]
        ldr   r4, =0x4000000
        ldr   r5, [r4]
    2:  b     2b
        .p2align 16
        .skip 0x10
        mrc   p15, 0, r7, c5, c0, 0
        mrc   p15, 0, r8, c6, c0, 0
    3:  wfi
        b     3b
"""
# Core 0 resets core 1.
RESTARTING = """
        ldr   r6, =0xF8000000
        ldr   r0, =0xDF0D
        str   r0, [r6, #8]
        mov   r0, #0x22
        str   r0, [r6, #0x244]
        mov   r0, #0x20
        str   r0, [r6, #0x244]
        mov   r0, #0
        str   r0, [r6, #0x244]
    1:  b     1b
"""
WATCHED = """
        ldr   r6, =0xF8005000
        ldr   r0, =0x248 << 14
        str   r0, [r6, #4]
        ldr   r0, =0xABC003
        str   r0, [r6]
    1:  b     1b
"""
# Calls 0x201000, lets the DMA controller's program at 0x202000 run on channel 0, calls again.
OVERWRITTEN = """
        ldr   r5, =0x201000
        blx   r5
        mov   r4, r0
        ldr   r6, =0xF8003D00
        ldr   r0, =0x00A00000
        str   r0, [r6, #8]
        ldr   r0, =0x202000
        str   r0, [r6, #12]
        mov   r0, #0
        str   r0, [r6, #4]
        ldr   r1, =5000
    1:  subs  r1, r1, #1
        bne   1b
        blx   r5
    2:  wfi
        b     2b
"""


def build(folder: Path, source: str) -> bytes:
    """Code for ENTRY; nothing in it is to be relocated."""
    (folder / "a.s").write_text(f".syntax unified\n.arm\n{source}\n.ltorg\n")
    command = [str(zig_binary()), "clang", "--target=armv7a-none-eabi", "-mcpu=cortex-a9", "-c", "a.s", "-o", "a.o"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with (folder / "a.o").open("rb") as file:
        return bytes(ELFFile(file).get_section_by_name(".text").data())


@pytest.fixture(scope="module")
def board() -> Board:
    return Board({"quantum": 1})


def started(board: Board, image: bytes, **parameters: int) -> Board:
    board.parameters = {**board.parameters, "quantum": 1, **parameters}
    board.reset()
    board.write(ENTRY, image)
    board.start(ENTRY)
    return board


def state(board: Board) -> tuple[object, ...]:
    return board.now, *((core.cycles, core.instructions, core.registers, core.pc) for core in board.cores)


def consoles(board: Board) -> list[bytearray]:
    texts = [bytearray(), bytearray()]
    board.on_console(lambda uart, data: texts[uart].extend(data))
    return texts


@pytest.fixture(scope="module")
def adding(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return build(tmp_path_factory.mktemp("adding"), ADDING)


def test_exclusives_lose_no_addition_whatever_the_quantum(board: Board, adding: bytes) -> None:
    seen = set()
    for quantum in (1, 7, 100, 2000, 50_000):
        started(board, adding, quantum=quantum, uart_timed=0)
        texts = consoles(board)
        board.run(cycles=3_000_000)
        assert int.from_bytes(board.read(0x30_0000, 4), "little") == 2 * ADDS, quantum
        assert board.read(0x30_0100, 1) + board.read(0x30_0104, 1) == b"ab"
        seen.add((bytes(texts[0]), bytes(texts[1])))
    assert seen == {(b"a" * (ADDS // 250), b"b" * (ADDS // 250))}


def test_equal_runs_are_equal_to_the_cycle(board: Board, adding: bytes) -> None:
    first = started(board, adding).run(cycles=100_000), state(board)
    second = started(board, adding).run(cycles=100_000), state(board)
    assert first == second
    assert all(core.instructions > 500 for core in board.cores)


def test_cutting_a_run_changes_nothing(board: Board, adding: bytes) -> None:
    started(board, adding).run(cycles=90_000)
    whole = board.now, state(board)
    started(board, adding)
    while board.now < whole[0]:
        board.run(cycles=min(777, whole[0] - board.now))
    assert (board.now, state(board)) == whole


def test_timer_and_software_interrupts_wake_at_their_moment(board: Board, tmp_path: Path) -> None:
    started(board, build(tmp_path, WAKING)).run(cycles=500_000)
    first, second = board.cores
    assert (first.get("r2"), second.get("r2")) == (29, 3)
    # 50,000 ticks of half the clock after some ten instructions and accesses to devices.
    assert 100_000 < first.cycles < 102_000
    assert first.cycles - 1000 < second.cycles < first.cycles + 1000
    assert second.instructions < 100


def test_a_stopped_core_stands_still(board: Board, tmp_path: Path) -> None:
    # 220,000 turns of loops, whose branches nothing predicts: SCTLR.Z is 0.
    started(board, build(tmp_path, STOPPING)).run(cycles=4_000_000)
    first, second = board.cores
    assert first.get("r7") == 5
    # Each count takes core 1 as long as one of its own loop takes core 0: 20,000 at first, then for five halves.
    assert 100_000 < second.get("r4") < 140_000
    counted = second.get("r4")
    board.run(cycles=60_000)
    assert second.get("r4") == counted


def test_a_core_begins_at_0_after_its_reset(board: Board, tmp_path: Path) -> None:
    started(board, build(tmp_path, RESTARTING))
    board.write(0, struct.pack("<3I", 0xE3A0_4007, 0xE320_F003, 0xEAFF_FFFD))  # mov r4, #7; wfi; b to the wfi
    board.run(cycles=100_000)
    assert board.cores[1].get("r4") == 7
    assert board.cores[1].pc in (4, 8)


def test_the_system_watchdog_resets_the_machine(board: Board, tmp_path: Path) -> None:
    stop = started(board, build(tmp_path, WATCHED)).run(cycles=10_000_000)
    assert stop.reason == "reset"
    assert 0x1000 * 48 < stop.cycle < 0x1000 * 48 + 2_000


def test_non_secure_code_aborts_on_secure_memory(board: Board, tmp_path: Path) -> None:
    started(board, build(tmp_path, CROSSING))
    board.write(0x30_0000, b"\x2a\0\0\0")
    refused: list[int] = []
    handle = board.subscribe(["bus_refused"], lambda event: refused.append(event.first))
    board.run(cycles=100_000)
    board.unsubscribe(handle)
    core = board.cores[0]
    assert (core.get("r3"), core.get("r5")) == (0x2A, 0)
    assert core.get("r7") & 0x140F == 0x008  # synchronous external abort (ARM B3.13.3)
    assert core.get("r8") == 0x0400_0000
    assert (core.mode, core.secure, refused) == ("abt", False, [0x0400_0000])


def test_code_that_dma_overwrites_is_decoded_anew(board: Board, tmp_path: Path) -> None:
    image = build(tmp_path, OVERWRITTEN)
    started(board, image)
    board.write(0x20_1000, struct.pack("<II", 0xE3A0_0001, 0xE12F_FF1E))  # mov r0, #1; bx lr
    board.write(0x20_3000, struct.pack("<I", 0xE3A0_0002))  # mov r0, #2
    moves = struct.pack("<BBIBBIBBI", 0xBC, 0, 0x20_3000, 0xBC, 2, 0x20_1000, 0xBC, 1, 2 << 1 | 2 << 15)
    board.write(0x20_2000, moves + b"\x04\x08\x00")
    board.run(cycles=300_000)
    assert (board.cores[0].get("r4"), board.cores[0].get("r0")) == (1, 2)
