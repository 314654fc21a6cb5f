# SPDX-License-Identifier: Apache-2.0
"""`cee` runs at both deprivileged levels and prints what its folder promises."""

import re
from pathlib import Path

import pytest

from ovm.abi.config import Level
from ovm.abi.hypercalls import REPORT_ACTIVATIONS, REPORT_CHECKS_FAILED, REPORT_CHECKS_PASSED
from ovm.system.c_guest import build_c_guest
from tests.guests.stand_in import LINK_BASE, StandIn

FOLDER = Path(__file__).parents[2] / "src/ovm/guests/cee"


@pytest.fixture(scope="module")
def image() -> bytes:
    return build_c_guest(FOLDER, LINK_BASE)


@pytest.mark.parametrize("level", [Level.SRT, Level.NRT])
def test_it_keeps_its_periods(image: bytes, level: Level) -> None:
    outcome = StandIn(image, level=level, arguments=(7, 250)).run()
    assert outcome.status == 0
    assert outcome.reports == {REPORT_ACTIVATIONS: 7, REPORT_CHECKS_PASSED: 7, REPORT_CHECKS_FAILED: 0}
    for pattern in (FOLDER / "expected.txt").read_text().splitlines():
        assert re.search(pattern, outcome.console), pattern


def test_a_timer_that_is_early_is_noticed(image: bytes) -> None:
    class Early(StandIn):
        def hypercall(self) -> None:
            super().hypercall()
            self.page_write("irq_pending", 1)

    outcome = Early(image, arguments=(3, 1000)).run()
    assert outcome.status == 1
    assert outcome.reports[REPORT_CHECKS_FAILED] == 3


def test_a_foreign_page_is_refused(image: bytes) -> None:
    class Foreign(StandIn):
        def page_write(self, name: str, value: int, index: int = 0) -> None:
            super().page_write(name, 0 if name == "magic" else value, index)

    assert Foreign(image).run().status == 2
