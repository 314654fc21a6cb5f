# SPDX-License-Identifier: Apache-2.0
"""Places in guests' programs: function, source line, disassembled instruction."""

from functools import cache

from ovm.machines.broken import refusal_text
from ovm.machines.cause import REASONS, WITHOUT_EXCEPTION, first_cause, instruction_text
from ovm.machines.stream import Record
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive

_PSR_THUMB = 0x20
_REGISTERS_A_LINE = 4


class Places:
    """The programs of one archive."""

    def __init__(self, archive: Archive) -> None:
        self._images = {name: image.content for name, image in archive.images.items()} | {"": archive.core.content}
        self._elf = cache(self._read)

    def place(self, guest: str, address: int) -> str:
        """Return the function and source line at `address` of a guest's own program, or of OVM ("")."""
        elf = self._elf(guest)
        if elf is None:
            return ""
        symbol, line = elf.symbol_at(address), elf.line_at(address)
        parts = [symbol.name] if symbol else []
        if line:
            parts.append(f"{line.file}:{line.line}")
        return ", ".join(parts)

    def stop_report(self, record: Record) -> list[str]:
        """Return a few lines for the user that say why a guest was stopped."""
        pc, word, psr = record.number("pc"), record.number("instruction"), record.number("psr")
        where = self.place(record.word("guest"), pc)
        mapping = (
            f"maps to {record.number('maps'):#010x}"
            if "maps" in record.fields
            else f"its tables give fault status {record.number('maps_fault'):#05x}"
        )
        lines = [
            f"OVM stopped this guest: {REASONS.get(record.word('why'), record.word('why'))}",
            f"  pc          {pc:#010x}{f'  in {where}' if where else ''}",
            f"  instruction {instruction_text(word, pc, bool(psr & _PSR_THUMB))}",
        ]
        if record.word("why") == "watchdog":
            return lines[:1]
        if record.word("why") in WITHOUT_EXCEPTION:
            return [*lines, f"  psr         {psr:#010x}"]
        return [
            *lines,
            f"  address     {record.number('address'):#010x}  {mapping}",
            f"  status      {record.number('status'):#05x}, psr {psr:#010x}",
            f"  first cause {first_cause(record.fields)}",
        ]

    def broken_report(self, record: Record) -> list[str]:
        """Return a text that says how OVM itself failed, or why it did not begin."""
        refused = refusal_text(record.fields)
        if refused is not None:
            return [refused]
        facts = ", ".join(f"{key} {record.number(key):#x}" for key in record.fields)
        where = self.place("", record.number("link")) if "link" in record.fields else ""
        return [f"OVM itself failed: {facts}{f', near {where}' if where else ''}"]

    def _read(self, guest: str) -> Elf | None:
        return Elf(self._images[guest]) if guest in self._images else None


def register_lines(record: Record) -> list[str]:
    """Return the registers of a `registers` record, a few on each line."""
    cells = [f"r{index:<2} {record.number(f'r{index}'):#010x}" for index in range(16)]
    starts = range(0, len(cells), _REGISTERS_A_LINE)
    return ["  " + "  ".join(cells[start : start + _REGISTERS_A_LINE]) for start in starts]
