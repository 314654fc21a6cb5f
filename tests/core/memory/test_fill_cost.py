# SPDX-License-Identifier: Apache-2.0
"""Tests of how many ARM instructions the frequent paths take, counted under Unicorn on the release build."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from ovm.abi.config import CoreConfig, RegionConfig
from ovm.core.guest import Guest
from ovm.core.memory import fault, maintenance, space
from ovm.metal import sizeof
from ovm.metal.compiler import Options, Unit, compile_unit
from ovm.metal.lang import memory as simulated
from tests.core.memory import board
from tests.core.memory.driver import ROOTS, Driver, compiled, symbol_of
from tests.core.memory.events import small
from tests.metal.unicorn_run import UnicornProgram


def description() -> dict[str, bytes]:
    """Return the description's bytes, which the compiler may build into the code."""
    with compiled() as driver:
        board.describe(driver)
        sizes = {"CONFIG": sizeof(CoreConfig), "GUESTS": 8 * sizeof(Guest), "REGIONS": 16 * sizeof(RegionConfig)}
        return {symbol_of(name): driver.memory.read(driver.address_of(name), size) for name, size in sizes.items()}


@cache
def release() -> Unit:
    return compile_unit(ROOTS, Options(target="arm", data=description()))


class OnArm(Driver):
    """The release build on an emulated Cortex-A9."""

    def __init__(self) -> None:
        super().__init__()
        self.program = UnicornProgram(release())
        # Before anything runs: Unicorn counts only code that it translates afterwards.
        self.program.count_instructions()
        self.program.map(board.RAM, board.RAM_BYTES)
        self.memory = self.program.memory

    def address_of(self, name: str) -> int:
        return self.program.address_of(symbol_of(name))

    def interrupt_waits(self, waits: bool) -> None:
        """Show no interrupt: the emulated processor has an ISR of its own."""
        assert not waits

    def call(self, function: object, *arguments: int) -> int:
        return self.program.call(function.symbol, *arguments) or 0  # type: ignore[attr-defined]

    def cost(self, function: object, *arguments: int) -> int:
        self.call(function, *arguments)
        return self.program.instructions or 0


@pytest.fixture
def arm() -> Iterator[OnArm]:
    driver = OnArm()
    simulated.push(driver.memory)
    try:
        board.prepare(driver)
        first = driver.vcpu(board.FIRST)
        board.write(first, sctlr=1, ttbr0=board.NRT_GPA + 0x4000, dacr=1, contextidr=1)
        tables = {
            board.NRT_GPA + 0x4000 + 4 * 1: board.NRT_GPA + 0x8000 | 1,
            **{board.NRT_GPA + 0x8000 + 4 * n: small(board.NRT_GPA + 0x2_0000, 3, False, True) for n in range(8)},
        }
        for gpa, word in tables.items():
            driver.store(driver.touch(board.FIRST, gpa), word)
        driver.call(space.space_activate, first.address)
        driver.fault(board.FIRST, 0x0010_0000, 0, 0x5)
        yield driver
    finally:
        simulated.pop(driver.memory)


def test_filling_a_page_whose_table_and_frame_are_there(arm: OnArm) -> None:
    vcpu = arm.vcpu(board.FIRST).address
    cost = arm.cost(fault.fault, vcpu, 0x0010_1000, 0, 0x7)
    print(f"fill: {cost}")
    assert cost <= 280


def test_forwarding_a_fault(arm: OnArm) -> None:
    cost = arm.cost(fault.fault, arm.vcpu(board.FIRST).address, 0x0020_0000, 0, 0x5)
    print(f"reflect: {cost}")
    assert cost <= 110


def test_changing_mode_and_space(arm: OnArm) -> None:
    vcpu = arm.vcpu(board.FIRST).address
    costs = arm.cost(space.space_mode, vcpu), arm.cost(space.space_activate, vcpu)
    print(f"mode, activate: {costs}")
    assert costs[0] <= 30 and costs[1] <= 120


def test_maintenance(arm: OnArm) -> None:
    vcpu = arm.vcpu(board.FIRST).address
    address = arm.cost(maintenance.maintain_address, vcpu, 0x0010_0001)
    everything = arm.cost(maintenance.maintain_all, vcpu)
    print(f"maintain address, all: {address}, {everything}")
    # The second with a new space for the guest.
    assert address <= 180 and everything <= 300
