# SPDX-License-Identifier: Apache-2.0
"""mypy --strict understands metal: it accepts what is right, and refuses mixed types at the line they are on."""

import re
from pathlib import Path

from mypy import api

CASES = Path(__file__).with_name("typing_cases")
_MARK = re.compile(r"# error: ([\w-]+)$")
_ERROR = re.compile(r":(\d+): error: .*\[([\w-]+)\]$")


def errors_of(name: str, cache: Path, config: str = "") -> set[tuple[int, str]]:
    options = ["--strict", "--disable-error-code=empty-body", f"--config-file={config}", "--cache-dir", str(cache)]
    output, problems, _ = api.run([*options, str(CASES / name)])
    assert not problems
    return {(int(found[1]), found[2]) for line in output.splitlines() if (found := _ERROR.search(line))}


def marked_in(name: str) -> set[tuple[int, str]]:
    lines = (CASES / name).read_text().splitlines()
    return {(number, found[1]) for number, line in enumerate(lines, 1) if (found := _MARK.search(line))}


def test_mypy_knows_the_types(tmp_path: Path) -> None:
    assert errors_of("accepted.py", tmp_path) == set()
    marked = marked_in("rejected.py")
    assert len(marked) > 20
    assert errors_of("rejected.py", tmp_path) == marked


def test_the_plugin_takes_constants_that_fit(tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nplugins = ovm.metal.mypy_plugin\n")
    marked = marked_in("constants.py")
    assert len(marked) > 15
    # Once more from mypy's own cache, which knows less of the functions of other modules.
    for _ in range(2):
        assert errors_of("constants.py", tmp_path, str(config)) == marked
    assert errors_of("accepted.py", tmp_path, str(config)) == set()
