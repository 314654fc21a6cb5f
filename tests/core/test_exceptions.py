# SPDX-License-Identifier: Apache-2.0
"""Virtual modes and exceptions against a model written from the manual (ARM B1.3.2, B1.8, B1.9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ovm.core.memory.tables import NO_TABLE
from ovm.core.virtual import exception, mode
from ovm.metal import u32
from tests.core.machine import Machine, machine, write

USR, FIQ, IRQ, SVC, ABT, UND, SYS = 0x10, 0x11, 0x12, 0x13, 0x17, 0x1B, 0x1F
MODES = (USR, FIQ, IRQ, SVC, ABT, UND, SYS)
WORD = some.integers(0, 0xFFFF_FFFF)
# SCTLR bits that matter: V, EE, TE.
CONTROL = some.sampled_from([v | ee | te for v in (0, 1 << 13) for ee in (0, 1 << 25) for te in (0, 1 << 30)])
VBAR = 0x1004_0000


@dataclass
class Model:
    """A processor, as the manual describes it."""

    r: list[int]
    mode: int
    flags: int
    t: bool
    e: bool
    it: int
    a: bool
    i: bool
    f: bool
    sp: dict[int, int] = field(default_factory=dict)
    lr: dict[int, int] = field(default_factory=dict)
    spsr: dict[int, int] = field(default_factory=dict)
    high: dict[bool, list[int]] = field(default_factory=dict)

    @staticmethod
    def bank(mode: int) -> int:
        return SYS if mode == USR else mode

    def cpsr(self) -> int:
        value = self.flags | self.mode | self.t << 5 | self.f << 6 | self.i << 7 | self.a << 8 | self.e << 9
        return value | (self.it & 3) << 25 | (self.it >> 2) << 10

    def switch(self, mode: int) -> None:
        """Change the mode: r8-r12 of FIQ, sp and lr of every mode are registers of their own."""
        old, new = self.bank(self.mode), self.bank(mode)
        self.sp[old], self.lr[old] = self.r[13], self.r[14]
        self.high[old == FIQ] = self.r[8:13]
        self.r[13], self.r[14] = self.sp[new], self.lr[new]
        self.r[8:13] = self.high[new == FIQ]
        self.mode = mode

    def load(self, psr: int) -> None:
        """Load the whole PSR, as an exception return does."""
        self.flags = psr & 0xF80F_0000
        self.t, self.f, self.i = bool(psr & 0x20), bool(psr & 0x40), bool(psr & 0x80)
        self.a, self.e = bool(psr & 0x100), bool(psr & 0x200)
        self.it = (psr >> 25 & 3 | (psr >> 10 & 0x3F) << 2) if self.t else 0
        self.switch(psr & 0x1F if psr & 0x1F in MODES else USR)

    def take(self, mode: int, offset: int, link: int, control: int, mask_abort: bool) -> None:
        saved = self.cpsr()
        self.switch(mode)
        self.spsr[mode] = saved
        self.r[14] = link & 0xFFFF_FFFF
        self.i, self.a = True, self.a or mask_abort
        self.it, self.t, self.e = 0, bool(control >> 30 & 1), bool(control >> 25 & 1)
        self.r[15] = (0xFFFF_0000 if control >> 13 & 1 else VBAR) + offset


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as prepared:
        yield prepared


BANKS = {SYS: 0, SVC: 1, ABT: 2, UND: 3, IRQ: 4, FIQ: 5}


def put(made: Machine, model: Model, control: int) -> None:
    """Bring the virtual CPU into the model's state."""
    vcpu, page = made.vcpu(), made.page()
    for index, value in enumerate(model.r):
        vcpu.registers[index] = u32(value)
    for each, bank in BANKS.items():
        page.sp[bank], page.lr[bank] = u32(model.sp[each]), u32(model.lr[each])
        if each != SYS:
            page.spsr[bank] = u32(model.spsr[each])
    for index, value in enumerate(model.high[Model.bank(model.mode) != FIQ]):
        vcpu.banked_high[index] = u32(value)
    page.irq_masked = u32(int(model.i))
    write(
        vcpu, mode=model.mode, privileged=int(model.mode != USR), sctlr=control, vbar=VBAR,
        psr=model.cpsr() & ~0x1FF | 0x10 | model.t << 5, fiq_masked=model.f, abort_masked=model.a,
    )  # fmt: skip


