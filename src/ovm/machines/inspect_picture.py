# SPDX-License-Identifier: Apache-2.0
"""A moment as a picture: TLBs entry by entry, address spaces megabyte by megabyte, memory frame by frame.

Each owner has one colour everywhere. The picture is SVG, written without a library; any browser opens it. The title of each
cell explains the cell.
"""

from collections.abc import Callable, Iterator
from html import escape
from textwrap import wrap

from ovm.board.api import TlbEntry
from ovm.machines.inspect import OWN, SHADOW, CpuView, Inspection, TableView
from ovm.system.units import address_text, size_text

_COLOURS = ("#2a9d8f", "#e9a23b", "#8e6bbf", "#d1495b", "#4f86c6", "#7fb069", "#c98bb9", "#b0804f")
_OVM, _FREE, _NOBODY, _GATE, _CHANNEL, _EMPTY = "#33415c", "#dfe5ec", "#f6f7f9", "#5c677d", "#ff7f51", "#fbfcfd"
_OTHER = "#b4bdc9"
_TEXT = "#1b2430"
_CELL = 9
_STEP = 10
_ROW_FRAMES = 128
_GRID = 64
_MARGIN = 24
_PANEL_GAP = 26
_FRAME = 4096


class _Canvas:
    """Shapes and their extent."""

    def __init__(self) -> None:
        self.shapes: list[str] = []
        self.width = 0
        self.height = 0

    def text(self, x: float, y: float, words: str, size: int = 11, weight: str = "normal") -> None:
        """Draw words with their baseline at y."""
        font = f'font-size="{size}" font-weight="{weight}" fill="{_TEXT}"'
        self.shapes.append(f'<text x="{x}" y="{y}" {font}>{escape(words)}</text>')
        self._reach(x + len(words) * size * 0.58, y)

    def box(self, x: float, y: float, width: float, height: float, colour: str, title: str = "", frame: str = "none") -> None:
        """Draw a filled box; `title` shows when the mouse is on it."""
        note = f"<title>{escape(title)}</title>" if title else ""
        place = f'x="{x}" y="{y}" width="{width}" height="{height}"'
        self.shapes.append(f'<rect {place} fill="{colour}" stroke="{frame}" stroke-width="1.2">{note}</rect>')
        self._reach(x + width, y + height)

    def _reach(self, x: float, y: float) -> None:
        self.width, self.height = max(self.width, int(x)), max(self.height, int(y))

    def svg(self) -> str:
        """Return the whole picture."""
        width, height = self.width + _MARGIN, self.height + _MARGIN
        size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        style = 'font-family="DejaVu Sans, Helvetica, Arial, sans-serif"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}><rect width="{width}" height="{height}" fill="white"/>'
        return "\n".join([head, *self.shapes, "</svg>", ""])


class _Palette:
    """Colours of owners."""

    def __init__(self, inspection: Inspection) -> None:
        self.guests = dict(zip(inspection.guests.names, _COLOURS, strict=False))

    def of(self, owner: str) -> str:
        """Return an owner's colour."""
        fixed = {"OVM": _OVM, "pool (free)": _FREE, "nobody": _NOBODY, "gate": _GATE, "global": _GATE, "other": _OTHER}
        if owner in fixed:
            return fixed[owner]
        return _CHANNEL if owner.startswith("channel") else self.guests.get(owner, _GATE)

    def legend(self) -> Iterator[tuple[str, str]]:
        """Yield the entries of the legend."""
        yield "OVM", _OVM
        yield from self.guests.items()
        yield from (("channel", _CHANNEL), ("gate", _GATE), ("device or nobody's memory, mapped", _OTHER), ("free", _FREE))


def picture(inspection: Inspection) -> str:
    """Return the moment as SVG."""
    canvas, palette = _Canvas(), _Palette(inspection)
    milliseconds = inspection.cycle / inspection.hz * 1000
    canvas.text(_MARGIN, 34, f"{inspection.plan.system.name} at {milliseconds:.3f} ms", 18, "bold")
    x = float(_MARGIN)
    for name, colour in palette.legend():
        canvas.box(x, 46, 12, 12, colour, frame="#c5ccd6")
        canvas.text(x + 17, 57, name)
        x += 34 + len(name) * 7
    left = _tlbs(canvas, palette, inspection, 86)
    bottom = _spaces(canvas, palette, inspection, left + _PANEL_GAP)
    _memory(canvas, palette, inspection, bottom + _PANEL_GAP)
    return canvas.svg()


def _tlbs(canvas: _Canvas, palette: _Palette, inspection: Inspection, top: float) -> float:
    """Draw the main TLB of each CPU: two rows for the ways, and the lockable entries. Return the bottom."""
    canvas.text(_MARGIN, top, "TLBs: the four lockable entries, then two ways of 64 sets", 13, "bold")
    y = top + 12
    for cpu in inspection.cpus:
        canvas.text(_MARGIN, y + 16, f"CPU {cpu.number}")
        _tlb(canvas, palette, inspection, cpu, y)
        y += 2 * _STEP + 14
    return y


