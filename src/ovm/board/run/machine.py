# SPDX-License-Identifier: Apache-2.0
"""The machine: both cores and the devices in one time.

A *slice* ends at the next moment at which a device is due and, with both cores awake, after a quantum. Within it the cores run
in turn up to its end; then the devices act that are due. So a device acts when no core is past that moment by more than one
instruction. Effects of one core on the other arrive at the other's next slice, and at once if the other sleeps.

The order and length of the cores' turns, and the times of interrupts, follow from the state alone.
"""

from typing import Final

from ovm.arm.control import SCR_NS
from ovm.arm.psr import MODE_MON, PSR_A, PSR_F, PSR_I
from ovm.board import clock
from ovm.board.devices.due import NEVER, next_due
from ovm.board.devices.signal import ASLEEP_EVENT, ASLEEP_INTERRUPT, AWAKE, HELD_ABSENT, HELD_RESET, SIGNALS
from ovm.board.parameters import PARAMETERS
from ovm.board.processor.account import slept
from ovm.board.ram.contention import BOTH, DEFAULT_QUANTUM, WINDOW, windows_from, windows_until
from ovm.board.run.boot_rom import boot_rom_place, wait_address
from ovm.board.run.core_reset import core_reset
from ovm.board.run.devices_reset import devices_reset
from ovm.board.run.expiry import expire_until
from ovm.board.run.loop import MOST_TURNS, run, start
from ovm.board.state import (
    ATTEND_INTERRUPT,
    CORES,
    CPU,
    LINE_ABORT,
    LINE_FIQ,
    LINE_IRQ,
    STOP_NONE,
    STOP_REQUEST,
    STOP_WAIT,
    Cpu,
    core_of,
)
from ovm.board.wiring import WIRING
from ovm.metal import Struct, copy, fn, static, u32, u64

# Results of machine_run besides the cores' STOP_*, for which MACHINE.core is the core.
MACHINE_BUDGET: Final = 0
MACHINE_ASLEEP: Final = 16  # both cores wait, and nothing is due
MACHINE_RESET: Final = 17  # a watchdog or software reset the machine
GOES_ON: Final = u32(18)

NOBODY: Final = u32(2)
MOST_SLICES: Final = 1 << 31
WAIT_FOR_EVENT: Final = 2  # CPU.event_word at STOP_WAIT


class Machine(Struct):
    """Its time, which both cores have reached unless they sleep, and the core that stopped it."""

    time: u64
    moment: u64  # time of the present events: wakes take place then
    core: u32


MACHINE = static(Machine)


@fn
def select_core(number: u32) -> None:
    """Make a core the one that runs."""
    if CPU.number != number:
        copy(CORES[CPU.number], CPU)
        copy(CPU, CORES[number])


@fn
def _now_of(number: u32) -> u64:
    return clock.time_of(core_of(number))


@fn
def _runs(number: u32) -> bool:
    return SIGNALS.asleep[number] == AWAKE and SIGNALS.held[number] == 0


@fn
def _running() -> u32:
    """Return a bit for each core that runs."""
    return u32(_runs(0)) | u32(_runs(1)) << 1


@fn
def _catch_up(number: u32) -> None:
    core = core_of(number)
    now = clock.time_of(core)
    if now < MACHINE.moment:
        slept(number, MACHINE.moment - now, MACHINE.moment)
        core.stalled += MACHINE.moment - now


@fn
def _wake(number: u32) -> None:
    """Let a core continue from this moment on."""
    _catch_up(number)
    SIGNALS.asleep[number] = AWAKE
    core_of(number).attention |= ATTEND_INTERRUPT


@fn
def _takes_interrupt(core: Cpu) -> bool:
    """Return whether a line is up that CPSR doesn't mask, which ends WFE (ARM B1.8.13); VCR may override the mask."""
    masked = u32(LINE_FIQ if core.masks & PSR_F != 0 else 0)
    masked |= LINE_IRQ if core.masks & PSR_I != 0 else 0
    masked |= LINE_ABORT if core.masks & PSR_A != 0 else 0
    overrides = core.vcr != 0 and core.scr & SCR_NS != 0 and core.mode != MODE_MON
    return core.lines & ~masked != 0 or (core.lines != 0 and overrides)


@fn
def _release(number: u32) -> None:
    """Continue a core whose clock was stopped, or start it at address 0 after a reset."""
    if SIGNALS.released[number] & HELD_RESET != 0:
        select_core(number)
        core_reset()
        start(0)
        SIGNALS.asleep[number] = AWAKE
    SIGNALS.released[number] = 0
    _catch_up(number)


@fn
def _look_after(number: u32) -> None:
    """Wake a core if the event for which it waits has come."""
    core = core_of(number)
    if SIGNALS.released[number] != 0:
        _release(number)
    elif SIGNALS.asleep[number] == ASLEEP_INTERRUPT and core.lines != 0:
        _wake(number)
    elif SIGNALS.asleep[number] == ASLEEP_EVENT and (core.event_register != 0 or _takes_interrupt(core)):
        core.event_register = 0
        _wake(number)


