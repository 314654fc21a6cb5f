# SPDX-License-Identifier: Apache-2.0
"""The hypercalls that an HRT guest's own CPU answers."""

from ovm.core import hard_trap


def test_cases_are_the_calls_they_name() -> None:
    assert hard_trap.CASES == (0x8600_0000, 0x8600_0002, 0x8600_0007, 0x8600_FF03, 0x8400_0000)
