# SPDX-License-Identifier: Apache-2.0
"""Tests of who may use the extension registers, and what faults: expectations from the manual (ARM B1.11, A3.2.1, A3.3)."""

import struct

import pytest

from ovm.board.processor import status
from ovm.board.shortcuts import lines
from ovm.board.vfp.state import FPEXC_EN
from ovm.board.vfp.system import FPSID, MVFR0, MVFR1
from tests.board.vfp.machine import DATA, DATA_ABORT, RAM, UNDEFINED, Machine

# vadd.f32 s0, s1, s2; vadd.f64 d16, d1, d2; vadd.i32 d0, d1, d2; vmov d16, r0, r1; vmov.32 d0[1], r0; vldr d0, [r0].
SCALAR, UPPER, SIMD, MOVE_UPPER, LANE, LOAD = 0xEE300A81, 0xEE710B02, 0xF2210802, 0xEC410B30, 0xEE200B10, 0xED900B00
# vld1.8 {d0}, [r0]; vdup.32 d0, r0; vmov.8 d0[0], r0.
ELEMENTS, DUPLICATE, BYTE_LANE = 0xF420070F, 0xEE800B10, 0xEE400B10
VMRS, VMSR = 0xEEF00A10, 0xEEE00A10
FPSID_N, FPSCR_N, MVFR1_N, MVFR0_N, FPEXC_N = 0, 1, 6, 7, 8
USER, SUPERVISOR, MONITOR = 0x1D0, 0x1D3, 0x1D6


@pytest.fixture(scope="module")
def shared() -> Machine:
    return Machine()


@pytest.fixture
def machine(shared: Machine) -> Machine:
    shared.prepare()
    return shared


@pytest.mark.parametrize("word", [SCALAR, UPPER, SIMD, MOVE_UPPER, LANE, LOAD, ELEMENTS, DUPLICATE, BYTE_LANE])
def test_fpexc_and_cpacr_close_everything(machine: Machine, word: int) -> None:
    assert machine.execute(word, (DATA,)) == 0
    machine.control("fpexc", 0)
    assert machine.execute(word, (DATA,)) == UNDEFINED
    machine.control("fpexc", FPEXC_EN)
    machine.set("cpacr", 0)
    assert machine.execute(word, (DATA,)) == UNDEFINED
    machine.set("cpacr", 5 << 20)
    assert machine.execute(word, (DATA,)) == 0
    assert machine.execute(word, (DATA,), USER) == UNDEFINED


@pytest.mark.parametrize(
    ("disable", "closed"),
    [
        (1 << 31, {SIMD, ELEMENTS, DUPLICATE, BYTE_LANE}),
        (3 << 30, {SIMD, ELEMENTS, DUPLICATE, BYTE_LANE, UPPER, MOVE_UPPER}),
    ],
)
def test_asedis_and_d32dis(machine: Machine, disable: int, closed: set[int]) -> None:
    machine.set("cpacr", 0xF << 20 | disable)
    for word in (SCALAR, UPPER, SIMD, MOVE_UPPER, LANE, LOAD, ELEMENTS, DUPLICATE, BYTE_LANE):
        assert machine.execute(word, (DATA,)) == (UNDEFINED if word in closed else 0), hex(word)


def test_nsacr_closes_the_non_secure_state_alone(machine: Machine) -> None:
    machine.set("nsacr", 0)
    assert machine.execute(SCALAR) == 0
    machine.set("scr", 1)
    assert machine.execute(SCALAR) == UNDEFINED
    machine.prepare()
    machine.set("nsacr", 0xC00)
    machine.set("scr", 1)
    assert machine.execute(SCALAR) == 0
    machine.set("nsacr", 0x8C00)
    assert machine.execute(SCALAR) == 0
    assert machine.execute(SIMD) == UNDEFINED
    machine.prepare()
    machine.set("nsacr", 0xCC00)
    machine.set("scr", 1)
    assert machine.execute(UPPER) == UNDEFINED


def test_monitor_mode_is_secure(machine: Machine) -> None:
    machine.set("nsacr", 0)
    machine.call(status.set_mode, 0x16)
    machine.set("scr", 1)
    assert machine.execute(SCALAR, psr=MONITOR) == 0


