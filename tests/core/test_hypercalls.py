# SPDX-License-Identifier: Apache-2.0
"""Hypercalls with any arguments: the standard's results, the caller's registers, and no harm."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ovm.abi import hypercalls as abi
from ovm.abi.config import GuestState, Level
from ovm.arm import cp15
from ovm.core.hypercall import general, table
from ovm.core.output import OVM_QUEUE
from ovm.core.trap.supervisor_call import supervisor_call
from ovm.core.vcpu import NEVER
from ovm.metal import u32
from tests.core.machine import ENTRY, GPA, Machine, machine, write

CALLS = {
    name: value
    for name, value in vars(abi).items()
    if isinstance(value, int) and abi.FAST_CALL < value < 0xC000_0000 and not name.startswith("_")
}  # fmt: skip
OVM_CALLS = [value for value in CALLS.values() if value & abi.OWNER_MASK == abi.OWNER_HYPERVISOR]
TABLE_CALLS = sorted(value for value in OVM_CALLS if value & 0xFFFF < 0x100)
RESULTS = (abi.SUCCESS, abi.NOT_SUPPORTED, abi.INVALID_PARAMETER, abi.DENIED)
WORD = some.integers(0, 0xFFFF_FFFF)
# Arguments that are near to meaning something.
ARGUMENT = some.one_of(WORD, some.integers(0, 40), some.sampled_from([GPA, GPA + 0x1000, GPA - 4096, 0xFFFF_F000, 1 << 31]))
PC = ENTRY + 0x100


def empty(made: Machine) -> None:
    """Let the UART have taken all output."""
    for index in range(OVM_QUEUE + 1):
        made.printed(index)


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as prepared:
        yield prepared


def call(made: Machine, function: int, *arguments: int) -> tuple[int, ...]:
    """Make a hypercall from virtual Supervisor mode; return r0-r3."""
    vcpu = made.vcpu()
    vcpu.registers[15] = u32(PC)
    for index, value in enumerate((function, *arguments)):
        vcpu.registers[index] = u32(value)
    made.call(supervisor_call, vcpu)
    return tuple(int(vcpu.registers[index]) for index in range(4))


def test_table_is_in_the_order_of_the_numbers() -> None:
    assert [value & 0xFF for value in TABLE_CALLS] == list(range(len(TABLE_CALLS)))
    assert len(table.HANDLERS.functions) == len(TABLE_CALLS)
    names = {value: name.lower() for name, value in CALLS.items()}
    for value, handler in zip(TABLE_CALLS, table.HANDLERS.functions, strict=True):
        # Each handler's docstring says first which call it handles.
        documented = re.match(r"handle (\w+)", (handler.__doc__ or "").lower())
        assert documented is not None and documented[1] == names[value]
    assert general.KNOWN_CALLS == len(OVM_CALLS)


def test_null(made: Machine) -> None:
    assert call(made, abi.NULL)[0] == abi.SUCCESS
    assert int(made.vcpu().registers[15]) == PC


@pytest.mark.parametrize(
    ("function", "what", "counts"),
    [
        (abi.NULL, 0, False), (abi.TIME, 0, False), (abi.REPORT, 0, False), (abi.TLB_INVALIDATE, abi.TLB_ALL, False),
        (abi.TLB_INVALIDATE, abi.TLB_ADDRESS, True), (abi.BALLOON_RELEASE, GPA, True),
    ],
)  # fmt: skip
def test_calls_in_steps_count_their_stay(made: Machine, function: int, what: int, counts: bool) -> None:
    """From zero, whatever was done to the counters before. Most calls are short, and don't spend the time."""
    call(made, function, what)
    written = {name: made.processor.cp15.get(cp15.key_of(getattr(cp15, name))) for name in ("PMCR", "PMCNTENSET")}
    assert written == ({"PMCR": 7, "PMCNTENSET": 1 << 31} if counts else {"PMCR": None, "PMCNTENSET": None})


def test_time(made: Machine) -> None:
    made.time(0x1_2345_6789_ABCD)
    assert call(made, abi.TIME) == (abi.SUCCESS, 0x6789_ABCD, 0x1_2345, 100)


def test_standard_calls(made: Machine) -> None:
    assert call(made, abi.CALL_COUNT)[0] == len(OVM_CALLS)
    assert call(made, abi.CALL_UID) == general.UUID
    assert call(made, abi.REVISION)[:2] == (0, 1)
    assert call(made, abi.PSCI_VERSION)[0] == 2
    assert call(made, abi.PSCI_FEATURES, abi.PSCI_SYSTEM_OFF)[0] == abi.SUCCESS
    assert call(made, abi.PSCI_FEATURES, abi.NULL)[0] == abi.NOT_SUPPORTED
    call(made, abi.PSCI_SYSTEM_OFF)
    assert made.vcpu().state == GuestState.EXITED


