# SPDX-License-Identifier: Apache-2.0
"""A small system for the memory tests: one SRT guest, two NRT guests, one HRT guest, and scarce tables and frames."""

from __future__ import annotations

from collections.abc import Iterator

from ovm.abi.config import CoreConfig, Level, RegionConfig
from ovm.core.memory import guest
from ovm.metal import Struct, u8
from tests.core.memory.driver import Driver

RAM, RAM_BYTES = 0x8000_0000, 0x0080_0000
OVM = RAM
FRAME_TABLE = RAM + 0x000F_0000
GATE, TRAP = 0x8010_0000, 0x8010_0800
LEVEL1, LEVEL1_COUNT = 0x8011_0000, 6
LEVEL2, LEVEL2_COUNT = 0x8013_0000, 14
MAP_A, MAP_B = RAM + 0x000E_E000, RAM + 0x000E_F000
RETURNED = RAM + 0x000E_D000
SRT_TABLE, HRT_TABLE = 0x8014_4000, 0x8014_8000
IMAGE_A, IMAGE_B, IMAGE_BYTES = 0x8015_0000, 0x8015_8000, 0x4000
CHANNEL, FILE = 0x8016_0000, 0x8017_0000
SRT_RAM, HRT_RAM = 0x8020_0000, 0x8030_0000
POOL, POOL_BYTES = 0x8040_0000, 0x0010_0000
UART = 0x1C00_9000

TICK, FIRST, SECOND, PULSE = range(4)
SRT_GPA = NRT_GPA = 0x1000_0000
NRT_BYTES = 0x0010_0000
FRAME_LIMIT = 150
# Bytes at the end of each guest's image or RAM into which nothing is loaded.
UNLOADED = 0x2000
CHANNEL_GPA, FILE_GPA, DEVICE_GPA = 0x1010_0000, 0x10F0_0000, 0x1030_0000
CHANNEL_KEY = 0x40
SRT_FILE_GPA = 0x1040_0000


def write(target: Struct, **values: int) -> None:
    """Set fields by name; a number becomes a value of the field's own type."""
    layout = type(target).LAYOUT
    for name, value in values.items():
        kind = layout.fields[name].kind
        setattr(target, name, value if isinstance(value, kind) else kind.from_bits(value))


def config() -> dict[str, int]:
    return {
        "guest_count": 4, "region_count": 6, "cpu_count": 2, "timer_hz": 100_000_000,
        "ram_phys": RAM, "ram_bytes": RAM_BYTES, "frame_table_phys": FRAME_TABLE,
        "ovm_phys": OVM, "ovm_bytes": 0x0010_0000, "pool_phys": POOL, "pool_bytes": POOL_BYTES,
        "returned_phys": RETURNED,
        "level1_phys": LEVEL1, "level1_count": LEVEL1_COUNT,
        "level2_phys": LEVEL2, "level2_count": LEVEL2_COUNT,
        "gate_phys": GATE, "trap_phys": TRAP, "uart_phys": UART,
    }  # fmt: skip


def guests() -> Iterator[dict[str, int]]:
    yield {
        "level": Level.SRT, "cpu": 0, "key": 1, "domain": 1, "ram_gpa": SRT_GPA, "ram_bytes": 0x10_0000,
        "ram_phys": SRT_RAM, "section_bytes": 0x10_0000, "table_phys": SRT_TABLE, "lock_entries": 1,
        "page_gpa": SRT_GPA, "loaded_bytes": 0x10_0000 - UNLOADED,
    }  # fmt: skip
    for number, image, frame_map in ((FIRST, IMAGE_A, MAP_A), (SECOND, IMAGE_B, MAP_B)):
        yield {
            "level": Level.NRT, "cpu": 0, "key": number + 1, "domain": 1 + 2 * number, "ram_gpa": NRT_GPA,
            "ram_bytes": NRT_BYTES, "image_gpa": NRT_GPA, "image_phys": image, "image_bytes": IMAGE_BYTES,
            "page_gpa": NRT_GPA, "frame_limit": FRAME_LIMIT, "frame_map_phys": frame_map,
            "loaded_bytes": IMAGE_BYTES - UNLOADED,
        }  # fmt: skip
    yield {
        "level": Level.HRT, "cpu": 1, "key": 4, "domain": 0, "ram_gpa": HRT_RAM, "ram_bytes": 0x10_0000,
        "ram_phys": HRT_RAM, "table_phys": HRT_TABLE, "page_gpa": HRT_RAM,
        "loaded_bytes": 0x10_0000 - UNLOADED,
    }  # fmt: skip


def regions() -> Iterator[dict[str, int]]:
    for number in (FIRST, SECOND):
        yield {
            "guest": number, "key": CHANNEL_KEY, "flags": 5, "gpa": CHANNEL_GPA, "phys": CHANNEL, "length": 0x2000,
        }  # fmt: skip
    yield {"guest": FIRST, "key": FIRST + 1, "flags": 0, "gpa": FILE_GPA, "phys": FILE, "length": 0x1000}
    yield {"guest": FIRST, "key": FIRST + 1, "flags": 3, "gpa": DEVICE_GPA, "phys": 0x1C00_0000, "length": 0x1000}
    yield {"guest": TICK, "key": 1, "flags": 0, "gpa": SRT_FILE_GPA, "phys": FILE + 0x1000, "length": 0x1000}
    yield {"guest": PULSE, "key": 4, "flags": 3, "gpa": 0x1E00_0000, "phys": 0x1E00_0000, "length": 0x2000}


def describe(driver: Driver) -> None:
    """Write the description."""
    write(driver.view(CoreConfig, "CONFIG"), **config())
    for index, values in enumerate(guests()):
        write(driver.config(index), **values)
    for index, values in enumerate(regions()):
        write(driver.view(RegionConfig, "REGIONS", index), **values)


def prepare(driver: Driver) -> None:
    """Write the description, let OVM set memory up, and start every guest."""
    describe(driver)
    for index, values in enumerate(guests()):
        vcpu = driver.vcpu(index)
        write(vcpu, index=index, guest=index, level=values["level"], domain=u8(values["domain"]), privileged=1)
        kernel_domain = values["domain"] + (values["level"] is Level.NRT)
        write(vcpu, key=u8(values["key"]), kernel_domain=u8(kernel_domain), table=values.get("table_phys", 0))
    # What the machine holds before boot is no help: not zero.
    for start, length in ((LEVEL1, LEVEL1_COUNT << 14), (LEVEL2, LEVEL2_COUNT << 10), (MAP_A, 0x2000)):
        driver.memory.write(start, b"\xa5" * length)
    for start, length in ((SRT_TABLE, 0x4000), (HRT_TABLE, 0x4000), (FRAME_TABLE, RAM_BYTES >> 12), (POOL, POOL_BYTES)):
        driver.memory.write(start, b"\xa5" * length)
    driver.call(guest.memory_initialise)
    driver.call(guest.memory_cpu_initialise)
    for index in range(4):
        driver.call(guest.guest_memory_start, driver.vcpu(index).address)
    driver.log.clear()