def test_identification(machine: Machine) -> None:
    for number, value in ((FPSID_N, FPSID), (MVFR0_N, MVFR0), (MVFR1_N, MVFR1), (FPEXC_N, FPEXC_EN)):
        machine.control("fpexc", FPEXC_EN if number == FPEXC_N else 0)
        assert machine.execute(VMRS | number << 16) == 0
        assert machine.registers[0] == value
        assert machine.execute(VMRS | number << 16, psr=USER) == UNDEFINED


def test_fpscr_needs_fpexc_en(machine: Machine) -> None:
    assert machine.execute(VMSR | FPSCR_N << 16, (0xFFFF_FFFF,), USER) == 0
    assert machine.get_control("fpscr") == 0xFFF7_009F
    machine.control("fpexc", 0)
    assert machine.execute(VMRS | FPSCR_N << 16) == UNDEFINED


def test_vmsr_fpexc(machine: Machine) -> None:
    machine.control("fpexc", 0)
    assert machine.execute(VMSR | FPEXC_N << 16, (FPEXC_EN,)) == 0
    assert machine.get_control("fpexc") == FPEXC_EN
    assert machine.execute(VMSR | FPEXC_N << 16, (0,), USER) == UNDEFINED
    assert machine.get_control("fpexc") == FPEXC_EN


def test_short_vectors_bounce(machine: Machine) -> None:
    """Arithmetic alone; the core has none (MVFR0): FPEXC.DEX says why it is UNDEFINED (NEON MPE TRM 2.5)."""
    machine.control("fpscr", 1 << 16)
    assert machine.execute(LANE) == 0
    assert machine.execute(LOAD, (DATA,)) == 0
    assert machine.get_control("fpexc") == FPEXC_EN
    assert machine.execute(SCALAR) == UNDEFINED
    assert machine.get_control("fpexc") == FPEXC_EN | 1 << 29


def test_a_word_that_is_not_aligned_faults(machine: Machine) -> None:
    """A3.2.1: VLDR, VSTR, VLDM and VSTM want words whatever SCTLR.A is; elements do not."""
    for word in (LOAD, 0xED800B00, 0xEC900B04, 0xECA00A02):
        for offset in (1, 2):
            assert machine.execute(word, (DATA + offset,)) == DATA_ABORT
            assert machine.fault_status() & 0x40F == 1
            assert machine.registers[0] == DATA + offset
    machine.write(DATA, bytes(range(16)))
    assert machine.execute(ELEMENTS, (DATA + 3,)) == 0
    assert machine.double(0) == int.from_bytes(bytes(range(3, 11)), "little")


def test_alignment_of_elements(machine: Machine) -> None:
    vld1_aligned, vld1_halves, vld1_doubles = 0xF420071F, 0xF420074F, 0xF42007CF
    assert machine.execute(vld1_aligned, (DATA + 8,)) == 0
    assert machine.execute(vld1_aligned, (DATA + 4,)) == DATA_ABORT
    assert machine.execute(vld1_halves, (DATA + 1,)) == 0
    machine.world("sctlr", 3)
    machine.call(lines.drop_lines)
    assert machine.execute(vld1_halves, (DATA + 2,)) == 0
    assert machine.execute(vld1_halves, (DATA + 1,)) == DATA_ABORT
    assert machine.execute(vld1_doubles, (DATA + 4,)) == DATA_ABORT
    assert machine.execute(ELEMENTS, (DATA + 5,)) == 0


@pytest.mark.parametrize(
    ("word", "alignment"),
    [
        (0xF4A0_030F, 1), (0xF4A0_031F, 4), (0xF4A0_033F, 4), (0xF4A0_07DF, 8), (0xF4A0_0B1F, 8), (0xF4A0_0B2F, 16),
        (0xF4A0_0B0F, 1), (0xF480_031F, 4), (0xF480_071F, 8),
    ],
)  # fmt: skip
def test_alignment_of_one_lane_of_four(machine: Machine, word: int, alignment: int) -> None:
    """VLD4 and VST4 of 8, 16 and 32 bits by index_align (ARM A8.8.328, A8.8.405): 4, 8, and 8 or 16 bytes, or none."""
    for offset in range(1, 32):
        expected = 0 if offset % alignment == 0 else DATA_ABORT
        assert machine.execute(word, (DATA + offset,)) == expected, offset


