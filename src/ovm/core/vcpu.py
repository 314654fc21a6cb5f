# SPDX-License-Identifier: Apache-2.0
"""The virtual CPUs, each with its state while it is not running.

SP_mon points at the running guest's Vcpu, so the Monitor's first instruction saves the registers into `registers`
without needing a register of its own. The entry code uses the offsets exported below; everything after the
frame is reached from metal only. No guest can write this memory: guests share `ovm.abi.vcpu_page` with OVM.
"""

from typing import Final

from ovm.abi.config import GuestConfig, GuestState, Level
from ovm.core.config import SCHEDULED_CPUS
from ovm.core.cpu import this_cpu_number
from ovm.core.guest import GUESTS, Guest
from ovm.core.limits import MAX_GUESTS
from ovm.metal import Array, PhysAddr, Struct, VirtAddr, array, fn, offsetof, static, u8, u32, u64

# Vcpu.registers, and indices into it.
REGISTERS: Final = 16
SP: Final = 13
LR: Final = 14
PC: Final = 15

# A time that never comes.
NEVER: Final = 0xFFFF_FFFF_FFFF_FFFF


class Counters(Struct):
    """A guest's counters, shown in the run's summary."""

    # Counters that a switch changes, in one cache line.
    fast_interrupts: u32
    exceptions: u32
    interrupts: u32
    switches: u32
    supervisor_calls: u32
    undefined: u32
    data_aborts: u32
    prefetch_aborts: u32
    monitor_calls: u32
    # Supervisor calls that were the guest's own; all others were hypercalls. And hypercalls by SMC.
    system_calls: u32
    emulated_calls: u32
    # Interrupts that arrived inside the gate page.
    gate_interrupts: u32
    # Instructions emulated. Above: exceptions and interrupts delivered into the guest.
    emulated: u32
    # Memory: filled shadow entries, frames given, refused accesses, tables taken back, lock entries written.
    fills: u32
    allocations: u32
    refusals: u32
    reclaims: u32
    lock_writes: u32
    # Shadow spaces made.
    spaces: u32
    # Lines of its console, and records of refusals, for which its queue had no room.
    dropped_lines: u32
    dropped_refusals: u32
    # Doorbell interrupts; rings that came too early for one of their own; SRT: times that its budget was used up.
    doorbells: u32
    doorbells_early: u32
    used_up: u32


