# SPDX-License-Identifier: Apache-2.0
"""Tests of what Non-secure masters reach (UG585 and UG1019; Cortex-A9 MPCore TRM 2.2.9)."""

import pytest

from tests.board.devices.bench import HOST, SLCR, Devices

TZ_DDR_RAM = SLCR + 0x430
TZ_OCM_RAM = SLCR + 0x400
SNSAC = 0xF8F0_0054
SAC = 0xF8F0_0050
UART1 = 0xE000_1000


@pytest.fixture
def devices() -> Devices:
    made = Devices()
    made.unlock()
    return made


@pytest.mark.parametrize("segment", range(16))
def test_a_bit_opens_64_megabytes(devices: Devices, segment: int) -> None:
    devices.write(TZ_DDR_RAM, 1 << segment)
    first, last = segment << 26, ((segment + 1) << 26) - 4
    for address in (first, last):
        assert devices.write(address, 0x1234_5678, ns=1)
        assert devices.read(address, ns=1) == 0x1234_5678
    for address in (first - 4, last + 4):
        if 0 <= address < 1 << 30:
            assert devices.read(address, ns=1) is None
            assert not devices.write(address, 1, ns=1)
            assert devices.read(address) == 0


@pytest.mark.parametrize("block", [0, 1, 31, 32, 63])
def test_a_bit_opens_4_kilobytes_of_on_chip_memory(devices: Devices, block: int) -> None:
    devices.write(TZ_OCM_RAM + 4 * (block // 32), 1 << block % 32)
    first = 0xFFFC_0000 + block * 4096
    assert devices.write(first + 0x100, 7, ns=1)
    assert devices.read(first + 4092, ns=1) is not None
    for address in (first - 4, first + 4096):
        if 0xFFFC_0000 <= address < 1 << 32:
            assert devices.read(address, ns=1) is None


def test_memory_is_secure_after_reset(devices: Devices) -> None:
    assert devices.read(0x20_0000) == 0
    assert devices.read(0x20_0000, ns=1) is None
    assert devices.read(0xFFFF_0000, ns=1) is None
    assert devices.read(SLCR + 0x430, ns=1) is None
    assert devices.read(0x5000_0000) is None


def test_peripherals_open_by_their_bits(devices: Devices) -> None:
    assert devices.read(UART1 + 0x2C, ns=1) is None
    devices.write(0xE020_0018, 1 << 7)
    assert devices.read(UART1 + 0x2C, ns=1) is not None
    assert devices.read(0xE000_002C, ns=1) is None
    assert devices.read(0xF800_2000, ns=1) is None
    devices.write(0xF890_0028, 1 << 4)
    assert devices.read(0xF800_200C, ns=1) == 0x21
    assert devices.read(0xF800_100C, ns=1) is None
    assert devices.read(0xE020_0018) == 0


def test_snsac_opens_timers_of_each_core(devices: Devices) -> None:
    for core in (0, 1):
        devices.write(0xF8F0_0600, 0x100, master=core)
        devices.write(0xF8F0_0210, 0x200, master=core)
        assert devices.read(0xF8F0_0600, ns=1, master=core) == 0
    devices.write(SNSAC, 1 << 5 | 1 << 8)
    assert devices.read(0xF8F0_0600, ns=1, master=1) == 0x100
    assert devices.read(0xF8F0_0600, ns=1, master=0) == 0
    assert devices.read(0xF8F0_0210, ns=1, master=0) == 0x200
    assert devices.read(0xF8F0_0210, ns=1, master=1) == 0
    devices.write(0xF8F0_0600, 0x55, ns=1, master=0)
    assert devices.read(0xF8F0_0600, master=0) == 0x100
    assert devices.read(0xF8F0_0004, ns=1) == 0
    devices.write(SNSAC, 1)
    assert devices.read(0xF8F0_0004, ns=1) == 0x501


def test_a_core_shut_out_of_the_scu_stays_out(devices: Devices) -> None:
    devices.write(SAC, 0b1101)
    devices.write(SAC, 0xF)
    assert devices.read(SAC) == 0b1101
    assert devices.read(SAC, master=1) == 0
    devices.write(SNSAC, 0xFFF, master=1)
    assert devices.read(SNSAC) == 0


def test_the_lock_guards_all_registers(devices: Devices) -> None:
    devices.write(SLCR + 4, 0x767B)
    devices.write(TZ_DDR_RAM, 0xFFFF)
    assert (devices.read(TZ_DDR_RAM), devices.read(SLCR + 12)) == (0, 1)
    devices.write(SLCR + 8, 0xDF0E)
    assert devices.read(SLCR + 12) == 1
    devices.unlock()
    devices.write(TZ_DDR_RAM, 0xFFFF)
    assert (devices.read(TZ_DDR_RAM), devices.read(SLCR + 12)) == (0xFFFF, 0)


def test_what_a_first_stage_loader_waits_for_is_there(devices: Devices) -> None:
    # ps7_init of SPL and FSBL: DDR I/O calibrated (DDRIOB_DCI_STATUS, bit 13); U-Boot: no transfer to a PHY (net_status, bit 2).
    assert devices.read(SLCR + 0xB74) >> 13 & 1 == 1
    assert devices.read(0xE000_B008) == devices.read(0xE000_C008) == 4


def test_on_chip_memory_moves(devices: Devices) -> None:
    """UG585 29.4: OCM_CFG, and the SCU's filter for the cores."""
    devices.reset(boot_rom_map=1)
    devices.unlock()
    devices.write(0xFFFF_0000, 1)
    devices.write(0x0000_0000, 2)
    devices.write(0x0010_0000, 3)
    assert devices.read(0xFFFC_0000) is None
    assert devices.read(0x0004_0000) is None
    devices.write(SLCR + 0x910, 0x1F)
    assert devices.read(0xFFFC_0000) == 2
    assert devices.read(0xFFFF_0000) == 1
    assert devices.read(0) is None
    devices.write(0xF8F0_0040, 0)
    assert devices.read(0) == 0
    assert devices.read(0x0010_0000) == 3
    assert devices.read(0, master=2) is None
    assert devices.read(0x8_0000, master=2) == 0


def test_the_filter_ends_behind_its_last_megabyte(devices: Devices) -> None:
    """Bits 31 to 20 of Filtering End are those of the last megabyte inside (MPCore TRM 2.2.8)."""
    devices.write(0xF8F0_0044, 0x0020_0000)
    for address, inside in ((0x10_0000, True), (0x20_0000, True), (0x2F_FFFC, True), (0x30_0000, False), (0x70_0000, False)):
        assert (devices.read(address) is not None) == inside


def test_the_host_program_sees_everything(devices: Devices) -> None:
    assert devices.read(0x20_0000, ns=1, master=HOST) == 0
