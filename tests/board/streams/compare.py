# SPDX-License-Identifier: Apache-2.0
"""Streams on both sides, compared; in parts, each of which has a seed of its own."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from tests.board.streams.generate import Stream, stream
from tests.board.streams.image import ENDS, STREAM_BYTES, STREAMS, Left, build, code_of
from tests.board.streams.sides import OnBoard, Stopped, on_qemu

_STATUS, _DEBUG = 0x40F, 0x002


@dataclass
class Part:
    """The result of a part."""

    compared: int = 0
    unpredictable: int = 0
    # By vector, and by fault status.
    ends: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def _loaded(stream: Stream) -> set[int]:
    """Return the core registers that a stream loads two or more at once."""
    lines = [line for line in stream.lines if line.startswith(("ldrd", "ldm"))]
    # The base stays as it is, and comes first in LDM and last in LDRD.
    named = [line.split("{")[1] if line.startswith("ldm") else line.split("[")[0] for line in lines]
    return {int(number) for part in named for number in re.findall(r"r(\d+)", part)}


def _known(left: Left, stream: Stream) -> Left:
    """Without what is UNKNOWN: IFAR of a breakpoint (ARM B3.13.3), and what LDM and LDRD loaded before they aborted (B1.9.8)."""
    if left.vector == "prefetch abort" and left.ifsr & _STATUS == _DEBUG:
        return replace(left, ifar=0)
    if left.vector == "data abort":
        unknown = _loaded(stream)
        return replace(left, registers=tuple(0 if n in unknown else value for n, value in enumerate(left.registers)))
    return left


def _end(left: Left) -> str:
    return f"{left.vector} {left.dfsr & 0xC0F:#x}" if left.vector == "data abort" else left.vector


def differing(theirs: Left, ours: Left) -> str:
    """Name what differs, theirs first; nothing if all is equal."""
    found = []
    for each in fields(Left):
        left, right = getattr(theirs, each.name), getattr(ours, each.name)
        if left == right:
            continue
        if each.name == "registers":
            found += [f"r{n}: {a:#x}, {b:#x}" for n, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
        else:
            found.append(f"{each.name}: {left if isinstance(left, str | bytes) else hex(left)}, "
                         f"{right if isinstance(right, str | bytes) else hex(right)}")  # fmt: skip
    return "; ".join(found)


def _on_board(board: OnBoard, streams: Sequence[Stream], codes: list[bytes], image: bytes) -> tuple[bytes, list[Left], set[int]]:
    """Run on the board, again without each stream that it stops at."""
    stopped: set[int] = set()
    while True:
        try:
            return image, board.run(image, len(streams)), stopped
        except Stopped as stop:
            number = (stop.pc - STREAMS) // STREAM_BYTES
            if number in stopped or not 0 <= number < len(streams):
                raise
            stopped.add(number)
            codes[number] = ENDS[streams[number].thumb]
            image = build(streams, codes)


def run_part(board: OnBoard, seed: int, count: int) -> Part:
    """Compare `count` streams of one seed."""
    chance = random.Random(seed)
    streams = [stream(chance) for _ in range(count)]
    codes = code_of(streams)
    image, ours, stopped = _on_board(board, streams, codes, build(streams, codes))
    theirs = on_qemu(image, count)
    part = Part(compared=count - len(stopped), unpredictable=len(stopped))
    pairs = zip(map(_known, theirs, streams), map(_known, ours, streams), strict=True)
    for number, (left, right) in enumerate(pairs):
        part.ends[_end(left)] += 1
        if left != right:
            lines = " | ".join(streams[number].lines).replace("\n", " | ")
            state = f"psr {streams[number].psr:#x}, SCTLR bits {streams[number].sctlr:#x}"
            part.failures.append(f"seed {seed}, stream {number}: {lines} ({state}): {differing(left, right)}")
    return part
