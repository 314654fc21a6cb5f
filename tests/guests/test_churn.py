# SPDX-License-Identifier: Apache-2.0
"""`churn` sweeps over memory and code, and notices when memory is not what it was."""

from ovm.abi import hypercalls as abi
from ovm.guests.churn.code import PAGES
from ovm.metal.build.elf import Elf
from tests.guests.metal_image import metal_image
from tests.guests.stand_in import RAM_BASE, StandIn

RAM_BYTES = 3 << 20
SWEPT = RAM_BASE + (1 << 20)


class Forgetful(StandIn):
    """Changes a swept word once."""

    calls = 0

    def hypercall(self) -> None:
        self.calls += 1
        if self.calls == 8:
            self.uc.mem_write(SWEPT + 5 * 4096 + 5 * 32, b"\xff")
        super().hypercall()


def test_it_finds_nothing_wrong() -> None:
    outcome = StandIn(metal_image("churn"), ram_bytes=RAM_BYTES, arguments=(1,)).run()
    assert outcome.status == 0
    assert outcome.reports[abi.REPORT_CHECKS_FAILED] == 0
    assert outcome.reports[abi.REPORT_CHECKS_PASSED] == 3 * outcome.reports[abi.REPORT_ROUNDS] > 100


def test_it_finds_a_changed_word() -> None:
    outcome = Forgetful(metal_image("churn"), ram_bytes=RAM_BYTES, arguments=(1,)).run()
    assert outcome.status == 1
    assert outcome.reports[abi.REPORT_CHECKS_FAILED] == 1


def test_its_code_is_spread_over_pages() -> None:
    size = next(each.size for each in Elf(metal_image("churn")).symbols.values() if each.name.endswith("walk_code"))
    assert size > PAGES * 4096
