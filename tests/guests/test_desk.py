# SPDX-License-Identifier: Apache-2.0
"""`desk` passes its own checks under a strict MMU, and fails them under one that breaks a promise.

The MMU is the stand-in's: tables walked from the manual, a TLB that forgets only what it is told to.
"""

import re

import pytest

from ovm.abi import hypercalls as abi
from ovm.metal.build.elf import Elf
from tests.guests.metal_image import expected, metal_image
from tests.guests.mmu_stand_in import Entry, MmuStandIn
from tests.guests.stand_in import LINK_BASE

RAM_BYTES = 8 << 20


@pytest.fixture(scope="module")
def image() -> bytes:
    return metal_image("desk")


def desk(image: bytes, kind: type[MmuStandIn] = MmuStandIn) -> MmuStandIn:
    """Return a guest with one second of few ticks, so that a run is short."""
    return kind(image, ram_bytes=RAM_BYTES, arguments=(1,), ticks_per_us=1)


@pytest.mark.parametrize("checked", [False, True], ids=["release", "checked"])
def test_every_check_passes(checked: bool) -> None:
    guest = desk(metal_image("desk", checked=checked))
    outcome = guest.run()
    assert outcome.status == 0
    assert outcome.reports[abi.REPORT_CHECKS_FAILED] == 0
    assert outcome.reports[abi.REPORT_CHECKS_PASSED] > 50_000
    assert outcome.reports[abi.REPORT_ROUNDS] > 20
    lines = outcome.console.splitlines()
    assert all(re.fullmatch(pattern, line) for pattern, line in zip(expected("desk"), lines, strict=True))
    assert guest.released, "it never used the balloon"
    assert set(guest.exceptions) == {0x04, 0x08, 0x0C, 0x10, 0x18}


def test_it_uses_every_kind_of_mapping(image: bytes) -> None:
    seen: set[tuple[int, int, bool]] = set()

    class Watched(MmuStandIn):
        def _walk(self, place: int) -> Entry:
            entry = super()._walk(place)
            seen.add((entry.size, entry.access, entry.asid is None))
            return entry

    desk(image, Watched).run()
    small, large, section = 1 << 12, 1 << 16, 1 << 20
    assert seen == {
        (small, 7, False), (small, 3, False), (small, 2, False), (small, 1, True),
        (large, 3, False), (section, 3, False), (section, 1, True),
    }  # fmt: skip


class ForgetsNoAddress(MmuStandIn):
    def _invalidate(self, operation: int, operand: int) -> None:
        if operation != abi.TLB_ADDRESS:
            super()._invalidate(operation, operand)


class ForgetsNoAsid(MmuStandIn):
    def _invalidate(self, operation: int, operand: int) -> None:
        if operation != abi.TLB_ASID:
            super()._invalidate(operation, operand)


class ForgetsOnlySmallPages(MmuStandIn):
    def _invalidate(self, operation: int, operand: int) -> None:
        kept = {key: entry for key, entry in self.tlb.items() if entry.size > 4096}
        super()._invalidate(operation, operand)
        if operation == abi.TLB_ADDRESS:
            self.tlb.update(kept)


class IgnoresTheAsid(MmuStandIn):
    def _walk(self, place: int) -> Entry:
        entry = super()._walk(place)
        return Entry(**{**vars(entry), "asid": None})


class DirtyBalloon(MmuStandIn):
    def other_call(self, function: int) -> int:
        status = super().other_call(function)
        if function == abi.BALLOON_RELEASE:
            self.uc.mem_write(self.argument(1), b"\xaa" * 4096)
        return status


class EveryoneReadsAll(MmuStandIn):
    def _rights(self, entry: Entry) -> int:
        return 7


@pytest.mark.parametrize(
    "kind", [ForgetsNoAddress, ForgetsNoAsid, ForgetsOnlySmallPages, IgnoresTheAsid, DirtyBalloon, EveryoneReadsAll]
)
def test_a_broken_promise_is_noticed(image: bytes, kind: type[MmuStandIn]) -> None:
    guest = desk(image, kind)
    guest.most_ticks = 1_500_000
    try:
        outcome = guest.run()
    except TimeoutError:
        return
    assert outcome.status != 0


def test_too_little_memory_is_refused(image: bytes) -> None:
    guest = MmuStandIn(image, ram_bytes=4 << 20)
    assert guest.run().status == 2
    assert "8 MiB" in guest.outcome.console


def test_the_programs_code_keeps_to_itself(image: bytes) -> None:
    """It runs at another address than it is linked to, so no word of it may be an address of the image."""
    elf = Elf(image)
    code = elf.section_data(".user")
    words = [int.from_bytes(code[at : at + 4], "little") for at in range(0, len(code), 4)]
    end = elf.address_of("__image_end")
    assert not [hex(word) for word in words if LINK_BASE <= word < end]
