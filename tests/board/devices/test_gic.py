# SPDX-License-Identifier: Apache-2.0
"""The interrupt controller against ARM IHI0048 (GICv1 with the Security Extensions) and UG585 B.24."""

import pytest

from ovm.board.devices import gic_state
from tests.board.devices.bench import DISTRIBUTOR, FIQ, INTERFACE, IRQ, Devices

GROUP, ENABLE, DISABLE = DISTRIBUTOR + 0x80, DISTRIBUTOR + 0x100, DISTRIBUTOR + 0x180
PEND, UNPEND, ACTIVE = DISTRIBUTOR + 0x200, DISTRIBUTOR + 0x280, DISTRIBUTOR + 0x300
PRIORITY, TARGET, EDGE = DISTRIBUTOR + 0x400, DISTRIBUTOR + 0x800, DISTRIBUTOR + 0xC00
SGIR = DISTRIBUTOR + 0xF00
IAR, EOIR = INTERFACE + 0x0C, INTERFACE + 0x10


@pytest.fixture
def devices() -> Devices:
    made = Devices()
    made.write(DISTRIBUTOR, 3)
    for core in (0, 1):
        made.write(INTERFACE, 0b01011, master=core)  # both groups, group 0 as FIQ
        made.write(INTERFACE + 4, 0xFF, master=core)
    return made


def shared(devices: Devices, number: int, *, priority: int = 0x80, group: int = 0, core: int = 0) -> None:
    word, bit = number // 32 * 4, 1 << number % 32
    value = devices.read(GROUP + word) or 0
    devices.write(GROUP + word, value | bit if group else value & ~bit)
    devices.write(PRIORITY + number, priority, 1)
    devices.write(TARGET + number, 1 << core, 1)
    devices.write(ENABLE + word, bit)


def line(devices: Devices, number: int, up: int) -> None:
    devices.call(gic_state.raise_line, number, up)


def test_reset_values() -> None:
    devices = Devices()
    assert devices.read(DISTRIBUTOR + 4) == 0xFC22
    assert devices.read(ENABLE) == 0xFFFF
    assert devices.read(EDGE) == 0xAAAA_AAAA
    assert devices.read(EDGE + 4) == 0x7DC0_0000
    assert devices.read(EDGE + 8) == 0x5555_5555
    assert devices.read(TARGET, master=1) == 0x0202_0202
    assert [devices.read(TARGET + number) for number in (16, 24, 28)] == [0, 0x0100_0000, 0x0101_0101]
    assert devices.read(INTERFACE + 0x14) == 0xFF
    assert devices.read(INTERFACE + 8) == 2
    assert devices.read(INTERFACE + 0x1C) == 3
    assert devices.read(IAR) == 1023


def test_priorities_have_five_bits(devices: Devices) -> None:
    devices.write(PRIORITY + 40, 0xFF, 1)
    assert devices.read(PRIORITY + 40, 1) == 0xF8
    devices.write(INTERFACE + 4, 0xFF)
    assert devices.read(INTERFACE + 4) == 0xF8


def test_level_comes_again_until_it_falls(devices: Devices) -> None:
    shared(devices, 59)
    line(devices, 59, 1)
    assert devices.lines(0) == FIQ
    assert devices.lines(1) == 0
    assert devices.read(IAR) == 59
    assert devices.lines(0) == 0
    assert devices.read(ACTIVE + 4) == 1 << 27
    devices.write(EOIR, 59)
    assert devices.lines(0) == FIQ
    line(devices, 59, 0)
    assert devices.lines(0) == 0
    line(devices, 59, 1)
    line(devices, 59, 0)
    assert devices.read(IAR) == 1023


def test_edge_comes_once(devices: Devices) -> None:
    shared(devices, 40)
    devices.write(EDGE + 8, 0x3 << 16)
    line(devices, 40, 1)
    assert devices.read(IAR) == 40
    devices.write(EOIR, 40)
    assert devices.lines(0) == 0
    line(devices, 40, 0)
    assert devices.lines(0) == 0
    line(devices, 40, 1)
    assert devices.lines(0) == FIQ


def test_most_urgent_first_then_preemption(devices: Devices) -> None:
    for number, priority in ((40, 0x80), (41, 0x40), (42, 0x40), (43, 0x20)):
        shared(devices, number, priority=priority)
    for number in (40, 41, 42):
        line(devices, number, 1)
    assert devices.read(IAR) == 41
    assert devices.read(INTERFACE + 0x14) == 0x40
    assert devices.read(IAR) == 1023
    line(devices, 43, 1)
    assert devices.lines(0) == FIQ
    assert devices.read(IAR) == 43
    assert devices.read(INTERFACE + 0x14) == 0x20
    line(devices, 43, 0)
    devices.write(EOIR, 43)
    assert devices.read(INTERFACE + 0x14) == 0x40
    line(devices, 41, 0)
    devices.write(EOIR, 41)
    assert devices.read(IAR) == 42


def test_binary_point_decides_about_preemption(devices: Devices) -> None:
    shared(devices, 40, priority=0x28)
    shared(devices, 41, priority=0x20)
    devices.write(INTERFACE + 8, 4)  # priority bits [7:5] preempt
    line(devices, 40, 1)
    assert devices.read(IAR) == 40
    line(devices, 41, 1)
    assert devices.lines(0) == 0
    devices.write(EOIR, 40)
    assert devices.lines(0) == FIQ


