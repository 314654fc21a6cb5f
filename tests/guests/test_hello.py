# SPDX-License-Identifier: Apache-2.0
"""`hello` prints what its folder promises."""

import re

import pytest

from tests.guests.metal_image import expected, metal_image
from tests.guests.stand_in import StandIn


@pytest.mark.parametrize("checked", [False, True], ids=["release", "checked"])
def test_it_prints_and_ends(checked: bool) -> None:
    outcome = StandIn(metal_image("hello", checked=checked)).run()
    lines = outcome.console.splitlines()
    assert all(re.fullmatch(pattern, line) for pattern, line in zip(expected("hello"), lines, strict=True))
    assert outcome.status == 0