@fn
def _send_events() -> None:
    """Deliver SEV of one core to the other."""
    for number in u32.range(2):
        core = core_of(number)
        if core.send_event != 0:
            core.send_event = 0
            core_of(number ^ 1).event_register = 1


@fn
def _behind(end: u64) -> u32:
    """Return the first core that runs and has not reached `end`."""
    for number in u32.range(2):
        if _runs(number) and _now_of(number) < end:
            return number
    return NOBODY


@fn
def _slice_end(until: u64) -> u64:
    """Return the end of the cores' slice.

    A budget never shortens it while both run, because that would change their interleaving.
    """
    if _running() == BOTH:
        quantum = u64(PARAMETERS.quantum) if PARAMETERS.quantum != 0 else u64(DEFAULT_QUANTUM)
        return min(next_due(), (MACHINE.time // quantum + 1) * quantum)
    end = min(until, next_due())
    return min(end, WINDOW.end) if WINDOW.end != 0 else end


@fn
def _fall_asleep() -> None:
    if CPU.event_word != WAIT_FOR_EVENT:
        SIGNALS.asleep[CPU.number] = ASLEEP_INTERRUPT
    elif CPU.event_register == 0:
        SIGNALS.asleep[CPU.number] = ASLEEP_EVENT
    else:
        CPU.event_register = 0


@fn
def _run_a_turn() -> None:
    """Do one turn of the core's loop; if that only decodes an instruction, execute it too, as a longer run would."""
    before = CPU.at
    if run(1) == 0 and CPU.at == before and CPU.decoded == 1:
        CPU.limit = 0
        run(1)


@fn
def _run_core(number: u32, end: u64, turns: u32) -> u32:
    """Run a core until `end`, or for this many turns; return the reason why the machine stops, or GOES_ON."""
    select_core(number)
    clock.run_until(end)
    if turns == MOST_TURNS:
        run(turns)
    else:
        _run_a_turn()
    MACHINE.moment = clock.now()
    why = CPU.stopped
    CPU.stopped = STOP_NONE
    if why == STOP_WAIT:
        _fall_asleep()
    elif why != STOP_NONE:
        MACHINE.core = number
        return why
    return GOES_ON


@fn
def _reach(end: u64) -> None:
    """Let devices act that are due, when both cores are there."""
    MACHINE.time = max(MACHINE.time, end)
    MACHINE.moment = MACHINE.time
    windows_until(MACHINE.time, _running())
    expire_until(MACHINE.time)


@fn
def look_after_cores() -> None:
    """Wake cores that are to be woken now. Each step begins with this; doing it twice changes nothing."""
    _send_events()
    _look_after(0)
    _look_after(1)


@fn
def _step(until: u64, turns: u32) -> u32:
    """Advance by one core's part of a slice, or to its end; by no more than this many turns."""
    look_after_cores()
    windows_from(MACHINE.moment, _running())
    end = _slice_end(until)
    number = _behind(end)
    if number != NOBODY:
        return _run_core(number, end, turns)
    if end == NEVER or (next_due() == NEVER and _running() == 0):
        return MACHINE_ASLEEP
    _reach(end)
    if SIGNALS.reset != 0:
        SIGNALS.reset = 0
        return MACHINE_RESET
    return MACHINE_BUDGET if MACHINE.time >= until else GOES_ON


@fn(inline=False)
def machine_run(until: u64) -> u32:
    """Run up to a moment, or to the end of its slice; return MACHINE_BUDGET there, or the reason of an earlier stop.

    The machine's future is the same for any division of a run into calls.
    """
    for _ in u32.range(MOST_SLICES):
        why = _step(until, MOST_TURNS)
        if why != GOES_ON:
            return why
    return STOP_REQUEST


@fn(inline=False)
def machine_turn(until: u64) -> u32:
    """Advance by one turn of a core's loop, an instruction or less; results as of `machine_run`, or GOES_ON."""
    return _step(until, 1)


@fn(inline=False)
def machine_reset() -> None:
    """Set cores and devices to the state that a boot loader leaves; CPU 1 waits in the BootROM's code. RAM is kept."""
    MACHINE.time = 0
    MACHINE.moment = 0
    SIGNALS.reset = 0
    for number in u32.range(2):
        SIGNALS.asleep[number] = AWAKE
        SIGNALS.held[number] = 0 if number < WIRING.cores else HELD_ABSENT
        SIGNALS.released[number] = 0
    devices_reset()
    boot_rom_place()
    for number in u32.range(2):
        CPU.number = 1 - number
        core_reset()
        CPU.slots = 0
        CPU.stalled = 0
        CPU.instructions = 0
        if number == 0:
            start(wait_address())
            copy(CORES[1], CPU)


@fn(inline=False)
def machine_start(entry: u32) -> None:
    """Start CPU 0 at `entry`, after machine_reset."""
    select_core(0)
    start(entry)
