# SPDX-License-Identifier: Apache-2.0
"""Assembly of the stubs: what CPS, MRS and MSR do to the virtual CPSR, done on the vCPU page without a trap.

A stub runs in User mode on the kernel's stack, and an interrupt of the guest may come between any two of its instructions. It
changes no flag and no register but its result and, where its caller has said that LR is dead, LR. What it can't do, an interrupt
that is pending when it unmasks, or MSR of another mode or F, falls into the SVC that the place would have without a stub. The
store that unmasks comes before the look at what is pending: what becomes pending in between, OVM delivers itself.
"""

from typing import Final

from ovm.abi.vcpu_page import VcpuPage
from ovm.metal import offsetof

CPSID_I: Final = 0xF10C_0080
CPSIE_I: Final = 0xF108_0080
_LINK: Final = 14
_MASKED: Final = offsetof(VcpuPage, "irq_masked")
_PENDING: Final = offsetof(VcpuPage, "irq_pending")
_STATUS: Final = offsetof(VcpuPage, "status")
_I: Final = 0x80
# CPSR.F and the mode: MSR that changes them traps. The other bits of the lowest byte are I and T, which MSR can't write.
_TRAPS: Final = 0x5F
# M, T, F, I and A, as the page has them; E and the flags are the processor's own.
_PAGE_BITS: Final = 9


def scratch(*taken: int) -> tuple[str, str]:
    """Return two registers that are none of `taken`."""
    first, second = [number for number in range(4) if number not in taken][:2]
    return f"r{first}", f"r{second}"


def disable(page: int, end: str) -> str:
    """Write CPSID i. `end` goes on behind the place: `bx lr`, or a branch."""
    return f"""
        push  {{r2, r3}}
        mov   r3, #{page:#x}
        mov   r2, #{_I}
        str   r2, [r3, #{_MASKED}]
        pop   {{r2, r3}}
        {end}"""


def enable(page: int, trap: int, end: str) -> str:
    """Write CPSIE i; `trap` is the SVC that the place would have without a stub."""
    return f"""
        push  {{r2, r3}}
        mov   r3, #{page:#x}
        mov   r2, #0
        str   r2, [r3, #{_MASKED}]
        ldr   r2, [r3, #{_PENDING}]
        {_is_zero("r2")}
        {_unless("r2", "8f")}
        pop   {{r2, r3}}
        {end}
    8:  pop   {{r2, r3}}
        .inst {trap:#x}
        {end}"""


def read(page: int, target: int, end: str) -> str:
    """Write MRS of CPSR to the register `target`."""
    value, base = scratch(target)
    return f"""
        push  {{{value}, {base}}}
        {_page_status(page, value, base)}
        {_merged(target, value)}
        pop   {{{value}, {base}}}
        {end}"""


def save(page: int, target: int) -> str:
    """Write MRS of CPSR to `target`, then CPSID i. LR says where to go on, `target` has its old value, unless it is LR itself."""
    value, base = scratch(target)
    restore = "" if target == _LINK else f"mov   lr, r{target}"
    return f"""
        push  {{{value}, {base}, lr}}
        {restore}
        mov   {base}, #{page:#x}
        ldr   {value}, [{base}, #{_MASKED}]
        ldr   r{target}, [{base}, #{_STATUS}]
        orr   {value}, {value}, r{target}
        mov   r{target}, #{_I}
        str   r{target}, [{base}, #{_MASKED}]
        {_merged(target, value)}
        pop   {{{value}, {base}, pc}}"""


def write(page: int, source: int, trap: int, end: str) -> str:
    """Write MSR of the register `source` to the lowest byte of CPSR."""
    value, base = scratch(source)
    return f"""
        push  {{{value}, {base}}}
        mov   {base}, #{page:#x}
        ldr   {value}, [{base}, #{_STATUS}]
        eor   {value}, {value}, r{source}
        and   {value}, {value}, #{_TRAPS}
        {_is_zero(value)}
        {_unless(value, "8f")}
        and   {value}, r{source}, #{_I}
        str   {value}, [{base}, #{_MASKED}]
        ldr   {base}, [{base}, #{_PENDING}]
        {_is_zero(base)}
        orr   {base}, {base}, {value}, lsr #7
        {_unless(base, "8f")}
        pop   {{{value}, {base}}}
        {end}
    8:  pop   {{{value}, {base}}}
        .inst {trap:#x}
        {end}"""


def keeping_link(shared: str, end: str) -> str:
    """Call a shared stub where LR is needed."""
    return f"""
        push  {{lr}}
        bl    {shared}
        pop   {{lr}}
        {end}"""


def read_link(shared: str, target: int, end: str) -> str:
    """Write MRS of CPSR to LR, by the stub of another register."""
    return f"""
        push  {{r{target}}}
        bl    {shared}
        mov   lr, r{target}
        pop   {{r{target}}}
        {end}"""


def write_link(shared: str, source: int, end: str) -> str:
    """Write MSR of LR, by the stub of another register."""
    return f"""
        push  {{r{source}, lr}}
        mov   r{source}, lr
        bl    {shared}
        pop   {{r{source}, lr}}
        {end}"""


def _page_status(page: int, value: str, base: str) -> str:
    """Load the page's part of CPSR into `value`."""
    return f"""mov   {base}, #{page:#x}
        ldr   {value}, [{base}, #{_MASKED}]
        ldr   {base}, [{base}, #{_STATUS}]
        orr   {value}, {value}, {base}"""


def _merged(target: int, value: str) -> str:
    """Put the processor's flags and the page's part of CPSR together."""
    return f"""mrs   r{target}, cpsr
        bfi   r{target}, {value}, #0, #{_PAGE_BITS}"""


def _is_zero(register: str) -> str:
    """Make `register` 1 if it is 0, and 0 otherwise, without the flags."""
    return f"""clz   {register}, {register}
        lsr   {register}, {register}, #5"""


def _unless(register: str, label: str) -> str:
    """Go to `label` if `register` is 0, on if it is 1: PC reads as the word behind the next one."""
    return f"""add   pc, pc, {register}, lsl #2
        nop
        b     {label}"""
