# SPDX-License-Identifier: Apache-2.0
"""The interrupt controller in plain Python, from ARM IHI0048 (GICv1 with security): one object for an interrupt."""

from dataclasses import dataclass, field

SPURIOUS, OTHER_GROUP, IDLE = 1023, 1022, 0x100
COUNT, FIRST_SHARED = 96, 32
PRIVATE = (*range(16), *range(27, 32))
IDENTITY = (4, 0, 0, 0, 0x90, 0xB3, 0x1B, 0, 0x0D, 0xF0, 0x05, 0xB1)


@dataclass
class Interrupt:
    """One interrupt; a private one belongs to a core."""

    number: int
    core: int = 0
    enabled: bool = False
    latched: bool = False
    active: bool = False
    open: bool = False  # group 1, Non-secure
    level: bool = False
    edge: bool = False
    priority: int = 0
    targets: int = 0
    sources: set[int] = field(default_factory=set)

    @property
    def pending(self) -> bool:
        return self.latched or (self.level and not self.edge)

    def aims_at(self, core: int) -> bool:
        return self.core == core if self.number < FIRST_SHARED else bool(self.targets >> core & 1)


@dataclass
class Interface:
    """A CPU interface; `held` are group priorities of active interrupts, by group."""

    control: int = 0
    mask: int = 0
    point: int = 2
    open_point: int = 3
    held: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    @property
    def running(self) -> int:
        return min(self.held[0] | self.held[1], default=IDLE)

    def group_bits(self, interrupt: Interrupt) -> int:
        point = self.open_point - 1 if interrupt.open and not self.control & 16 else self.point
        return 0x1FF >> point + 1 << point + 1