def test_exit(made: Machine) -> None:
    call(made, abi.EXIT, 42)
    assert (made.vcpu().state, int(made.guest().exit_status)) == (GuestState.EXITED, 42)


@pytest.mark.parametrize("function", [abi.CONSOLE_WRITE, abi.REPORT, abi.TLB_INVALIDATE, abi.REGISTER_WRITE, abi.DOORBELL])
def test_first_argument_out_of_range(made: Machine, function: int) -> None:
    for value in (25, 0x8000_0000, 0xFFFF_FFFF):
        assert call(made, function, value)[0] == abi.INVALID_PARAMETER


@pytest.mark.parametrize("function", [abi.GUEST_START, abi.GUEST_STOP, abi.GUEST_STATUS])
def test_others_are_not_for_every_guest(made: Machine, function: int) -> None:
    assert call(made, function, 1)[0] == abi.DENIED
    assert made.vcpu(1).state == GuestState.READY
    assert int(made.vcpu().counters.refusals) == 1


def test_a_manager_manages(made: Machine) -> None:
    write(made.guest().config, flags=1)
    assert call(made, abi.GUEST_STATUS, 1)[:3] == (abi.SUCCESS, GuestState.READY.value, 0)
    assert call(made, abi.GUEST_STATUS, 0)[0] == abi.INVALID_PARAMETER
    assert call(made, abi.GUEST_STATUS, 2)[0] == abi.INVALID_PARAMETER
    assert call(made, abi.GUEST_START, 1)[0] == abi.DENIED
    assert call(made, abi.GUEST_STOP, 1)[0] == abi.SUCCESS
    assert made.vcpu(1).state == GuestState.STOPPED
    assert call(made, abi.GUEST_STOP, 1)[0] == abi.DENIED


def test_interrupts_and_waiting(made: Machine) -> None:
    page = made.page()
    made.time(1000)
    assert call(made, abi.TIMER_SET, 999, 0)[0] == abi.SUCCESS
    assert int(page.irq_pending) == 1 << abi.INTERRUPT_TIMER
    # Pending but not enabled: not acknowledged, and WAIT sleeps.
    assert call(made, abi.INTERRUPT_ACKNOWLEDGE)[:2] == (abi.SUCCESS, 0)
    page.irq_enabled = u32(0xFFFF_FFFF)
    call(made, abi.WAIT)
    assert made.vcpu().state == GuestState.READY
    assert call(made, abi.INTERRUPT_ACKNOWLEDGE)[:2] == (abi.SUCCESS, 1)
    assert int(page.irq_pending) == 0
    assert call(made, abi.TIMER_SET, 5000, 0)[0] == abi.SUCCESS
    call(made, abi.WAIT)
    assert made.vcpu().state == GuestState.WAITING


def test_times_have_64_bits(made: Machine) -> None:
    """After 43 s at 100 MHz the lower word has gone round."""
    made.time(7 << 32 | 5000)
    assert call(made, abi.TIME)[:4] == (abi.SUCCESS, 5000, 7, 100)
    for low, high, pending in ((9000, 7, 0), (1000, 8, 0), (5000, 7, 1), (0xFFFF_FFFF, 6, 1)):
        made.page().irq_pending = u32(0)
        assert call(made, abi.TIMER_SET, low, high)[0] == abi.SUCCESS
        assert int(made.page().irq_pending) == pending << abi.INTERRUPT_TIMER, (low, high)
        assert int(made.vcpu().timer_at) == (NEVER if pending else high << 32 | low)


def test_unmasked_interrupt_is_delivered_at_the_exit(made: Machine) -> None:
    page = made.page()
    page.irq_pending, page.irq_enabled, page.irq_masked = u32(2), u32(2), u32(0)
    call(made, abi.NULL)
    vcpu = made.vcpu()
    assert (int(vcpu.mode), int(vcpu.registers[15]), int(vcpu.registers[14])) == (0x12, 0x18, PC + 4)
    assert int(page.irq_masked) != 0