def _tlb(canvas: _Canvas, palette: _Palette, inspection: Inspection, cpu: CpuView, y: float) -> None:
    def cell(x: float, place: float, size: float, name: str, entry: TlbEntry) -> None:
        owner = inspection.owner_of(entry, cpu.number)
        said = f"{name}: {owner}, {entry.virtual:#010x} to {entry.physical:#010x}, {size_text(entry.bytes)}"
        colour = palette.of(owner) if entry.valid else _EMPTY
        frame = "#111" if entry.valid and entry.locked else "#d5dbe3"
        canvas.box(x, place, size, size, colour, said if entry.valid else f"{name}: empty", frame)

    for number, entry in enumerate(cpu.tlb.lockable):
        cell(_MARGIN + 52 + number * (2 * _STEP + 3), y, 2 * _STEP - 1, f"lock entry {number}", entry)
    start = _MARGIN + 52 + 4 * (2 * _STEP + 3) + 12
    for number, entry in enumerate(cpu.tlb.main):
        way, place = divmod(number, _GRID)
        cell(start + place * _STEP, y + way * _STEP, _CELL, f"way {way}, set {place}", entry)


def _spaces(canvas: _Canvas, palette: _Palette, inspection: Inspection, top: float) -> float:
    """Draw each set of tables as 64 x 64 megabytes; megabytes in small pages are lighter than whole ones. Return the bottom."""
    canvas.text(_MARGIN, top, "address spaces: a cell is a megabyte, 64 in a row, from address 0 (top left)", 13, "bold")
    shown = [view for view in inspection.tables if view.current]
    x, y, side = float(_MARGIN), top + 14, 3
    for view in shown:
        words = view.title.split(": ", 1)
        canvas.text(x, y + 12, words[0][:28], 11, "bold")
        for number, line in enumerate(wrap(words[1] if len(words) > 1 else "", 34)[:2]):
            canvas.text(x, y + 26 + 11 * number, line, 9)
        _grid(canvas, palette, inspection, view, x, y + 44, side)
        x += _GRID * side + 26
        if x > 1000:
            x, y = float(_MARGIN), y + 44 + _GRID * side + 26
    return y + 44 + _GRID * side if x > _MARGIN else y - 20


def _grid(canvas: _Canvas, palette: _Palette, inspection: Inspection, view: TableView, x: float, y: float, side: int) -> None:
    canvas.box(x - 1, y - 1, _GRID * side + 2, _GRID * side + 2, _EMPTY, frame="#aab4c2")
    mapped: dict[int, int] = {}
    first: dict[int, int] = {}
    for stretch in view.stretches:
        for offset in range(0, stretch.bytes, stretch.first.bytes):
            megabyte = stretch.first.virtual + offset >> 20
            mapped[megabyte] = mapped.get(megabyte, 0) + stretch.first.bytes
            first.setdefault(megabyte, stretch.first.physical + offset)
    for megabyte, length in mapped.items():
        for each in range(megabyte, megabyte + max(length >> 20, 1)):
            _megabyte(canvas, palette, inspection, view, (x, y, side), each, min(length, 1 << 20), first[megabyte])


def _megabyte(
    canvas: _Canvas, palette: _Palette, inspection: Inspection, view: TableView, place: tuple[float, float, int],
    megabyte: int, length: int, physical: int,
) -> None:  # fmt: skip
    x, y, side = place
    owner = view.guest if view.kind == OWN else inspection.ovm.owner(inspection.ovm.key(physical))
    if owner == "nobody":
        owner = "other"
    row, column = divmod(megabyte, _GRID)
    said = f"{megabyte << 20:#010x}: {size_text(length)} mapped"
    if view.kind == SHADOW and megabyte in view.views:
        said += f", {view.views[megabyte]}"
    frame = "#111" if view.views.get(megabyte, "").startswith("privileged") else "none"
    canvas.box(x + column * side, y + row * side, side, side, palette.of(owner), f"{said} ({owner})", frame)


def _memory(canvas: _Canvas, palette: _Palette, inspection: Inspection, top: float) -> None:
    """Draw physical memory frame by frame; long stretches of one owner are a row."""
    canvas.text(_MARGIN, top, f"memory: a cell is a frame of 4 KiB, {_ROW_FRAMES} in a row", 13, "bold")
    y = top + 14
    owners = list(_rows(inspection))
    for start, row, repeated in owners:
        canvas.text(_MARGIN, y + 6, address_text(start), 8)
        _row(canvas, palette, inspection, row, start, y)
        if repeated > 1:
            owner = inspection.ovm.owner(row[0])
            length = size_text(repeated * _ROW_FRAMES * _FRAME)
            canvas.text(_MARGIN + 66 + _ROW_FRAMES * 7 + 8, y + 6, f"{length} of {owner}", 8)
        y += 8


def _row(canvas: _Canvas, palette: _Palette, inspection: Inspection, row: bytes, start: int, y: float) -> None:
    """Draw one row; neighbours of one owner are one box."""
    begin = 0
    name: Callable[[int], str] = inspection.ovm.owner
    for index in range(1, len(row) + 1):
        if index == len(row) or row[index] != row[begin]:
            x, width = _MARGIN + 66 + begin * 7, (index - begin) * 7 - 1
            said = f"{address_text(start + begin * _FRAME)}: {size_text((index - begin) * _FRAME)} of {name(row[begin])}"
            canvas.box(x, y, width, 7, palette.of(name(row[begin])), said)
            begin = index


def _rows(inspection: Inspection) -> Iterator[tuple[int, bytes, int]]:
    """Yield rows of keys: where, the keys, and how many rows alike of one owner it stands for."""
    keys = b"".join(bytes([run.key]) * (run.length // _FRAME) for run in inspection.keys)
    start = inspection.plan.system.board.ram.start
    index = 0
    while index < len(keys):
        row = keys[index : index + _ROW_FRAMES]
        repeated = 1
        if len(set(row)) == 1:
            while keys[index + repeated * _ROW_FRAMES :][:_ROW_FRAMES] == row:
                repeated += 1
        yield start + index * _FRAME, row, repeated
        index += repeated * _ROW_FRAMES
