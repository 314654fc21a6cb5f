# SPDX-License-Identifier: Apache-2.0
"""Errors planted in what instructions cost, each of which a named test must notice."""

import pytest

from tests.board.mutating import Mutation, Planted

ISSUE, REGISTERS = "issue/test_issue.py::", "issue/test_registers.py::"
MUTATIONS: dict[str, Mutation] = {
    "what a conditional result was is no operand": (
        "issue/describe.py",
        "facts.reads |= FLAGS | facts.writes | facts.updated",
        "facts.reads |= FLAGS",
        ISSUE + "test_a_stretch",
    ),
    "forwarded through a shift": (
        "execute/data_rows.py",
        "MAY_BE_RRX * (function is data_shifted_flags)",
        "FORWARDS",
        ISSUE + "test_a_stretch",
    ),
    "flags are no operand": (
        "execute/data_rows.py",
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
        "shortcuts/slots.py",
        "min(offset, reach + 2 * WIDEST)",
        "min(offset, u32(8))",
        ISSUE + "test_what_follows_may_be_written",
    ),
    "over the end of the page": (
        "issue/window.py",
        " or ((pc + done) ^ (pc - 2)) & ~last != 0:",
        ":",
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
        "return max(_drained(first, number), decoded) + slots",
        "return decoded + slots",
        ISSUE + "test_what_drains_is_alone",
    ),
    "turns apart": (
        "issue/describe.py",
        "            facts.onward = record.imm\n",
        "            facts.onward = u32(0)\n",
        ISSUE + "test_a_turn_waits_for_the_one_before",
    ),
    "a call with a condition followed": (
        "issue/describe.py",
        "    if facts.onward >> 31 == 0:\n        facts.onward = 0\n",
        "",
        ISSUE + "test_what_is_followed",
    ),
    "a store forgets what lies before it alone": (
        "shortcuts/slots.py",
        "end = min(offset + size + reach, PAGE_BYTES)",
        "end = min(offset + size, u32(PAGE_BYTES))",
        ISSUE + "test_where_a_branch_leads_may_be_written",
    ),
    "less than nothing": (
        "issue/window.py",
        "max(_span(0, count), least)",
        "_span(0, count)",
        ISSUE + "test_every_instruction_takes_a_slot",
    ),
    "Ra is not read": (
        "execute/multiply.py",
        "(READ_A if variant & (ACCUMULATE | SUBTRACT) else 0)",
        "0",
        REGISTERS + "test_registers",
    ),
    "accumulators are not read": (
        "issue/floating.py",
        "        if LANE_ACCUMULATES[record.ra] != 0:\n",
        "        if LANE_ACCUMULATES[record.ra] > 1:\n",
        REGISTERS + "test_registers",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
