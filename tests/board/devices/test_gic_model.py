# SPDX-License-Identifier: Apache-2.0
"""The interrupt controller by random accesses of both cores and worlds, of every register, beside one in plain Python."""

import random

import pytest

from ovm.board import events
from ovm.board.devices import gic_state
from tests.board.devices.bench import DISTRIBUTOR, INTERFACE, Devices
from tests.board.devices.gic_model import Gic

STEPS = 3500
# Few, so that they meet; private ones too, and numbers that no interrupt has.
NUMBERS = (0, 1, 15, 16, 26, 27, 28, 29, 31, 32, 33, 63, 64, 90, 95, 96)
REGISTERS = (0, 4, 8, 0x80, 0x84, 0x88, 0x100, 0x104, 0x108, 0x180, 0x184, 0x188, 0x200, 0x204, 0x208, 0x280, 0x284, 0x288, 0x300)
REGISTERS += (
    0x304,
    0x308,
    0x30C,
    0x8C,
    0x400,
    0x41C,
    0x420,
    0x45C,
    0x460,
    0x800,
    0x81C,
    0x820,
    0x85C,
    0x860,
    0xC00,
    0xC04,
    0xC08,
)
REGISTERS += (0xC14, 0xC18, 0xD00, 0xD04, 0xD08, 0xD0C, 0xF00, *range(0xFD0, 0x1000, 4))
OWN = (0, 4, 8, 0x0C, 0x10, 0x14, 0x18, 0x1C, 0xFC)


@pytest.fixture(scope="module")
def devices() -> Devices:
    return Devices()


