# SPDX-License-Identifier: Apache-2.0
"""The developer's loop: what a change costs in CPU time, as seconds and as a share of the build of everything in the same run."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "ovm"
RUN = "import sys, ovm; ovm.__path__[:] = [sys.argv.pop(1)]; "
IMAGE = RUN + "from ovm.shipped import SYSTEMS; from ovm.system.build import build; build(SYSTEMS / 'mixed.toml', print)"
BOARD = RUN + "from ovm.board.api.program import board_image; board_image()"
COMMAND = RUN + "sys.argv[0] = 'ovm'; from ovm.cli.entry import main; main()"


class Loop:
    """A copy of the sources, with a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self._package = folder / "ovm"
        self._environment = {**os.environ, "OVM_CACHE": str(folder / "cache")}
        # Python keeps what it compiles of modules, as it does where nobody says otherwise.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        copytree(SOURCE, self._package)

    def seconds(self, script: str, *words: str) -> float:
        """CPU seconds of a process and all that it starts."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", script, str(self._package), *words]
        subprocess.run(command, env=self._environment, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def edit(self, file: str, before: str, after: str) -> None:
        """Change a source."""
        path = self._package / file
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1))


@pytest.mark.bench
def test_loop(tmp_path: Path) -> None:
    """Edit, build, and print what that cost."""
    loop = Loop(tmp_path)
    rows: list[tuple[str, float, float]] = []

    def row(title: str, seconds: float, whole: float) -> None:
        rows.append((title, seconds, seconds / whole))

    whole = loop.seconds(IMAGE)
    row("image of mixed, nothing in the cache", whole, whole)
    row("image, nothing changed", loop.seconds(IMAGE), whole)
    loop.edit("core/leave.py", "# SPDX", "# A comment.\n# SPDX")
    row("image, a comment of core", loop.seconds(IMAGE), whole)
    loop.edit("core/memory/frames.py", "return KEY_NONE", "return KEY_FREE")
    row("image, a function of core", loop.seconds(IMAGE), whole)
    loop.edit("guests/tick/guest.py", "_CALLS: Final = 100", "_CALLS: Final = 200")
    row("image, a guest", loop.seconds(IMAGE), whole)
    board = loop.seconds(BOARD)
    row("virtual board, nothing in the cache", board, board)
    loop.edit("board/run/loop.py", "# SPDX", "# A comment.\n# SPDX")
    row("board, a comment", loop.seconds(BOARD), board)
    loop.edit("board/cache/seen.py", "# SPDX", "UNUSED = 1\n# SPDX")
    row("board, nothing that is compiled", loop.seconds(BOARD), board)
    loop.edit("board/run/loop.py", "done = u32(MOST_TURNS)", "done = u32(MOST_TURNS - 1)")
    row("board, a function of its loop", loop.seconds(BOARD), board)
    row("ovm --help", loop.seconds(COMMAND, "--help"), whole)
    row("ovm check mixed", loop.seconds(COMMAND, "check", "mixed"), whole)
    print("\n" + "\n".join(f"{title:40} {seconds:6.2f} s {share:6.0%}" for title, seconds, share in rows))