@pytest.mark.parametrize(
    ("word", "change"),
    [(0xECB00B10, 0x40), (0xECA00B10, 0x40), (0xED300B04, -16), (0xF420020D, 32), (0xF400070D, 8), (0xF4A0000D, 1)],
)
def test_an_abort_leaves_the_base(machine: Machine, word: int, change: int) -> None:
    """vldm r0!, vstm r0!, vldmdb r0!, vld1 of 4, vst1..., one lane: written back only when all of it succeeded."""
    assert machine.execute(word, (DATA,)) == 0
    assert machine.registers[0] == DATA + change
    edge = RAM - 4 if change > 1 else (RAM if change == 1 else RAM + 8)
    assert machine.execute(word, (edge,)) == DATA_ABORT
    assert machine.registers[0] == edge


def test_big_endian_doubles(machine: Machine) -> None:
    machine.write(DATA, bytes(range(1, 9)))
    assert machine.execute(LOAD, (DATA,), SUPERVISOR | 0x200) == 0
    assert machine.double(0) == 0x0102_0304_0506_0708
    assert machine.execute(0xF42007CF, (DATA,), SUPERVISOR | 0x200) == 0
    assert machine.double(0) == 0x0102_0304_0506_0708
    assert machine.execute(0xF420074F, (DATA,), SUPERVISOR | 0x200) == 0
    assert machine.double(0) == 0x0708_0506_0304_0102
    assert machine.execute(0xED800B02, (DATA,), SUPERVISOR | 0x200) == 0
    assert machine.read(DATA + 8, 8) == struct.pack(">Q", 0x0708_0506_0304_0102)


def test_each_core_has_registers_of_its_own(machine: Machine) -> None:
    machine.set_double(3, 0)
    machine.set("number", 1)
    assert machine.execute(0xEC410B13, (0x1111, 0x2222)) == UNDEFINED
    machine.set("number", 0)
    assert machine.execute(0xEC410B13, (0x1111, 0x2222)) == 0
    assert machine.double(3) == 0x2222_0000_1111
    assert machine.double(3, core=1) == 0


def test_fixed_point_rounds_to_nearest(machine: Machine) -> None:
    """A8.8.308: VCVT from fixed point ignores FPSCR's rounding mode, where Unicorn does not."""
    for mode in range(4):
        machine.control("fpscr", mode << 22)
        machine.set_double(0, 0x0100_0001)
        assert machine.execute(0xEEBA0AE0 | 0xF) == 0  # vcvt.f32.s32 s0, s0, #1
        assert machine.double(0) == 0x4B00_0000
        machine.control("fpscr", mode << 22)
        machine.set_double(0, 0x0100_0003)
        assert machine.execute(0xEEB80AC0) == 0  # vcvt.f32.s32 s0, s0
        assert machine.double(0) & 0xFFFF_FFFF == (0x4B80_0002, 0x4B80_0002, 0x4B80_0001, 0x4B80_0001)[mode]


@pytest.mark.parametrize(
    "word",
    [
        0xEC410B10 | 0xF000,  # vmov d0, pc, r1
        0xEC511B10,  # vmov r1, r1, d0
        0xECAF0A01,  # vstm pc!
        0xEC900A00,  # vldm of nothing
        0xECF0FA02,  # vldm of s31 and what is behind
        0xEC90FB22,  # vldm of 17 doubles
        0xF4AF000F,  # vld1 of a lane from PC
        0xF460F200,  # vld1 of d31 and what is behind
        0xF3FFFB8F,  # vtbl of d31 and what is behind
    ],
)
def test_unpredictable_stops(machine: Machine, word: int) -> None:
    machine.execute(word, (DATA,))
    assert machine.is_unpredictable, hex(word)
