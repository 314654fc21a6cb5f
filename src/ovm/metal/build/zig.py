# SPDX-License-Identifier: Apache-2.0
"""The clang and lld that the `ziglang` wheel carries.

One binary holds both, for every target, so a build needs no package of the operating system. Clang and
lld are called directly rather than through `zig cc`: that adds caches, search paths and options of its
own, which a reproducible image can do without. Every run happens in a fresh folder under fixed relative
names, so that no path of this machine reaches an object file.
"""

import functools
import hashlib
import importlib.util
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ovm.metal.build.errors import BuildError

_REPORT_LINES = 40
_HOW_IT_CAME_THERE = "In file included from "


@functools.cache
def zig_directory() -> Path:
    """Return the folder of the installed `ziglang` package."""
    spec = importlib.util.find_spec("ziglang")
    if spec is None or not spec.submodule_search_locations:
        raise BuildError("B001", "the compiler package 'ziglang' is not installed", fix="pip install ziglang")
    return Path(spec.submodule_search_locations[0])


def zig_binary() -> Path:
    """Return the program that holds clang and lld."""
    name = zig_directory() / "zig"
    if not name.is_file():
        raise BuildError("B001", f"no compiler at {name}", fix="pip install --force-reinstall ziglang")
    return name


@functools.cache
def zig_version() -> str:
    """Return the tool's own version, with the size of its binary: part of every cache key."""
    done = subprocess.run([str(zig_binary()), "version"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError("B002", f"'zig version' failed: {done.stderr.strip()}", fix="reinstall ziglang")
    return f"{done.stdout.strip()}+{zig_binary().stat().st_size}"


def run_in(directory: Path, arguments: Sequence[str]) -> str:
    """Run one tool (`clang`, `ld.lld`, ...) in `directory`; return its output, or raise its complaint."""
    done = subprocess.run(
        [str(zig_binary()), *arguments], cwd=directory, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        raise tool_failure(arguments[0], done.stderr or done.stdout, done.returncode)
    return done.stdout


def tool_failure(tool: str, output: str, status: int) -> BuildError:
    """Return the diagnostic for a tool that failed: its own words, cut to a readable length."""
    lines = [line for line in output.strip().splitlines() if line.strip() and not line.startswith(_HOW_IT_CAME_THERE)]
    shown = lines[:_REPORT_LINES]
    if len(lines) > len(shown):
        shown.append(f"... and {len(lines) - len(shown)} more lines")
    reason = "\n  ".join(shown) or f"exit status {status}, without a message"
    return BuildError("B003", f"{tool} failed:\n  {reason}")


def transform(inputs: Mapping[str, bytes], arguments: Sequence[str], output: str) -> bytes:
    """Run one tool over `inputs`, written under their names in a fresh folder, and return its `output` file."""
    with tempfile.TemporaryDirectory(prefix="ovm-build-") as name:
        directory = Path(name)
        for file_name, content in inputs.items():
            (directory / file_name).write_bytes(content)
        run_in(directory, arguments)
        return (directory / output).read_bytes()


def digest(*parts: bytes | str) -> str:
    """Return a SHA-256 over `parts` in order, each with its length, so that different lists of parts never give the same text."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "little"))
        state.update(data)
    return state.hexdigest()