def check(made: Machine, model: Model) -> None:
    """Compare everything, banks included."""
    vcpu, page = made.vcpu(), made.page()
    current = Model.bank(model.mode)
    assert [int(value) for value in vcpu.registers] == model.r
    assert made.call(mode.virtual_psr, vcpu) == model.cpsr()
    assert int(page.mode) == model.mode and bool(int(vcpu.privileged)) == (model.mode != USR)
    for each, bank in BANKS.items():
        if each != current:
            assert (int(page.sp[bank]), int(page.lr[bank])) == (model.sp[each], model.lr[each])
        if each != SYS:
            assert int(page.spsr[bank]) == model.spsr[each]
    assert [int(value) for value in vcpu.banked_high] == model.high[current != FIQ]
    # What the hardware will run with is User mode, whatever happened.
    assert int(vcpu.psr) & 0x1DF == 0x10


@some.composite
def models(draw: some.DrawFn) -> Model:
    words = some.lists(WORD, min_size=48, max_size=48)
    pool = draw(words)
    thumb = draw(some.booleans())
    model = Model(
        pool[:16], draw(some.sampled_from(MODES)), pool[16] & 0xF80F_0000, thumb, draw(some.booleans()),
        pool[17] & 0xFF if thumb else 0, draw(some.booleans()), draw(some.booleans()), draw(some.booleans()),
    )  # fmt: skip
    for number, each in enumerate(BANKS):
        model.sp[each], model.lr[each], model.spsr[each] = pool[18 + 3 * number : 21 + 3 * number]
    model.high = {True: pool[36:41], False: pool[41:46]}
    return model


SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(models(), CONTROL)
@SETTINGS
def test_supervisor_call(made: Machine, model: Model, control: int) -> None:
    put(made, model, control)
    made.call(exception.take_supervisor_call, made.vcpu())
    model.take(SVC, 0x08, model.r[15], control, False)
    check(made, model)


@given(models(), CONTROL)
@SETTINGS
def test_undefined(made: Machine, model: Model, control: int) -> None:
    put(made, model, control)
    made.call(exception.take_undefined, made.vcpu())
    model.take(UND, 0x04, model.r[15] + (2 if model.t else 4), control, False)
    check(made, model)


@given(models(), CONTROL, WORD, WORD)
@SETTINGS
def test_aborts(made: Machine, model: Model, control: int, status: int, address: int) -> None:
    put(made, model, control)
    made.call(exception.take_data_abort, made.vcpu(), status, address)
    model.take(ABT, 0x10, model.r[15] + 8, control, True)
    check(made, model)
    assert (int(made.page().dfsr), int(made.page().dfar)) == (status, address)
    assert (int(made.vcpu().guest_dfsr), int(made.vcpu().guest_dfar)) == (status, address)
    made.call(exception.take_prefetch_abort, made.vcpu(), status, address)
    model.take(ABT, 0x0C, model.r[15] + 4, control, True)
    check(made, model)
    assert (int(made.page().ifsr), int(made.page().ifar)) == (status, address)


@given(models(), CONTROL)
@SETTINGS
def test_interrupt(made: Machine, model: Model, control: int) -> None:
    put(made, model, control)
    made.call(exception.take_interrupt, made.vcpu())
    model.take(IRQ, 0x18, model.r[15] + 4, control, True)
    check(made, model)


@given(models(), WORD, WORD)
@SETTINGS
def test_return_with_any_status(made: Machine, model: Model, target: int, psr: int) -> None:
    """Every PSR that a guest can write is safe; a mode that doesn't exist is User mode."""
    put(made, model, 0)
    made.call(mode.psr_return, made.vcpu(), target, psr)
    model.load(psr)
    model.r[15] = target & (~1 if model.t else ~3) & 0xFFFF_FFFF
    check(made, model)


@given(models(), some.lists(some.sampled_from(MODES), min_size=1, max_size=8))
@SETTINGS
def test_modes_keep_their_registers(made: Machine, model: Model, path: list[int]) -> None:
    put(made, model, 0)
    for each in path:
        made.call(mode.mode_switch, made.vcpu(), each)
        model.switch(each)
    check(made, model)


@pytest.mark.parametrize(
    "take",
    [
        (exception.take_supervisor_call,),
        (exception.take_undefined,),
        (exception.take_prefetch_abort, 5, 0x1000),
        (exception.take_data_abort, 5, 0x1000),
        (exception.take_interrupt,),
    ],
    ids=lambda take: take[0].__name__,
)
def test_an_exception_ends_maintenance_that_was_to_be_repeated(take: tuple[Any, ...]) -> None:
    """The guest may change what it has mapped before it repeats its operation: that begins with the first table again."""
    function, *arguments = take
    with machine() as made:
        write(made.vcpu(), maintained=7, maintained_mva=0x4000_0000)
        made.call(function, made.vcpu(), *arguments)
        assert int(made.vcpu().maintained) == NO_TABLE
