# SPDX-License-Identifier: Apache-2.0
"""Timers in plain Python that count step by step, from MPCore TRM 4.2 to 4.4 and UG585 chapter 8: no closed forms."""

from dataclasses import dataclass, field

CORE_CLOCK, SLOW_CLOCK = 2, 6  # CPU cycles of PERIPHCLK and CPU_1x


@dataclass
class Countdown:
    """A private timer or watchdog of a core."""

    watchdog: bool
    load: int = 0
    count: int = 0
    control: int = 0
    status: int = 0
    reset_status: int = 0
    unlocking: bool = False
    # PERIPHCLK ticks since the prescaler last let the counter step; writes restart it.
    phase: int = 0
    tick: int = 0
    over: bool = False  # a watchdog that came to zero waits for its reset

    def advance(self, now: int) -> None:
        ticks, self.tick = now // CORE_CLOCK - self.tick, now // CORE_CLOCK
        if not self.control & 1:
            return
        self.phase += ticks
        step = (self.control >> 8 & 0xFF) + 1
        while self.phase >= step:
            self.phase -= step
            self._step()

    def _step(self) -> None:
        if self.over or (self.count == 0 and not self.control & 2):
            return
        self.count = self.count - 1 if self.count else self.load
        if self.count == 0 and self.control & 8:
            self.reset_status, self.over = 1, True
        elif self.count == 0:
            self.status = 1

    @property
    def line(self) -> bool:
        return self.status == 1 and self.control & 4 != 0

    def read(self, offset: int) -> int:
        known = {0: self.load, 4: self.count, 8: self.control, 12: self.status, 16: self.reset_status * self.watchdog}
        return known.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        if offset in (0, 4):
            self.load = value if offset == 0 else self.load
            self.count, self.phase, self.over = value, 0, False
        elif offset == 8:
            self.control = value & (0xFF0F if self.watchdog else 0xFF07) | self.control & 8
            self.phase = 0
        elif offset == 12 and value & 1:
            self.status = 0
        elif offset == 16 and value & 1:
            self.reset_status = 0
        elif offset == 20 and self.watchdog:
            if self.unlocking and value == 0x8765_4321:
                self.control &= ~8
            self.unlocking = value == 0x1234_5678


@dataclass
class Comparator:
    """A core's part of the global timer."""

    own: int = 0
    status: int = 0
    aim: int = 0
    increment: int = 0
    armed: bool = False

    def look(self, count: int) -> None:
        """Raise one event for each comparator value, at or above it (from r2p0 on)."""
        while self.armed and self.own & 2 and count >= self.aim:
            self.status, self.armed = 1, False
            if self.own & 8 and self.increment:
                self.aim += self.increment
                self.armed = True

    @property
    def line(self) -> bool:
        return self.status == 1 and self.own & 4 != 0


@dataclass
class GlobalTimer:
    """The counter of 64 bits and both comparators."""

    count: int = 0
    control: int = 0
    phase: int = 0
    tick: int = 0
    cores: list[Comparator] = field(default_factory=lambda: [Comparator(), Comparator()])

    def advance(self, now: int) -> None:
        ticks, self.tick = now // CORE_CLOCK - self.tick, now // CORE_CLOCK
        if not self.control & 1:
            return
        self.phase += ticks
        step = (self.control >> 8) + 1
        self._look()
        while self.phase >= step:
            self.phase -= step
            self.count += 1
            self._look()

    def _look(self) -> None:
        for each in self.cores if self.control & 1 else ():
            each.look(self.count)

    def read(self, core: int, offset: int) -> int:
        own = self.cores[core]
        whole = {0: self.count, 0x10: own.aim}.get(offset & ~4)
        if whole is not None:
            return whole >> 8 * (offset & 4) & 0xFFFF_FFFF
        return {8: self.control | own.own, 12: own.status, 0x18: own.increment}.get(offset, 0)

    def write(self, core: int, offset: int, value: int) -> None:
        own = self.cores[core]

        def half(whole: int) -> int:
            return whole & 0xFFFF_FFFF | value << 32 if offset & 4 else whole >> 32 << 32 | value

        if offset in (0, 4):
            self.count, self.phase = half(self.count), 0
        elif offset == 8:
            self.control, own.own, self.phase = value & 0xFF01, value & 14, 0
        elif offset == 12 and value & 1:
            own.status = 0
        elif offset == 0x18:
            own.increment = value
        elif offset in (0x10, 0x14):
            own.aim = half(own.aim)
        for each in self.cores if offset in (0, 4, 8) else [own] if offset in (0x10, 0x14) else ():
            each.armed = True
        self._look()


@dataclass
class Triple:
    """One counter of a triple timer."""

    clock: int = 0
    control: int = 0x21
    count: int = 0
    interval: int = 0
    matches: list[int] = field(default_factory=lambda: [0, 0, 0])
    status: int = 0
    enable: int = 0
    phase: int = 0
    now: int = 0

    def advance(self, now: int) -> None:
        passed, self.now = now - self.now, now
        if self.control & 1:
            return
        self.phase += passed
        step = SLOW_CLOCK << ((self.clock >> 1 & 15) + 1 if self.clock & 1 else 0)
        while self.phase >= step:
            self.phase -= step
            self._step()

    def _step(self) -> None:
        top = self.interval & 0xFFFF if self.control & 2 else 0xFFFF
        if self.control & 4:
            self.count = self.count - 1 if self.count else top
        else:
            self.count = self.count + 1 if self.count < top else 0
        if self.count == 0:
            self.status |= 1 if self.control & 2 else 16
        for number, match in enumerate(self.matches):
            if self.control & 8 and self.count == match & 0xFFFF:
                self.status |= 2 << number

    @property
    def line(self) -> bool:
        return self.status & self.enable != 0

    def read(self, block: int) -> int:
        if block == 7:
            found, self.status = self.status, 0
            return found
        return [self.clock, self.control, self.count, self.interval, *self.matches, 0, self.enable][block]

    def write(self, block: int, value: int) -> None:
        self.phase = 0
        if block == 0:
            self.clock = value
        elif block == 1:
            if value & 16:
                self.count = self.interval & 0xFFFF if value & 6 == 6 else 0
            self.control = value & 0x6F
        elif block == 3:
            self.interval = value
        elif block == 8:
            self.enable = value
        else:
            self.matches[block - 4] = value


@dataclass
class SystemWatchdog:
    """The system watchdog: 24 bits, whose upper 12 are the reload value, at an eighth of the clock or less."""

    mode: int = 0x1C2
    control: int = 0x3FFC
    status: int = 0
    left: int | None = None
    line: bool = False
    reset: bool = False
    now: int = 0

    def advance(self, now: int) -> None:
        passed, self.now = now - self.now, now
        if self.left is not None:
            self.left -= passed
            if self.left <= 0:
                self.left, self.status = None, 1
                self.line |= self.mode & 4 != 0
                self.reset |= self.mode & 2 != 0

    def read(self, offset: int) -> int:
        return {0: self.mode, 4: self.control, 12: self.status}.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        if offset == 0 and value >> 12 == 0xABC:
            self.mode = value & 0xFFF
        elif offset == 4 and value >> 14 == 0x248:
            self.control = value & 0x3FFF
        elif offset == 8 and value & 0xFFFF == 0x1999:
            self.status, self.line = 0, False
        else:
            return
        if offset != 4:
            counts = (self.control >> 2 & 0xFFF) << 12 | 0xFFF
            self.left = (counts + 1) * SLOW_CLOCK * (8, 64, 512, 4096)[self.control & 3] if self.mode & 1 else None
