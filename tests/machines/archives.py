# SPDX-License-Identifier: Apache-2.0
"""An archive that never ran a compiler, for tests of what comes after building."""

from pathlib import Path

from ovm.metal.build.elf import Segment
from ovm.system.archive import Archive, CoreImage
from ovm.system.build import checked
from ovm.system.images import Image
from ovm.system.plan import plan

DESCRIPTION = """
[system]
name = "t"
board = "vexpress-a9"
[[guest]]
name = "pulse"
level = "hrt"
image = "metal:ovm.guests.hello"
memory = "1MiB"
[[guest]]
name = "desk"
level = "nrt"
image = "metal:ovm.guests.hello"
memory = "1MiB"
[[guest.region]]
name = "out"
bytes = "4KiB"
save = "out.bin"
[guest.expect]
exit = 0
checks_failed = 0
"""


def archive(folder: Path, description: str = DESCRIPTION) -> Archive:
    file = folder / "t.toml"
    file.write_text(description)
    system, draft = checked(file)
    images = {}
    for each in draft.guests:
        segment = Segment(each.link_base, each.link_base, 4096, b"\0" * 16, True, True)
        images[each.guest.name] = Image(each.guest.name, b"\x7fELF", each.link_base, (segment,), 0)
    core = CoreImage(b"\x7fELF", {"text": 40000, "rodata": 2000}, {"ovm.core.boot.start": 40}, (), 100, "0x5", 120_000)
    final = plan(system, dict.fromkeys(images, 0x9000))
    return Archive(final, core, images, b"\x7fELF boot", "report\n", "{}\n")
