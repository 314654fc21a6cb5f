# SPDX-License-Identifier: Apache-2.0
"""A plan as the bytes that core reads: the structures of `ovm.abi.config`, by their own layouts.

Offsets and widths come from the metal structs themselves; nothing about the format is written a second time.
"""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from ovm.abi.config import (
    KEY_OVM,
    NAME_BYTES,
    TRAP_OFFSET,
    CoreConfig,
    GuestConfig,
    GuestFlags,
    Level,
    LoadConfig,
    RegionConfig,
    SecurityConfig,
)
from ovm.abi.config import RegionFlags as Flags
from ovm.metal import Struct
from ovm.metal.lang.kinds import ArrayType, size_of
from ovm.system.boot_elf import Load
from ovm.system.images import Image
from ovm.system.model import Board, Device
from ovm.system.plan import GuestPlan, Plan
from ovm.system.units import align_up

MICROSECONDS = 1_000_000


def pack(struct: type[Struct], values: Mapping[str, int | bytes | tuple[int, ...]]) -> bytes:
    """Return the bytes of one `struct` with these fields; fields that aren't named are zero."""
    layout = struct.LAYOUT
    unknown = set(values) - set(layout.fields)
    if unknown:
        raise KeyError(f"{struct.__name__} has no field {sorted(unknown)[0]}")
    out = bytearray(layout.size)
    for name, value in values.items():
        place = layout.fields[name]
        content = _field(place.kind, value)
        out[place.offset : place.offset + len(content)] = content
    return bytes(out)


def _field(kind: Any, value: int | bytes | tuple[int, ...]) -> bytes:
    size = size_of(kind)
    if isinstance(value, int):
        return value.to_bytes(size, "little")
    content = value
    if isinstance(content, tuple):
        assert isinstance(kind, ArrayType)
        content = b"".join(item.to_bytes(size_of(kind.element), "little") for item in content)
    if len(content) > size:
        raise ValueError(f"{len(content)} bytes do not fit into {size}")
    return content.ljust(size, b"\0")


def core_config(plan: Plan, load_count: int) -> bytes:
    """Return the plan's `CoreConfig`, with the number of loads to check."""
    system, board = plan.system, plan.system.board
    run_ticks = int(system.seconds * board.timer_hz)
    return pack(
        CoreConfig,
        {
            "guest_count": len(plan.guests),
            "region_count": len(_regions(plan)),
            "cpu_count": board.cpus,
            "timer_hz": board.timer_hz,
            "ram_phys": board.ram.start,
            "ram_bytes": board.ram.length,
            "frame_table_phys": plan.frame_table.start,
            "ovm_phys": plan.ovm.start,
            "ovm_bytes": plan.ovm.length,
            "pool_phys": plan.pool.start,
            "pool_bytes": plan.pool.length,
            "returned_phys": plan.returned_frames.start,
            "level1_phys": plan.level1.start,
            "level1_count": system.level1_tables,
            "level2_phys": plan.level2.start,
            "level2_count": system.level2_tables,
            "gate_phys": plan.gate.start,
            "trap_phys": plan.gate.start + TRAP_OFFSET,
            "turn_ticks": _ticks(board, system.turn_us),
            "run_ticks_low": run_ticks & 0xFFFF_FFFF,
            "run_ticks_high": run_ticks >> 32,
            **_device_bases(board),
            "load_count": load_count,
            "ps_clk_hz": board.ps_clk_hz,
        },
    )


def _device_bases(board: Board) -> dict[str, int]:
    """Return the addresses of the devices that OVM uses, by their fields of `CoreConfig`."""
    private = board.devices[board.core.private].range.start
    return {
        "uart_phys": board.devices[board.core.uart].range.start,
        "gic_distributor_phys": private + board.core.gic_distributor_offset,
        "gic_cpu_phys": private + board.core.gic_cpu_offset,
        "global_timer_phys": private + board.core.global_timer_offset,
        "private_timer_phys": private + board.core.private_timer_offset,
        "scu_phys": private,
        "level2_cache_phys": _device(board, board.core.level2_cache),
        "slcr_phys": _device(board, board.core.slcr),
    }


def guest_configs(plan: Plan, images: Mapping[str, Image]) -> bytes:
    """Return the array of `GuestConfig`."""
    return b"".join(_guest(plan, each, images[each.guest.name]) for each in plan.guests)


