# SPDX-License-Identifier: Apache-2.0
"""Imports of a command before it does anything: a short command doesn't wait for the compiler or the board's sources."""

import importlib
import subprocess
import sys

import pytest

from ovm.cli.main import COMMANDS

# Modules that take long to import: the compiler and the interpreter of the virtual board.
LONG = ("ovm.metal.compiler", "ovm.board.run.loop", "elftools", "rich", "capstone")


def imported_by(*words: str) -> set[str]:
    """Modules that the command `ovm` with these words imports."""
    script = (
        "import sys\n"
        "from ovm.cli.entry import main\n"
        f"sys.argv = ['ovm', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('\\nIMPORTED', *sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("IMPORTED ")[2].split())


def test_help_imports_no_command() -> None:
    ours = {name for name in imported_by("--help") if name.startswith("ovm.")}
    assert ours == {"ovm.cli", "ovm.cli.entry", "ovm.cli.exits", "ovm.cli.main", "ovm.shipped"}


def test_check_imports_neither_compiler_nor_board() -> None:
    found = imported_by("check", "mixed")
    assert "ovm.system.plan" in found
    assert not found & set(LONG)


@pytest.mark.parametrize("name", COMMANDS)
def test_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    command = getattr(importlib.import_module(f"ovm.cli.{name}"), name)
    assert COMMANDS[name] == command.get_short_help_str(limit=200)
