# SPDX-License-Identifier: Apache-2.0
"""Every register of the L2C-310 with each bit alone, by both worlds, with the cache on and off (ARM DDI0246 3.3; UG585 B.20)."""

import pytest

from ovm.board.cache import level2
from tests.board.cache.rig import Rig

ALL = 0xFFFF_FFFF
CONTROL, AUXILIARY, RAW, CLEAR, MASKED, MASK, PREFETCH = 0x100, 0x104, 0x21C, 0x220, 0x218, 0x214, 0xF60
# Offset: value after reset, bits that can be written.
REGISTERS = {
    0x000: (0x4100_00C8, 0), 0x004: (0x9E30_0300, 0),
    CONTROL: (0, 1), AUXILIARY: (0x0206_0000, ALL), 0x108: (0x777, 0x777), 0x10C: (0x777, 0x777),
    0x200: (0, 1), 0x204: (0, 0x3F), 0x208: (0, 0x3F), 0x20C: (0, ALL), 0x210: (0, ALL),
    MASK: (0, 0x1FF), MASKED: (0, 0), RAW: (0, 0), CLEAR: (0, 0),
    **{0x900 + 4 * number: (0, 0xFF) for number in range(16)}, 0x950: (0, 1),
    0xC00: (0x4000_0001, ALL), 0xC04: (0xFFF0_0000, ALL), 0xF40: (0, 7), PREFETCH: (0, ALL), 0xF80: (0, 3),
}  # fmt: skip
CONFIGURATION = (AUXILIARY, 0x108, 0x10C)  # refused while it is on
FOR_ALL = range(0x200, 0x224, 4)  # the Non-secure world may write
LOCKDOWN = (*range(0x900, 0x940, 4), 0x950, 0x954)  # too, with auxiliary control bit 26
OPERATIONS = range(0x730, 0x800, 4)
LINKED = 3 << 28  # of auxiliary and prefetch control: one and the same


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def shown(rig: Rig) -> dict[int, int]:
    return {offset: rig.register(offset) for offset in REGISTERS}


def after(known: dict[int, int], offset: int, value: int) -> dict[int, int]:
    """Return all registers after a write that isn't refused."""
    found = known | {offset: known[offset] & ~REGISTERS[offset][1] | value & REGISTERS[offset][1]}
    if offset in (AUXILIARY, PREFETCH):
        other = PREFETCH if offset == AUXILIARY else AUXILIARY
        found[other] = found[other] & ~LINKED | value & LINKED
    if offset == 0x200:
        found |= {count: 0 for bit, count in ((1, 0x210), (2, 0x20C)) if value >> bit & 1}
    return found


def test_each_bit_of_each_register(rig: Rig) -> None:
    rig.reset()
    rig.call(level2.level2_reset)
    known = shown(rig)
    assert known == {offset: value for offset, (value, _) in REGISTERS.items()}
    for offset in REGISTERS:
        for value in (ALL, *(1 << bit for bit in range(32)), 0):
            assert not rig.write(offset, value), hex(offset)
            known = after(known, offset, value)
            assert rig.register(offset) == known[offset], (hex(offset), hex(value))
            if offset == CONTROL:
                rig.write(CONTROL, 0)
                known[CONTROL] = 0
        assert shown(rig) == known, hex(offset)
    for offset in range(0, 0x1000, 4):
        if offset not in REGISTERS and offset not in OPERATIONS and offset != 0x954:
            assert not rig.write(offset, ALL)
            assert rig.register(offset) == 0, hex(offset)
    assert shown(rig) == known


@pytest.mark.parametrize("on", (0, 1))
@pytest.mark.parametrize("opened", (0, 1))
def test_who_may_write_what(rig: Rig, on: int, opened: int) -> None:
    rig.reset()
    rig.call(level2.level2_reset)
    rig.write(AUXILIARY, 0x0206_0000 | opened << 26)
    rig.write(CONTROL, on)
    # All registers, all operations, and some places where nothing is.
    for offset in (*REGISTERS, *OPERATIONS, 0x954, 0x040, 0x110, 0x224, 0x500, 0x72C, 0x940, 0xBFC, 0xC08, 0xFFC):
        for ns in (0, 1):
            before = shown(rig)
            allowed = offset in FOR_ALL or offset in OPERATIONS or (bool(opened) and offset in LOCKDOWN)
            refused = (bool(ns) and not allowed) or (not ns and bool(on) and offset in CONFIGURATION)
            value = on if offset == CONTROL else 0x0206_0000 | opened << 26 if offset == AUXILIARY else 0x5A
            if offset == PREFETCH:
                value = 5
            assert rig.write(offset, value, ns) == refused, (hex(offset), ns)
            changed = after(before, offset, value) if offset in REGISTERS and not refused else before
            assert shown(rig) == changed, (hex(offset), ns)


def test_the_overflow_interrupt(rig: Rig) -> None:
    """ECNTR is bit 0 of the raw status: masked, and cleared by a one at its place."""
    rig.reset()
    for number, (source, count) in enumerate(((0x208, 0x210), (0x204, 0x20C))):
        rig.write(source, 3 << 2 | 3)
        rig.write(0x200, 1)
        rig.write(count, ALL - 1)
        for loads, raw in ((1, 0), (2, 1), (3, 1)):
            rig.load(0x40_0000 + loads * 64 + number * 0x1000)
            assert (rig.register(RAW), rig.register(MASKED)) == (raw, 0)
        rig.write(MASK, 1)
        assert rig.register(MASKED) == 1
        rig.write(CLEAR, 0x1FE)
        assert rig.register(RAW) == 1
        rig.write(CLEAR, 1)
        assert (rig.register(RAW), rig.register(MASKED)) == (0, 0)
        assert rig.register(count) == 1
        rig.write(MASK, 0)
        rig.write(source, 0)


@pytest.mark.parametrize("kind", (0x70, 0xB0, 0xF0))
def test_an_operation_by_way_takes_a_cycle_a_line(rig: Rig, kind: int) -> None:
    for ways in (0, 1, 0x80, 0x1A5):
        rig.reset()
        rig.set_time(1_000_000)
        assert not rig.call(level2.write, 0x70C | kind, ways, 0)
        cycles = 2048 * bin(ways & 0xFF).count("1")
        for moment, busy in ((0, cycles != 0), (cycles - 1, cycles != 0), (cycles, False)):
            if cycles or moment == 0:
                rig.set_time(1_000_000 + moment)
                assert rig.register(0x70C | kind) == (ways & 0xFF if busy else 0)
                other = (0x770, 0x7B0, 0x7F0, 0x730, 0x778, 0x7F8)
                assert [rig.register(offset) for offset in other] == [int(busy)] * 6
                assert bool(rig.call(level2.write, 0x214, 0, 1)) == busy
