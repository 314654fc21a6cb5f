# SPDX-License-Identifier: Apache-2.0
"""The end of a run: figures of every guest and CPU as records, then silence."""

from typing import Final, Never

from ovm.abi.config import GuestState, Level
from ovm.abi.hypercalls import REPORT_KEYS
from ovm.core.clock import alarm_clear, alarm_set, alarm_stop, now
from ovm.core.config import CONFIG
from ovm.core.console import console_close
from ovm.core.cpu import CPUS, this_cpu_number
from ovm.core.gic import INTERRUPT_ID, SPURIOUS, acknowledge, end, send_park
from ovm.core.guest import GUESTS
from ovm.core.hard import CONSOLE_BYTES, FETCH_BYTES, hard_listen
from ovm.core.lifecycle import guests_left
from ovm.core.limits import MAX_CPUS, MAX_GUESTS
from ovm.core.output import (
    OVM_QUEUE,
    QUEUE_BYTES,
    output_drain,
    output_flush,
    output_waits,
    queue_used,
    uart_busy,
)
from ovm.core.record import (
    RECORDS,
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
from ovm.core.report import STOP_PARTS, report_stop
from ovm.core.vcpu import NEVER, VCPUS, Vcpu, guest_of
from ovm.metal import dsb, fn, forever, text, u32, u64, wfi

# At the end of the run OVM sleeps for a millisecond between two looks at the UART; at most this often, 65 s, for all waiting
# output together. Nine full queues, 36,864 bytes, take 38 s at 9600 baud, and longer with the names in front of lines.
NAP_HZ: Final = 1000
# Where there are more queues, 7 s for each.
LONGEST_SENDING: Final = max(65536, (OVM_QUEUE + 1) * 7 * NAP_HZ)
# Steps in which the UART's FIFO may become full.
FIFO_STEPS: Final = 4
# The number of passes after which every HRT guest's page is empty.
LISTEN_STEPS: Final = CONSOLE_BYTES // FETCH_BYTES + 1


@fn(inline=True)
def run_ends_at() -> u64:
    """Return the latest end of the run."""
    ticks = u64(CONFIG.run_ticks_high) << 32 | u64(CONFIG.run_ticks_low)
    return ticks if ticks != 0 else NEVER


@fn(inline=False)
def finish_if_over(current: u64) -> None:
    """End the run if every guest has ended or the time is up."""
    if not guests_left():
        finish(True)
    if current >= run_ends_at():
        finish(False)


@fn
def _nap() -> None:
    """Sleep for a millisecond. A masked FIQ ends WFI (ARM B1.8.14)."""
    alarm_set(now() + u64(CONFIG.timer_hz // NAP_HZ))
    dsb()
    wfi()
    alarm_clear()
    acknowledged = acknowledge()
    if acknowledged & INTERRUPT_ID < SPURIOUS:
        end(acknowledged)


@fn
def _send_all() -> None:
    """Wait, asleep, until the UART has sent everything, for about 65 s at most."""
    for _ in u32.range(LONGEST_SENDING):
        for _ in u32.range(FIFO_STEPS):
            output_drain(False)
        if not output_waits() and not uart_busy():
            return
        _nap()


@fn
def _room_for_record() -> None:
    """Make room for another record in OVM's own queue."""
    if queue_used(OVM_QUEUE) > QUEUE_BYTES // 2:
        _send_all()


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
        if guest_of(vcpu).report_valid & 1 << key != 0:
            _room_for_record()
            record_begin(text("report"))
            field_guest(vcpu.guest)
            field_number(text("key"), key)
            field_number(text("value"), guest_of(vcpu).report[key])
            record_end()


@fn
def entries_of(vcpu: Vcpu) -> u32:
    """Return the number of entries into OVM because of, or during, this guest."""
    counters = vcpu.counters
    entries = counters.supervisor_calls + counters.undefined + counters.data_aborts
    return entries + counters.prefetch_aborts + counters.fast_interrupts + counters.monitor_calls


@fn
def _guest_line(vcpu: Vcpu) -> None:
    counters = vcpu.counters
    hypercalls = counters.supervisor_calls - counters.system_calls + counters.emulated_calls
    _room_for_record()
    record_begin(text("guest"))
    field_key(text("name"))
    put_name(vcpu.guest)
    field_level(vcpu.guest)
    _field_state(vcpu.state)
    field_number(text("status"), guest_of(vcpu).exit_status)
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
    field_number(text("dropped_lines"), counters.dropped_lines)
    field_number(text("dropped_refusals"), counters.dropped_refusals)
    field_number(text("doorbells"), counters.doorbells)
    field_number(text("doorbells_early"), counters.doorbells_early)
    field_number(text("used_up"), counters.used_up)


@fn
def _cpu_line(index: u32) -> None:
    entries = u32(0)
    for guest in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if u32(VCPUS[guest].cpu) == index:
            entries += entries_of(VCPUS[guest])
    _room_for_record()
    record_begin(text("cpu"))
    field_number(text("index"), index)
    field_number(text("entries"), entries)
    field_long(text("idle_ticks"), CPUS[index].idle_ticks)
    record_end()


@fn
def _park_others() -> None:
    """Stop the CPUs of HRT guests that still run. Every other CPU sleeps already."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if VCPUS[index].level == Level.HRT and VCPUS[index].state == GuestState.READY:
            send_park(u32(GUESTS[index].config.cpu))


@fn
def _listen() -> bool:
    """Take a part of the output and figures of HRT guests that still run; return whether that was all."""
    all_heard = True
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        vcpu = VCPUS[index]
        if vcpu.level == Level.HRT and vcpu.state == GuestState.READY:
            all_heard = hard_listen(vcpu) and all_heard
    return all_heard


@fn
def _end_consoles() -> None:
    """Print the guests' remaining output, HRT guests' pages first, and wait until all of it has been sent."""
    for _ in u32.range(LISTEN_STEPS):
        if _listen():
            break
        _send_all()
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        console_close(index)
        for _ in u32.range(GUESTS[index].stop_parts, bound=STOP_PARTS):
            report_stop(VCPUS[index])
    _send_all()


@fn
def finish(all_ended: bool) -> Never:
    """Print the run's final records and stop all CPUs."""
    ticks = now()
    _park_others()
    _end_consoles()
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        _figures(VCPUS[index])
        _guest_line(VCPUS[index])
    for index in u32.range(CONFIG.cpu_count, bound=MAX_CPUS):
        _cpu_line(index)
    _room_for_record()
    record_begin(text("end"))
    field_word(text("reason"), text("all-ended") if all_ended else text("time"))
    field_long(text("ticks"), ticks)
    field_number(text("lost_records"), RECORDS[this_cpu_number()].lost)
    record_end()
    _send_all()
    alarm_stop()
    park()


@fn
def park() -> Never:
    """Stop this CPU for ever."""
    while forever():
        dsb()
        wfi()


@fn
def give_up() -> Never:
    """End the record that gives the reason, and stop."""
    record_end()
    output_flush()
    park()


@fn(export="metal_panic", inline=False)
def broken(code: u32) -> Never:
    """Print a record that OVM itself failed, with the code; stop."""
    record_begin(text("broken"))
    field_address(text("code"), code)
    give_up()