class Vcpu(Struct, size=1024, align=64):
    """One virtual CPU. The first fields are the frame that `core.entry.monitor` fills and loads."""

    # r0-r12, sp and lr of the current virtual mode (in the hardware's User bank while running), pc.
    registers: Array[u32] = array(u32, REGISTERS)
    # The real PSR to run with: flags, T, IT, GE, E; mode is always USR and A, I, F are clear.
    psr: u32
    # Top of the Monitor stack and trap page of the CPU that this guest runs on.
    stack: u32
    trap_page: u32
    # Non-zero in a virtual privileged mode.
    privileged: u32
    # While this guest runs: the guest for which the next alarm is likely, and that guest's vCPU page (core.entry.monitor).
    expected: VirtAddr
    expected_page: VirtAddr
    # The address at which OVM reaches the vCPU page (for an HRT guest, its HrtPage).
    page: VirtAddr
    level: Level
    state: GuestState
    # Key of this guest in the frame table, and its domain: of an NRT guest that of its user view.
    key: u8
    domain: u8

    # From here to the counters: all that a switch to the guest needs besides its frame, by cache lines.
    # CPU time. SRT: constant bandwidth server; NRT: fair turns.
    timer_at: u64
    # The time at which a doorbell rings that came too early.
    doorbell_at: u64
    release_at: u64
    deadline: u64

    fair_time: u64
    runtime: u64
    budget_left: u32
    # Whether the scheduler has noticed that the guest is ready.
    counted_ready: bool
    # The hypercall of this entry isn't complete: its handler asks the guest to repeat it.
    again: bool
    # Waiting for room in the console, not for an interrupt.
    waits_console: bool
    # Its guest has ended, and not all of the frames are back in the pool. Here, because housekeeping looks at it of each guest.
    releasing: bool
    # Memory: the shadow space in use (memory's own index) and its hardware ASID.
    space: u32
    hardware_asid: u32

    # Virtual CP15, the guest's own values; more of it below.
    sctlr: u32
    vbar: u32
    tpidrurw: u32
    tpidruro: u32
    # Virtual CPSR: the mode (CPSR.M encoding), and the masks that have no place in the vCPU page. CPACR matters in each mode.
    mode: u32
    cpacr: u32
    fpexc: u32
    abort_masked: bool
    fiq_masked: bool
    # The CPU that runs it, as an index of CPUS; and its own number in VCPUS.
    cpu: u8
    index: u8
    # Domain that is open in virtual privileged modes only; of an SRT guest the one that always is.
    kernel_domain: u8
    # In virtual privileged modes the hardware's TPIDRURW is the one that its kernel calls TPIDRPRW.
    thread_swap: bool
    # Its kernel has patched words.
    patched: bool
    kernel_kept: bool

    # The guest that it belongs to, as an index of GUESTS.
    guest: u32
    # TLB maintenance by address that isn't complete: the table with which to continue, else 0; and the address.
    maintained: u32
    maintained_mva: u32
    # SRT: its first-level table.
    table: PhysAddr
    counters: Counters

    # Syndrome of the external abort that stopped an HRT guest.
    dfsr: u32
    dfar: u32

    # A patched kernel's own TPIDRURO and DACR, while `kernel_kept` (core.virtual.kernel).
    kernel_tpidruro: u32
    kernel_dacr: u32

    # Register bank of virtual FIQ mode, r8-r12; of the other modes while FIQ mode is current.
    banked_high: Array[u32] = array(u32, 5)

    # Virtual CP15, guest-physical addresses and the guest's own values.
    actlr: u32
    ttbr0: u32
    ttbr1: u32
    ttbcr: u32
    dacr: u32
    guest_dfsr: u32
    guest_ifsr: u32
    guest_dfar: u32
    guest_ifar: u32
    physical_address: u32
    prrr: u32
    nmrr: u32
    # NRT: where its part of FIRST_WITH begins (core.memory.tables).
    first_with: u32
    contextidr: u32
    tpidrprw: u32
    csselr: u32
    # The last fault that was not filled: the values for the guest's fault registers.
    fault_status: u32
    fault_address: u32
    # The last fault whose cause lies outside the exception vectors, for the report of a stopped guest.
    last_pc: u32
    last_status: u32
    last_address: u32
    # The refused access that was printed before its abort was delivered: address, with bit 0, and the kind of access; else 0.
    printed_pc: u32
    printed_va: u32

    # Floating point: d0-d31 follow at the end.
    fpscr: u32
    floating: Array[u64] = array(u64, 32, offset=768)


VCPUS = static(array(Vcpu, MAX_GUESTS), align=64)

FRAME_PC: Final = 60
FRAME_PSR: Final = offsetof(Vcpu, "psr")
FRAME_STACK: Final = offsetof(Vcpu, "stack")
FRAME_TRAP_PAGE: Final = offsetof(Vcpu, "trap_page")
FRAME_EXPECTED: Final = offsetof(Vcpu, "expected")


@fn(inline=True)
def runs_here(vcpu: Vcpu) -> bool:
    """Tell whether the CPU that executes runs this vCPU: nobody else touches it (docs/decisions/0016)."""
    if SCHEDULED_CPUS == 1:
        return True
    return u32(vcpu.cpu) == this_cpu_number()


@fn(inline=True)
def config_of(vcpu: Vcpu) -> GuestConfig:
    """Return the description of the vCPU's guest."""
    return GUESTS[vcpu.guest].config


@fn(inline=True)
def guest_of(vcpu: Vcpu) -> Guest:
    """Return the vCPU's guest."""
    return GUESTS[vcpu.guest]


@fn(inline=True)
def vcpu_of(guest: u32) -> Vcpu:
    """Return the vCPU of a guest."""
    return VCPUS[GUESTS[guest].vcpu]
