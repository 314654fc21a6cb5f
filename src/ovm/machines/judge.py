# SPDX-License-Identifier: Apache-2.0
"""The comparison of a run with what the description expects of each guest."""

from ovm.machines.broken import refusal_text
from ovm.machines.cause import first_cause
from ovm.machines.doing import remarks
from ovm.machines.fault_line import line_at_fault
from ovm.machines.result import FAILED, MET, UNJUDGED, GuestResult, RunResult
from ovm.system.console_patterns import missing_line
from ovm.system.model import Expect, Guest, System

_SHOWN_LINES = 3


def judge(system: System, result: RunResult) -> list[str]:
    """Return everything that didn't go as expected, one sentence each; empty for a success."""
    failures = []
    if result.broken is not None:
        facts = ", ".join(f"{key} {_shown(value)}" for key, value in result.broken.items())
        failed = f"OVM itself failed ({facts}); please report it with the description"
        failures.append(refusal_text(result.broken) or failed)
    elif not result.ended:
        failures.append(f"the run did not come to its end: {result.reason or 'the machine fell silent'}")
    if result.lost_records:
        failures.append(f"OVM had no room for {result.lost_records} of its own records; please report it with the description")
    if result.reason == "interrupted":
        # A user who pressed Ctrl-C knows that guests didn't reach their ends.
        return failures
    for guest in system.guests:
        found = result.guests[guest.name]
        wrong = _judge_guest(guest, found)
        if found.stopped and wrong:
            wrong[0] += line_at_fault(system, guest, found)
        found.verdict = FAILED if wrong else UNJUDGED if guest.expect == Expect() else MET
        failures += [f"{guest.name}: {text}" for text in wrong]
    return failures


def _judge_guest(guest: Guest, found: GuestResult) -> list[str]:
    expect, failures = guest.expect, []
    wanted = expect.state or ("exited" if any(each.key == "exit" for each in expect.limits) else "")
    if wanted and found.state != wanted:
        failures.append(f"expected to be {wanted}, but is {found.state}{_why(found)}")
    elif not wanted and found.state == "stopped":
        failures.append(f"was stopped{_why(found)}")
    for limits in expect.limits:
        value = found.figure(limits.key)
        if value is None:
            if limits.key != "exit":
                failures.append(f"never reported {limits.key}, expected {limits}")
        elif not limits.minimum <= value <= limits.maximum:
            failures.append(f"{limits.key} is {value}, expected {limits}")
    if expect.console is not None:
        missing = missing_line(expect.console, found.console)
        if missing is not None:
            failures.append(f"its console lacks, at this place, a line like: {missing}{_tail(found)}")
    return failures


def _why(found: GuestResult) -> str:
    if found.stopped:
        return f": {first_cause(found.stopped)}"
    if found.doing:
        return f": {'; '.join([found.doing, *remarks(found)])}"
    return f" with status {found.status}" if found.status is not None else ""


def _shown(value: int | str) -> str:
    return f"{value:#x}" if isinstance(value, int) else value


def _tail(found: GuestResult) -> str:
    if not found.console:
        return " (it printed nothing)"
    return "; it ends with: " + " | ".join(found.console[-_SHOWN_LINES:])