class Both:
    """Board and model, with the same accesses."""

    def __init__(self, devices: Devices, seed: int) -> None:
        devices.reset()
        devices.listen(events.INTERRUPT, events.ACKNOWLEDGE)
        self.devices, self.model, self.source = devices, Gic(), random.Random(seed)
        self.taken: list[tuple[int, int, int]] = []  # acknowledged: core, world, what ICCIAR gave
        self.signalled = 0

    def begin(self) -> None:
        """Turn everything on, so that something happens."""
        for core in range(2):
            for offset, value in ((0, 3), (0x100, ~0), (0x104, ~0), (0x108, ~0)):
                self.write(core, offset, value & 0xFFFF_FFFF, 4, 0)
            for offset, value in ((0, 0xB), (4, 0xF8), (8, 2), (0x1C, 3)):
                self.own_write(core, offset, value, 0)
        for offset in range(0x820, 0x860, 4):
            self.write(0, offset, 0x0301_0203, 4, 0)

    def write(self, core: int, offset: int, value: int, size: int, ns: int) -> None:
        value &= (1 << 8 * size) - 1
        self.devices.write(DISTRIBUTOR + offset, value, size, ns=ns, master=core)
        self.model.distributor_write(core, offset, value, size, ns)

    def own_write(self, core: int, offset: int, value: int, ns: int) -> None:
        self.devices.write(INTERFACE + offset, value, ns=ns, master=core)
        self.model.interface_write(core, offset, value, ns)

    def step(self) -> str:
        """Do one thing; return what differs."""
        source = self.source
        core, ns = source.randrange(2), int(source.random() < 0.4)
        what = source.choice(
            (self._read, self._own, self._own, self._write, self._byte, self._own_write, self._line, self._line, self._send)
        )
        return what(core, ns) or self._lines() or self.told()

    def told(self) -> str:
        """Return what an observer is told of a step, on both sides."""
        found, wanted = self.devices.heard(), self.model.events
        self.model.events = []
        kinds = {events.INTERRUPT: "raised", events.ACKNOWLEDGE: "taken"}
        seen = [(kinds[kind], first, second) for kind, first, second in found]
        return f"told {seen}, not {wanted}" if seen != wanted else ""

    def _lines(self) -> str:
        found = [self.devices.lines(core) & 3 for core in range(2)]
        wanted = [self.model.lines(core) for core in range(2)]
        self.signalled += any(wanted)
        return f"lines {found}, not {wanted}" if found != wanted else ""

    def _read(self, core: int, ns: int) -> str:
        offset, size = self.source.choice(REGISTERS), 4
        if 0x80 <= offset < 0xC00 and self.source.random() < 0.2:
            offset, size = offset | self.source.randrange(4), 1
        found = self.devices.read(DISTRIBUTOR + offset, size, ns=ns, master=core)
        wanted = self.model.distributor_read(core, offset, size, ns)
        return f"ICD {offset:x} of {core}, {ns}: {found:x}, not {wanted:x}" if found != wanted else ""

    def _own(self, core: int, ns: int) -> str:
        offset = self.source.choice(OWN)
        if offset == 0x10:
            return self._end(core, ns)
        found = self.devices.read(INTERFACE + offset, ns=ns, master=core)
        wanted = self.model.interface_read(core, offset, ns)
        if offset == 0x0C and wanted < 1020 + (1 << 10) and wanted & 0x3FF < 96:
            self.taken.append((core, ns, wanted))
        return f"ICC {offset:x} of {core}, {ns}: {found:x}, not {wanted:x}" if found != wanted else ""

    def _end(self, core: int, ns: int) -> str:
        """End what was acknowledged, in order or not, or what wasn't."""
        if self.taken and self.source.random() < 0.9:
            core, ns, value = self.taken.pop(-1 if self.source.random() < 0.8 else 0)
        else:
            value = self.source.choice((*NUMBERS, 1023))
        self.own_write(core, 0x10, value, ns)
        return ""

    def _write(self, core: int, ns: int) -> str:
        source = self.source
        kind = source.choice((0x80, 0x100, 0x100, 0x180, 0x200, 0x200, 0x280, 0xC00, 0))
        number = source.choice(NUMBERS)
        if kind == 0:
            self.write(core, 0, source.choice((3, 3, 3, 1, 2, 0)), 4, ns)
        elif kind == 0xC00:
            self.write(core, 0xC00 + number // 16 * 4, source.getrandbits(32), source.choice((4, 4, 4, 2)), ns)
        else:
            value = 1 << number % 32 if source.random() < 0.8 else source.getrandbits(32)
            if kind == 0x80 and source.random() < 0.5:
                value = source.getrandbits(32)
            self.write(core, kind + number // 32 * 4, value, 4, ns)
        return ""

    def _byte(self, core: int, ns: int) -> str:
        base, size = self.source.choice((0x400, 0x400, 0x800)), self.source.choice((1, 1, 4, 2))
        number = self.source.choice(NUMBERS) // size * size
        self.write(core, base + number, self.source.getrandbits(32), size, ns)
        return ""

    def _own_write(self, core: int, ns: int) -> str:
        offset = self.source.choice((0, 4, 4, 8, 0x1C))
        values = {0: (0xB, 0xF, 0x1F, 3, 0x13, 0x17, 0, 1, 2), 4: (0xFF, 0xF8, 0xC0, 0x80, 0x78, 0x40)}
        self.own_write(core, offset, self.source.choice(values.get(offset, range(16))), ns)
        return ""

    def _line(self, core: int, ns: int) -> str:
        number = self.source.choice([each for each in NUMBERS if 27 <= each < 96])
        up = self.source.randrange(2)
        if number < 32:
            self.devices.call(gic_state.raise_private, core, number, up)
        else:
            self.devices.call(gic_state.raise_line, number, up)
        self.model.raise_line(core, number, bool(up))
        return ""

    def _send(self, core: int, ns: int) -> str:
        value = self.source.choice((0, 1, 15)) | self.source.getrandbits(2) << 16 | self.source.choice((0, 0, 1, 2, 3)) << 24
        self.write(core, 0xF00, value | self.source.randrange(2) << 15 | self.source.getrandbits(4) << 18, 4, ns)
        return ""


@pytest.mark.parametrize("seed", range(2))
def test_every_register_in_both_worlds(devices: Devices, seed: int) -> None:
    both = Both(devices, seed)
    for step in range(STEPS):
        if step % 500 == 0:
            both.begin()
            both.told()
        different = both.step()
        assert not different, (step, different)
    assert both.signalled > STEPS // 5
