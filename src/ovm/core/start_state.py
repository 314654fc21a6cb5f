# SPDX-License-Identifier: Apache-2.0
"""The initial state of a deprivileged guest: as after reset, on a machine of its own.

It is in virtual Supervisor mode, with everything masked, MMU off, low vectors at 0, pc = the linked entry point (in Thumb state
if its bit 0 is set), r0 = the guest-physical address of its vCPU page.
"""

from typing import Final

from ovm.abi.config import START_REGISTERS, Level
from ovm.abi.vcpu_page import ARGUMENTS, BANKS, PAGE_REGIONS, VCPU_PAGE_MAGIC, HrtPage, VcpuPage
from ovm.arm.control import SCTLR_ONES
from ovm.arm.psr import MODE_SVC, MODE_USR, PSR_A, PSR_F, PSR_I, PSR_T
from ovm.core.config import CONFIG, KERNEL_STUBS, REGIONS
from ovm.core.limits import MAX_REGIONS, PATCHED_WORDS
from ovm.core.vcpu import NEVER, PC, REGISTERS, Vcpu, config_of
from ovm.metal import fn, overlay, u32

PAGE_VERSION: Final = 1
WORDS: Final = 1024


@fn
def page_start(vcpu: Vcpu) -> None:
    """Fill the vCPU page."""
    config = config_of(vcpu)
    # SAFETY: the build places the page inside the guest's memory.
    page = overlay(VcpuPage, vcpu.page)
    for bank in u32.range(BANKS):
        page.spsr[bank] = 0
        page.sp[bank] = 0
        page.lr[bank] = 0
    page.magic = VCPU_PAGE_MAGIC
    page.version = PAGE_VERSION
    page.irq_masked = PSR_I
    page.irq_pending = 0
    page.irq_enabled = 0
    page.mode = MODE_SVC
    if KERNEL_STUBS:
        page.status = MODE_SVC | PSR_A | PSR_F
        page.leave = 0
        page.sctlr = SCTLR_ONES
        page.dacr = 0
        vcpu.kernel_kept = False
    page.ticks_per_us = CONFIG.timer_hz // 1_000_000
    page.timer_hz = CONFIG.timer_hz
    page.level = config.level.raw
    page.ram_base = config.ram_gpa
    page.ram_bytes = config.ram_bytes
    for index in u32.range(ARGUMENTS):
        page.argument[index] = config.argument[index]
    regions_tell(vcpu, page)


@fn
def hard_page_start(vcpu: Vcpu) -> None:
    """Fill an HRT guest's page."""
    config = config_of(vcpu)
    # SAFETY: as above.
    page = overlay(HrtPage, vcpu.page)
    page.magic = VCPU_PAGE_MAGIC
    page.version = PAGE_VERSION
    page.ticks_per_us = CONFIG.timer_hz // 1_000_000
    page.timer_hz = CONFIG.timer_hz
    page.level = config.level.raw
    page.ram_base = config.ram_gpa
    page.ram_bytes = config.ram_bytes
    page.finished = 0
    page.console_head = 0
    page.console_tail = 0
    page.report_valid = 0
    for index in u32.range(ARGUMENTS):
        page.argument[index] = config.argument[index]


@fn
def regions_tell(vcpu: Vcpu, page: VcpuPage) -> None:
    """Write the guest's regions into its page."""
    count = u32(0)
    for index in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        region = REGIONS[index]
        if u32(region.guest) == vcpu.guest and count < PAGE_REGIONS:
            page.region_base[count] = region.gpa
            page.region_bytes[count] = region.length
            count += 1
    page.region_count = count


@fn
def start_thumb(entry: u32) -> u32:
    """Return PSR.T for an entry point: bit 0 chooses Thumb state, as for BX (ARM A2.3.1; ELF for the ARM Architecture, 4.3)."""
    return PSR_T if entry & 1 != 0 else 0


@fn
def start_state(vcpu: Vcpu) -> None:
    """Reset the virtual CPU."""
    config = config_of(vcpu)
    for index in u32.range(REGISTERS):
        vcpu.registers[index] = 0
    vcpu.registers[0] = config.page_gpa
    if PATCHED_WORDS != 0 and config.flags.patched:
        for index in u32.range(START_REGISTERS):
            vcpu.registers[index] = config.start[index]
    vcpu.registers[PC] = config.entry_gpa & ~u32(1)
    vcpu.psr = MODE_USR | start_thumb(config.entry_gpa)
    vcpu.mode = MODE_SVC
    vcpu.privileged = 1
    vcpu.abort_masked = True
    vcpu.fiq_masked = True
    vcpu.sctlr = SCTLR_ONES
    vcpu.actlr = 0
    vcpu.cpacr = 0
    vcpu.dacr = 0
    vcpu.ttbr0 = 0
    vcpu.ttbr1 = 0
    vcpu.ttbcr = 0
    vcpu.vbar = 0
    vcpu.contextidr = 0
    vcpu.fpexc = 0
    vcpu.timer_at = NEVER
    vcpu.doorbell_at = NEVER
    vcpu.waits_console = False
    if vcpu.level == Level.HRT:
        hard_page_start(vcpu)
    else:
        page_start(vcpu)
