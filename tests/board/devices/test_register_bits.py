# SPDX-License-Identifier: Apache-2.0
"""Tests of which bits of devices' registers can be written, each alone, and what a write changes besides (UG585 appendix B)."""

import random
import tomllib

import pytest

from ovm.board.devices import sd_card
from ovm.shipped import BOARDS
from tests.board.devices.bench import HOST, SLCR, Devices

ALL = 0xFFFF_FFFF
CONFIGURATION, SCU, UART0, SD = 0xF800_7000, 0xF8F0_0000, 0xE000_0000, 0xE010_0000
PLAIN = (0xE000_A000, 0xF800_6000, 0xF800_8000, 0xF800_9000, 0xF800_A000, 0xF800_B000, 0xF800_C000)
PATTERNS = (ALL, *(1 << bit for bit in range(32)), 0)
# Registers of a device: offset, value after reset, bits that can be written.
SCU_REGISTERS = {
    0x00: (0x02, 0x7F), 0x04: (0x501, 0), 0x08: (0, 0x0303), 0x30: (0, ALL), 0x40: (0, 0xFFF0_0000),
    0x44: (0xFFE0_0000, 0xFFF0_0000), 0x54: (0, 0xFFF),
}  # fmt: skip
# Without FIFO, which sends, and the interrupt registers, of which `test_uart_interrupts` is.
UART_REGISTERS = {
    0x00: (0x128, ALL & ~3), 0x04: (0, ALL), 0x08: (0, 0), 0x0C: (0, 0), 0x18: (0x28B, ALL), 0x1C: (0, ALL), 0x20: (0x20, ALL),
    0x24: (0, ALL), 0x28: (0, ALL), 0x34: (0xF, ALL), 0x38: (0, ALL), 0x3C: (0, ALL), 0x40: (0, ALL), 0x44: (0x20, ALL),
}  # fmt: skip
SD_REGISTERS = {
    0x00: (0, ALL), 0x04: (0, ALL), 0x08: (0, ALL), 0x10: (0, 0), 0x14: (0, 0), 0x18: (0, 0), 0x1C: (0, 0),
    0x24: (0x01FF_0000, 0),
    0x28: (0, ALL), 0x34: (0, ALL), 0x38: (0, ALL), 0x3C: (0, ALL), 0x40: (0x69EC_0080, 0), 0x44: (0, ALL), 0x48: (0, ALL),
    0x4C: (0, ALL), 0x50: (0, ALL), 0x54: (0, 0), 0x58: (0, ALL), 0x5C: (0, ALL), 0xFC: (0x8901_0000, 0),
}  # fmt: skip
CONFIGURATION_RESETS = {
    0x08: 0x508, 0x10: ALL, 0x14: 0x4000_0A30, 0x80: 0x3080_0100, 0x100: 0x1114, 0x108: ALL, 0x10C: 0x500,
}  # fmt: skip


@pytest.fixture(scope="module")
def compiled() -> Devices:
    return Devices()


@pytest.fixture
def devices(compiled: Devices) -> Devices:
    compiled.reset(uart_timed=1)
    return compiled


def check(devices: Devices, base: int, registers: dict[int, tuple[int, int]], *, silent: tuple[int, ...] = ()) -> None:
    """Write each register in all patterns; the others have to stay, and what isn't listed has to read as zero."""
    known = {offset: value for offset, (value, _) in registers.items()}
    assert {offset: devices.read(base + offset) for offset in registers} == known
    for offset, (_, mask) in registers.items():
        for value in PATTERNS:
            devices.write(base + offset, value)
            known[offset] = known[offset] & ~mask | value & mask
            assert devices.read(base + offset) == known[offset], (hex(offset), hex(value))
        assert {each: devices.read(base + each) for each in registers} == known, hex(offset)
    for offset in silent:
        devices.write(base + offset, ALL)
        assert devices.read(base + offset) == 0, hex(offset)
    assert {offset: devices.read(base + offset) for offset in registers} == known


def test_snoop_control_unit(devices: Devices) -> None:
    # Access control is as set, and can only be taken away; no access is left at the end.
    assert devices.read(SCU + 0x50) == 0xF
    check(
        devices,
        SCU,
        SCU_REGISTERS,
        silent=(*range(0x0C, 0x30, 4), *range(0x34, 0x40, 4), 0x48, 0x4C, 0x58, *range(0x5C, 0x100, 4)),
    )
    for bit in (3, 1, 0):
        devices.write(SCU + 0x50, ALL & ~(1 << bit), master=0)
        assert devices.read(SCU + 0x50) == (0 if bit == 0 else 0xF & ~(8 | (2 if bit == 1 else 0)))