def test_return_goes_back_with_the_page(made: Machine) -> None:
    page = made.page()
    page.return_r0, page.return_pc, page.spsr[1] = u32(7), u32(0x2000), u32(0x6000_0010)
    assert call(made, abi.RETURN)[0] == 7
    vcpu = made.vcpu()
    assert (int(vcpu.mode), int(vcpu.registers[15]), int(vcpu.psr)) == (0x10, 0x2000, 0x6000_0010)


@given(WORD)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_user_mode_never_reaches_a_hypercall(made: Machine, function: int) -> None:
    vcpu = made.vcpu()
    write(vcpu, mode=0x10, privileged=0)
    call(made, function)
    assert (int(vcpu.mode), int(vcpu.registers[15])) == (0x13, 0x08)
    assert vcpu.state == GuestState.READY


def test_a_turn_that_is_yielded_is_anothers() -> None:
    with machine(Level.NRT, Level.NRT) as made:
        write(made.view_cpu(), turn_ends_at=1 << 40)
        call(made, abi.TIME)
        assert int(made.view_cpu().current) == 0
        call(made, abi.YIELD)
        assert int(made.view_cpu().current) == 1


@pytest.mark.parametrize("function", [abi.PSCI_CPU_OFF, abi.PSCI_SYSTEM_OFF, abi.PSCI_SYSTEM_RESET])
def test_switching_off_ends_the_guest(made: Machine, function: int) -> None:
    """A machine of one CPU ends with it, and nobody is there to reset it (DEN0022 5.5, 5.9, 5.10)."""
    assert call(made, abi.PSCI_FEATURES, function)[0] == abi.SUCCESS
    call(made, function)
    assert (made.vcpu().state, made.vcpu(1).state) == (GuestState.EXITED, GuestState.READY)


@pytest.mark.parametrize("number", [0x20, 0xFE, 0xFEFF, 0xFF02, 0xFF04, 0xFFFF, 0xFF_0000])
def test_numbers_about_the_table(made: Machine, number: int) -> None:
    for owner in (abi.OWNER_HYPERVISOR, abi.OWNER_STANDARD):
        assert call(made, abi.FAST_CALL | owner | number)[0] == abi.NOT_SUPPORTED


@given(WORD)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_without_a_call(made: Machine, function: int) -> None:
    if function in CALLS.values():
        return
    write(made.vcpu(), mode=0x1F, privileged=1)
    result = call(made, function)[0]
    owner = function & abi.OWNER_MASK
    ours = function >> 30 == 2 and owner in (abi.OWNER_HYPERVISOR, abi.OWNER_STANDARD)
    if ours:
        assert result == abi.NOT_SUPPORTED
    else:
        # The guest's own supervisor call.
        assert (int(made.vcpu().mode), int(made.vcpu().registers[15])) == (0x13, 0x08)


@given(
    some.sampled_from(sorted(CALLS.values())),
    some.lists(ARGUMENT, min_size=7, max_size=7),
    some.binary(min_size=128, max_size=128),
)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_arguments(made: Machine, function: int, arguments: list[int], page: bytes) -> None:
    """No panic, a result that the standard knows, r4-r11 kept, and the other guest's memory and state untouched."""
    vcpu = made.vcpu()
    write(vcpu, mode=0x13, privileged=1, psr=0x10, state=GuestState.READY)
    made.guest_write(GPA, page)
    made.guest_write(GPA, bytes(8) + (1).to_bytes(4, "little"))
    kept = [0x1000 + index for index in range(8, 15)]
    for index, value in enumerate(kept):
        vcpu.registers[8 + index] = u32(value)
    other = bytes(made.memory.read(0x8030_0000, 0x2000))
    result = call(made, function, *arguments)[0]
    if vcpu.waits_console:
        # The console is full. A write is made again, so its result isn't there yet.
        assert vcpu.state == GuestState.WAITING
        vcpu.waits_console = False
        empty(made)
        result = abi.SUCCESS if function == abi.CONSOLE_WRITE else result
    assert made.vcpu(1).state == GuestState.READY
    assert bytes(made.memory.read(0x8030_0000, 0x2000)) == other
    assert int(vcpu.psr) & 0x1DF == 0x10
    if function == abi.RETURN:
        return
    assert [int(vcpu.registers[8 + index]) for index in range(7)] == kept
    assert int(vcpu.mode) == 0x13
    values = (abi.CALL_COUNT, abi.CALL_UID, abi.REVISION, abi.PSCI_VERSION, abi.EXIT)
    ends = (abi.PSCI_CPU_OFF, abi.PSCI_SYSTEM_OFF, abi.PSCI_SYSTEM_RESET)
    if function not in (*values, *ends):
        assert result in RESULTS
