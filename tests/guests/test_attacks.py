# SPDX-License-Identifier: Apache-2.0
"""The table of attacks in docs/reference/attacks.md is made of the runs of systems/rogue-*.toml, which happen here.

UPDATE_EXPECTED=1 writes it anew (`make attacks`). Numbers are rounded down to one digit, so that a new attempt here or there
doesn't change the page, and a chapter that hardly tries any more does.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.expected import UPDATES
from tests.guests import seizing
from tests.guests.test_rogue import COMMAND, ROOT

PAGE = ROOT / "docs/reference/attacks.md"
LEVELS = ("hrt", "srt", "nrt")
CHAPTER = re.compile(r"(?P<path>.+): (?P<attempts>\d+) attempts")
HEAD = """# Attacks

Made by `make attacks` from runs on the virtual board of `systems/rogue-hrt.toml`, `systems/rogue-srt.toml` and
`systems/rogue-nrt.toml`: an attacker at each level, by each path, beside its victims. A victim is *unharmed* when the run found
all that its description expects: its checks of its own memory, its deadlines, its entries into OVM. OVM is unharmed when it came
to the run's end and reported. That no byte changed is compared from outside by `tests/guests/test_rogue_hrt.py`,
`tests/machines/test_victims.py` and `tests/guests/test_isolation.py`; that each attacker notices an open door, by
`tests/guests/test_rogue.py` and `tests/guests/test_rogue_hrt.py`. Attempts are rounded down.

| attacker | path | attempts, at least | escapes | victims |
|---|---|---|---|---|
"""
LIMITS = """
## What can't be denied to an HRT guest

Each of these is done to the end of a run, beside an SRT and an NRT guest, which are in the attacker's hands then
([limits](../guide/limits.md)). OVM is unharmed when it came to the run's end and reported, its code is what was loaded, and its
frame table says of OVM's memory and of the guests' what it said at boot.

| what an HRT guest does | what becomes of the others | OVM |
|---|---|---|
"""


def result_of(level: str, folder: Path) -> dict[str, Any]:
    system = str(ROOT / f"systems/rogue-{level}.toml")
    command = [sys.executable, "-c", COMMAND, "run", "--json", "-o", str(folder / level), system]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def rounded(number: int) -> int:
    unit: int = 10 ** (len(str(number)) - 1)
    return number // unit * unit


def rows(level: str, result: dict[str, Any]) -> list[str]:
    """Return a row for each chapter of the attacker, and one for the whole."""
    rogue = next(each for each in result["guests"] if each["name"] == "rogue")
    assert rogue["level"] == level
    others = [each for each in result["guests"] if each is not rogue]
    victims = ", ".join([f"{each['name']} ({each['level'].upper()})" for each in others] + ["OVM"])
    state = "unharmed" if result["ok"] and not result["failures"] else "HARMED"
    chapters = [found for line in rogue["console"] if (found := CHAPTER.fullmatch(line))]
    assert len(chapters) >= 7
    made = [(each["path"], int(each["attempts"])) for each in chapters]
    assert sum(count for _, count in made) == rogue["reports"]["attempts"]
    made.append(("all", rogue["reports"]["attempts"]))
    escapes = rogue["reports"]["escapes"]
    return [f"| {level.upper()} | {path} | {rounded(count)} | {escapes} | {victims}: {state} |\n" for path, count in made]


def compare(text: str, part: int) -> None:
    """Hold one of the page's two parts to what was seen, or write it."""
    parts = PAGE.read_text().partition(LIMITS.partition("|")[0])
    found = [parts[0], parts[1] + parts[2]]
    if UPDATES:
        found[part] = text
        PAGE.write_text("".join(found))
    assert found[part] == text


def test_the_table_is_what_the_attackers_say(tmp_path: Path) -> None:
    text = HEAD + "".join(row for level in LEVELS for row in rows(level, result_of(level, tmp_path)))
    assert "HARMED" not in text
    compare(text, 0)


def test_what_cannot_be_denied_leaves_ovm_unharmed(tmp_path: Path) -> None:
    compare(LIMITS + "".join(f"| {name} | {seizing.harm(name, tmp_path)} | unharmed |\n" for name in seizing.ATTACKS), 1)
