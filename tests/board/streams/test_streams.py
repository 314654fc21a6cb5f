# SPDX-License-Identifier: Apache-2.0
"""Random streams on QEMU's Cortex-A9 and on the board: registers, memory, exceptions and their syndromes are the same.

What Unicorn can't judge: alignment faults, DFSR, DFAR and IFSR, partial aborts, what is refused to User mode. The differences
that a manual explains are in tests/board/disagreements.md; the long form is `tests.board.streams.long_run`.
"""

from collections.abc import Callable

import pytest

from tests.board.streams.compare import differing, run_part
from tests.board.streams.image import Left
from tests.board.streams.sides import OnBoard

COUNT = 1500
# Alignment; translation, domain and permission of sections and pages: loads, and stores.
SEEN = {f"data abort {code | direction:#x}" for code in (0x1, 0x5, 0x7, 0x9, 0xD) for direction in (0, 0x800)}


def test_streams_leave_the_same(require_tool: Callable[[str], str]) -> None:
    require_tool("qemu-system-arm")
    part = run_part(OnBoard(), 8, COUNT)
    assert part.failures == []
    assert part.compared > COUNT * 0.98
    assert set(part.ends) >= SEEN | {"undefined", "call", "prefetch abort"}
    assert part.ends["data abort 0x1"] > 100


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"dfsr": 0x801}, "dfsr: 0x1, 0x801"),
        ({"registers": (0, 9, *[0] * 13)}, "r1: 0x0, 0x9"),
        ({"sum": 5}, "sum: 0x0, 0x5"),
        ({}, ""),
    ],
)
def test_what_differs_is_named(change: dict[str, object], named: str) -> None:
    left = {"registers": (0,) * 15, "psr": 0x10, "link": 0, "vector": "data abort", "dfsr": 1, "dfar": 0, "ifsr": 0, "ifar": 0}
    left |= {"fpscr": 0, "sum": 0, "extension": b""}
    assert differing(Left(**left), Left(**{**left, **change})) == named  # type: ignore[arg-type]
