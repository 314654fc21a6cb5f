# SPDX-License-Identifier: Apache-2.0
"""Errors planted in blocks, each of which a named test must notice; those of branches are in `test_planted.py`."""

from collections.abc import Iterator

import pytest

from tests.board.mutating import Mutation, Planted

RANDOM, LIMITS = "blocks/test_random.py::", "blocks/test_limits.py::"
A32, T32, SLICES, FORMS = (
    RANDOM + "test_programs[a32]",
    RANDOM + "test_programs[t32]",
    RANDOM + "test_time_slices[a32]",
    RANDOM + "test_every_form_is_made[a32]",
)
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
        "set_state(u32(IF_ABOVE_OR_EQUAL) if known == OF_DIFFERENCE else u32(IF_BELOW), CARRY)",
        "set_state(u32(IF_ABOVE_OR_EQUAL), u32(CARRY))",
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
        "blocks/make.py",
        "    media.bit_field: other.bit_field,\n",
        "",
        FORMS,
    ),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    with Planted(tmp_path_factory.mktemp("planted"), MUTATIONS, SETTINGS) as made:
        yield made


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
