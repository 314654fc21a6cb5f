# SPDX-License-Identifier: Apache-2.0
"""The device configuration interface (UG585 B.16): the kinds of debugging that are allowed, and their locks.

It is storage except CTRL, LOCK and UNLOCK. Nothing configures the programmable logic, and the XADC behind it measures nothing.
"""

from typing import Final

from ovm.metal import Array, Struct, array, fn, static, table, u32

CONTROL: Final = 0x00
LOCK: Final = 0x04
UNLOCK: Final = 0x34
UNLOCK_KEY: Final = 0x757B_DF0D  # any other word shuts the block until the next reset
WORDS: Final = 0x200 // 4
# CTRL: secure non-invasive, secure invasive, non-invasive and invasive debug; bits 2 to 0 let JTAG reach the cores.
SPNIDEN: Final = 1 << 6
SPIDEN: Final = 1 << 5
NIDEN: Final = 1 << 4
DBGEN: Final = 1 << 3
SECURE_BOOT: Final = 1 << 7  # read-only
# LOCK, from bit 0 on: debug, SEC_EN, SEU_EN, AES_EN, AES_FUSE. Set bits stay; only a power-on reset clears them.
LOCK_MASKS = table(u32, [0x7F, 0x80, 0x100, 0xE00, 0x1000])
ALL_LOCKS: Final = 0x1F

# Values after a boot that isn't secure by the BootROM and the FSBL: those that the FSBL prints with its debug output on; the
# others: UG585 B.16.
RESETS: Final = (
    (CONTROL, 0x4C00_E07F),
    (LOCK, 0x0000_001A),
    (0x08, 0x0000_0508),  # CFG
    (0x10, 0xFFFF_FFFF),  # INT_MASK
    (0x14, 0x4000_0A30),  # STATUS
    (UNLOCK, UNLOCK_KEY),
    (0x80, 0x3080_0100),  # MCTRL: silicon 3.1
    (0x100, 0x0000_1114),  # XADCIF_CFG
    (0x108, 0xFFFF_FFFF),  # XADCIF_INT_MASK
    (0x10C, 0x0000_0500),  # XADCIF_MSTS
)
OFFSETS = table(u32, [offset for offset, _ in RESETS])
VALUES = table(u32, [value for _, value in RESETS])


class Configuration(Struct):
    """All registers."""

    words: Array[u32] = array(u32, WORDS)


CONFIGURATION = static(Configuration)


@fn
def configuration_reset() -> None:
    """Set it to the state that the boot loader leaves."""
    for index in u32.range(WORDS):
        CONFIGURATION.words[index] = 0
    for index in u32.range(len(RESETS)):
        CONFIGURATION.words[OFFSETS[index] >> 2] = VALUES[index]


@fn
def debug_allowed() -> u32:
    """Return CTRL, whose bits give the kinds of debugging that are allowed."""
    return CONFIGURATION.words[CONTROL // 4]


@fn
def _is_shut() -> bool:
    return CONFIGURATION.words[UNLOCK // 4] != UNLOCK_KEY


@fn
def configuration_read(offset: u32) -> u32:
    """Read a register."""
    return 0 if _is_shut() or offset >= WORDS * 4 else CONFIGURATION.words[offset >> 2]


@fn
def _write_control(value: u32) -> None:
    kept = u32(SECURE_BOOT)
    for bit in u32.range(len(LOCK_MASKS)):
        if (CONFIGURATION.words[LOCK // 4] >> bit) & 1 != 0:
            kept |= LOCK_MASKS[bit]
    CONFIGURATION.words[CONTROL // 4] = (CONFIGURATION.words[CONTROL // 4] & kept) | (value & ~kept)


@fn
def configuration_write(offset: u32, value: u32) -> None:
    """Write a register."""
    if _is_shut() or offset >= WORDS * 4:
        return
    if offset == CONTROL:
        _write_control(value)
    elif offset == LOCK:
        CONFIGURATION.words[LOCK // 4] |= value & ALL_LOCKS
    else:
        CONFIGURATION.words[offset >> 2] = value
