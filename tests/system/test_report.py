# SPDX-License-Identifier: Apache-2.0
"""The report's text, word for word, for a small system without a build."""

import json
from pathlib import Path

from ovm.system.archive import CoreImage, Stack
from ovm.system.report import report_json, report_text
from tests.machines.archives import archive

EXPECTED = """\
t on vexpress-a9: ARM Versatile Express, Cortex-A9

Physical memory
  0x6000_0000-0x600f_ffff         1 MiB  secure  OVM
  0x600e_e000-0x600e_efff         4 KiB  secure  desk: frame map (in OVM)
  0x600e_f000-0x600e_ffff         4 KiB  secure  returned frames of the pool (in OVM)
  0x600f_0000-0x600f_ffff        64 KiB  secure  frame table (in OVM)
  0x6010_0000-0x6010_1fff         8 KiB  normal  gate pages
  0x6010_2000-0x6010_2fff         4 KiB  normal  desk: out
  0x6010_4000-0x6014_7fff       272 KiB  normal  shadow level-1 tables
  0x6014_8000-0x601c_7fff       512 KiB  normal  shadow level-2 tables
  0x601c_8000-0x601c_bfff        16 KiB  normal  pulse: level-1 table
  0x601c_c000-0x601d_4fff        36 KiB  normal  desk: image
  0x6020_0000-0x602f_ffff         1 MiB  normal  pulse: RAM
  0x6030_0000-0x603f_ffff         1 MiB  normal  pool for NRT guests
               free above       252 MiB

Guests
  pulse: HRT on CPU 1, key 1, 1 MiB at 0x6020_0000 (guest-physical), straight map
    image 4096 bytes from 0x6020_8000, entry 0x6020_8000
  desk: NRT on CPU 0, key 2, 1 MiB at 0x1000_0000 (guest-physical), shadow pages, limit 1 MiB
    image 4096 bytes from 0x1000_8000, entry 0x1000_8000
    out: 4096 bytes, writable, at 0x1010_0000 (physical 0x6010_2000)

Limits
  protection keys     3 of 254
  domains             3 of 16
  ASIDs              19 of 256

OVM
  OVM code + read-only data: 70000 bytes; with its data 118 KiB = 11 % of 1 MiB
  text          68000 bytes
  rodata         2000 bytes
  100 source lines in 1 functions

Worst-case stacks
  ovm.core.boot.start                                    96 of 4096 bytes
"""
CORE = CoreImage(
    content=b"",
    sections={"text": 68000, "rodata": 2000},
    functions={"ovm.core.boot.start": 40},
    stacks=(Stack("ovm.core.boot.start", 96, 4096),),
    lines=100,
    occupied=120_000,
)


def test_text(tmp_path: Path) -> None:
    made = archive(tmp_path)
    assert report_text(made.plan, CORE, made.images) == EXPECTED


def test_json_says_the_same(tmp_path: Path) -> None:
    made = archive(tmp_path)
    value = json.loads(report_json(made.plan, CORE, made.images))
    assert value["schema"] == "ovm-report-1"
    assert value["core"]["resident_bytes"] == 70000
    assert [each["name"] for each in value["memory"]] == [each.name for each in made.plan.placements]
    assert value["guests"][1]["regions"][0]["phys"] == 0x6010_2000