class Gic:
    """Distributor and both interfaces."""

    def __init__(self) -> None:
        self.control = 0
        self.private = [[Interrupt(number, core) for number in range(32)] for core in range(2)]
        self.shared = {number: Interrupt(number) for number in range(FIRST_SHARED, COUNT)}
        self.interfaces = [Interface(), Interface()]
        # What an observer is told: "raised", number, the cores it goes to; "taken", number, 0.
        self.events: list[tuple[str, int, int]] = []
        for bank in self.private:
            for each in bank[:16]:
                each.enabled = True
            for each in bank:
                # ICDICFR1 reads 0x7DC00000 (UG585 B.24).
                each.edge = each.number < 16 or each.number in (27, 29, 30)

    def get(self, core: int, number: int, ns: int = 0) -> Interrupt | None:
        """Return the interrupt that a core sees under a number, unless there is none or the access may not see it."""
        if number >= COUNT or (number < FIRST_SHARED and number not in PRIVATE):
            return None
        found = self.private[core][number] if number < FIRST_SHARED else self.shared[number]
        return found if found.open or not ns else None

    def raise_line(self, core: int, number: int, up: bool) -> None:
        found = self.get(core, number)
        assert found is not None
        if up and not found.level:
            found.latched |= found.edge
            self._tell(found)
        found.level = up

    def _tell(self, found: Interrupt) -> None:
        self.events.append(("raised", found.number, 1 << found.core if found.number < FIRST_SHARED else found.targets))

    # The choice of an interrupt (3.3).

    def most_urgent(self, core: int) -> Interrupt | None:
        wanted = [each for each in (*self.private[core], *self.shared.values()) if each.aims_at(core) and self._offered(each)]
        return min(wanted, key=lambda each: (each.priority, each.number), default=None)

    def _offered(self, each: Interrupt) -> bool:
        return each.pending and each.enabled and not each.active and bool(self.control & (2 if each.open else 1))

    def signalled(self, core: int) -> Interrupt | None:
        own, best = self.interfaces[core], self.most_urgent(core)
        if best is None or not own.control & (2 if best.open else 1) or best.priority >= own.mask:
            return None
        bits = own.group_bits(best)
        return best if best.priority & bits < own.running & bits else None

    def lines(self, core: int) -> int:
        """1 for FIQ, 2 for IRQ."""
        best = self.signalled(core)
        if best is None:
            return 0
        return 1 if not best.open and self.interfaces[core].control & 8 else 2

    # The CPU interface (4.4).

    def _shown(self, core: int, best: Interrupt | None, ns: int) -> int | None:
        """Return the number that stands for an interrupt that a reader may not have; none if it may."""
        if best is None:
            return SPURIOUS
        if best.open:
            return OTHER_GROUP if not ns and not self.interfaces[core].control & 4 else None
        return SPURIOUS if ns else None

    def acknowledge(self, core: int, ns: int) -> int:
        own, best = self.interfaces[core], self.signalled(core)
        hidden = self._shown(core, best, ns)
        if best is None or hidden is not None:
            return SPURIOUS if hidden is None else hidden
        best.active = True
        self.events.append(("taken", best.number, 0))
        own.held[best.open].add(best.priority & own.group_bits(best) & ~7)
        if best.number >= 16:
            best.latched = False
            return best.number
        source = min(best.sources, default=0)
        best.sources.discard(source)
        best.latched = bool(best.sources)
        return best.number | source << 10

    def end(self, core: int, value: int, ns: int) -> None:
        own, number = self.interfaces[core], value & 0x3FF
        if number >= COUNT or own.running == IDLE:
            return
        found = self.private[core][number] if number < FIRST_SHARED else self.shared[number]
        if ns and not found.open:
            return
        held = own.held[found.open]
        held.discard(min(held, default=0))
        found.active = False

    def highest(self, core: int, ns: int) -> int:
        best = self.most_urgent(core)
        hidden = self._shown(core, best, ns)
        if best is None or hidden is not None:
            return SPURIOUS if hidden is None else hidden
        return best.number | (min(best.sources, default=0) << 10 if best.number < 16 else 0)

    def interface_read(self, core: int, offset: int, ns: int) -> int:
        own = self.interfaces[core]
        seen = (lambda priority: priority << 1 & 0xFF if priority & 0x80 else 0) if ns else (lambda priority: priority)
        if offset == 0x0C:
            return self.acknowledge(core, ns)
        if offset == 0x08:
            if ns:
                return min(own.point + 1, 7) if own.control & 16 else own.open_point
            return own.point
        values = {
            0x00: own.control >> 1 & 1 if ns else own.control,
            0x04: seen(own.mask),
            0x14: 0xFF if own.running == IDLE else seen(own.running),
            0x18: self.highest(core, ns),
            0x1C: 0 if ns else own.open_point,
            0xFC: 0x3901_243B,
        }
        return values.get(offset, 0)

    def interface_write(self, core: int, offset: int, value: int, ns: int) -> None:
        own = self.interfaces[core]
        if offset == 0x10:
            self.end(core, value, ns)
        elif offset == 0x00:
            own.control = own.control & ~2 | (value & 1) << 1 if ns else value & 0x1F
        elif offset == 0x04 and not ns:
            own.mask = value & 0xF8
        elif offset == 0x04 and own.mask & 0x80:
            own.mask = (0x80 | (value & 0xFF) >> 1) & 0xF8
        elif offset == 0x08 and not ns:
            own.point = max(value & 7, 2)
        elif (offset == 0x1C and not ns) or (offset == 0x08 and not own.control & 16):
            own.open_point = max(value & 7, 3)

    # The distributor (4.3).

    def _bits(self, core: int, offset: int, ns: int, what: str) -> int:
        first = offset % 0x80 * 8
        seen = (self.get(core, first + bit, ns) if first < COUNT else None for bit in range(32))
        return sum(bool(getattr(each, what)) << bit for bit, each in enumerate(seen) if each)

    def distributor_read(self, core: int, offset: int, size: int, ns: int) -> int:
        if 0x400 <= offset < 0xC00:
            return sum(self._byte(core, offset + index, ns) << 8 * index for index in range(size))
        word = self._word(core, offset & ~3, ns) >> 8 * (offset & 3)
        return word & (1 << 8 * size) - 1

    def _byte(self, core: int, offset: int, ns: int) -> int:
        found = self.get(core, offset & 0x3FF, ns)
        if found is None:
            return 0
        if offset >= 0x800:
            return 1 << core if found.number < FIRST_SHARED else found.targets
        return found.priority << 1 & 0xFF if ns else found.priority

    def _word(self, core: int, offset: int, ns: int) -> int:
        named = {0: self.control >> 1 & 1 if ns else self.control, 4: 0xFC22, 8: 0x0102_043B}
        if offset < 0x80:
            return named.get(offset, 0)
        if offset < 0x380:
            kinds = ("", "open", "enabled", "enabled", "pending", "pending", "active")
            return 0 if ns and offset < 0x100 else self._bits(core, offset, ns, kinds[offset >> 7])
        if 0xC00 <= offset < 0xD00:
            found = [self.get(core, (offset - 0xC00) * 4 + index, ns) for index in range(16)]
            return sum((each.edge << 1 | (each.number >= 16)) << 2 * index for index, each in enumerate(found) if each)
        if offset == 0xD00:
            return sum(each.level << each.number - 16 for each in self.private[core][27:] if each.open or not ns)
        if offset in (0xD04, 0xD08):
            first = (offset - 0xD00) * 8
            found = [self.shared[first + bit] for bit in range(32)]
            return sum((each.level and (each.open or not ns)) << bit for bit, each in enumerate(found))
        return IDENTITY[offset - 0xFD0 >> 2] if offset >= 0xFD0 else 0

    def distributor_write(self, core: int, offset: int, value: int, size: int, ns: int) -> None:
        if 0x400 <= offset < 0xC00:
            for index in range(size):
                self._write_byte(core, offset + index, value >> 8 * index & 0xFF, ns)
        elif offset == 0:
            self.control = self.control & 1 | (value & 1) << 1 if ns else value & 3
        elif 0x80 <= offset < 0x300 and not (ns and offset < 0x100):
            first = (offset & ~3) % 0x80 * 8
            for bit in range(32):
                found = self.get(core, first + bit, ns) if first < COUNT else None
                if found:
                    self._write_bit(found, offset & 0xF80, bool(value << 8 * (offset & 3) >> bit & 1))
        elif 0xC08 <= offset < 0xC18 and size == 4:
            for index in range(16):
                found = self.get(core, (offset - 0xC00) * 4 + index, ns)
                if found:
                    found.edge = bool(value >> 2 * index + 1 & 1)
        elif offset == 0xF00:
            self._send(core, value, ns)

    def _write_bit(self, each: Interrupt, kind: int, bit: bool) -> None:
        if kind == 0x80:
            each.open = bit
        elif bit and each.number >= 16:
            if kind in (0x100, 0x180):
                each.enabled = kind == 0x100
            else:
                if kind == 0x200 and not each.latched:
                    self._tell(each)
                each.latched = kind == 0x200

    def _write_byte(self, core: int, offset: int, value: int, ns: int) -> None:
        found = self.get(core, offset & 0x3FF, ns)
        if found is None:
            return
        if offset < 0x800:
            found.priority = (0x80 | value >> 1 if ns else value) & 0xF8
        elif found.number >= FIRST_SHARED:
            found.targets = value & 3

    def _send(self, core: int, value: int, ns: int) -> None:
        targets = (value >> 16 & 3, 3 ^ 1 << core, 1 << core, 0)[value >> 24 & 3]
        for target in range(2):
            found = self.private[target][value & 15]
            if targets >> target & 1 and found.open == bool(ns or value & 0x8000):
                found.sources.add(core)
                found.latched = True
                self._tell(found)
