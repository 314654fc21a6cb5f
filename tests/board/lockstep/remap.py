# SPDX-License-Identifier: Apache-2.0
"""A copy of the board whose bus has the addresses of QEMU's vexpress-a9, so that the very same image runs on both.

RAM, the cores' private region and the second-level cache controller move; a PL011 is ready for ever and says nothing.
QEMU has no TrustZone controller for RAM, so all of it is open. Everything else is the board as it is.
"""

import shutil
from pathlib import Path

_MOVED = """

VEXPRESS_RAM: Final = 0x6000_0000
VEXPRESS_END: Final = 0x7000_0000
RAM_MOVES: Final = 0x5000_0000


@fn(inline=True)
def backing("""
_UART = """

VEXPRESS_UART: Final = 0x10009
PL011_FLAGS: Final = 0x18
PL011_IDLE: Final = 0x90


@fn
def _is_pl011(physical: u32) -> bool:
    page = physical >> 12
    return page == VEXPRESS_UART or page == VEXPRESS_UART + 1


@fn
def _device_cycles("""
_RAM = """    if physical >= VEXPRESS_RAM and physical < VEXPRESS_END:
        return DDR_HOST + (physical - RAM_MOVES)
    if physical < WIRING.on_chip:
        return u32(0)
    if physical < WIRING.ram_bytes and filtered"""
_READ = "    if not _reaches(device, ns, master):\n        _refuse(physical, master, 0)"
_WRITE = "    if not _reaches(device, ns, master):\n        _refuse(physical, master, 1)"
# File below src/ovm/board, what is there, what instead, how often.
CHANGES = (
    ("ram/storage.py", "\n\n@fn(inline=True)\ndef backing(", _MOVED, 1),
    ("ram/storage.py", "    if physical < WIRING.ram_bytes and filtered", _RAM, 1),
    ("ram/storage.py", "    if ns == 0:\n", "    if ns < 2:\n", 1),
    ("interconnect/bus.py", "\n\n@fn\ndef _device_cycles(", _UART, 1),
    ("../boards/zc702.toml", "address = 0xF8F0_0000", "address = 0x1E00_0000", 1),
    ("../boards/zc702.toml", "address = 0xF8F0_2000", "address = 0x1E00_A000", 1),
    (
        "interconnect/bus.py",
        _READ,
        "    if _is_pl011(physical):\n        return u64(PL011_IDLE) if physical & 0xFFF == PL011_FLAGS else u64(0)\n" + _READ,
        1,
    ),
    ("interconnect/bus.py", _WRITE, "    if _is_pl011(physical):\n        return False\n" + _WRITE, 1),
)


def copy_of_sources(root: Path, target: Path) -> None:
    """Copy what the board needs below `target`, changed."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "src", target / "src", ignore=ignore)
    shutil.copytree(root / "boards", target / "boards", ignore=ignore)
    for file, before, after, count in CHANGES:
        path = target / "src" / "ovm" / "board" / file
        text = path.read_text()
        if text.count(before) != count:
            raise ValueError(f"{file} has {text.count(before)} times, not {count}: {before!r}")
        path.write_text(text.replace(before, after))
