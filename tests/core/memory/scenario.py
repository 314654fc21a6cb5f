# SPDX-License-Identifier: Apache-2.0
"""Two NRT guests living through random events, each of them judged.

`World` drives the code under test. On its other side it keeps, for each guest, what the architecture promises that
guest: its memory by guest-physical address, its registers, and a TLB that may still hold anything which maintenance
has not named. An access must end in one of the ways that this allows. The hardware is a second TLB, which keeps each
entry of the shadow tables until OVM invalidates it, and prefers the oldest: so OVM's own maintenance is judged, too.

The alarm goes off at looks that are drawn. What gave way then is repeated, and in between anything happens that can: the other
guest runs, or the guest takes an interrupt and its handler does what it likes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ovm.core.memory import balloon, fault, frames, maintenance, space
from ovm.core.memory.access import FaultOutcome
from ovm.core.memory.refusal import Refusal
from tests.core.memory import board
from tests.core.memory.driver import Driver
from tests.core.memory.invariants import check_isolation
from tests.core.memory.reference import FETCH, READ, WRITE, Fault, Mapping, Registers, Tlb, check, walk

ACCESS = {READ: 0, WRITE: 1, FETCH: 2}
MAPS = {board.FIRST: board.MAP_A, board.SECOND: board.MAP_B}
EXTERNAL = Fault(0b01000)
GATE_START = 0xFFFF_E000
# One fault maps what an access needs. A second would mean that the hardware still holds something that OVM replaced.
ATTEMPTS = 2
# Faults that give way: to empty a space, to zero a frame.
DELAYS = 40


@dataclass
class GuestSide:
    """The architecture's promises to one guest."""

    index: int
    memory: dict[int, int] = field(default_factory=dict)
    registers: Registers = Registers()
    privileged: bool = True
    tlb: Tlb = field(default_factory=Tlb)


@dataclass(frozen=True)
class End:
    """The end of an access: at a guest-physical address, or with a fault; refused by OVM or the guest's own."""

    gpa: int | None = None
    fault: Fault | None = None
    refused: bool = False
    # What a refusal names.
    at: int | None = None


