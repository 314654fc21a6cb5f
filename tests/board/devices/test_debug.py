# SPDX-License-Identifier: Apache-2.0
"""Rights to debug the cores: CTRL and LOCK of the device configuration interface (UG585 B.16), debug registers (ARM C11.11)."""

import pytest

from ovm.board.devices.signal import HELD_CLOCK, HELD_DEBUG
from tests.board.devices.bench import Devices

CONTROL, LOCK, UNLOCK = 0xF800_7000, 0xF800_7004, 0xF800_7034
AFTER_BOOT = 0x4C00_E07F
CORES = (0xF889_0000, 0xF889_2000)
STATUS, RUN, LOCK_ACCESS, LOCK_STATUS, AUTHENTICATION = 0x088, 0x090, 0xFB0, 0xFB4, 0xFB8
KEY = 0xC5AC_CE55
HALT, GO_ON = 1, 2


@pytest.fixture
def devices() -> Devices:
    return Devices()


def test_what_fsbl_shows(devices: Devices) -> None:
    shown = [devices.read(0xF800_7000 + offset) for offset in (0x00, 0x04, 0x08, 0x10, 0x34, 0x80)]
    assert shown == [AFTER_BOOT, 0x1A, 0x508, 0xFFFF_FFFF, 0x757B_DF0D, 0x3080_0100]


@pytest.mark.parametrize("address", [CONTROL, LOCK])
def test_it_is_secure(devices: Devices, address: int) -> None:
    assert devices.read(address, ns=1) is None
    assert not devices.write(address, 0, ns=1)


def test_debug_bits_can_be_changed_until_they_are_locked(devices: Devices) -> None:
    devices.write(CONTROL, AFTER_BOOT & ~0x6F)
    assert devices.read(CONTROL) == 0x4C00_E010
    devices.write(CONTROL, AFTER_BOOT)
    assert devices.read(CONTROL) == AFTER_BOOT
    devices.write(CONTROL, AFTER_BOOT & ~0x6F)
    devices.write(LOCK, 1)
    devices.write(LOCK, 0)
    devices.write(CONTROL, 0xFFFF_FFFF)
    # SEC_EN, AES_EN and AES_FUSE were locked by the BootROM, SEU_EN wasn't.
    assert (devices.read(LOCK), devices.read(CONTROL)) == (0x1B, 0xFFFF_FFFF & ~0x1EEF)


def test_secure_boot_cannot_be_claimed(devices: Devices) -> None:
    devices.write(CONTROL, AFTER_BOOT | 0x80)
    assert devices.read(CONTROL) == AFTER_BOOT


def test_a_wrong_key_shuts_it(devices: Devices) -> None:
    devices.write(UNLOCK, 1)
    devices.write(CONTROL, 0)
    devices.write(UNLOCK, 0x757B_DF0D)
    assert devices.read(CONTROL) == 0
    devices.reset()
    assert devices.read(CONTROL) == AFTER_BOOT


@pytest.mark.parametrize(
    ("allowed", "shown"),
    [
        (0b000_0000, 0xAA),
        (0b000_1000, 0xAF),  # DBGEN: Non-secure, invasive and not
        (0b001_0000, 0xAE),  # NIDEN: Non-secure, not invasive
        (0b010_1000, 0xFF),  # DBGEN, SPIDEN: all
        (0b101_0000, 0xEE),  # NIDEN, SPNIDEN: what isn't invasive
        (0b110_0000, 0xAA),  # of the Secure world alone: nothing
        (0b111_1000, 0xFF),
    ],
)
def test_authentication(devices: Devices, allowed: int, shown: int) -> None:
    devices.write(CONTROL, allowed)
    for core in CORES:
        assert devices.read(core + AUTHENTICATION, ns=1) == shown


@pytest.mark.parametrize("core", [0, 1])
def test_either_world_halts_a_core_if_debug_is_allowed(devices: Devices, core: int) -> None:
    page = CORES[core]
    for unlocked, allowed in ((False, True), (True, False), (True, True)):
        devices.write(CONTROL, AFTER_BOOT if allowed else AFTER_BOOT & ~(1 << 3))
        devices.write(page + LOCK_ACCESS, KEY if unlocked else 0, ns=1)
        assert devices.read(page + LOCK_STATUS, ns=1) == (1 if unlocked else 3)
        devices.write(page + RUN, HALT, ns=1)
        halted = unlocked and allowed
        assert devices.read(page + STATUS, ns=1) == int(halted)
        assert devices.signal("held", core) == (HELD_DEBUG if halted else 0)
        assert devices.signal("held", 1 - core) == 0
    devices.write(page + RUN, GO_ON, ns=1)
    assert (devices.signal("held", core), devices.signal("released", core)) == (0, HELD_DEBUG)


def test_a_halted_core_whose_clock_stands_stays_so(devices: Devices) -> None:
    devices.unlock()
    devices.write(0xF800_0244, 1 << 5)
    devices.write(CORES[1] + LOCK_ACCESS, KEY)
    devices.write(CORES[1] + RUN, HALT)
    assert devices.signal("held", 1) == HELD_CLOCK | HELD_DEBUG
    devices.write(CORES[1] + RUN, GO_ON)
    assert devices.signal("held", 1) == HELD_CLOCK


def test_other_components_are_not_there(devices: Devices) -> None:
    assert devices.read(0xF889_1000) is None and devices.read(0xF880_0000) is None