@pytest.mark.parametrize("core", range(2))
def test_snoop_control_unit_by_the_normal_world(devices: Devices, core: int) -> None:
    """SNSAC bits 1 and 0 open the registers; SNSAC itself they don't."""
    for opened in (0, 1 << core, 2 >> core):
        devices.write(SCU + 0x54, opened)
        devices.write(SCU + 0x30, 0)
        devices.write(SCU + 0x30, 5, ns=1, master=core)
        mine = opened == 1 << core
        assert devices.read(SCU + 0x30) == (5 if mine else 0)
        assert devices.read(SCU + 0x30, ns=1, master=core) == (5 if mine else 0)
        devices.write(SCU + 0x54, 0xFFF, ns=1, master=core)
        assert devices.read(SCU + 0x54) == opened


@pytest.mark.parametrize("core", range(2))
def test_timers_open_by_their_own_bits(devices: Devices, core: int) -> None:
    """SNSAC: private timers from bit 4 on, the global timer from bit 8 on; everything else lets no Non-secure access through."""
    for bit in range(12):
        devices.write(SCU + 0x54, 1 << bit)
        for address, own in ((0xF8F0_0600, 4 + core), (0xF8F0_0620, 4 + core), (0xF8F0_0218, 8 + core)):
            devices.write(address, 7, master=core)
            devices.write(address, 9, ns=1, master=core)
            assert devices.read(address, master=core) == (9 if bit == own else 7), (bit, hex(address))
            assert devices.read(address, ns=1, master=core) == (9 if bit == own else 0), (bit, hex(address))


def test_blocks_without_registers(devices: Devices) -> None:
    for offset in (*range(0x300, 0x600, 4), *range(0x640, 0x1000, 64), 0x640, 0x700):
        devices.write(SCU + offset, ALL)
        assert devices.read(SCU + offset) == 0, hex(offset)


def test_system_level_control(devices: Devices) -> None:
    """Storage behind a lock; LOCK and UNLOCK read as zero, and some registers can't be written."""
    fixed, effects = (0x00C, 0x10C, 0x258, 0x25C, 0x530), (0x004, 0x008, 0x200, 0x244)
    values = tomllib.loads((BOARDS / "zc702.toml").read_text())["slcr"].values()
    reset = {offset: devices.read(SLCR + offset) or 0 for offset in range(0, 0xC00, 4)}
    assert sorted(each for each in reset.values() if each) == sorted([*(each for each in values if each), 1])
    stored = [offset for offset in reset if offset not in (*fixed, *effects)]
    for offset in stored:
        devices.write(SLCR + offset, ALL)
    assert {offset: devices.read(SLCR + offset) for offset in reset} == reset
    devices.unlock()
    expected = reset | {0x00C: 0}
    for offset in (*stored, *fixed):
        expected[offset] = expected[offset] if offset in fixed else ALL ^ offset * 0x10_0001
        devices.write(SLCR + offset, ALL ^ offset * 0x10_0001)
    assert {offset: devices.read(SLCR + offset) for offset in reset} == expected
    for offset in range(0xC00, 0x1000, 4):
        devices.write(SLCR + offset, ALL)
        assert devices.read(SLCR + offset) == 0
    for value, locked in ((0x767C, 0), (0x767B, 1)):
        devices.write(SLCR + 4, value)
        assert devices.read(SLCR + 0x0C) == locked
    for value, locked in ((0xDF0C, 1), (0x767B, 1), (0x1_DF0D, 0)):
        devices.write(SLCR + 8, value)
        assert devices.read(SLCR + 0x0C) == locked
    assert not devices.signal("reset")


@pytest.mark.parametrize("value", [*range(0, 0x40, 7), 0x11, 0x12, 0x21, 0x22, 0x33, 0x30, 3])
def test_what_holds_the_cores(devices: Devices, value: int) -> None:
    """A9_CPU_RST_CTRL: resets in [1:0], stopped clocks in [5:4] (UG585 B.28)."""
    devices.unlock()
    devices.write(SLCR + 0x244, 0x33)
    devices.write(SLCR + 0x244, value)
    for core in range(2):
        held = (value >> core & 1) | (value >> core + 4 & 1) << 1
        assert devices.signal("held", core) == held
        assert devices.signal("released", core) & 3 == 3 & ~held


