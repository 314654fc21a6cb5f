# SPDX-License-Identifier: Apache-2.0
"""Errors planted in what instructions cost, each of which a named test must notice."""

from pathlib import Path

import pytest

from board.mutating import Mutation, check_that_all_pass_unchanged, check_that_its_test_fails

ISSUE, REGISTERS = "issue/test_issue.py::", "issue/test_registers.py::"
MUTATIONS: dict[str, Mutation] = {
    "what a conditional result was is no operand": (
        "issue/describe.py",
        "facts.reads |= FLAGS | facts.writes | facts.updated",
        "facts.reads |= FLAGS",
        ISSUE + "test_a_stretch",
    ),
    "forwarded through a shift": (
        "issue/facts.py",
        "MAY_BE_RRX * (function is data.data_shifted_flags)",
        "FORWARDS",
        ISSUE + "test_a_stretch",
    ),
    "flags are no operand": (
        "issue/facts.py",
        "    roles |= WRITE_FLAGS if variant & SETS_FLAGS else 0\n",
        "",
        ISSUE + "test_a_stretch",
    ),
    "two loads at once": (
        "issue/window.py",
        "    free[which] = when + slots\n",
        "    free[which] = when\n",
        ISSUE + "test_a_stretch",
    ),
    "the line behind is not watched": (
        "issue/window.py",
        "        mark_code(physical + done)\n        mark_code(physical + done + size - 1)\n",
        "",
        ISSUE + "test_what_follows_may_be_written",
    ),
    "a store forgets too little": (
        "code.py",
        "REACH: Final = 32",
        "REACH: Final = 8",
        ISSUE + "test_what_follows_may_be_written",
    ),
    "over the end of the page": (
        "issue/window.py",
        "if pc & last == 0 or left < 2",
        "if left < 2",
        ISSUE + "test_a_stretch_ends_with_its_page",
    ),
    "IT forgotten": (
        "issue/window.py",
        "    state = it_now()\n",
        "    state = u32(0)\n",
        ISSUE + "test_if_then",
    ),
    "drained by nothing": (
        "issue/window.py",
        "return max(_drained(first, number), number - first) + slots",
        "return number - first + slots",
        ISSUE + "test_what_drains_is_alone",
    ),
    "Ra is not read": ("issue/facts.py", "        roles |= READ_A\n", "        roles |= 0\n", REGISTERS + "test_registers"),
    "accumulators are not read": (
        "issue/floating.py",
        "        if LANE_ACCUMULATES[record.ra] != 0:\n",
        "        if LANE_ACCUMULATES[record.ra] > 1:\n",
        REGISTERS + "test_registers",
    ),
}


def test_all_pass_unchanged(tmp_path: Path) -> None:
    check_that_all_pass_unchanged(tmp_path, MUTATIONS.values())


@pytest.mark.parametrize("name", MUTATIONS)
def test_is_noticed(name: str, tmp_path: Path) -> None:
    check_that_its_test_fails(tmp_path, MUTATIONS[name])