def load_configs(loads: Sequence[Load]) -> bytes:
    """Return the array of `LoadConfig`."""
    return b"".join(
        pack(
            LoadConfig,
            {
                "name": each.name.encode("ascii")[: NAME_BYTES - 1],
                "phys": each.physical,
                "length": len(each.data),
                "crc": zlib.crc32(each.data),
            },
        )
        for each in loads
    )


def region_configs(plan: Plan) -> bytes:
    """Return the array of `RegionConfig`."""
    return b"".join(_regions(plan))


def security_configs(plan: Plan) -> bytes:
    """Return the array of `SecurityConfig`: each register opens the devices that guests have, and closes the others."""
    board = plan.system.board
    given = [board.devices[name] for each in plan.guests for name in each.guest.devices]
    return b"".join(
        pack(SecurityConfig, {"phys": address, "open": _opened(name, given)}) for name, address in board.security.items()
    )


def _guest(plan: Plan, each: GuestPlan, image: Image) -> bytes:
    guest, board = each.guest, plan.system.board
    options = (
        (GuestFlags.manager, guest.manager),
        (GuestFlags.held, guest.held),
        (GuestFlags.input, guest.input),
        (GuestFlags.patched, image.kernel is not None),
    )
    flags = sum(option.mask for option, wanted in options if wanted)
    is_shadowed = guest.level is Level.NRT
    image_bytes = each.image_bytes if is_shadowed else align_up(image.bytes_from(each.ram_gpa), 4096)
    return pack(
        GuestConfig,
        {
            "name": guest.name.encode("ascii"),
            "level": guest.level.value,
            "cpu": guest.cpu,
            "key": guest.key,
            "domain": each.domain,
            "flags": flags,
            "entry_gpa": image.entry,
            "ram_gpa": each.ram_gpa,
            "ram_bytes": guest.memory,
            "ram_phys": each.ram_phys,
            "image_gpa": each.ram_gpa,
            "image_phys": each.image_phys if is_shadowed else each.ram_phys,
            "image_bytes": image_bytes,
            "page_gpa": each.page_gpa,
            "section_bytes": each.section_bytes,
            "table_phys": each.table_phys,
            "lock_entries": each.lock_entries,
            "budget_ticks": _ticks(board, guest.budget_us),
            "period_ticks": _ticks(board, guest.period_us),
            "frame_limit": guest.limit // 4096 if is_shadowed else 0,
            "frame_map_phys": each.frame_map_phys,
            "argument": guest.arguments,
            "start": image.kernel.registers if image.kernel else (),
            "loaded_bytes": len(image.loaded_from(each.ram_gpa)),
        },
    )


def _regions(plan: Plan) -> list[bytes]:
    """Return regions of memory, then devices; every HRT guest also reaches its core's private devices."""
    board, packed = plan.system.board, []
    for each in plan.guests:
        guest = each.guest
        for region in each.regions:
            flags = Flags.writable.mask if region.region.writable else 0
            flags |= Flags.empty.mask if region.region.file is None else 0
            ring_ticks = _ticks(board, region.region.ring_us)
            packed.append(_region(guest.index, region.key, flags, region.gpa, region.phys, region.region.length, ring_ticks))
        names = (board.core.private, *guest.devices) if guest.level is Level.HRT else ()
        for name in names:
            where = board.devices[name].range
            flags = Flags.writable.mask | Flags.device.mask
            packed.append(_region(guest.index, KEY_OVM, flags, where.start, where.start, where.length))
    return packed


def _region(guest: int, key: int, flags: int, gpa: int, phys: int, length: int, ring_ticks: int = 0) -> bytes:
    values = {"guest": guest, "key": key, "flags": flags, "gpa": gpa, "phys": phys, "length": length, "ring_ticks": ring_ticks}
    return pack(RegionConfig, values)


def _opened(register: str, given: list[Device]) -> int:
    """Return the bits of a security register that open the guests' devices; all other bits close devices."""
    return sum({1 << each.opened_bit for each in given if each.opened_by == register})


def _device(board: Board, name: str) -> int:
    return board.devices[name].range.start if name else 0


def _ticks(board: Board, microseconds: int) -> int:
    return microseconds * board.timer_hz // MICROSECONDS
