# SPDX-License-Identifier: Apache-2.0
"""Small kernels that never run: code with known words at known places, and a symbol table as scripts/kallsyms.c writes it.

The table is written by its description in the kernel's sources, not by the code that reads it.
"""

import lzma
import struct
from dataclasses import dataclass, field

BASE = 0xC020_8000
TEXT = 0xC021_0000
TEXT_END = 0xC021_8000
INIT = 0xC021_93C0
INIT_END = 0xC021_A000
FUNCTIONS = 700
# Each function is eight words: a call of the next function but two, its own words, and a return.
FUNCTION_WORDS = 8
BX_LR = 0xE12F_FF1E
NOP = 0xE320_F000
LAYOUTS = ("offsets before names", "addresses before names", "offsets behind tokens", "addresses behind tokens")
_LONG = "a_name_that_needs_two_bytes_for_its_length_" * 4
# Tokens that stand for several characters, in places that no name uses.
_TOKENS = {1: "function_", 2: "T_s", 3: "text", 200: "ctio"}


@dataclass
class MadeUp:
    """A kernel to be made; `words` are put where their addresses say."""

    layout: str = LAYOUTS[0]
    with_sequence: bool = False
    words: dict[int, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def image(self) -> bytes:
        """Return the Image, with read-only data behind its code."""
        code = bytearray(INIT_END - BASE)
        for number in range(FUNCTIONS):
            start = TEXT + number * FUNCTION_WORDS * 4
            target = function((number + 3) % FUNCTIONS)
            words = [0xEB00_0000 | ((target - start - 8) >> 2) & 0xFF_FFFF, *[NOP] * 6, BX_LR]
            struct.pack_into("<8I", code, start - BASE, *words)
        for address, word in self.words.items():
            struct.pack_into("<I", code, address - BASE, word)
        return bytes(code) + self._table()

    def symbols(self) -> list[tuple[int, str]]:
        """Return all symbols, by address, their names with the type in front."""
        marks = [(TEXT, "T_stext"), (TEXT_END, "T_etext"), (INIT, "T_sinittext"), (INIT_END, "T_einittext")]
        found = [(function(number), f"tfunction_{number}") for number in range(FUNCTIONS)]
        found += [each for each in marks if each[1][1:] not in self.left_out]
        found.append((function(5), f"t{_LONG}"))
        return sorted(found, key=lambda each: each[0])

    def _table(self) -> bytes:
        symbols = self.symbols()
        addresses = [address for address, _ in symbols]
        names, markers = b"", []
        for number, (_, name) in enumerate(symbols):
            if number % 256 == 0:
                markers.append(len(names))
            names += _compressed(name)
        tokens = [_TOKENS.get(number, chr(number) if 0x30 <= number < 0x7F else "") for number in range(256)]
        index = [sum(len(each) + 1 for each in tokens[:number]) for number in range(256)]
        packed_names = struct.pack("<I", len(symbols)) + _padded(names) + struct.pack(f"<{len(markers)}I", *markers)
        sequence = b"".join(number.to_bytes(3, "big") for number in range(len(symbols))) if self.with_sequence else b""
        token_table = _padded("".join(f"{each}\0" for each in tokens).encode("latin-1")) + struct.pack("<256H", *index)
        places = _addresses(addresses, relative=self.layout.startswith("offsets"))
        if self.layout.endswith("before names"):
            return places + packed_names + _padded(sequence) + token_table
        return packed_names + token_table + places + _padded(sequence)


def function(number: int) -> int:
    """Return the address of a function."""
    return TEXT + number * FUNCTION_WORDS * 4


def zimage(image: bytes) -> bytes:
    """Return a zImage of an Image: a decompressor with the magic number of xz in its code, payload, size, what follows."""
    head = bytearray(0x1800)
    struct.pack_into("<3I", head, 0x24, 0x016F_2818, 0, 0)
    head[0x400:0x406] = b"\xfd7zXZ\0"
    return bytes(head) + lzma.compress(image, check=lzma.CHECK_CRC32) + struct.pack("<I", len(image)) + b"bss and the like"


def _compressed(name: str) -> bytes:
    """Return a name as the table has it: its length in tokens, one or two bytes, and the tokens."""
    tokens = []
    while name:
        fitting = [(number, text) for number, text in _TOKENS.items() if name.startswith(text)]
        number, text = fitting[0] if fitting else (ord(name[0]), name[0])
        tokens.append(number)
        name = name[len(text) :]
    length = len(tokens)
    size = bytes([length]) if length < 0x80 else bytes([length & 0x7F | 0x80, length >> 7])
    return size + bytes(tokens)


def _addresses(addresses: list[int], *, relative: bool) -> bytes:
    base = addresses[0] if relative else 0
    packed = struct.pack(f"<{len(addresses)}I", *[address - base for address in addresses])
    return packed + struct.pack("<I", base) if relative else packed


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
