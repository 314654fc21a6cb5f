# SPDX-License-Identifier: Apache-2.0
"""Boot: the list of steps that bring CPU 0 from reset to its first guest."""

from typing import Final

from ovm.abi.config import GuestState, Level
from ovm.arm.assembly import symbol_address
from ovm.arm.control import SCR_EA, SCR_FIQ, SCR_IRQ, SCTLR_C, SCTLR_I, SCTLR_M, SCTLR_ONES, SCTLR_Z
from ovm.arm.cp15 import MVBAR, SCTLR, TLBIALL, TTBCR, VBAR
from ovm.core.boot_check import clock_check, cpu1_await, loads_check, own_check, scu_check
from ovm.core.boot_cpu import banks_select_normal, cpu_start
from ovm.core.caches import data_cache_flush, data_cache_invalidate, scu_start
from ovm.core.clock import clock_start, now, stays_count
from ovm.core.config import BUILD, CONFIG, MONITOR_STACK_BYTES, PLAIN, THREAD_SWAP
from ovm.core.countdowns import countdowns_stop
from ovm.core.cpu import CPUS, HARD_CPU, NOBODY, STACK_0, this_cpu
from ovm.core.entry.banks import banks_set
from ovm.core.entry.gate import GATE_VA, TRAP_VA, gate_install
from ovm.core.entry.loader_abort import loader_abort_take
from ovm.core.entry.monitor import monitor_vectors
from ovm.core.gic import gic_end_all, gic_quiet, gic_start_cpu, gic_start_shared
from ovm.core.guest import GUESTS, guests_fill
from ovm.core.leave import leave_changed
from ovm.core.level2 import level2_flush, level2_start
from ovm.core.lifecycle import guest_start
from ovm.core.limits import MAX_CPUS, MAX_GUESTS, PATCHED_WORDS
from ovm.core.memory.frames import FRAME_SHIFT
from ovm.core.memory.guest import memory_cpu_initialise, memory_initialise
from ovm.core.output import OVM_QUEUE, queue_append, uart_start
from ovm.core.record import field_address, field_long, field_number, field_word, record_begin, record_end
from ovm.core.secure_map import map_build
from ovm.core.vcpu import VCPUS
from ovm.core.zynq import devices_open, zynq_open_memory
from ovm.core.zynq_start import zynq_quiet, zynq_start_cpu1
from ovm.metal import (
    VirtAddr,
    address,
    array,
    asm_value,
    cp15_write,
    dsb,
    fn,
    isb,
    pointer,
    sev,
    static,
    symbol,
    text,
    u8,
    u32,
    u64,
    volatile_load,
    volatile_store,
)

RELEASED: Final = u32(0x4F56_4D31)
VERSION: Final = 1
RELEASE = static(u32)
# Whether CPU 1 has begun before. It is read and written with the caches off only, so no other datum shares its lines.
BEGUN_WORDS: Final = 16
BEGUN = static(array(u32, BEGUN_WORDS), align=64)
# A label of core.entry.start.
START_ADDRESS: Final = symbol_address("ovm_reset")
MONITOR_VECTORS: Final = symbol_address(symbol(monitor_vectors))


@fn
def vcpus_prepare() -> None:
    """Fill in the fields of each Vcpu that come from the description."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        vcpu = VCPUS[index]
        config = GUESTS[index].config
        vcpu.guest = index
        vcpu.index = u8(index)
        vcpu.level = config.level
        vcpu.key = config.key
        vcpu.domain = config.domain
        vcpu.cpu = config.cpu
        vcpu.kernel_domain = u8(u32(config.domain) + 1) if config.level == Level.NRT else config.domain
        if PATCHED_WORDS != 0:
            vcpu.patched = config.flags.patched
        if THREAD_SWAP:
            vcpu.thread_swap = config.flags.thread_swap
        vcpu.table = config.table_phys
        vcpu.expected = address(vcpu)
        vcpu.expected_page = address(vcpu)
        vcpu.state = GuestState.HELD
        vcpu.stack = u32(address(STACK_0)) + MONITOR_STACK_BYTES
        vcpu.trap_page = u32(CONFIG.trap_phys)
        if config.level == Level.NRT:
            vcpu.page = VirtAddr(u32(config.image_phys) + (config.page_gpa - config.image_gpa))
        else:
            vcpu.page = VirtAddr(u32(config.ram_phys) + (config.page_gpa - config.ram_gpa))


@fn
def _guests_start() -> None:
    """Start every guest that isn't held. An HRT guest's own CPU enters it later."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if not GUESTS[index].config.flags.held:
            guest_start(VCPUS[index])


