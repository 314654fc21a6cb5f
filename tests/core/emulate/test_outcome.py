# SPDX-License-Identifier: Apache-2.0
"""ITSTATE and conditions, all of them: the manual's own words in Python (ARM A2.5.2, A8.3.1)."""

import pytest

from ovm.core.emulate.outcome import condition_holds, it_advanced, it_before, it_state
from ovm.metal import u32

# What isn't ITSTATE: flags, GE, mode, T.
REST = 0xF80F_03FF


def psr_of(state: int, rest: int = 0) -> int:
    """PSR[26:25] is ITSTATE[1:0], PSR[15:10] is ITSTATE[7:2] (ARM B1.3.3)."""
    return rest | (state & 3) << 25 | (state >> 2) << 10


def advanced(state: int) -> int:
    """ITAdvance()."""
    if state & 0b111 == 0:
        return 0
    return state & 0b1110_0000 | state << 1 & 0b1_1111


@pytest.mark.parametrize("rest", [0, REST])
@pytest.mark.parametrize("state", range(256))
def test_each_state(state: int, rest: int) -> None:
    assert it_state(u32(psr_of(state, rest))) == state
    assert it_advanced(u32(psr_of(state, rest))) == psr_of(advanced(state), rest)


# Where the first of two conditions holds: EQ..LE in pairs, by N, Z, C, V.
FIRST = {
    0: lambda n, z, c, v: z == 1,
    1: lambda n, z, c, v: c == 1,
    2: lambda n, z, c, v: n == 1,
    3: lambda n, z, c, v: v == 1,
    4: lambda n, z, c, v: c == 1 and z == 0,
    5: lambda n, z, c, v: n == v,
    6: lambda n, z, c, v: n == v and z == 0,
}


def passed(condition: int, flags: int) -> bool:
    """ConditionPassed()."""
    if condition >> 1 == 7:
        return True
    n, z, c, v = (flags >> bit & 1 for bit in (3, 2, 1, 0))
    return FIRST[condition >> 1](n, z, c, v) != bool(condition & 1)


@pytest.mark.parametrize("condition", range(16))
def test_each_condition_with_all_flags(condition: int) -> None:
    for flags in range(16):
        assert bool(condition_holds(u32(condition), u32(flags << 28 | 0x0FFF_FFFF))) == passed(condition, flags)
        assert bool(condition_holds(u32(condition), u32(flags << 28))) == passed(condition, flags)


@pytest.mark.parametrize("flags", range(16))
def test_before_undoes_each_step_inside_a_block(flags: int) -> None:
    """Of all states from which an instruction that passed leads here, it is the one that IT can have made."""
    for state in range(256):
        if state & 0xF == 0 or not passed(state >> 4, flags) or state >> 4 >= 14:
            continue
        following = advanced(state)
        if following == 0:
            continue
        assert it_before(u32(psr_of(following, flags << 28))) == psr_of(state, flags << 28), hex(state)
