# SPDX-License-Identifier: Apache-2.0
"""The end of a run: figures of every guest and CPU as records, then silence."""

from typing import Never

from ovm.abi.config import MAX_GUESTS, GuestState, Level
from ovm.abi.hypercalls import REPORT_KEYS
from ovm.core.clock import alarm_stop, now
from ovm.core.config import CONFIG, GUESTS
from ovm.core.console import console_close
from ovm.core.cpu import CPUS
from ovm.core.gic import send_park
from ovm.core.hard import hard_listen
from ovm.core.lifecycle import guests_left
from ovm.core.output import output_flush, output_settle
from ovm.core.record import (
    field_address,
    field_guest,
    field_key,
    field_level,
    field_long,
    field_number,
    field_word,
    put_name,
    record_begin,
    record_end,
)
from ovm.core.vcpu import NEVER, VCPUS, Vcpu
from ovm.metal import dsb, fn, forever, text, u32, u64, wfi


@fn
def run_ends_at() -> u64:
    """When the run ends, if not earlier."""
    ticks = u64(CONFIG.run_ticks_high) << 32 | u64(CONFIG.run_ticks_low)
    return ticks if ticks != 0 else u64(NEVER)


@fn(inline=False)
def finish_if_over(current: u64) -> None:
    """End the run if every guest has ended or the time is up."""
    if not guests_left():
        finish(True)
    if current >= run_ends_at():
        finish(False)


@fn
def _field_state(state: GuestState) -> None:
    match state:
        case GuestState.READY:
            field_word(text("state"), text("ready"))
        case GuestState.WAITING:
            field_word(text("state"), text("waiting"))
        case GuestState.EXITED:
            field_word(text("state"), text("exited"))
        case GuestState.STOPPED:
            field_word(text("state"), text("stopped"))
        case GuestState.HELD:
            field_word(text("state"), text("held"))
        case _:
            field_word(text("state"), text("unused"))


@fn
def _figures(vcpu: Vcpu) -> None:
    for key in u32.range(REPORT_KEYS):
        if vcpu.report_valid & u32(1) << key != 0:
            record_begin(text("report"))
            field_guest(vcpu.index)
            field_number(text("key"), key)
            field_number(text("value"), vcpu.report[key])
            record_end()


@fn
def entries_of(vcpu: Vcpu) -> u32:
    """How often OVM was entered because of, or during, this guest."""
    counters = vcpu.counters
    entries = counters.supervisor_calls + counters.undefined + counters.data_aborts
    return entries + counters.prefetch_aborts + counters.fast_interrupts + counters.monitor_calls


@fn
def _guest_line(vcpu: Vcpu) -> None:
    counters = vcpu.counters
    hypercalls = counters.supervisor_calls - counters.system_calls + counters.emulated_calls
    record_begin(text("guest"))
    field_key(text("name"))
    put_name(vcpu.index)
    field_level(vcpu.index)
    _field_state(vcpu.state)
    field_number(text("status"), vcpu.exit_status)
    field_number(text("entries"), entries_of(vcpu))
    field_number(text("svc"), counters.supervisor_calls)
    field_number(text("undef"), counters.undefined)
    field_number(text("data_abort"), counters.data_aborts)
    field_number(text("prefetch_abort"), counters.prefetch_aborts)
    field_number(text("fiq"), counters.fast_interrupts)
    field_number(text("smc"), counters.monitor_calls)
    field_number(text("gate_fiq"), counters.gate_interrupts)
    field_number(text("hypercalls"), hypercalls)
    field_number(text("emulated"), counters.emulated)
    field_number(text("exceptions"), counters.exceptions)
    field_number(text("interrupts"), counters.interrupts)
    _memory_figures(vcpu)
    field_long(text("runtime_ticks"), vcpu.runtime)
    record_end()


@fn
def _memory_figures(vcpu: Vcpu) -> None:
    counters = vcpu.counters
    field_number(text("fills"), counters.fills)
    field_number(text("allocations"), counters.allocations)
    field_number(text("refusals"), counters.refusals)
    field_number(text("reclaims"), counters.reclaims)
    field_number(text("switches"), counters.switches)
    field_number(text("lock_writes"), counters.lock_writes)


@fn
def _cpu_line(index: u32) -> None:
    entries = u32(0)
    for guest in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if u32(GUESTS[guest].cpu) == index:
            entries += entries_of(VCPUS[guest])
    record_begin(text("cpu"))
    field_number(text("index"), index)
    field_number(text("entries"), entries)
    field_long(text("idle_ticks"), CPUS[index].idle_ticks)
    record_end()


@fn
def _listen_once_more() -> None:
    """Take what HRT guests that still run have printed and counted so far."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        vcpu = VCPUS[index]
        if vcpu.level == Level.HRT and vcpu.state == GuestState.READY:
            hard_listen(vcpu)


@fn
def finish(all_ended: bool) -> Never:
    """Say how the run went and stop all CPUs."""
    alarm_stop()
    _listen_once_more()
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        console_close(index)
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        _figures(VCPUS[index])
        _guest_line(VCPUS[index])
    for index in u32.range(CONFIG.cpu_count, bound=2):
        _cpu_line(index)
    record_begin(text("end"))
    field_word(text("reason"), text("all-ended") if all_ended else text("time"))
    field_long(text("ticks"), now())
    record_end()
    output_flush()
    output_settle()
    for index in u32.range(1, CONFIG.cpu_count, bound=2):
        send_park(index)
    park()


@fn
def park() -> Never:
    """Stop this CPU for good."""
    while forever():
        dsb()
        wfi()


@fn
def give_up() -> Never:
    """End the record that says why, and stop."""
    record_end()
    output_flush()
    output_settle()
    park()


@fn(export="metal_panic", inline=False)
def broken(code: u32) -> Never:
    """Say that OVM itself failed, and where the code says; stop."""
    record_begin(text("broken"))
    field_address(text("code"), code)
    give_up()
