# SPDX-License-Identifier: Apache-2.0
"""Ways to load a program into the board: as a debugger does, or from a boot image as the BootROM does; and the SD card."""

import struct
from typing import Any

from ovm.board.api.errors import BoardError, unknown
from ovm.board.api.memory import Memory
from ovm.board.devices.sd_card import BLOCK, CARD_HOST, UNIT_BLOCKS, Card
from ovm.metal.build.elf import Elf

# Boot mode pins (UG585 6.2.5).
BOOT_MODES = {"qspi": 1, "nor": 2, "nand": 4, "sd": 5}
# The boot header (UG585 6.3.2).
_WIDTH, _IDENTITY = 0xAA99_5566, int.from_bytes(b"XNLX", "little")
_HEADER_BYTES, _REGISTERS, _NO_REGISTER = 0x8A0, 0xA0, 0xFFFF_FFFF
_MOST_BYTES = 192 << 10  # of the on-chip memory at 0
_CARD_UNIT = UNIT_BLOCKS * BLOCK
_MOST_CARD = 512 << 20
_PIECE = 1 << 20


class Loading(Memory):
    """The operations of a board that load programs."""

    static: Any

    def load(self, elf: bytes) -> int:
        """Put an ELF file's segments at their physical addresses, with zeros where they have no bytes; return the entry."""
        parsed = Elf(elf)
        if parsed.machine != "EM_ARM":
            raise BoardError("R204", "this ELF file is for another processor", found=parsed.machine, expected="EM_ARM")
        for segment in parsed.segments:
            self.write(segment.physical, segment.data)
            self._clear(segment.physical + len(segment.data), segment.memory_size - len(segment.data))
        return parsed.entry

    def start(self, entry: int) -> None:
        """Start core 0 at `entry` as a boot loader does: Secure Supervisor mode, MMU and caches off, A, I and F set.

        Core 1 waits where the BootROM lets it, for an address at 0xFFFF_FFF0 and an event (UG585 6.1.10). `BoardError` R217
        for an entry where no ARM instruction can be.
        """
        if entry % 4 or not 0 <= entry < 1 << 32:
            raise BoardError("R217", "no program can start there", found=f"{entry:#x}", expected="a multiple of 4, of 32 bits")
        with self.recorder.input(None, "start", entry):
            self.call("run.machine.machine_start", entry)

    def boot(self, image: bytes, mode: str = "sd") -> None:
        """Load a boot image (BOOT.BIN) as the BootROM does, after `reset`; `run` then executes its first program.

        That program, the first-stage loader, lies in the 192 KiB of on-chip memory at address 0; the boot mode register
        says `mode`, one of BOOT_MODES. The loader reads the rest by itself, from the card if there is one (`insert_card`).
        """
        if mode not in BOOT_MODES:
            raise unknown("R212", "boot mode", mode, BOOT_MODES)
        program, entry = _first_program(image)
        with self.recorder.input(None, "boot", image, mode):
            self.call("run.boot_rom.boot_rom_leave", BOOT_MODES[mode])
            self.write(0, program)
            self.start(entry)

    def insert_card(self, content: bytes) -> None:
        """Put an SD card into SDIO0's slot that holds these bytes and then zeros. `reset` takes it out again."""
        _check_card(len(content), 1)
        with self.recorder.input(None, "insert_card", content):
            former = self.static("devices.sd_card.CARD", Card).get("blocks") * BLOCK
            self.program.memory.write(CARD_HOST, content)
            for at in range(len(content), former, _PIECE):
                self.program.memory.write(CARD_HOST + at, bytes(min(_PIECE, former - at)))
            self.call("devices.sd_card.card_insert", -(-len(content) // _CARD_UNIT) * UNIT_BLOCKS)

    def card(self, size: int) -> bytes:
        """Return the first bytes that the SD card holds now; zeros behind its end."""
        _check_card(size, 0)
        return bytes(self.program.memory.read(CARD_HOST, size))


def _check_card(size: int, least: int) -> None:
    if not least <= size <= _MOST_CARD:
        raise BoardError(
            "R214", "no SD card has this size", found=f"{size} bytes", expected=f"{least} to {_MOST_CARD} bytes",
            fix="make the card's image smaller" if size > _MOST_CARD else "",
        )  # fmt: skip


def _first_program(image: bytes) -> tuple[bytes, int]:
    """Return the first-stage loader of a boot image, and its entry; an image that makes the BootROM halt is refused."""
    if len(image) < _HEADER_BYTES:
        raise _refused(f"{len(image)} bytes", f"a boot header of {_HEADER_BYTES:#x} bytes")
    width, identity, encryption, _, offset, length, _, entry, _, _, checksum = struct.unpack_from("<11I", image, 0x20)
    if (width, identity) != (_WIDTH, _IDENTITY):
        raise _refused(f"{width:#010x}, {identity:#010x} at 0x20", f"{_WIDTH:#010x}, {_IDENTITY:#010x}")
    right = ~sum(struct.unpack_from("<10I", image, 0x20)) & 0xFFFF_FFFF
    if checksum != right:
        raise _refused(f"the checksum {checksum:#010x}", f"{right:#010x}")
    if encryption or struct.unpack_from("<I", image, _REGISTERS)[0] != _NO_REGISTER:
        raise _refused("encryption or register initialisation", "neither: the virtual board's BootROM does neither")
    # mkimage includes the header in the length: memory behind the file's end is not changed.
    program = image[offset : offset + length]
    if length > _MOST_BYTES or entry >= len(program) or entry % 4:
        raise _refused(
            f"{length} bytes at {offset:#x}, entry {entry:#x}, in a file of {len(image)}",
            f"1 to {_MOST_BYTES} bytes, the entry in them and in the file, a multiple of 4",
        )
    return program, entry


def _refused(found: str, expected: str) -> BoardError:
    fix = "make it with bootgen, or U-Boot's mkimage -T zynqimage"
    return BoardError("R213", "the BootROM refuses this boot image", found=found, expected=expected, fix=fix)
