# SPDX-License-Identifier: Apache-2.0
"""Core compiled for this machine, with a small system in its memory: two SRT guests and room for their entries.

The timers, the interrupt controller and the UART are plain memory: time stands still unless a test moves it,
the UART always has room, and no interrupt is pending.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ovm.abi.config import CoreConfig, GuestState, Level
from ovm.abi.vcpu_page import VcpuPage
from ovm.arm import cp15
from ovm.core import alarm, boot, console, hard, output, schedule, start_state
from ovm.core.guest import Guest
from ovm.core.memory import guest as guest_memory
from ovm.core.report import report_stop
from ovm.core.trap import abort, external, supervisor_call, undefined
from ovm.core.trap import interrupt as trap_interrupt
from ovm.core.trap.interrupt import gate_interrupt
from ovm.core.vcpu import Vcpu
from ovm.core.virtual import exception, interrupt, mode
from ovm.metal import Struct, sizeof, u32
from ovm.metal.build.handlers import Handlers
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, Unit, compile_unit

RAM, RAM_BYTES = 0x8000_0000, 0x0100_0000
OVM = RAM
FRAME_TABLE = RAM + 0x000F_0000
GATE, TRAP = 0x8010_0000, 0x8010_0800
LEVEL1, LEVEL2 = 0x8011_0000, 0x8013_0000
TABLES = tuple(range(0x8014_4000, 0x8016_4000, 0x4000))
GUEST_RAM = tuple(range(0x8020_0000, 0x80A0_0000, 0x10_0000))
GUEST_BYTES = 0x10_0000
GPA = 0x1000_0000
ENTRY = GPA + 0x8000
GIC, DISTRIBUTOR, GLOBAL_TIMER, PRIVATE_TIMER = 0x1E00_0100, 0x1E00_1000, 0x1E00_0200, 0x1E00_0600
UART = 0x1000_9000
TICKS_PER_SECOND = 100_000_000
SPURIOUS = 0x3FF
# Flags of a PL011 whose transmit FIFO is empty (DDI0183 3.3.3).
UART_EMPTY = 1 << 7

ROOTS = (
    supervisor_call.supervisor_call,
    undefined.undefined,
    abort.data_abort,
    abort.prefetch_abort,
    external.external_abort,
    gate_interrupt,
    trap_interrupt.interrupt,
    report_stop,
    boot.vcpus_prepare,
    guest_memory.memory_initialise,
    start_state.start_state,
    mode.mode_switch,
    mode.psr_return,
    mode.virtual_psr,
    exception.take_supervisor_call,
    exception.take_undefined,
    exception.take_prefetch_abort,
    exception.take_data_abort,
    exception.take_interrupt,
    interrupt.interrupt_raise,
    schedule.schedule,
    schedule.charge,
    schedule.choose,
    schedule.next_event,
    console.console_put,
    alarm.housekeeping,
    hard.hard_drain,
    output.output_drain,
)
# Identification registers of a Cortex-A9 r4p1 (A9 TRM 4.3), which the emulation passes through.
IDENTITY = {cp15.key_of(cp15.MIDR): 0x414F_C091, cp15.key_of(cp15.CTR): 0x8333_8003}


@functools.cache
def unit() -> Unit:
    """Return the code under test, compiled once for this machine, with all its checks."""
    return compile_unit(ROOTS, Options(target="host", checked=True))


@functools.cache
def _program() -> HostProgram:
    return HostProgram(unit())


class Processor(Handlers):
    """A processor whose CP15 registers keep what is written; Non-secure bank only."""

    def __init__(self) -> None:
        self.cp15 = dict(IDENTITY)
        self.calls: list[str] = []
        # Values of FPEXC, in order.
        self.written: list[int] = []

    def cp15_read(self, encoding: int) -> int:
        return self.cp15.get(encoding, 0)

    def cp15_write(self, encoding: int, value: int) -> None:
        self.cp15[encoding] = value

    def barrier(self, kind: int) -> None:
        return None

    def extern(self, symbol: str, arguments: tuple[int, ...]) -> int:
        self.calls.append(symbol.rpartition(".")[2])
        if self.calls[-1] == "fpexc_write":
            self.written += arguments
        return 0


def write(target: Struct, **values: int) -> None:
    """Set fields by name; a number becomes a value of the field's own type."""
    layout = type(target).LAYOUT
    for name, value in values.items():
        kind = layout.fields[name].kind
        setattr(target, name, value if isinstance(value, kind) else kind.from_bits(value))


