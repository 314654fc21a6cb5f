# SPDX-License-Identifier: Apache-2.0
"""The cost of a change of a source: how much is compiled again. Edits are made in a copy, and built by processes of their own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "ovm"
# Builds `mixed` and says which IR was compiled, what the image is, and what debug information says of a function's place.
SCRIPT = """
import hashlib, json, sys
import ovm
ovm.__path__[:] = [sys.argv[1]]
import ovm.metal.build.objects as objects
compiled = []
transform = objects.transform
def counted(inputs, command, output):
    compiled.extend(name for name in inputs if name.endswith('.ll'))
    return transform(inputs, command, output)
objects.transform = counted
from ovm.shipped import SYSTEMS
from ovm.system.build import build
import ovm.metal.frontend.program as program
read = []
build_program = program.Builder.build
program.Builder.build = lambda self, roots: read.append(1) or build_program(self, roots)
archive = build(SYSTEMS / 'mixed.toml', lambda step: None)
from ovm.metal.build.elf import Elf
elf = Elf(archive.core.content)
place = elf.line_at(elf.symbols['ovm.core.memory.guest.memory_initialise'].address)
print(json.dumps({
    'compiled': len(compiled), 'read': len(read), 'place': f'{place.file}:{place.line}',
    'code': hashlib.sha256(b''.join(each.data for each in elf.segments)).hexdigest(),
}))
"""


class Sources:
    """A copy of the sources that is edited."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "ovm"
        self._cache = folder / "cache"
        copytree(SOURCE, self.package, ignore=lambda _, names: [each for each in names if each == "__pycache__"])
        self.first = self.build()

    def build(self) -> dict[str, Any]:
        """Build and say what that took."""
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(self.package)], capture_output=True, text=True, check=False,
            env={"OVM_CACHE": str(self._cache), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def edit(self, file: str, before: str, after: str) -> dict[str, Any]:
        """Change a file and build."""
        path = self.package / file
        text = path.read_text()
        assert text.count(before) >= 1, file
        path.write_text(text.replace(before, after, 1))
        return self.build()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    yield Sources(tmp_path_factory.mktemp("sources"))


def test_nothing_changed_compiles_nothing(sources: Sources) -> None:
    again = sources.build()
    assert (again["compiled"], again["read"]) == (0, 0)
    assert sources.first["compiled"] > 5


def test_a_comment_compiles_nothing_and_lines_follow(sources: Sources) -> None:
    file, _, line = sources.build()["place"].rpartition(":")
    changed = sources.edit("core/memory/guest.py", "# SPDX", "# Another comment.\n\n# SPDX")
    assert (changed["compiled"], changed["read"]) == (0, 0)
    assert changed["place"] == f"{file}:{int(line) + 2}"
    changed = sources.edit("core/leave.py", '"""', '"""A longer docstring.\n\n')
    assert (changed["compiled"], changed["read"]) == (0, 0)


def test_another_guest_compiles_that_guest_and_what_ovm_knows_of_it(sources: Sources) -> None:
    before = sources.build()
    changed = sources.edit("guests/tick/guest.py", "_CALLS: Final = 100", "_CALLS: Final = 200")
    # The guest, and the part of OVM that is data alone: checksums, sizes and entries of images.
    assert (changed["compiled"], changed["read"]) == (2, 1)
    assert changed["place"] == before["place"]


def test_a_function_of_core_compiles_its_part_alone(sources: Sources) -> None:
    changed = sources.edit("core/memory/frames.py", "return KEY_NONE", "return KEY_FREE")
    assert (changed["compiled"], changed["read"]) == (1, 1)
    assert changed["code"] != sources.first["code"]