def test_a_soft_reset_is_bit_0(devices: Devices) -> None:
    devices.unlock()
    devices.write(SLCR + 0x200, ALL & ~1)
    assert not devices.signal("reset")
    devices.write(SLCR + 0x200, 1)
    assert devices.signal("reset")


def test_what_is_storage_alone(devices: Devices) -> None:
    """GPIO, DDR controller, AFI0 to 3, on-chip memory controller: each word of each page is its own."""
    reset = {(page, offset): devices.read(page + offset) for page in PLAIN for offset in range(0, 0x1000, 4)}
    assert {key: value for key, value in reset.items() if value} == {(PLAIN[1], 0): 0x81, (PLAIN[1], 0x54): 1}
    source = random.Random(1)
    written = {key: source.getrandbits(32) for key in reset}
    for (page, offset), value in written.items():
        devices.write(page + offset, value)
    assert {(page, offset): devices.read(page + offset) for page, offset in written} == written


def test_device_configuration(devices: Devices) -> None:
    registers = {offset: (CONFIGURATION_RESETS.get(offset, 0), ALL) for offset in range(0x08, 0x200, 4) if offset != 0x34}
    check(devices, CONFIGURATION, registers, silent=tuple(range(0x200, 0x400, 4)))


@pytest.mark.parametrize("lock", range(32))
def test_locks_of_device_configuration(devices: Devices, lock: int) -> None:
    """LOCK, from bit 0 on: debug, SEC_EN, SEU_EN, AES_EN, AES_FUSE. The BootROM has set SEC_EN, AES_EN and AES_FUSE."""
    devices.write(CONFIGURATION, 0xFFFF_0FFF)
    devices.write(CONFIGURATION + 4, lock | 0xFFFF_FFE0)
    assert devices.read(CONFIGURATION + 4) == lock | 0x1A
    fields = ((0, 0x7F), (1, 0x80), (2, 0x100), (3, 0xE00), (4, 0x1000))
    fixed = sum(mask for bit, mask in fields if (lock | 0x1A) >> bit & 1) | 0x80
    before = devices.read(CONFIGURATION) or 0
    for value in PATTERNS:
        devices.write(CONFIGURATION, value)
        assert devices.read(CONFIGURATION) == before & fixed | value & ~fixed


def test_uart(devices: Devices) -> None:
    check(devices, UART0, UART_REGISTERS, silent=tuple(range(0x48, 0x1000, 4)))


def test_uart_interrupts(devices: Devices) -> None:
    """IER sets bits of IMR, IDR clears them; ISR is cleared by ones, and its causes come back as long as they last."""
    for value in PATTERNS:
        devices.write(UART0 + 0x0C, ALL)
        devices.write(UART0 + 0x08, value)
        assert devices.read(UART0 + 0x10) == value & 0x1FFF
        devices.write(UART0 + 0x10, ALL)
        devices.write(UART0 + 0x08, ALL)
        devices.write(UART0 + 0x0C, value)
        assert devices.read(UART0 + 0x10) == 0x1FFF & ~value
    lasting = devices.read(UART0 + 0x14) or 0
    assert lasting == 0x0A  # both FIFOs are empty
    devices.write(UART0 + 0x2C, ALL)
    assert devices.read(UART0 + 0x2C) == 0x0A


def test_sd_host(devices: Devices) -> None:
    devices.call(sd_card.card_insert, 2048)
    # The command register issues, the clock and the status have rules of their own: `test_sd`.
    check(devices, SD, SD_REGISTERS, silent=(*range(0x100, 0x1000, 4),))
    for offset in range(0x60, 0xFC, 4):
        devices.write(SD + offset, offset * 0x101_0101)
        assert devices.read(SD + offset) == offset * 0x101_0101 & ALL
    for value in PATTERNS:
        devices.write(SD + 0x2C, value & 0x00FF_FFFF)
        assert devices.read(SD + 0x2C) == value & 0xFF_FFFD | (2 if value & 1 else 0)