class World:
    """OVM's memory code between two guests and the hardware."""

    def __init__(self, driver: Driver, addresses: tuple[int, ...], seed: int = 0) -> None:
        self.driver = driver
        self.chance = random.Random(seed)
        # How often the alarm goes off, how deep handlers are nested, and how many more there are.
        self.often = (0.0, 0.1, 0.5, 1.0)[seed % 4]
        self.depth = 0
        self.left = 40
        self.handlers: list[Callable[[World], None]] = []
        self.addresses = addresses
        self.hardware = Tlb()
        self.real = Registers(mmu=True)
        self.pending: list[tuple[str, int]] = []
        driver.listener = self._operation
        board.prepare(driver)
        self.hardware.entries.clear()
        self.sides = {index: GuestSide(index) for index in (board.FIRST, board.SECOND)}
        self.channel: dict[int, int] = {}
        self.current = board.FIRST
        self.serial = 0
        self.outcomes: dict[str, int] = {}
        self.activate(board.FIRST)
        driver.alarm = self._alarm

    @property
    def side(self) -> GuestSide:
        return self.sides[self.current]

    def _alarm(self) -> bool:
        return self.chance.random() < self.often

    def others_run(self) -> None:
        """Let the other guest run, which may do what it likes."""
        if self.depth == 0 and self.left > 0 and self.chance.random() < 0.3:
            mine = self.current
            self.activate(board.FIRST + board.SECOND - mine)
            self._handle()
            self.activate(mine)

    def interlude(self) -> None:
        """Let happen what may happen to a guest before it repeats an operation that gave way."""
        self.outcomes["repeated"] = self.outcomes.get("repeated", 0) + 1
        self.others_run()
        if self.depth < 2 and self.left > 0 and self.chance.random() < 0.3:
            # As at every virtual exception (core.virtual.exception).
            board.write(self.driver.vcpu(self.current), maintained=0)
            mine = self.current
            self._handle()
            self.activate(mine)

    def _handle(self) -> None:
        if self.handlers and self.left > 0:
            self.left -= 1
            self.depth += 1
            self.chance.choice(self.handlers)(self)
            self.depth -= 1

    # The hardware.

    def _operation(self, name: str, value: int) -> None:
        """Follow what OVM does to the processor. Maintenance counts only once a DSB has completed it."""
        if name == "TTBR0":
            self.real = self.real.but(ttbr0=value)
        elif name == "TTBCR":
            self.real = self.real.but(ttbcr=value)
        elif name == "DACR":
            self.real = self.real.but(dacr=value)
        elif name == "CONTEXTIDR":
            self.real = self.real.but(asid=value & 0xFF)
        elif name.startswith("TLBI"):
            self.pending.append((name, value))
        elif name == "dsb":
            for operation, operand in self.pending:
                self._invalidate(operation, operand)
            self.pending.clear()

    def _invalidate(self, name: str, value: int) -> None:
        if name == "TLBIMVA":
            self.hardware.invalidate_address(value)
        elif name == "TLBIASID":
            self.hardware.invalidate_asid(value)
        else:
            assert name == "TLBIALL", name
            self.hardware.invalidate_all()

    def _physical(self, address: int) -> int | None:
        inside = board.RAM <= address < board.RAM + board.RAM_BYTES
        return self.driver.word(address) if inside else None

    def prefetch(self) -> None:
        """Let the hardware speculate: every translation of interest that the tables now offer is kept."""
        assert not self.pending, f"maintenance never completed: {self.pending}"
        for va in self.addresses:
            found = walk(self.real, va, self._physical)
            if isinstance(found, Mapping) and not any(self.hardware.lookup(self.real.asid, va)):
                self.hardware.keep(self.real.asid, found)

    def hardware_access(self, va: int, access: str) -> int | Fault:
        """Return one access in User mode, as guests always run."""
        found: Mapping | Fault | None = next(self.hardware.lookup(self.real.asid, va), None)
        if found is None:
            found = walk(self.real, va, self._physical)
            if isinstance(found, Fault):
                return found
            self.hardware.keep(self.real.asid, found)
        return check(found, self.real.dacr, access, False) or found.address(va)

    # The guest's side.

    def guest_memory(self, side: GuestSide, gpa: int) -> int | None:
        """Return a word of a guest's memory, as the guest's walks see it."""
        if board.NRT_GPA <= gpa < board.NRT_GPA + board.NRT_BYTES:
            return side.memory.get(gpa, 0)
        if board.CHANNEL_GPA <= gpa < board.CHANNEL_GPA + 0x2000:
            return self.channel.get(gpa, 0)
        if side.index == board.FIRST and board.FILE_GPA <= gpa < board.FILE_GPA + 0x1000:
            return 0
        return None

    def remember(self) -> None:
        """Let the guest's own TLB keep what its tables now say."""
        side = self.side
        for va in self.addresses:
            found = walk(side.registers, va, lambda gpa: self.guest_memory(side, gpa))
            if isinstance(found, Mapping):
                side.tlb.keep(side.registers.asid, found)

    def allowed(self, va: int, access: str) -> Iterator[End]:
        """Yield every way in which the architecture lets this access end."""
        side = self.side
        if side.registers.mmu:
            for kept in side.tlb.lookup(side.registers.asid, va):
                yield self._end(va, access, kept)
        yield self._end(va, access, walk(side.registers, va, lambda gpa: self.guest_memory(side, gpa)))

    def _end(self, va: int, access: str, found: Mapping | Fault) -> End:
        side = self.side
        if isinstance(found, Fault):
            return End(fault=found, refused=found.code in (0b01100, 0b01110))
        denied = check(found, side.registers.dacr, access, side.privileged)
        if denied:
            return End(fault=denied)
        gpa = found.address(va) & 0xFFFF_FFFF
        refused = End(fault=EXTERNAL, refused=True, at=gpa)
        if va >= GATE_START:
            return refused
        if side.index == board.FIRST and board.DEVICE_GPA <= gpa < board.DEVICE_GPA + 0x1000:
            return refused if access == FETCH else End(gpa=gpa)
        if self.guest_memory(side, gpa & ~3) is None:
            return refused
        if access == WRITE and board.FILE_GPA <= gpa < board.FILE_GPA + 0x1000:
            return refused
        return End(gpa=gpa)

    # Events.

    def vcpu(self) -> int:
        return self.driver.vcpu(self.current).address

    def _call(self, function: object, *arguments: int) -> int:
        self.driver.log.clear()
        result = self.driver.call(function, *arguments)
        self.prefetch()
        return result

    def settle(self) -> None:
        """After each event: nobody reaches what isn't theirs."""
        check_isolation(self.driver, self.real.ttbr0 & 0xFFFF_C000)

    def activate(self, index: int) -> None:
        """Switch to a guest, or to a changed context of the present one."""
        self.current = index
        vcpu, side = self.driver.vcpu(index), self.side
        registers = side.registers
        sctlr = (1 if registers.mmu else 0) | (1 << 29 if registers.afe else 0)
        board.write(
            vcpu, sctlr=sctlr, ttbr0=registers.ttbr0, ttbr1=registers.ttbr1, ttbcr=registers.ttbcr,
            dacr=registers.dacr, contextidr=0xABCD00 | registers.asid, privileged=int(side.privileged),
        )  # fmt: skip
        self._call(space.space_activate, vcpu.address)
        self.remember()
        self.settle()

    def change(self, **changes: int | bool) -> None:
        """Write virtual CP15 registers. Turning AFE over needs a TLB invalidation by the guest (B3.7.1)."""
        turns = "afe" in changes and changes["afe"] != self.side.registers.afe
        self.side.registers = self.side.registers.but(**changes)
        if turns:
            self.invalidate_all()
        self.activate(self.current)

    def set_mode(self, privileged: bool) -> None:
        self.side.privileged = privileged
        board.write(self.driver.vcpu(self.current), privileged=int(privileged))
        self._call(space.space_mode, self.vcpu())
        self.settle()

    def poke(self, words: dict[int, int]) -> None:
        """Stores by the guest's kernel to its own RAM, by whatever mapping."""
        for gpa, value in words.items():
            place = self.driver.touch(self.current, gpa)
            if place == 0:
                self.expect_exhausted(gpa)
                continue
            self.driver.store(place, value)
            self._write(gpa, value)
        self.remember()

    def _write(self, gpa: int, value: int) -> None:
        if board.CHANNEL_GPA <= gpa < board.CHANNEL_GPA + 0x2000:
            self.channel[gpa] = value
        else:
            self.side.memory[gpa] = value

    def invalidate_all(self) -> None:
        self.side.tlb.invalidate_all()
        self._call(maintenance.maintain_all, self.vcpu())
        self.remember()
        self.settle()

    def invalidate_asid(self, asid: int) -> None:
        self.side.tlb.invalidate_asid(asid)
        self._call(maintenance.maintain_asid, self.vcpu(), asid)
        self.remember()
        self.settle()

    def invalidate_address(self, mva: int) -> None:
        while not self._call(maintenance.maintain_address, self.vcpu(), mva):
            self.settle()
            self.interlude()
        self.side.tlb.invalidate_address(mva)
        self.remember()
        self.settle()

    def release(self, gpa: int, pages: int) -> None:
        """Give pages back; what was in them is gone."""
        first = gpa - board.NRT_GPA >> 12
        fine = 0 < first and first + pages <= board.NRT_BYTES >> 12 or pages == 0
        while True:
            done = self._call(balloon.balloon_release, self.vcpu(), gpa, pages)
            assert done <= pages if fine else done == 0xFFFF_FFFD, f"release of {pages} at {gpa:#x}: {done:#x}"
            if not fine:
                break
            inside = range(gpa, gpa + 4096 * done)
            self.side.memory = {place: word for place, word in self.side.memory.items() if place not in inside}
            gpa, pages = gpa + 4096 * done, pages - done
            if pages == 0:
                break
            self.interlude()
        self.remember()
        self.settle()

    # Accesses.

    def frame_of(self, gpa: int) -> int:
        """Return the frame that OVM's map gives a page of the current guest's RAM, 0 if none."""
        return self.driver.word(MAPS[self.current] + (gpa - board.NRT_GPA >> 12) * 4)

    def is_touched(self, gpa: int) -> bool:
        return self.frame_of(gpa) != 0

    def physical_of(self, gpa: int) -> int:
        """Return where a guest-physical address lies, by the description and OVM's frame map."""
        if board.NRT_GPA <= gpa < board.NRT_GPA + board.NRT_BYTES:
            frame = self.frame_of(gpa)
            assert frame, f"{gpa:#x} was reached without a frame"
            return frame << 12 | gpa & 0xFFF
        fixed = {board.CHANNEL_GPA: board.CHANNEL, board.FILE_GPA: board.FILE, board.DEVICE_GPA: 0x1C00_0000}
        return fixed[gpa & 0xFFFF_0000] + (gpa & 0xFFFF)

    def expect_exhausted(self, gpa: int) -> None:
        """Expect that nothing was given: the guest is at its limit, or the pool is empty."""
        assert not self.is_touched(gpa)
        maps = {index: self.driver.words(MAPS[index], board.NRT_BYTES >> 12) for index in self.sides}
        held = sum(frame != 0 for frame in maps[self.current])
        pooled = sum(0 <= (frame << 12) - board.POOL < board.POOL_BYTES for words in maps.values() for frame in words)
        assert held == board.FRAME_LIMIT or pooled == board.POOL_BYTES >> 12
        self.outcomes["exhausted"] = self.outcomes.get("exhausted", 0) + 1

    def access(self, va: int, access: str) -> None:
        """Make one access of the guest, to its end."""
        va = va & ~3
        ends = list(self.allowed(va, access))
        for _ in range(DELAYS):
            fills = self.driver.vcpu(self.current).counters.fills
            for _ in range(ATTEMPTS):
                found = self.hardware_access(va, access)
                if isinstance(found, int):
                    self._succeed(va, access, found, ends)
                    return self.settle()
                if self._fault(va, access, found, ends):
                    return self.settle()
                if fills == self.driver.vcpu(self.current).counters.fills:
                    break
            else:
                break
            self.settle()
            self.others_run()
        raise AssertionError(f"{access} of {va:#x} faults again; {found}; allowed {ends}")

    def _succeed(self, va: int, access: str, physical: int, ends: list[End]) -> None:
        reached = [end.gpa for end in ends if end.gpa is not None and self.physical_of_or_none(end.gpa) == physical]
        assert reached, f"{access} of {va:#x} reached {physical:#x}; allowed {ends}"
        gpa = reached[0]
        self.outcomes[access] = self.outcomes.get(access, 0) + 1
        if physical >> 28 != 8:
            return
        assert self.driver.word(physical) == self.guest_memory(self.side, gpa), f"{va:#x} reads what isn't there"
        if access == WRITE:
            self.serial += 1
            self.driver.store(physical, self.serial << 20)
            self._write(gpa, self.serial << 20)
            self.remember()

    def physical_of_or_none(self, gpa: int) -> int | None:
        untouched = board.NRT_GPA <= gpa < board.NRT_GPA + board.NRT_BYTES and not self.is_touched(gpa)
        return None if untouched else self.physical_of(gpa)

    def _fault(self, va: int, access: str, found: Fault, ends: list[End]) -> bool:
        """Let OVM answer a fault of the hardware; True when it is the guest's."""
        vcpu = self.driver.vcpu(self.current)
        refusals = int(vcpu.counters.refusals)
        self.driver.log.clear()
        outcome = FaultOutcome(self._call(fault.fault, vcpu.address, va, ACCESS[access], found.fsr(access)))
        self.prefetch()
        if outcome == FaultOutcome.RETRY:
            return False
        status = int(vcpu.fault_status)
        refused = outcome == FaultOutcome.REFUSED
        assert refused or outcome == FaultOutcome.REFLECT
        assert int(vcpu.counters.refusals) == refusals + refused
        assert int(vcpu.fault_address) == va
        name = f"{'refused' if refused else 'fault'} {status & 0xF:#x}"
        self.outcomes[name] = self.outcomes.get(name, 0) + 1
        if refused and self.driver.view(Refusal, "REFUSAL").kind.name == "EXHAUSTED":
            self.expect_exhausted(int(self.driver.view(Refusal, "REFUSAL").gpa))
            return True
        matching = [end for end in ends if end.fault and end.refused == refused and end.fault.fsr(access) == status]
        assert matching, f"{access} of {va:#x} got {status:#x}, refused {refused}; allowed {ends}"
        if refused:
            self._check_refusal(va, [end.at for end in matching])
        return True

    def _check_refusal(self, va: int, named: list[int | None]) -> None:
        refusal = self.driver.view(Refusal, "REFUSAL")
        assert None in named or int(refusal.gpa) in named, f"{int(refusal.gpa):#x} was refused, not {named}"
        assert (int(refusal.guest), int(refusal.va)) == (self.current, va)
        assert int(refusal.owner) == self.driver.call(frames.owner_of, int(refusal.gpa))
