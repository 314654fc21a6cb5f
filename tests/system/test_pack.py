# SPDX-License-Identifier: Apache-2.0
"""Packed structures read back, field by field, through the metal structs that core uses."""

import struct
from pathlib import Path
from zlib import crc32

import pytest

from ovm.abi.config import CoreConfig, GuestConfig, GuestFlags, Level, LoadConfig, RegionConfig, SecurityConfig
from ovm.metal import Struct, u32
from ovm.metal.build.elf import Segment
from ovm.metal.lang import memory
from ovm.system.boot_elf import Load
from ovm.system.build import checked
from ovm.system.images import Image
from ovm.system.pack import core_config, guest_configs, load_configs, pack, region_configs, security_configs
from ovm.system.plan import Plan, plan

DESCRIPTION = """
[system]
name = "t"
board = "vexpress-a9"
seconds = 50
turn_us = 500
[[guest]]
name = "hard"
level = "hrt"
image = "metal:ovm.guests.hello"
memory = "2MiB"
devices = ["timer01"]
[[guest]]
name = "soft"
level = "srt"
image = "metal:ovm.guests.hello"
memory = "16MiB"
budget_us = 250
period_us = 1000
manager = true
arguments = [1, 0xFFFF_FFFF]
[[guest]]
name = "general"
level = "nrt"
image = "metal:ovm.guests.hello"
memory = "4MiB"
limit = "2MiB"
held = true
[[guest.region]]
name = "log"
bytes = "12KiB"
"""


def placed(tmp_path: Path) -> tuple[Plan, dict[str, Image]]:
    file = tmp_path / "t.toml"
    file.write_text(DESCRIPTION)
    system, draft = checked(file)
    images = {}
    for each in draft.guests:
        segment = Segment(each.link_base, each.link_base, 0x2345, b"\0" * 16, True, True)
        images[each.guest.name] = Image(each.guest.name, b"", each.link_base + 4, (segment,), 0)
    return plan(system, {name: 0x8000 + 0x2345 for name in images}), images


def struct_at(kind: type[Struct], content: bytes, index: int = 0) -> Struct:
    size = kind.LAYOUT.size
    place = kind()
    memory.current().write(place.address, content[index * size : (index + 1) * size])
    return place


def test_core_config(tmp_path: Path) -> None:
    found, _ = placed(tmp_path)
    config = struct_at(CoreConfig, core_config(found, 3))
    assert isinstance(config, CoreConfig)
    assert config.guest_count == 3
    assert config.region_count == 3  # the private devices, timer01, the log
    assert config.timer_hz == 100_000_000
    assert config.load_count == 3
    assert config.turn_ticks == 50_000
    assert int(config.run_ticks_low) + (int(config.run_ticks_high) << 32) == 5_000_000_000
    assert int(u32(config.gic_cpu_phys)) == 0x1E00_0100
    assert int(u32(config.gic_distributor_phys)) == 0x1E00_1000
    assert int(u32(config.ovm_phys)) == found.ovm.start
    assert int(u32(config.pool_phys)) == found.pool.start
    assert int(config.pool_bytes) == 2 << 20


def test_loads_have_their_checksums() -> None:
    # The check value of CRC-32: of the digits 1 to 9 (here with a word's padding: of 12 bytes).
    content = load_configs([Load("log", 0x1234_0000, b"123456789\0\0\0", 12)])
    assert len(content) == LoadConfig.LAYOUT.size
    load = struct_at(LoadConfig, content)
    assert isinstance(load, LoadConfig)
    assert (int(u32(load.phys)), int(load.length), int(load.crc)) == (0x1234_0000, 12, crc32(b"123456789\0\0\0"))
    assert bytes(int(load.name[index]) for index in range(16)) == b"log".ljust(16, b"\0")


def test_guests(tmp_path: Path) -> None:
    found, images = placed(tmp_path)
    content = guest_configs(found, images)
    hard, soft, general = (struct_at(GuestConfig, content, index) for index in range(3))
    assert isinstance(hard, GuestConfig) and isinstance(soft, GuestConfig) and isinstance(general, GuestConfig)
    assert bytes(int(soft.name[index]) for index in range(16)) == b"soft".ljust(16, b"\0")
    assert (hard.level, soft.level, general.level) == (Level.HRT, Level.SRT, Level.NRT)
    assert [int(each.key) for each in (hard, soft, general)] == [1, 2, 3]
    assert [int(each.domain) for each in (hard, soft, general)] == [0, 1, 2]
    assert int(hard.ram_gpa) == int(u32(hard.ram_phys))
    assert int(soft.section_bytes) == 16 << 20
    assert int(soft.lock_entries) == 1
    assert (int(soft.budget_ticks), int(soft.period_ticks)) == (25_000, 100_000)
    assert soft.flags.manager and not soft.flags.held
    assert general.flags == GuestFlags(GuestFlags.held.mask)
    assert [int(soft.argument[index]) for index in range(4)] == [1, 0xFFFF_FFFF, 0, 0]
    assert int(general.frame_limit) == 512
    assert int(general.image_bytes) == 0xB000
    # The page shared with OVM, and 16 bytes where images are linked.
    assert [int(each.loaded_bytes) for each in (hard, soft, general)] == [0x9000] * 3
    assert int(general.image_gpa) == int(general.page_gpa) == 0x1000_0000
    assert int(general.entry_gpa) == 0x1000_8004
    assert len(content) == 3 * GuestConfig.LAYOUT.size


def test_regions(tmp_path: Path) -> None:
    found, _ = placed(tmp_path)
    content = region_configs(found)
    private, timer, log = (struct_at(RegionConfig, content, index) for index in range(3))
    assert isinstance(private, RegionConfig) and isinstance(timer, RegionConfig) and isinstance(log, RegionConfig)
    assert private.flags.device and int(u32(private.phys)) == 0x1E00_0000
    assert timer.flags.device and int(timer.gpa) == 0x1001_1000
    assert not log.flags.device and log.flags.writable and log.flags.empty
    assert not private.flags.empty and not timer.flags.empty
    assert (int(log.guest), int(log.key), int(log.length)) == (2, 3, 12 << 10)
    assert int(log.gpa) == 0x1040_0000


def test_a_loader_gets_whole_pages_with_zeros_between_segments() -> None:
    low = Segment(0x8004, 0x8004, 8, b"\x11" * 4, True, True)
    high = Segment(0x9000, 0x9000, 0x5000, b"\x22" * 8, True, True)
    content = Image("g", b"", 0x8004, (high, low), 0).loaded_from(0)
    assert content == (bytes(0x8004) + b"\x11" * 4).ljust(0x9000, b"\0") + (b"\x22" * 8).ljust(0x1000, b"\0")


def test_mistakes_are_not_packed() -> None:
    with pytest.raises(KeyError, match="no field guests"):
        pack(CoreConfig, {"guests": 1})
    with pytest.raises(OverflowError):
        pack(GuestConfig, {"key": 256})
    with pytest.raises(ValueError, match="17 bytes do not fit into 16"):
        pack(GuestConfig, {"name": b"x" * 17})


def test_security_registers_open_just_what_guests_have() -> None:
    _, plan = checked(Path(__file__).parent / "accepted/zc702.toml")
    packed = security_configs(plan)
    assert len(packed) == len(plan.system.board.security) * SecurityConfig.LAYOUT.size
    opened = dict(struct.iter_unpack("<II", packed))
    assert opened[0xE020_0018] == 1 << 6 and opened[0xF890_0028] == 1 << 4
    assert [value for address, value in opened.items() if address not in (0xE020_0018, 0xF890_0028)] == [0] * (len(opened) - 2)
