# SPDX-License-Identifier: Apache-2.0
"""A real operating system's image at level HRT, unchanged: no package registry has one, so its path comes from outside.

OVM_PLAIN_ELF=.../threadx.elf OVM_PLAIN_COUNTER=thread_0_counter pytest tests/guests/test_foreign.py

The image is linked at 0x10_0000 for CPU 1, with the settings of docs/guide/plain-guests.md. The counter is a symbol that counts
something which goes on, such as its ticks (FreeRTOS: xTickCount).
"""

import os
from pathlib import Path

import pytest

from ovm.machines import virtual
from ovm.machines.running import Dump, RunOptions
from ovm.metal.build.elf import Elf
from ovm.system.build import build

IMAGE, COUNTER = os.environ.get("OVM_PLAIN_ELF", ""), os.environ.get("OVM_PLAIN_COUNTER", "")
SYSTEM = """
[system]
name = "foreign"
seconds = 1.2
[[guest]]
name = "foreign"
level = "hrt"
abi = "none"
image = "{image}"
address = 0x0010_0000
memory = "4MiB"
devices = ["uart0", "ttc1"]
[guest.expect]
state = "running"
entries = 0
[[guest]]
name = "tick"
level = "srt"
image = "metal:ovm.guests.tick"
memory = "1MiB"
budget_us = 400
period_us = 1000
arguments = [1]
[guest.expect]
exit = 0
deadlines_missed = 0
checks_failed = 0
"""


@pytest.mark.skipif(not IMAGE, reason="OVM_PLAIN_ELF and OVM_PLAIN_COUNTER name no image: see the head of this file")
def test_it_goes_on_without_ovm(tmp_path: Path) -> None:
    description = tmp_path / "foreign.toml"
    description.write_text(SYSTEM.format(image=Path(IMAGE).resolve()))
    count = Elf(Path(IMAGE).read_bytes()).address_of(COUNTER)
    dump = Dump(count, 4, tmp_path / "counter", core=1)
    result = virtual.run(build(description, lambda step: None), lambda event: None, RunOptions(dumps=(dump,)))
    print("\n".join(result.guests["foreign"].console))
    assert result.failures == []
    assert int.from_bytes(dump.file.read_bytes(), "little") >= 10
