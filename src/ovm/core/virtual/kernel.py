# SPDX-License-Identifier: Apache-2.0
"""The part that OVM plays for a patched kernel: what its code expects besides the architecture (`ovm.linux`).

Reads of TPIDRPRW would trap, and a kernel finds its per-CPU data by them all the time. So in its code TPIDRPRW and TPIDRURW have
changed places, and here the register that User mode reaches changes with the virtual mode: `Vcpu.tpidrprw` is always the
one that isn't in the hardware, which is what the kernel's rare accesses to its own TPIDRURW, which trap, have to find.

Stubs in its code read CPSR's mode, A and F, and SCTLR and DACR, from the vCPU page.

Linux keeps `current` in TPIDRURO and user memory closed in DACR while it runs, and the program's values while that runs. Each
entry writes the one and each return the other, which is four traps. A return with `leave` set in the page takes the program's
values from there, and the kernel's own are kept for its next entry. TPIDRURO is given back on every entry, since all of them
write it first. DACR is given back for SVC and interrupts only: others may read a program's memory first. A guest may write
anything there: each value is its own, as one of MCR is.
"""

from ovm.abi.vcpu_page import VcpuPage
from ovm.arm.cp15 import TPIDRURO, TPIDRURW
from ovm.arm.psr import PSR_A, PSR_F
from ovm.core.config import KERNEL_STUBS, THREAD_SWAP
from ovm.core.memory.space import space_activate
from ovm.core.vcpu import Vcpu
from ovm.metal import cp15_read, cp15_write, fn, overlay, u32


@fn(inline=True)
def thread_exchange(vcpu: Vcpu) -> None:
    """Exchange the thread registers when the running guest enters or leaves its kernel."""
    if THREAD_SWAP and vcpu.thread_swap:
        other = vcpu.tpidrprw
        vcpu.tpidrprw = cp15_read(TPIDRURW)
        cp15_write(TPIDRURW, other)


@fn(inline=True)
def status_word(vcpu: Vcpu) -> u32:
    """Return the mode, A and F of the virtual CPSR."""
    value = vcpu.mode
    if vcpu.fiq_masked:
        value |= PSR_F
    if vcpu.abort_masked:
        value |= PSR_A
    return value


@fn(inline=True)
def _page(vcpu: Vcpu) -> VcpuPage:
    # SAFETY: as core.virtual.mode.page_of.
    return overlay(VcpuPage, vcpu.page)


@fn
def _thread_write(vcpu: Vcpu, value: u32) -> None:
    vcpu.tpidruro = value
    cp15_write(TPIDRURO, value)


@fn
def _domains_write(vcpu: Vcpu, value: u32) -> None:
    """Write the virtual DACR. The virtual mode changes at once, so the caller's change of it opens and closes views."""
    if vcpu.dacr != value:
        vcpu.dacr = value
        control_tell(vcpu)
        space_activate(vcpu)


@fn(inline=True)
def control_tell(vcpu: Vcpu) -> None:
    """Tell stubs in the guest's kernel SCTLR and DACR, after each change of them."""
    if KERNEL_STUBS:
        _page(vcpu).sctlr = vcpu.sctlr
        _page(vcpu).dacr = vcpu.dacr


@fn
def _leave(vcpu: Vcpu) -> None:
    page = _page(vcpu)
    page.leave = 0
    vcpu.kernel_tpidruro = vcpu.tpidruro
    vcpu.kernel_dacr = vcpu.dacr
    vcpu.kernel_kept = True
    _thread_write(vcpu, page.user_tpidruro)
    _domains_write(vcpu, page.user_dacr)


@fn(inline=True)
def kernel_leaves(vcpu: Vcpu) -> None:
    """Load what the kernel left for User mode; called when the virtual mode has become User."""
    if KERNEL_STUBS and _page(vcpu).leave != 0:
        _leave(vcpu)


@fn(inline=True)
def kernel_enters(vcpu: Vcpu) -> None:
    """Give the kernel its TPIDRURO back; called when the virtual mode is no longer User."""
    if KERNEL_STUBS and vcpu.kernel_kept:
        vcpu.kernel_kept = False
        _thread_write(vcpu, vcpu.kernel_tpidruro)


@fn(inline=True)
def kernel_closes(vcpu: Vcpu) -> None:
    """Give the kernel its DACR back; called before an exception from User mode is taken."""
    if KERNEL_STUBS and vcpu.kernel_kept:
        _domains_write(vcpu, vcpu.kernel_dacr)
