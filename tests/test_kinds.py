# SPDX-License-Identifier: Apache-2.0
"""Kinds of failure and their tests: the page names tests that exist, and a kind without one that passes is not held."""

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def script() -> Any:
    """Return the module `scripts/kinds`."""
    loader = SourceFileLoader("kinds", str(ROOT / "scripts" / "kinds"))
    specification = spec_from_loader("kinds", loader)
    assert specification is not None
    module = module_from_spec(specification)
    sys.modules["kinds"] = module
    loader.exec_module(module)
    return module


def test_every_row_is_read() -> None:
    rows = [line for line in (ROOT / "docs/reference/kinds.md").read_text().splitlines() if line.startswith("| ")]
    found = script().kinds()
    assert len(found) == len([line for line in rows if line != "| kind | tests |"]) > 30
    assert len({each.name for each in found}) == len(found)


def test_every_named_test_is_collected() -> None:
    tests = sorted({test for each in script().kinds() for test in each.tests})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    collected = {line.partition("[")[0] for line in done.stdout.splitlines()}
    assert set(tests) <= collected


def test_only_what_passed_holds_a_kind() -> None:
    kinds = script()
    kind, outcomes = kinds.Kind("a kind", ("t.py::one", "t.py::two")), kinds.Outcomes()
    assert kinds.row(kind, outcomes)[0] is False
    outcomes.of["t.py::one"]["passed"] = 2
    held, text = kinds.row(kind, outcomes)
    assert not held and "t.py::two: not run" in text
    outcomes.of["t.py::two"]["passed"] = 1
    assert kinds.row(kind, outcomes) == (True, "held      a kind (3 passed)")
    for bad in ("failed", "skipped"):
        outcomes.of["t.py::two"] = {"passed": 1, bad: 1}
        assert kinds.row(kind, outcomes)[0] is False