OPENED = {
    **{bit: {UART0 + 0x1000 * (bit - 6)} for bit in (6, 7)},
    "all": {UART0, UART0 + 0x1000, SD, 0xE000_A000, 0xE000_B000, 0xE000_C000, 0xE000_6000},
}
BOOT = {0: 0xF800_8000, 1: 0xF800_9000, 2: 0xF800_A000, 3: 0xF800_B000, 4: 0xF800_2000, 5: 0xF800_6000}
ALWAYS, NEVER = {0xF800_4000, 0xF889_0000, 0xF889_2000}, {SLCR, 0xF800_1000, 0xF800_3000, 0xF800_5000, CONFIGURATION, 0xE020_0000}


def reached(devices: Devices) -> set[int]:
    pages = {each for group in OPENED.values() for each in group} | set(BOOT.values()) | ALWAYS | NEVER | {0xF800_C000}
    found = {page for page in pages if devices.read(page, ns=1) is not None}
    assert found == {page for page in pages if devices.write(page + 0xFFC, 0, ns=1)}
    return found - ALWAYS


def test_what_each_security_bit_opens(devices: Devices) -> None:
    """UG1019: security6_apb_slaves, security_apb and TZ_OCM; both blocks read as zero."""
    assert reached(devices) == set()
    for bit in range(32):
        devices.write(0xE020_0018, 1 << bit)
        assert reached(devices) == OPENED.get(bit, set()), bit
        devices.write(0xE020_0018, 0x7FFF & ~(1 << bit))
        assert reached(devices) == (OPENED["all"] if bit > 14 else {UART0, UART0 + 0x1000} - OPENED.get(bit, set())), bit
    devices.write(0xE020_0018, ALL)
    assert reached(devices) == OPENED["all"]
    devices.write(0xE020_0018, 0)
    for bit in range(32):
        devices.write(0xF890_0028, 1 << bit)
        assert reached(devices) == ({BOOT[bit]} if bit in BOOT else set()), bit
    devices.write(0xF890_0028, 0)
    devices.unlock()
    devices.write(SLCR + 0x408, 1)
    assert reached(devices) == {0xF800_C000}
    for offset in range(0, 0x40, 4):
        devices.write(0xE020_0000 + offset, ALL if offset != 0x18 else 0)
        devices.write(0xF890_0000 + offset, ALL if offset != 0x28 else 0)
        assert devices.read(0xE020_0000 + offset) == devices.read(0xF890_0000 + offset) == 0
    assert reached(devices) == {0xF800_C000}


@pytest.mark.parametrize("allowed", range(16))
def test_who_may_debug(devices: Devices, allowed: int) -> None:
    """DBGAUTHSTATUS by SPNIDEN, SPIDEN, NIDEN and DBGEN (ARM C11.11.1, B.16); halting wants DBGEN and the key."""
    devices.write(CONFIGURATION, allowed << 3)
    invasive, any_kind = allowed & 1 != 0, allowed & 3 != 0
    secure, quiet = allowed & 4 != 0, allowed & 12 != 0
    on = (invasive, any_kind, invasive and secure, any_kind and quiet)
    status = sum((2 | each) << 2 * place for place, each in enumerate(on))
    for core, base in enumerate((0xF889_0000, 0xF889_2000)):
        assert devices.read(base + 0xFB8) == status
        assert (devices.read(base), devices.read(base + 0xFB4)) == (0x3513_7030, 3)
        for unlocked, key in ((False, 0xC5AC_CE54), (True, 0xC5AC_CE55)):
            devices.write(base + 0xFB0, key)
            assert devices.read(base + 0xFB4) == (1 if unlocked else 3)
            for value, halted in ((3, True), (4, True), (2, False), (1, True), (2, False)):
                devices.write(base + 0x90, value)
                wanted = halted and unlocked and invasive
                assert devices.read(base + 0x88) == int(wanted)
                assert devices.signal("held", core) == 8 * wanted
        devices.write(base + 0xFB0, 1)
        assert devices.read(base + 0xFB4) == 3
        for offset in (4, 0x84, 0x8C, 0xFB0, 0xFBC, 0xFFC):
            assert devices.read(base + offset) == 0


def test_a_host_looks_without_changing(devices: Devices) -> None:
    devices.write(0xF800_1060, 0)
    assert devices.read(UART0 + 0x2C, master=HOST) == 0x0A
