# SPDX-License-Identifier: Apache-2.0
"""mypy --strict understands metal: it accepts what is right, and refuses mixed types at the line they are on."""

import re
from pathlib import Path

from mypy import api

CASES = Path(__file__).with_name("typing_cases")
_MARK = re.compile(r"# error: ([\w-]+)$")
_ERROR = re.compile(r":(\d+): error: .*\[([\w-]+)\]$")


def errors_of(name: str, cache: Path) -> set[tuple[int, str]]:
    options = ["--strict", "--disable-error-code=empty-body", "--config-file=", "--cache-dir", str(cache)]
    output, problems, _ = api.run([*options, str(CASES / name)])
    assert not problems
    return {(int(found[1]), found[2]) for line in output.splitlines() if (found := _ERROR.search(line))}


def test_mypy_knows_the_types(tmp_path: Path) -> None:
    assert errors_of("accepted.py", tmp_path) == set()
    lines = (CASES / "rejected.py").read_text().splitlines()
    marked = {(number, found[1]) for number, line in enumerate(lines, 1) if (found := _MARK.search(line))}
    assert len(marked) > 20
    assert errors_of("rejected.py", tmp_path) == marked
