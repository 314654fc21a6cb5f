# SPDX-License-Identifier: Apache-2.0
"""Slots that the instructions of a stretch of code take, as the board file's latencies have it."""

from collections.abc import Sequence

from ovm.board.api.parameters import DEFAULT_FILE, read_parameters
from ovm.board.parameters import Parameters
from ovm.board.processor import status
from ovm.metal import offsetof
from tests.board.assembler import assemble
from tests.board.processor import Processor

CODE = 0x8000
DATA = 0xA000
PIPELINE = (
    "issue_window",
    "level1_load",
    "load_forwarded",
    "load_result",
    "shift_result",
    "multiply_result",
    "multiply_half_result",
)


def assembled(text: str, thumb: bool = False) -> list[bytes]:
    """Instructions, separated by semicolons or lines."""
    lines = [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]
    if thumb and any(line.startswith("it") for line in lines):
        raise ValueError("an IT block must be assembled by hand")
    code = assemble(lines, thumb)
    bad = [each for each in code if isinstance(each, str)]
    if bad:
        raise ValueError(bad[0])
    return [each for each in code if isinstance(each, bytes)]


def prepare(core: Processor, code: Sequence[bytes], thumb: bool = False, at: int = CODE, **parameters: int) -> None:
    """Put code in place, all registers at a word that holds its own address."""
    core.reset()
    pipeline(core, **parameters)
    core.write(DATA, DATA.to_bytes(4, "little") * 32)
    core.write(at, b"".join(code))
    core.call(status.return_to, 0x1D3 | thumb << 5)
    core.registers = (DATA,) * 15
    core.start(at)


def pipeline(core: Processor, **parameters: int) -> None:
    """Set the latencies of the board file, or others."""
    known = read_parameters(DEFAULT_FILE)
    place = core.program.address_of("ovm.board.parameters.PARAMETERS")
    for name, value in ({each: known[each] for each in PIPELINE} | parameters).items():
        core.memory.store(place + offsetof(Parameters, name), 4, value)


def step(core: Processor) -> int:
    """Execute an instruction; the slots that it takes."""
    before = core.get("slots")
    for _ in range(8):  # entering a page, decoding
        core.run(1)
        if core.get("slots") != before:
            return core.get("slots") - before
    raise AssertionError("nothing is executed")


def taken(core: Processor, end: int) -> list[int]:
    """Return what each instruction up to `end` takes, executed one after the other."""
    found = []
    while core.pc < end:
        found.append(step(core))
        assert core.get("exception") == 0
        assert len(found) < 100
    return found


def slots(core: Processor, code: Sequence[bytes], thumb: bool = False, at: int = CODE, **parameters: int) -> list[int]:
    """Return what each instruction takes."""
    prepare(core, code, thumb, at, **parameters)
    return taken(core, at + sum(map(len, code)))


def turns(core: Processor, code: Sequence[bytes], count: int, thumb: bool = False, at: int = CODE) -> list[int]:
    """Return what the first instructions take, in the order in which they are executed."""
    prepare(core, code, thumb, at)
    return [step(core) for _ in range(count)]
