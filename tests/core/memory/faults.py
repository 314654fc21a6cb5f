# SPDX-License-Identifier: Apache-2.0
"""The common part of tests of single faults: the first NRT guest with its tables, and questions about what a fault did."""

from __future__ import annotations

from typing import Any

from ovm.core.memory.access import FaultOutcome
from ovm.core.memory.guest_access import GuestWord
from ovm.core.memory.refusal import Refusal, RefusalKind
from ovm.metal import sizeof
from tests.core.memory import board
from tests.core.memory.driver import Driver

RETRY, REFLECT, REFUSED = (int(outcome.value) for outcome in (FaultOutcome.RETRY, FaultOutcome.REFLECT, FaultOutcome.REFUSED))
READ, WRITE, FETCH = range(3)
TABLE, PAGES = board.NRT_GPA + 0x4000, board.NRT_GPA + 0x8000
DATA = board.NRT_GPA + 0x2_0000
SCRATCH = board.RAM + 0x0070_0000
FAR = 0x0010_0000


def store(driver: Driver, gpa: int, value: int, index: int = board.FIRST) -> None:
    driver.store(driver.touch(index, gpa), value)



def access(driver: Driver, function: Any, va: int, *value: int) -> int | None:
    """Make an access of OVM's own, with a fresh result; None, or how it ended otherwise."""
    driver.memory.write(SCRATCH, bytes(sizeof(GuestWord)))
    if driver.call(function, driver.vcpu(board.FIRST).address, va, *value, SCRATCH):
        return None
    return int(GuestWord.refer(SCRATCH).outcome.value)



def touch(driver: Driver, va: int, access: int = READ, status: int = 0x5, index: int = board.FIRST) -> int:
    return driver.fault(index, va, access, status)



def dead(driver: Driver) -> list[int]:
    """Spaces of the first guest that were used and are dead."""
    stamps = driver.words(driver.address_of("STAMPS"), 3)
    return [number for number in range(3) if stamps[number] == 0 and any(driver.words(board.LEVEL1 + (number << 14), 0xFFF))]



def refusal(driver: Driver) -> tuple[int, str, int, int, int]:
    last = driver.view(Refusal, "REFUSAL")
    kind = RefusalKind(last.kind).name
    return int(last.guest), kind, int(last.va), int(last.gpa), int(last.owner)



def status(driver: Driver, index: int = board.FIRST) -> tuple[int, int]:
    vcpu = driver.vcpu(index)
    return int(vcpu.fault_status), int(vcpu.fault_address)
