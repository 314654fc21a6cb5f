# SPDX-License-Identifier: Apache-2.0
"""`ovm check` ends soon with 0 or 2, never with 70, whatever a description or a board file says; its diagnostics have a fix.

Hypothesis edits descriptions that are right or nearly so. `OVM_FUZZ=100000` tries that many instead of the few of a normal run.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ovm.cli.main import main
from tests.refused import cases_below

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLES = int(os.environ.get("OVM_FUZZ", "1450"))
SECONDS = 20
RIGHT = [path for folder in (HERE / "accepted", ROOT / "systems") for path in sorted(folder.glob("*.toml"))]
SEEDS = [path.read_text() for path in RIGHT] + [case.given for case in cases_below(HERE / "rejected")]
BOARDS = [(ROOT / "boards" / "zc702.toml").read_text(), (ROOT / "boards" / "vexpress-a9.toml").read_text()]
VALUES = [
    "0", "-1", "1", "0x7fff_ffff", "4294967295", "4294967296", "1" + "0" * 30, "0x" + "f" * 40, "9" * 5000, "1e400", "nan",
    "-inf", "0.1", '""', '"a"', '"zc702"', '"/dev/zero"', '"/"', '"."', '"\\u0000"', '"\\u001b[31m"', '"1GiB"',
    '"9999999999999GiB"', '"' + "x" * 5000 + '"', '"metal:os"', '"metal:..x"', '"metal:"', '"package:../x"', '"\\ud800"',
    "true", "[]", "[[]]", "{}", "{ min = 9, max = 1 }", "[1, 2, 3, 4, 5]", '["a", "a"]', "1979-05-27", "07:32:00",
    "[" * 40 + "]" * 40, '"""\na\n"""', "'''", "{ a = { b = 1 } }",
]  # fmt: skip
KEYS = [
    "name", "board", "seconds", "level", "image", "memory", "address", "limit", "budget_us", "period_us", "held", "manager",
    "devices", "dma", "arguments", "constants", "bytes", "save", "path", "guests", "exit", "state", "console", "rounds",
    "pool", "level1_tables", "irq", "uart", "quantum", '"\\u0007"', "a.b.c", ".".join("k" * 40),
]  # fmt: skip
HEADERS = [
    "[system]", "[[guest]]", "[guest]", "[guest.expect]", "[[guest.region]]", "[[guest.file]]", "[[channel]]",
    "[guest.constants]", "[board]", "[ram]", "[core]", "[device.x]", "[[reserved]]", "[timing]", "[model]", "[qemu]", "[x",
    "[[x]", "[a.b.c.d]",
]  # fmt: skip
ASSIGNMENT = re.compile(r"^(\s*)([^=\[#\s]+)\s*=\s*(.*)$")

edits = st.lists(
    st.tuples(
        st.sampled_from(["value", "key", "add", "drop", "twice", "swap", "header", "insert", "cut"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
        st.sampled_from(VALUES) | st.integers(-(1 << 40), 1 << 40).map(str),
        st.text(max_size=6),
    ),
    min_size=1,
    max_size=5,
)


def edited(text: str, changes: list[tuple[str, int, int, str, str]]) -> str:
    """`text` with the changes made, each at a line that its first number chooses."""
    lines = text.split("\n")
    for kind, first, second, value, free in changes:
        place = first % len(lines)
        match = ASSIGNMENT.match(lines[place])
        if kind == "value" and match:
            lines[place] = f"{match[1]}{match[2]} = {value}"
        elif kind == "key" and match:
            lines[place] = f"{match[1]}{KEYS[second % len(KEYS)]} = {match[3]}"
        elif kind == "add":
            lines.insert(place, f"{KEYS[second % len(KEYS)]} = {value}")
        elif kind == "drop" and len(lines) > 1:
            del lines[place]
        elif kind == "twice":
            lines.insert(place, lines[second % len(lines)])
        elif kind == "swap":
            other = second % len(lines)
            lines[place], lines[other] = lines[other], lines[place]
        elif kind == "header":
            lines.insert(place, HEADERS[second % len(HEADERS)])
        elif kind == "insert":
            at = second % (len(lines[place]) + 1)
            lines[place] = lines[place][:at] + free + lines[place][at:]
        elif kind == "cut":
            lines[place] = lines[place][: second % (len(lines[place]) + 1)]
    return "\n".join(lines)


@contextmanager
def soon() -> Iterator[None]:
    """Let what takes far too long be an error."""

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError("this takes too long")

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def judged(file: Path) -> None:
    with soon():
        result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code in (0, 2), result.output
    if result.exit_code == 2:
        assert re.search(r"^error\[[SRBM]\d{3}\]: ", result.output, re.M), result.output
        for message in result.output.split("\n\n"):
            assert "  fix: " in message or message.endswith(" errors\n") or message.startswith("error[S190]"), message
    assert all(each.isprintable() or each == "\n" for each in result.output), result.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fuzz")
    for name in ("empty/pattern", "empty/look-around", "console.txt"):
        source = next(each / name for each in (HERE / "rejected" / "beside", HERE / "accepted") if (each / name).exists())
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(source.read_text())
    return made


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(seed=st.sampled_from(SEEDS), changes=edits)
def test_edited_descriptions(folder: Path, seed: str, changes: list[tuple[str, int, int, str, str]]) -> None:
    file = folder / "x.toml"
    file.write_bytes(edited(seed, changes).encode("utf-8", "surrogatepass"))
    judged(file)


@settings(max_examples=EXAMPLES // 7, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(seed=st.sampled_from(BOARDS), changes=edits)
def test_edited_boards(folder: Path, seed: str, changes: list[tuple[str, int, int, str, str]]) -> None:
    (folder / "b.toml").write_bytes(edited(seed, changes).encode("utf-8", "surrogatepass"))
    text = '[system]\nname = "x"\nboard = "b.toml"\n[[guest]]\nname = "a"\nlevel = "nrt"\nimage = "metal:ovm.guests.hello"\n'
    text += 'memory = "1MiB"\n'
    (folder / "x.toml").write_text(text)
    judged(folder / "x.toml")


@settings(max_examples=EXAMPLES // 7, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(folder: Path, content: bytes) -> None:
    (folder / "x.toml").write_bytes(content)
    judged(folder / "x.toml")
