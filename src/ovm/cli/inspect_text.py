# SPDX-License-Identifier: Apache-2.0
"""The text of `ovm inspect`: tables of TLB entries, mappings and keys, each entry with its meaning."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from ovm.machines.inspect import GATE, OWN, SECURE, SHADOW, STRAIGHT, CpuView, Entry, Inspection, TableView
from ovm.machines.inspect_stretches import Stretch
from ovm.machines.inspect_walk import RIGHTS
from ovm.system.units import address_text, size_text

MOST_ROWS = 24
_RUN_BYTES = 64 << 10
_TCBS = {0b1111: "Normal, write-back", 0b1110: "Normal, write-back", 0b0010: "Device", 0: "Strongly-ordered", 0b1000: "Normal"}


def headline(inspection: Inspection) -> Iterator[str]:
    """Yield the moment, and the state of each CPU."""
    seconds = inspection.cycle / inspection.hz
    yield f"at {seconds * 1000:.3f} ms = {inspection.cycle:,} cycles"
    if not inspection.ready:
        yield "OVM has not set up its memory yet: there are no keys and no tables of guests"
    for cpu in inspection.cpus:
        who = cpu.guest or ("OVM" if cpu.secure else "no guest that can be told")
        where = f" in {cpu.place}" if cpu.place else ""
        yield f"CPU {cpu.number}: {who}, {'Secure' if cpu.secure else 'Non-secure'} {cpu.mode}, pc {cpu.pc:#010x}{where}"


def tlb_table(inspection: Inspection, cpu: CpuView, most: int) -> RenderableType:
    """Return one CPU's main TLB: all lockable entries, and the first of the others."""
    table = _table(f"CPU {cpu.number}: TLB", "entry", "whose", "virtual", "to", "size", "rights", "domain", "memory")
    for number, entry in enumerate(cpu.tlb.lockable):
        name = f"lock {number}"
        if entry.valid:
            table.add_row(name + (" locked" if entry.locked else ""), *_tlb_cells(inspection, entry, cpu.number))
        else:
            table.add_row(name, "empty", *[""] * 6)
    valid = [(number, entry) for number, entry in enumerate(cpu.tlb.main) if entry.valid]
    for number, entry in valid[:most]:
        table.add_row(f"way {number // 64} set {number % 64}", *_tlb_cells(inspection, entry, cpu.number))
    if len(valid) > most:
        table.add_row("", f"{len(valid) - most} more", *[""] * 6)
    micro = [sum(each.valid for each in side) for side in (cpu.tlb.data_micro, cpu.tlb.fetch_micro)]
    table.caption = f"{len(valid)} of 128 set-associative entries valid; micro-TLBs: {micro[0]} for data, {micro[1]} for fetches"
    return table


def _tlb_cells(inspection: Inspection, entry: Entry, cpu: int) -> tuple[str, ...]:
    owner = inspection.owner_of(entry, cpu)
    shown = owner if entry.asid is None or not entry.ns else f"{owner} (ASID {entry.asid:#04x})"
    privileged, user = RIGHTS[entry.rights]
    execute = ", no execute" if entry.execute_never else ""
    domain = f"{entry.domain}: {inspection.ovm.domain(entry.domain)}" if entry.ns else f"{entry.domain}"
    kind = _TCBS.get(entry.memory, f"TEX C B S {entry.memory:06b}")
    rights = f"{_short(privileged)} | {_short(user)}{execute}"
    return (shown, f"{entry.virtual:#010x}", f"{entry.physical:#010x}", size_text(entry.bytes), rights, domain, kind)


def _short(rights: str) -> str:
    return {"read/write": "rw", "read": "r", "none": "-"}.get(rights, rights)


def mapping_table(inspection: Inspection, view: TableView, most: int) -> RenderableType:
    """Return one set of tables: stretches of equal entries and their meaning."""
    leads = "to (guest-physical)" if view.kind == OWN else "to"
    table = _table(view.title, "virtual", leads, "entries", "rights: privileged | User", "memory", "what it is")
    for stretch in view.stretches[:most]:
        first = stretch.first
        size = f"{stretch.entries} x {first.size}" if stretch.entries > 1 else first.size
        privileged, user = RIGHTS[first.access]
        execute = ", no execute" if first.execute_never else ""
        table.add_row(
            f"{first.virtual:#010x}",
            f"{first.physical:#010x}",
            size,
            f"{_short(privileged)} | {_short(user)}{execute}",
            _brief(first.memory(view.tables.context.tex_remap)),
            meaning(inspection, view, stretch),
        )
    if len(view.stretches) > most:
        table.add_row(f"{len(view.stretches) - most} more", *[""] * 5)
    mapped = sum(each.bytes for each in view.stretches)
    table.caption = f"{size_text(mapped)} mapped in {sum(each.entries for each in view.stretches)} entries"
    return table


def _brief(memory: str) -> str:
    return memory.replace("write-back, write-allocate", "write-back").replace("write-back, shareable", "write-back shared")


def meaning(inspection: Inspection, view: TableView, stretch: Stretch) -> str:
    """Return the meaning of a stretch in words."""
    first = stretch.first
    if view.kind == OWN:
        index = inspection.guests.names.index(view.guest)
        place = inspection.ovm.physical(index, first.physical)
        where = f"now frame {address_text(place)}" if place is not None else "no frame yet"
        return f"domain {first.domain} ({view.tables.context.domain(first.domain)}); {where}"
    owner = ", ".join(inspection.owners(first.physical, stretch.bytes)) or "nobody"
    if first.virtual >= GATE and view.kind != SECURE:
        return "gate page"
    if view.kind == SHADOW:
        said = view.views.get(first.virtual >> 20, "")
        who = "kernel only" if said.startswith("privileged") else "kernel and applications"
        return f"frame of {owner}; {said}: {who}" + (f" (domain {first.domain})" if first.domain else "")
    if view.kind == STRAIGHT:
        return f"memory of {owner}" if owner != "nobody" else "a device, or nobody's memory"
    world = "Non-secure" if first.non_secure else "Secure"
    return f"{world}; memory of {owner}" if owner != "nobody" else f"{world}; a device, or nobody's memory"


def key_tables(inspection: Inspection) -> Iterator[RenderableType]:
    """Yield the owners of frames: the numbers of their frames, and the places."""
    total = _table("keys of frames", "owner", "frames", "memory")
    for owner, frames in inspection.key_totals().items():
        total.add_row(owner, str(frames), size_text(frames * 4096))
    yield total
    places = _table("where they are", "physical", "length", "owner")
    for run in inspection.runs(_RUN_BYTES):
        places.add_row(f"{address_text(run.start)}", size_text(run.length), run.owner)
    places.caption = f'"mixed": stretches of less than {size_text(_RUN_BYTES)} that change owners'
    yield places


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
