# SPDX-License-Identifier: Apache-2.0
"""Tests of the judge: what the description expects, against what was seen."""

from pathlib import Path

import pytest

from ovm.machines.judge import judge
from ovm.machines.result import RunResult, start_result
from ovm.machines.stream import parse_line
from ovm.system.console_patterns import missing_line, patterns_of
from ovm.system.load import load
from tests.machines.archives import DESCRIPTION, archive

GOOD = """
\x1eboot version=1 guests=2 cpus=2 build=0x5
[desk] hello
\x1eexit guest=desk status=0
\x1eguest name=pulse level=hrt state=waiting status=0 entries=0 fills=0
\x1ereport guest=desk key=7 value=0
\x1eguest name=desk level=nrt state=exited status=0 entries=12 svc=3 fills=4 refusals=0
\x1ecpu index=0 entries=12 idle_ticks=5
\x1eend reason=all-ended ticks=0x5f5e100
"""


def judged(folder: Path, stream: str, description: str = DESCRIPTION) -> tuple[RunResult, list[str]]:
    built = archive(folder, description)
    result = start_result(built.plan, 2)
    for line in stream.strip("\n").split("\n"):
        result.add(parse_line(line.encode()))
    return result, judge(built.plan.system, result)


def test_a_good_run(tmp_path: Path) -> None:
    result, failures = judged(tmp_path, GOOD)
    assert failures == []
    assert result.seconds == 1.0
    assert result.guests["desk"].counters == {"entries": 12, "svc": 3, "fills": 4, "refusals": 0}
    assert result.guests["desk"].console == ["hello"]
    assert result.guests["pulse"].state == "running"


@pytest.mark.parametrize(
    ("before", "after", "failure"),
    [
        ("state=exited status=0", "state=exited status=3", "desk: exit is 3, expected 0"),
        ("state=exited", "state=waiting", "desk: expected to be exited, but is running"),
        ("key=7 value=0", "key=7 value=2", "desk: checks_failed is 2, expected 0"),
        ("key=7", "key=6", "desk: never reported checks_failed, expected 0"),
        ("\x1eend reason", "\x1eEND reason", "the run did not come to its end: the machine fell silent"),
    ],
)
def test_each_way_to_fail(tmp_path: Path, before: str, after: str, failure: str) -> None:
    assert before in GOOD
    assert judged(tmp_path, GOOD.replace(before, after))[1] == [failure]


def test_a_failure_of_ovm_itself(tmp_path: Path) -> None:
    result, failures = judged(tmp_path, GOOD.replace("\x1eend reason=all-ended ticks=0x5f5e100", "\x1ebroken code=0xe0"))
    assert result.reason == "broken"
    assert failures == ["OVM itself failed (code 0xe0); please report it with the description"]


def test_a_stopped_guest(tmp_path: Path) -> None:
    stop = "\x1estopped guest=pulse why=no-vectors pc=0x10 psr=0x13 address=4 status=5 instruction=0\n"
    stop += "\x1eregisters guest=pulse r0=1 r1=2\n"
    stream = GOOD.replace("\x1eguest name=pulse level=hrt state=waiting", stop + "\x1eguest name=pulse state=stopped")
    result, failures = judged(tmp_path, stream)
    assert failures == [
        "pulse: was stopped: Data Abort at 0x10, 0x00000000  andeq r0, r0, r0 of 0x4: nothing is mapped there "
        "(it has no vectors that could take its exception)"
    ]
    assert result.guests["pulse"].stopped is not None
    assert result.guests["pulse"].stopped["r1"] == 2


def test_an_interrupted_run_says_no_more_than_that(tmp_path: Path) -> None:
    result, _ = judged(tmp_path, GOOD)
    result.reason = "interrupted"
    description = DESCRIPTION.replace("checks_failed = 0", "fills = 5000")
    (tmp_path / "t.toml").write_text(description)
    assert judge(load(tmp_path / "t.toml"), result) == ["the run did not come to its end: interrupted"]


def test_ranges_and_console(tmp_path: Path) -> None:
    (tmp_path / "console.txt").write_text("# Comment.\n\nhel+o\nbye \\d+\n")
    description = DESCRIPTION.replace("checks_failed = 0", 'fills = { min = 5, max = 9 }\nconsole = "console.txt"')
    failures = judged(tmp_path, GOOD, description)[1]
    assert failures == [
        "desk: fills is 4, expected 5 to 9",
        r"desk: its console lacks, at this place, a line like: bye \d+; it ends with: hello",
    ]


def stopped(folder: Path, description: str, facts: str) -> str:
    stop = f"\x1estopped guest=desk why=no-vectors pc=0x10008000 psr=0x13 instruction=0xe5801000 {facts}\n"
    return judged(folder, GOOD.replace("\x1eexit guest=desk status=0\n", stop).replace("=exited", "=stopped"), description)[1][0]


def test_the_line_of_the_description_that_is_at_fault(tmp_path: Path) -> None:
    assert "just behind its memory = 1 MiB (" in stopped(tmp_path, DESCRIPTION, "address=0x10100010 status=8")
    assert "memory = 1 MiB" not in stopped(tmp_path, DESCRIPTION, "address=0x30000000 status=8")
    assert "memory = 1 MiB" not in stopped(tmp_path, DESCRIPTION, "address=0x10000010 status=0xd")
    refused = "address=0x10000010 status=8\n\x1erefusal guest=desk kind=exhausted pc=0x1 address=0x2 owner=nothing"
    assert "it holds as much as its memory = 1 MiB allows (" in stopped(tmp_path, DESCRIPTION, refused)


def test_console_patterns_in_order() -> None:
    console = ["one", "two", "three"]
    assert missing_line(patterns_of("one\nthree"), console) is None
    assert missing_line(patterns_of("three\none"), console) == "one"
    assert missing_line(patterns_of("tw"), console) == "tw"
    assert missing_line(patterns_of("one\none"), console) == "one"


def test_no_pattern_takes_longer_than_its_text() -> None:
    # For an engine that backtracks this takes about as long as the universe is old.
    assert missing_line(patterns_of("(h|h|hello|.|..)*(.*.*)*Z"), ["hello " * 200]) is not None


def test_records_of_strangers_are_kept_apart(tmp_path: Path) -> None:
    result, failures = judged(tmp_path, GOOD + "[nobody] hi\n\x1eexit guest=nobody status=1")
    assert failures == []
    assert len(result.other) == 2
