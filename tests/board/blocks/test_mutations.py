# SPDX-License-Identifier: Apache-2.0
"""Errors planted in blocks, each of which a named test must notice."""

import pytest

from tests.board.mutating import Mutation, Planted

RANDOM, LIMITS = "blocks/test_random.py::", "blocks/test_limits.py::"
A32, T32, SLICES, FORMS = (
    RANDOM + "test_programs[a32]",
    RANDOM + "test_programs[t32]",
    RANDOM + "test_time_slices[a32]",
    RANDOM + "test_every_form_is_made[a32]",
)
ALL = "blocks/test_branches.py::test_all_is_as_without[0-a32]"
BLOCKS = "blocks/test_branches.py::test_all_is_as_without[0-t32]"
LISTS = "blocks/test_several.py::test_all_is_as_without[ldm-4-a32]"
FLOATING = "blocks/test_floating.py::test_all_is_as_without[0-a32]"
LINES = "blocks/test_lines.py"
STRETCHES = "blocks/test_branches.py::test_runs_end_where_they_do_without[8-a32]"
SETTINGS = {"OVM_BLOCKS_PROGRAMS": "60"}
MUTATIONS: dict[str, Mutation] = {
    "a limit that is an instruction late": (
        "blocks/make.py",
        "        PROGRESS.room = room\n        room += u32(record.cost)\n",
        "        room += u32(record.cost)\n        PROGRESS.room = room - u32(record.cost) * 2\n",
        SLICES,
    ),
    "time of an instruction lost": (
        "blocks/make.py",
        "        PROGRESS.slots += u32(record.cost)\n",
        "        PROGRESS.slots += 1\n",
        A32,
    ),
    "copies of registers kept by a failed condition": (
        "blocks/make.py",
        "    after_condition()\n",
        "",
        A32,
    ),
    "carry of a subtraction": (
        "blocks/conditions.py",
        "set_state(IF_ABOVE_OR_EQUAL if known == OF_DIFFERENCE else IF_BELOW, CARRY)",
        "set_state(IF_ABOVE_OR_EQUAL, CARRY)",
        A32,
    ),
    "unaligned accesses taken": (
        "blocks/access.py",
        "0xFFFF_FFE0 | (size - 1))",
        "0xFFFF_FFE0)",
        A32,
    ),
    "an IT block that loses a condition": ("blocks/exits.py", "((it << 1) & 0x1F)", "((it << 1) & 0x0F)", T32),
    "a line that is gone": (
        "blocks/exits.py",
        "    leave_at(jump_if(IF_NOT_EQUAL), REFUSE, first, 0, 0)\n",
        "",
        "blocks/test_lines.py",
    ),
    "a form that is no longer made": (
        "execute/media.py",
        ', host="multiply_media.bit_field")',
        ")",
        FORMS,
    ),
    "a misprediction that the limit does not see": (
        "blocks/prediction.py",
        "both_wide(x86.ADD, R14, EAX)",
        "both_wide(u32(x86.ADD), u32(EDX), u32(EAX))",
        STRETCHES,
    ),
    "time gone on with after a misprediction": (
        "blocks/exits.py",
        "link(jump_if(IF_LESS), back)",
        "jump_to(back)",
        STRETCHES,
    ),
    "returns of any target": (
        "blocks/branches.py",
        "        compare_return()\n        _predicted()\n",
        "        _predicted()\n",
        ALL,
    ),
    "branches passed over that the predictor does not hear of": (
        "blocks/make.py",
        "PASS_BRANCH if",
        "u32(PASS_OVER) if",
        ALL,
    ),
    "an IT block that ends with its line": ("blocks/exits.py", "if PROGRESS.it == 0:", "if PROGRESS.it < 256:", T32),
    "a list's last line not looked at": ("blocks/several_words.py", "first + size - 4)", "first)", LISTS),
    "a second line not looked at": ("blocks/exits.py", "put(CARE_FETCH)", "put(u32(0))", LINES),
    "a page entered that counts as an instruction": (
        "blocks/run.py",
        "CPU.uncounted += 1\n        return goto_page",
        "return goto_page",
        BLOCKS,
    ),
    "extension registers that are not enabled": (
        "blocks/floating.py",
        "_is(CPACR, CPACR_ACCESS, CPACR_FULL)",
        "_is(u32(CPACR), u32(0), u32(0))",
        FLOATING,
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