class Machine:
    """The program in fresh memory."""

    def __init__(self, levels: tuple[Level, ...] = (Level.SRT, Level.SRT), program: HostProgram | None = None) -> None:
        self.program = program or _program()
        self.program.reset()
        self.processor = Processor()
        self.program.handlers = self.processor
        self.memory = self.program.memory
        self.levels = levels

    def call(self, function: Any, *arguments: Any) -> int:
        """Call a function; a struct passes as its address."""
        assert self.program.handlers is self.processor, "another machine has taken the program: make one for each test"
        values = [each.address if isinstance(each, Struct) else int(each) for each in arguments]
        return self.program.call(function.symbol, *values) or 0

    def view(self, kind: type[Any], symbol: str, index: int = 0) -> Any:
        """Return a static struct, or an element of a static array of structs."""
        return kind.refer(self.program.address_of(symbol) + index * sizeof(kind))

    def vcpu(self, index: int = 0) -> Vcpu:
        view: Vcpu = self.view(Vcpu, "ovm.core.vcpu.VCPUS", index)
        return view

    def guest(self, index: int = 0) -> Guest:
        guest: Guest = self.view(Guest, "ovm.core.guest.GUESTS", index)
        return guest

    def page(self, index: int = 0) -> VcpuPage:
        page: VcpuPage = VcpuPage.refer(GUEST_RAM[index])
        return page

    def time(self, ticks: int) -> None:
        """Let the clock show a time; its counter counts down."""
        self.memory.write(PRIVATE_TIMER + 0x24, (~ticks & 0xFFFF_FFFF).to_bytes(4, "little"))
        write(self.view_cpu(), time=ticks)

    def guest_bytes(self, gpa: int, length: int) -> bytes:
        return bytes(self.memory.read(GUEST_RAM[0] + gpa - GPA, length))

    def guest_write(self, gpa: int, data: bytes) -> None:
        self.memory.write(GUEST_RAM[0] + gpa - GPA, data)

    def become_fair(self) -> None:
        """Let the first guest be one at NRT, with a frame map that has the page of its entry."""
        write(self.vcpu(), level=Level.NRT)
        write(self.guest().config, frame_map_phys=LEVEL2)
        self.memory.write(LEVEL2 + (ENTRY - GPA >> 12) * 4, (GUEST_RAM[0] + ENTRY - GPA >> 12).to_bytes(4, "little"))

    def describe(self) -> None:
        """Write the description."""
        write(
            self.view(CoreConfig, "ovm.core.config.CONFIG"),
            guest_count=len(self.levels), region_count=0, cpu_count=2, timer_hz=TICKS_PER_SECOND,
            ram_phys=RAM, ram_bytes=RAM_BYTES, frame_table_phys=FRAME_TABLE, ovm_phys=OVM, ovm_bytes=0x10_0000,
            level1_phys=LEVEL1, level1_count=4, level2_phys=LEVEL2, level2_count=16, gate_phys=GATE, trap_phys=TRAP,
            turn_ticks=100_000, uart_phys=UART, gic_cpu_phys=GIC, gic_distributor_phys=DISTRIBUTOR,
            global_timer_phys=GLOBAL_TIMER, private_timer_phys=PRIVATE_TIMER,
        )  # fmt: skip
        for index, level in enumerate(self.levels):
            write(self.guest(index), vcpu=index)
            config = self.guest(index).config
            write(config, level=level, cpu=0, key=index + 1, domain=1 + 2 * index, entry_gpa=ENTRY)
            self.memory.write(config.address, f"guest{index}".encode())
            write(
                config, ram_gpa=GPA, ram_bytes=GUEST_BYTES, ram_phys=GUEST_RAM[index], page_gpa=GPA,
                image_gpa=GPA, image_phys=GUEST_RAM[index], image_bytes=0x1000, loaded_bytes=GUEST_BYTES,
                section_bytes=0x10_0000, table_phys=TABLES[index], lock_entries=1,
                budget_ticks=40_000, period_ticks=100_000,
            )  # fmt: skip

    def prepare(self) -> None:
        """Describe the system and put every guest into its first state. NRT guests have no memory to use."""
        self.describe()
        self.call(boot.vcpus_prepare)
        if Level.NRT not in self.levels:
            self.call(guest_memory.memory_initialise)
        self.memory.write(GIC + 0x0C, SPURIOUS.to_bytes(4, "little"))
        self.memory.write(UART + 0x18, UART_EMPTY.to_bytes(4, "little"))
        for index in range(len(self.levels)):
            vcpu = self.vcpu(index)
            self.call(start_state.start_state, vcpu)
            write(vcpu, state=GuestState.READY, counted_ready=True)
        write(self.view_cpu(), current=0, floating_owner=0xFFFF_FFFF)

    def queue(self, index: int = 0) -> output.Queue:
        """Return what waits for the UART: a guest's queue, or OVM's own."""
        queue: output.Queue = self.view(output.Queue, "ovm.core.output.QUEUES", index)
        return queue

    def printed(self, index: int = 0) -> bytes:
        """Return what is in a queue, which is emptied."""
        queue = self.queue(index)
        found = bytes(int(queue.ring[u32(at % output.QUEUE_BYTES)]) for at in range(int(queue.tail), int(queue.head)))
        queue.tail = queue.head
        shared = self.view(output.Output, "ovm.core.output.OUTPUT")
        shared.waiting[u32(0)] = u32(int(shared.waiting[u32(0)]) & ~(1 << index))
        return found

    def view_cpu(self) -> Any:
        from ovm.core.cpu import Cpu

        return self.view(Cpu, "ovm.core.cpu.CPUS")


@contextmanager
def machine(*levels: Level) -> Iterator[Machine]:
    """Yield a prepared machine, in whose memory struct views look."""
    made = Machine(levels or (Level.SRT, Level.SRT))
    with made.memory.current():
        made.prepare()
        yield made