@fn
def _gate_open() -> None:
    """Set the Non-secure control registers of deprivileged guests: the gate's vectors, little-endian ARM entry, caches, MMU."""
    for number in u32.range(CONFIG.cpu_count, bound=MAX_CPUS):
        gate_install(CONFIG.gate_phys + (number << FRAME_SHIFT))
    cp15_write(VBAR, GATE_VA)
    cp15_write(TTBCR, 0)
    cp15_write(TLBIALL, 0)
    dsb()
    cp15_write(SCTLR, SCTLR_ONES | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_Z)
    isb()


@fn
def _record_boot() -> None:
    # The loader's last line may lack its end.
    queue_append(OVM_QUEUE, text("\n"), 1)
    record_begin(text("boot"))
    field_number(text("version"), VERSION)
    field_number(text("guests"), CONFIG.guest_count)
    field_number(text("cpus"), CONFIG.cpu_count)
    # SAFETY: the static itself. The build writes it after linking, so it is no constant to the compiler.
    build = pointer(u32, address(BUILD))
    field_long(text("build"), u64(volatile_load(pointer(u32, address(BUILD) + 4))) << 32 | u64(volatile_load(build)))
    record_end()


@fn
def _loader_abort() -> None:
    """Drop an abort that no guest has caused, and report it."""
    status = loader_abort_take()
    if status != 0:
        record_begin(text("loader"))
        field_word(text("left"), text("abort"))
        field_address(text("status"), status)
        record_end()


@fn(inline=False)
def boot_quiet() -> None:
    """Stop all that a boot loader may have left running, before memory is cleared, which takes long: so without statics."""
    if u32(CONFIG.slcr_phys) != 0:
        zynq_quiet()
    countdowns_stop()
    gic_quiet()
    gic_end_all()


@fn
def _shared_start() -> None:
    """Bring up what both CPUs share. CPU 0, caches off."""
    map_build()
    if u32(CONFIG.slcr_phys) != 0:
        zynq_open_memory()
        devices_open()
    data_cache_invalidate()
    scu_start()
    level2_start()
    uart_start()
    _record_boot()
    _loader_abort()


@fn
def _release_cpu1() -> None:
    """Let CPU 1 begin: a word in memory, written with the caches off, and an event."""
    # SAFETY: the statics themselves.
    volatile_store(pointer(u32, address(BEGUN)), u32(0))
    volatile_store(pointer(u32, address(RELEASE)), RELEASED)
    dsb()
    sev()
    if u32(CONFIG.slcr_phys) != 0 and CONFIG.cpu_count > 1:
        zynq_start_cpu1(asm_value(u32, START_ADDRESS))


@fn(inline=False)
def boot_primary() -> VirtAddr:
    """Boot CPU 0; return the first guest's Vcpu for Monitor's exit."""
    _shared_start()
    scu_check()
    _release_cpu1()
    cpu_start()
    guests_fill()
    clock_check()
    own_check()
    loads_check()
    clock_start()
    cpu1_await()
    gic_start_shared()
    cp15_write(MVBAR, asm_value(u32, MONITOR_VECTORS))
    gic_start_cpu(False)
    banks_set(TRAP_VA)
    stays_count()
    cpu = this_cpu()
    cpu.current = NOBODY
    cpu.floating_owner = NOBODY
    vcpus_prepare()
    banks_select_normal(SCR_FIQ | SCR_IRQ | SCR_EA)
    memory_initialise()
    memory_cpu_initialise()
    _gate_open()
    _guests_start()
    if PLAIN:
        # The guest reads its RAM without caches, and turns its own ones on without having cleaned any.
        data_cache_flush()
        level2_flush()
    cpu.accounted_at = now()
    # ORDER: all that CPU 1 needs of its guest is visible before CPU 1 continues.
    dsb()
    if MAX_CPUS > HARD_CPU:
        CPUS[HARD_CPU].state = 1
    dsb()
    return leave_changed()
