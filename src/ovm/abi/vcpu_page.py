# SPDX-License-Identifier: Apache-2.0
"""The vCPU page: one page of guest memory that OVM and a deprivileged guest's kernel share.

It holds the virtual interrupt state, the banked registers of the virtual modes and the fault status, so that masking
interrupts is a store and not a trap. Its guest-physical address is in r0 when the guest starts. OVM
reads and writes it only while the guest isn't running, and trusts nothing in it.
"""

from typing import Final

from ovm.abi.hypercalls import REPORT_KEYS
from ovm.metal import Array, Struct, array, at, u32

VCPU_PAGE_MAGIC: Final = 0x4F56_4D31

# Indices of the banks below; BANK_USER serves USR and SYS.
BANK_USER: Final = 0
BANK_SVC: Final = 1
BANK_ABORT: Final = 2
BANK_UNDEF: Final = 3
BANK_IRQ: Final = 4
BANK_FIQ: Final = 5
BANKS: Final = 6
# Regions that the page lists, and words that the description gives to a guest.
PAGE_REGIONS: Final = 4
ARGUMENTS: Final = 4


class VcpuPage(Struct, size=4096):
    """Shared state of one virtual CPU."""

    magic: u32
    version: u32
    # Not zero: virtual interrupts are masked (the virtual CPSR.I). OVM writes 0x80 on virtual exceptions.
    irq_masked: u32
    # A bit per virtual interrupt: OVM sets, INTERRUPT_ACKNOWLEDGE clears.
    irq_pending: u32
    # A bit per virtual interrupt: the guest writes.
    irq_enabled: u32
    # The virtual mode, CPSR.M encoding (ARM DDI0406C B1.3.1); OVM writes.
    mode: u32
    dfsr: u32
    dfar: u32
    ifsr: u32
    ifar: u32
    # Consumed by the hypercall RETURN.
    return_r0: u32
    return_pc: u32
    # Banked registers of the modes that are not current; of the current mode, only spsr is valid.
    spsr: Array[u32] = array(u32, BANKS)
    sp: Array[u32] = array(u32, BANKS)
    lr: Array[u32] = array(u32, BANKS)
    # CPSR.M, F and A as MRS reads them, in builds that have guests with stubs in their kernel (ovm.linux.stubs); OVM writes.
    status: u32 = at(0x78)
    # A kernel with stubs on entry and exit writes: not zero as its very next return to User mode takes the two words below into
    # TPIDRURO and DACR. OVM clears it, and gives the kernel its own values back when User mode ends (core.virtual.kernel).
    leave: u32
    # Timer ticks per microsecond, rounded down (`timer_hz` is exact), and the guest's description.
    ticks_per_us: u32 = at(0x80)
    level: u32
    ram_base: u32
    ram_bytes: u32
    # Up to PAGE_REGIONS regions that the description gives to the guest (files, channels).
    region_count: u32
    region_base: Array[u32] = array(u32, PAGE_REGIONS)
    region_bytes: Array[u32] = array(u32, PAGE_REGIONS)
    # Words that the description gives to the guest; the guest defines their meaning (rounds, seconds ...).
    argument: Array[u32] = array(u32, ARGUMENTS)
    # Timer ticks per second.
    timer_hz: u32
    # See `leave`; the kernel writes.
    user_tpidruro: u32
    user_dacr: u32
    # The virtual SCTLR and DACR, where `status` is kept too; OVM writes.
    sctlr: u32
    dacr: u32


class HrtPage(Struct, size=8192):
    """The page that an HRT guest shares with OVM, so that neither ever enters the other.

    The guest writes its console and figures here, OVM's other core reads them. The address is in r0 at start.
    """

    magic: u32
    version: u32
    ticks_per_us: u32
    level: u32
    ram_base: u32
    ram_bytes: u32
    # 0 while running; not 0 once the guest has finished, with `exit_status`, which is written before.
    finished: u32
    # Free-running byte numbers: byte i is at offset i modulo 4096 of `console`; the guest moves head, OVM moves tail.
    console_head: u32
    console_tail: u32
    argument: Array[u32] = array(u32, ARGUMENTS)
    exit_status: u32
    # Not 0: an external abort goes to the guest's own vectors. 0: it ends the guest.
    takes_aborts: u32
    # Timer ticks per second; `ticks_per_us` is rounded down.
    timer_hz: u32
    report_valid: u32 = at(0x40)
    report: Array[u32] = array(u32, REPORT_KEYS)
    console: Array[u32] = array(u32, 1024, offset=0x1000)
