# SPDX-License-Identifier: Apache-2.0
"""Readers of the tables of a board file: one function for each part of the model."""

import re

from ovm.system.model import CoreDevices, Device, OnChip, Qemu, Range, Reserved
from ovm.system.reader import Table
from ovm.system.units import MIB, address_text, size_text

PAGE = 4096
WORD = 4
ADDRESS_END = 1 << 32
MOST_INTERRUPT = 1019
MOST_INTERRUPTS = 16
# OVM's registers within the private device.
_OFFSETS = ("gic_cpu_offset", "global_timer_offset", "private_timer_offset", "gic_distributor_offset")
_DEVICE = re.compile(r"[a-z][a-z0-9_-]{0,30}")


def read_range(table: Table, unit: int) -> Range:
    """Return the range given by `address` and `bytes`, which are multiples of `unit` and within 4 GiB."""
    address, length = table.integer("address", multiple=unit), table.size("bytes", multiple=unit)
    if address + length > ADDRESS_END:
        table.problems.add(
            table.document.problem(
                "S107", table.at("bytes"), f"{table.title} reaches beyond the last address",
                found=f"{size_text(length)} from {address_text(address)}", expected="an end at 0xffff_ffff or below",
                fix=f"write at most {size_text(ADDRESS_END - address)}",
            )
        )  # fmt: skip
        return Range(address, 0)
    return Range(address, length)


def read_reserved(table: Table) -> Reserved:
    """Return a range in which nothing is placed."""
    where = read_range(table, PAGE)
    result = Reserved(where, table.text("why"), table.path, table.flag("non_secure", False))
    table.finish()
    return result


def read_security(table: Table | None) -> dict[str, int]:
    """Return registers by name."""
    if table is None:
        return {}
    found = {key: table.integer(key, maximum=ADDRESS_END - WORD, multiple=WORD) for key in table.keys()}  # noqa: SIM118
    table.finish()
    return found


def read_devices(top: Table, security: dict[str, int]) -> dict[str, Device]:
    """Return devices by name; `security` are the registers that can open one."""
    holder = top.table("device", required=True)
    found: dict[str, Device] = {}
    if holder is None:
        return found
    for name in holder.keys():  # noqa: SIM118 - not a dict
        table = holder.table(name)
        if table is None:
            continue
        where = read_range(table, PAGE)
        if not _DEVICE.fullmatch(name):
            top.problems.add(
                top.document.problem(
                    "S110", ("device", name), f"'{name}' can't be a device's name", key=True,
                    expected="a lower-case letter, then letters, digits, '_' and '-', at most 31 in all",
                    fix="choose a plainer name",
                )
            )  # fmt: skip
        irqs = _interrupts(table, "irq")
        opened_by = table.choice("opened_by", list(security)) if table.has("opened_by") else ""
        bit = table.integer("opened_bit", maximum=31) if opened_by else 0
        found[name] = Device(name, where, irqs, table.flag("dma", False), table.path, opened_by, bit)
        table.finish()
    return found


def _interrupts(table: Table, key: str) -> tuple[int, ...]:
    """Return GIC interrupt ids, given as a number or as a list; none without the key."""
    if isinstance(table.raw(key), list):
        return table.words(key, MOST_INTERRUPTS, MOST_INTERRUPT)
    return (table.integer(key, maximum=MOST_INTERRUPT),) if table.has(key) else ()


def _bounds(table: Table, key: str) -> tuple[int, int]:
    """Return two addresses, multiples of 1 MiB; both are 0 without the key."""
    found = table.words(key, 2, multiple=MIB) if table.has(key) else ()
    return (found[0], found[1]) if len(found) == 2 else (0, 0)


def _two(table: Table, key: str, names: list[str]) -> tuple[str, str]:
    """Return the names of two devices."""
    found = table.names(key)
    if len(found) == 2 and set(found) <= set(names):
        return found[0], found[1]
    table.problems.add(
        table.document.problem(
            "S105", table.at(key), f"'{key}' of {table.title} names no two devices", found=", ".join(found),
            expected=f"two of: {', '.join(names)}", fix=f"write {key} = [\"...\", \"...\"]",
        )
    )  # fmt: skip
    return "", ""


def read_on_chip(table: Table | None) -> OnChip:
    """Return the on-chip memory; it is empty without the table."""
    if table is None:
        return OnChip(Range(0, 0), (0, 0))
    result = OnChip(read_range(table, PAGE), _bounds(table, "scu_filter"))
    table.integer("masters_filter", 0, multiple=PAGE)
    table.finish()
    return result


def read_windows(holder: Table | None, security: dict[str, int]) -> dict[str, Range]:
    """Return ranges by name that answer although no device is there."""
    found = {}
    for name in holder.keys() if holder else ():  # noqa: SIM118 - not a dict
        table = holder.table(name) if holder else None
        if table is not None:
            found[name] = read_range(table, PAGE)
            if table.has("opened_by"):
                table.choice("opened_by", list(security))
            table.finish()
    return found


def read_core(table: Table, devices: dict[str, Device]) -> CoreDevices:
    """Return the devices that OVM drives, by their names in `devices`."""
    names = list(devices)
    private = table.choice("private", names)
    last = max(devices[private].range.length - WORD, 0) if private in devices else 0
    offsets = {key: table.integer(key, maximum=last, multiple=WORD) for key in _OFFSETS}
    return CoreDevices(
        uart=table.choice("uart", names),
        private=private,
        level2_cache=table.choice("level2_cache", names) if table.has("level2_cache") else "",
        slcr=table.choice("slcr", names) if table.has("slcr") else "",
        triple_timers=_two(table, "triple_timers", names) if table.has("slcr") else ("", ""),
        configuration=table.choice("configuration", names) if table.has("slcr") else "",
        watchdog=table.choice("watchdog", names) if table.has("slcr") else "",
        level2_filter=_bounds(table, "level2_filter"),
        pmu_irqs=_interrupts(table, "pmu_irq"),
        **offsets,
    )


def read_qemu(table: Table | None, devices: dict[str, Device]) -> Qemu:
    """Return how QEMU runs the board."""
    if table is None:
        return Qemu("", 0)
    result = Qemu(
        machine=table.text("machine", ""),
        icount_shift=table.integer("icount_shift", 1, maximum=10),
        slice_timer=table.choice("slice_timer", list(devices)) if table.has("slice_timer") else "",
        slice_us=table.integer("slice_us", 100, minimum=1, maximum=100_000),
        instead=table.text("instead", ""),
    )
    table.finish()
    return result


def read_parameters(top: Table, *names: str) -> dict[str, int]:
    """Return numbers by name; the virtual board knows the names and refuses others."""
    found: dict[str, int] = {}
    for name in names:
        table = top.table(name)
        if table is not None:
            found |= {key: table.integer(key) for key in table.keys()}  # noqa: SIM118 - not a dict
            table.finish()
    return found
