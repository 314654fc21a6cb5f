# SPDX-License-Identifier: Apache-2.0
"""Floating-point registers: each guest finds its own, whatever guest ran, ended or closed them in between; any history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from ovm.arm.control import CPACR_CP10_SHIFT, FPEXC_EN
from ovm.core import floating
from ovm.core.cpu import CPUS, NOBODY
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.metal import simulate, symbol, u32, u64
from tests.core.machine import write

GUESTS = 3
# CPACR's field of coprocessors 10 and 11: nobody, privileged modes, all modes (ARM B4.1.40).
DENIED, PRIVILEGED, ALL = 0, 1, 3
REGISTERS = 32


class Unit:
    """The processor's floating-point unit: FPEXC, FPSCR, d0-d31."""

    def __init__(self) -> None:
        self.fpexc = self.fpscr = 0
        self.registers = [0] * REGISTERS

    @property
    def enabled(self) -> bool:
        return self.fpexc >> 30 & 1 != 0

    def functions(self, machine: list[simulate.Simulation]) -> dict[str, Callable[..., Any]]:
        def set_fpexc(value: int) -> None:
            assert value in (0, FPEXC_EN)
            self.fpexc = value

        def read_fpscr() -> int:
            assert self.enabled, "VMRS FPSCR is Undefined"
            return self.fpscr

        def set_fpscr(value: int) -> None:
            assert self.enabled, "VMSR FPSCR is Undefined"
            self.fpscr = int(value)

        def store(area: int) -> None:
            assert self.enabled, "VSTM is Undefined"
            for number, value in enumerate(self.registers):
                machine[0].memory.write(int(area) + number * 8, value.to_bytes(8, "little"))

        def load(area: int) -> None:
            assert self.enabled, "VLDM is Undefined"
            self.registers = [int.from_bytes(machine[0].memory.read(int(area) + n * 8, 8), "little") for n in range(REGISTERS)]

        return {
            symbol(floating.fpexc_write): set_fpexc,
            symbol(floating.fpscr_read): read_fpscr,
            symbol(floating.fpscr_write): set_fpscr,
            symbol(floating.registers_store): store,
            symbol(floating.registers_load): load,
        }


class Model:
    """The registers that each guest should find, and the rights that it allows itself."""

    def __init__(self) -> None:
        self.values = [0] * GUESTS
        self.open = [True] * GUESTS
        self.grant = [ALL] * GUESTS
        self.privileged = [True] * GUESTS
        self.ended = [False] * GUESTS

    def granted(self, guest: int) -> bool:
        return self.grant[guest] == ALL or (self.grant[guest] == PRIVILEGED and self.privileged[guest])


def vcpu_of(guest: int) -> Vcpu:
    return VCPUS[u32(guest)]


@contextmanager
def unit() -> Iterator[Unit]:
    made = Unit()
    machines: list[simulate.Simulation] = []
    with simulate.simulate(functions=made.functions(machines)) as machine:
        machines.append(machine)
        write(CPUS[u32(0)], floating_owner=NOBODY)
        for guest in range(GUESTS):
            write(vcpu_of(guest), index=guest, guest=guest)
        yield made


def set_rights(model: Model, guest: int) -> None:
    """Write what the guest allows into its vCPU, and enter it, as a switch or a trapped write of CPACR does."""
    cpacr = model.grant[guest] << CPACR_CP10_SHIFT
    write(vcpu_of(guest), cpacr=cpacr, privileged=int(model.privileged[guest]), fpexc=FPEXC_EN if model.open[guest] else 0)
    floating.floating_leave(vcpu_of(guest))


def use(made: Unit, model: Model, guest: int) -> None:
    """Execute a floating-point instruction of a guest: it works where the guest allows it, on the guest's own values."""
    allowed = model.open[guest] and model.granted(guest)
    if not made.enabled:
        # Undefined: OVM looks at CPACR first, then at FPEXC and at who has the registers.
        taken = bool(floating.floating_granted(vcpu_of(guest))) and bool(floating.floating_take(vcpu_of(guest)))
        assert taken == allowed
        if not taken:
            return
    assert allowed and made.enabled
    assert made.registers == [model.values[guest] * (number + 1) for number in range(REGISTERS)]
    assert made.fpscr == model.values[guest]
    # Executed again, it isn't OVM's: it is Undefined for another reason.
    assert not floating.floating_take(vcpu_of(guest))
    model.values[guest] += 1 + guest
    made.registers = [model.values[guest] * (number + 1) for number in range(REGISTERS)]
    made.fpscr = model.values[guest]


ACTIONS = some.sampled_from(["use", "use", "open", "grant", "mode", "end"])
STEPS = some.lists(some.tuples(ACTIONS, some.integers(0, GUESTS - 1)), max_size=40)


@given(STEPS, some.lists(some.integers(0, 2), min_size=40, max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_history(steps: list[tuple[str, int]], choices: list[int]) -> None:
    with unit() as made:
        model = Model()
        for (action, guest), choice in zip(steps, choices, strict=False):
            if model.ended[guest]:
                continue
            if action == "open":
                model.open[guest] = not model.open[guest]
            elif action == "grant":
                model.grant[guest] = (DENIED, PRIVILEGED, ALL)[choice]
            elif action == "mode":
                model.privileged[guest] = not model.privileged[guest]
            set_rights(model, guest)
            if action == "end":
                kept = [vcpu_of(guest).floating[u32(number)] for number in range(REGISTERS)]
                floating.floating_forget(u32(guest))
                model.ended[guest] = True
                assert CPUS[u32(0)].floating_owner != guest
                assert kept == [vcpu_of(guest).floating[u32(number)] for number in range(REGISTERS)]
            else:
                use(made, model, guest)


def test_the_first_user_gets_zeros_and_the_end_of_another_takes_nothing_away() -> None:
    with unit() as made:
        model = Model()
        made.registers, made.fpscr = [7] * REGISTERS, 9
        for guest in (0, 1):
            set_rights(model, guest)
            use(made, model, guest)
        floating.floating_forget(u32(0))
        assert CPUS[u32(0)].floating_owner == 1 and made.enabled
        set_rights(model, 1)
        use(made, model, 1)
        # Who has ended is written nowhere when the registers change their owner.
        floating.floating_forget(u32(1))
        vcpu_of(1).floating[u32(5)] = u64(0x55)
        set_rights(model, 2)
        use(made, model, 2)
        assert vcpu_of(1).floating[u32(5)] == 0x55


def test_boot_leaves_the_unit_as_after_reset() -> None:
    with unit() as made:
        made.fpscr = 0x0300_0000
        floating.floating_clear()
        assert (made.fpexc, made.fpscr) == (0, 0)