def test_mask_lets_only_more_urgent_through(devices: Devices) -> None:
    shared(devices, 40, priority=0x80)
    line(devices, 40, 1)
    devices.write(INTERFACE + 4, 0x80)
    assert (devices.lines(0), devices.read(IAR)) == (0, 1023)
    devices.write(INTERFACE + 4, 0x88)
    assert devices.lines(0) == FIQ


def test_groups_go_to_their_lines_and_acknowledge(devices: Devices) -> None:
    """4.4.4: a group 1 interrupt reads as 1022 in the Secure state without AckCtl, group 0 as 1023 in the other."""
    shared(devices, 40, priority=0xA0, group=1)
    line(devices, 40, 1)
    assert devices.lines(0) == IRQ
    assert devices.read(IAR) == 1022
    assert devices.read(IAR, ns=1) == 40
    devices.write(EOIR, 40, ns=1)
    shared(devices, 41, priority=0x40)
    line(devices, 41, 1)
    assert devices.lines(0) == FIQ
    assert devices.read(IAR, ns=1) == 1023
    assert devices.read(INTERFACE + 0x18, ns=1) == 1023
    assert devices.read(IAR) == 41
    devices.write(EOIR, 41, ns=1)
    assert devices.read(ACTIVE + 4) == 1 << 9
    devices.write(EOIR, 41)
    devices.write(INTERFACE, 0b01111)
    line(devices, 41, 0)
    assert devices.read(IAR) == 40


def test_non_secure_code_sees_group_1_only(devices: Devices) -> None:
    shared(devices, 40, priority=0x40)
    shared(devices, 41, priority=0xA8, group=1)
    assert devices.read(GROUP + 4, ns=1) == 0
    assert devices.read(ENABLE + 4, ns=1) == 1 << 9
    assert devices.read(PRIORITY + 40, ns=1) == (0xA8 << 1 & 0xFF) << 8
    devices.write(PRIORITY + 40, 0, 1, ns=1)
    devices.write(PRIORITY + 41, 0x30, 1, ns=1)
    assert devices.read(PRIORITY + 40) == 0x9840
    devices.write(DISABLE + 4, 0xFFFF_FFFF, ns=1)
    assert devices.read(ENABLE + 4) == 1 << 8
    devices.write(TARGET + 40, 2, 1, ns=1)
    assert devices.read(TARGET + 40, 1) == 1
    assert devices.read(DISTRIBUTOR, ns=1) == 1
    devices.write(DISTRIBUTOR, 0, ns=1)
    assert devices.read(DISTRIBUTOR) == 1


def test_non_secure_mask_reaches_its_half_only(devices: Devices) -> None:
    """3.5.2."""
    devices.write(INTERFACE + 4, 0xF0)
    assert devices.read(INTERFACE + 4, ns=1) == 0xE0
    devices.write(INTERFACE + 4, 0, ns=1)
    assert devices.read(INTERFACE + 4) == 0x80
    devices.write(INTERFACE + 4, 0x40)
    devices.write(INTERFACE + 4, 0xFF, ns=1)
    assert (devices.read(INTERFACE + 4), devices.read(INTERFACE + 4, ns=1)) == (0x40, 0)
    devices.write(INTERFACE, 0, ns=1)
    assert devices.read(INTERFACE) == 0b01001


@pytest.mark.parametrize(
    ("sender", "value", "receivers"),
    [(0, 0x0002_0003, {1}), (1, 0x0100_0003, {0}), (1, 0x0200_0003, {1}), (0, 0x0003_0003, {0, 1})],
)
def test_software_interrupts_reach_their_cores(devices: Devices, sender: int, value: int, receivers: set[int]) -> None:
    """4.3.13; the acknowledged value names the sender in [12:10]."""
    devices.write(SGIR, value, master=sender)
    for core in (0, 1):
        assert devices.lines(core) == (FIQ if core in receivers else 0)
        assert devices.read(IAR, master=core) == (sender << 10 | 3 if core in receivers else 1023)


def test_software_interrupts_keep_to_their_group(devices: Devices) -> None:
    devices.write(GROUP, 1 << 4, master=1)
    devices.write(SGIR, 0x0002_8003)
    devices.write(SGIR, 0x0002_0004)
    assert devices.lines(1) == 0
    devices.write(SGIR, 0x0002_0003, ns=1)
    assert devices.lines(1) == 0
    devices.write(SGIR, 0x0002_0004, ns=1)
    assert devices.lines(1) == IRQ


def test_both_senders_are_told_apart(devices: Devices) -> None:
    devices.write(SGIR, 0x0001_0005, master=1)
    devices.write(SGIR, 0x0001_0005, master=0)
    assert devices.read(IAR) == 5
    devices.write(EOIR, 5)
    assert devices.read(IAR) == 1 << 10 | 5
    devices.write(EOIR, 1 << 10 | 5)
    assert devices.read(IAR) == 1023


def test_looking_acknowledges_nothing(devices: Devices) -> None:
    shared(devices, 40)
    line(devices, 40, 1)
    assert devices.read(IAR, master=3) == 40
    assert devices.lines(0) == FIQ
