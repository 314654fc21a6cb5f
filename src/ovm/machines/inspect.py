# SPDX-License-Identifier: Apache-2.0
"""One moment of a run: TLBs, page tables and their meaning, the owners of memory.

Everything is read from the machine's memory and registers by code of its own; reading changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ovm.abi.config import Level
from ovm.board.api import Board, Tlb, TlbEntry
from ovm.machines.inspect_board import tables_of
from ovm.machines.inspect_ovm import KeyRun, Ovm, Space, by_pages
from ovm.machines.inspect_stretches import Stretch, stretches
from ovm.machines.inspect_walk import Mapping, Tables
from ovm.machines.places import Places
from ovm.machines.trace_names import Guests, guests_of
from ovm.system.archive import Archive

SECURE, STRAIGHT, SHADOW, OWN = "secure", "straight", "shadow", "own"
GATE = 0xFFFF_F000  # the page that every deprivileged space shares with OVM
_OVM_START = 0xFFFF_E000  # addresses from here on belong to no guest
Entry = TlbEntry


@dataclass(frozen=True)
class CpuView:
    """The state of a CPU."""

    number: int
    mode: str
    secure: bool
    pc: int
    place: str
    guest: str
    tlb: Tlb


@dataclass(frozen=True)
class TableView:
    """One set of tables. `views` names the view of each megabyte of a shadow space."""

    kind: str
    guest: str
    title: str
    tables: Tables
    stretches: tuple[Stretch, ...]
    views: dict[int, str]
    current: bool = True


class Inspection:
    """A machine at a moment."""

    def __init__(self, board: Board, archive: Archive) -> None:
        self.plan = archive.plan
        self.cycle, self.hz = board.now, board.hz
        self.ovm = Ovm(archive, by_pages(board.read))
        self.guests: Guests = guests_of(archive.plan, archive.plan.system.board.boot_cpu)
        self._board = board
        places = Places(archive)
        self.cpus = tuple(self._cpu(number, places) for number in range(len(board.cores)))
        keys = tuple(self.ovm.keys())
        self.ready = len(keys) > 1  # before OVM fills it in, the frame table is all zeros
        self.keys = keys if self.ready else ()
        self.tables = tuple(each for each in self._all_tables() if each.stretches)

    def _cpu(self, number: int, places: Places) -> CpuView:
        core = self._board.cores[number]
        index = None if core.secure else self.guests.running(number, core.get("CONTEXTIDR_NS"))
        guest = "" if index is None else self.guests.names[index]
        return CpuView(number, core.mode, core.secure, core.pc, places.place(guest, core.pc), guest, self._board.tlb(number))

    def _all_tables(self) -> Iterator[TableView]:
        if tables_of(self._board, 0, "_S").context.enabled:
            yield _view(SECURE, "", "OVM's own map", self.ovm.secure())
        if not self.ready:
            return
        for index, each in enumerate(self.plan.guests):
            if each.guest.level is Level.NRT:
                continue
            own = " (the guest may use its own)" if each.guest.level is Level.HRT else ""
            yield _view(STRAIGHT, each.guest.name, f"{each.guest.name}: straight map{own}", self.ovm.straight(index))
        for space in self.ovm.spaces():
            yield from self._space(space)

    def _space(self, space: Space) -> Iterator[TableView]:
        """Yield a live space's shadow, and what the guest's own tables say in the same context."""
        name = self.guests.names[space.guest]
        now = ", in use" if space.current else ""
        context = f"TTBR0 {space.context.ttbr0:#010x}" if space.context.enabled else "MMU off"
        title = f"{name}: space {space.number} ({context}, hardware ASID {space.asid}{now})"
        yield _view(SHADOW, name, f"{title}: shadow", space.tables, space.views, current=space.current)
        if space.context.enabled and space.current:
            yield _view(OWN, name, f"{title}: the guest's own tables", self.ovm.own_tables(space.guest, space.context))

    def owner_of(self, entry: TlbEntry, cpu: int) -> str:
        """Return a TLB entry's owner: OVM in the Secure state, the gate, an HRT guest on its CPU, or a guest by its ASID."""
        if not entry.ns:
            return "OVM"
        if cpu in self.guests.by_cpu:
            return self.guests.names[self.guests.by_cpu[cpu]]
        if entry.asid is None:
            return "gate" if entry.virtual >= GATE and entry.bytes == 4096 else "global"
        index = self.guests.by_asid.get(entry.asid)
        return self.guests.names[index] if index is not None else f"ASID {entry.asid}"

    def problems(self) -> list[str]:
        """Return what must not exist: pages within a guest's reach whose frames have another key."""
        found = []
        for view in self.tables:
            if view.kind not in (SHADOW, STRAIGHT):
                continue
            for stretch in view.stretches:
                found += [f"{view.title}: {text}" for text in self._foreign(view, stretch)]
        return found

    def _foreign(self, view: TableView, stretch: Stretch) -> Iterator[str]:
        index = self.guests.names.index(view.guest)
        held = {index + 1} | {each.key for each in self.plan.guests[index].regions}
        first = stretch.first
        if first.virtual >= _OVM_START or not self.plan.system.board.ram.start <= first.physical < self.plan.system.board.ram.end:
            return
        for offset in range(0, stretch.bytes, 4096):
            key = self.ovm.key(first.physical + offset)
            if key not in held and first.virtual + offset < _OVM_START:
                yield f"{first.virtual + offset:#010x} leads to {first.physical + offset:#010x}, which is {self.ovm.owner(key)}'s"

    def unconfirmed(self) -> list[str]:
        """Return entries of a main TLB that no table in memory confirms: stale, or wrong.

        Entries of dead spaces may be stale, and so may a guest's while OVM works: OVM writes a table before it invalidates the
        TLB entry (ARM B3.10.2).
        """
        found = []
        dead = self.ovm.dead_asids() if self.ready else set()
        for cpu in self.cpus:
            for entry in (*cpu.tlb.lockable, *cpu.tlb.main):
                due = entry.asid in dead or cpu.mode == "mon"
                if entry.ns and due and cpu.number not in self.guests.by_cpu:
                    continue
                if entry.valid and not self._confirmed(entry, self.owner_of(entry, cpu.number)):
                    owner = self.owner_of(entry, cpu.number)
                    found.append(f"CPU {cpu.number}: {owner} {entry.virtual:#010x} to {entry.physical:#010x}")
        return found

    def _confirmed(self, entry: TlbEntry, owner: str) -> bool:
        """Return whether a table of its owner maps the page to the same place. OVM locks the gate before there is any table."""
        if owner == "gate" and entry.physical in range(self.plan.gate.start, self.plan.gate.end):
            return True
        for view in self.tables:
            mine = view.kind == SECURE if owner == "OVM" else view.kind in (STRAIGHT, SHADOW)
            if mine and (owner in ("OVM", "gate", "global") or view.guest == owner):
                found = view.tables.find(entry.virtual)
                if isinstance(found, Mapping) and found.leads_to(entry.virtual) == entry.physical:
                    return True
        return False

    def owners(self, physical: int, length: int) -> list[str]:
        """Return the owners of memory in a range, in the order of addresses."""
        touching = [run.owner for run in self.keys if run.start < physical + length and physical < run.start + run.length]
        return list(dict.fromkeys(touching))

    def key_totals(self) -> dict[str, int]:
        """Return frames of each owner, in the order of their keys."""
        totals: dict[int, int] = {}
        for run in self.keys:
            totals[run.key] = totals.get(run.key, 0) + run.length // 4096
        return {self.ovm.owner(key): totals[key] for key in sorted(totals)}

    def runs(self, least: int) -> list[KeyRun]:
        """Return runs of keys, with shorter ones than `least` bytes put together under "mixed"."""
        merged: list[KeyRun] = []
        for run in self.keys:
            short = run.length < least
            if short and merged and merged[-1].key < 0:
                merged[-1] = KeyRun(merged[-1].start, merged[-1].length + run.length, -1, "mixed")
            else:
                merged.append(KeyRun(run.start, run.length, -1 if short else run.key, "mixed" if short else run.owner))
        return merged


def _view(
    kind: str, guest: str, title: str, tables: Tables, views: dict[int, str] | None = None, *, current: bool = True
) -> TableView:
    return TableView(kind, guest, title, tables, tuple(stretches(tables.all())), views or {}, current)
