# SPDX-License-Identifier: Apache-2.0
"""Privileged and sensitive instructions.

In virtual User mode the privileged ones must all be Undefined, as on a processor (ARM DDI0406C B1.3.3): OVM must not
emulate them for an application. In a virtual privileged mode OVM may emulate those that concern the virtual CPU;
those of the secure world stay Undefined (B3.15.3). Instructions that do nothing in User mode may complete; the processor has to
be in User mode afterwards, which every attempt checks.
"""

from typing import Final

from ovm.arm.assembly import symbol_address
from ovm.guests.rogue.tally import close_chapter, count
from ovm.guests.rogue.trap import DATA_ABORT, DONE_ADDRESS, SUPERVISOR, UNDEFINED, USER, attempt
from ovm.metal import Ptr, address, array, asm_block, asm_value, fn, naked, static, symbol, table, text, u8, u32

# The required end of an instruction. SECURE: Undefined in every virtual mode. PRIVILEGED: Undefined in User mode.
# HARMLESS: may end in any way. USER_ONLY: so may this one, but it would break a kernel.
SECURE: Final = 0
PRIVILEGED: Final = 1
HARMLESS: Final = 2
USER_ONLY: Final = 3


def _cp15(kind: int, *places: str) -> list[tuple[int, str]]:
    """Return instructions that read and write CP15 registers: "crn, crm, op2" or "op1: crn, crm, op2"."""
    made = []
    for place in places:
        op1, _, rest = place.rpartition(":")
        crn, crm, op2 = rest.split(",")
        operands = f"c{crn.strip()}, c{crm.strip()}, {op2.strip()}"
        made += [(kind, f"mrc p15, {op1 or 0}, r5, {operands}"), (kind, f"mcr p15, {op1 or 0}, r1, {operands}")]
    return made


_INSTRUCTIONS: Final = (
    # SCR, SDER, MVBAR (DDI0406C B4.1); VCR, VIR, power control, diagnostics and the lockdown of single TLB entries
    # (Cortex-A9 TRM DDI0388 4.3).
    *_cp15(SECURE, "1,1,0", "1,1,1", "12,0,1", "1,1,3", "12,1,1", "15,0,0", "15,0,1"),
    *_cp15(SECURE, "5:15,4,2", "5:15,4,4", "5:15,5,2", "5:15,6,2", "5:15,7,2"),
    # Translation for the other world: ATS12NSO.
    (SECURE, "mcr p15, 0, r1, c7, c8, 4"),
    (SECURE, "mcr p15, 0, r1, c7, c8, 5"),
    (SECURE, "mcr p15, 0, r1, c7, c8, 6"),
    (SECURE, "mcr p15, 0, r1, c7, c8, 7"),
    # NSACR, SCTLR, ACTLR, CPACR, TTBR0, TTBR1, TTBCR, DACR, fault registers.
    *_cp15(PRIVILEGED, "1,1,2", "1,0,0", "1,0,1", "1,0,2", "2,0,0", "2,0,1", "2,0,2", "3,0,0"),
    *_cp15(PRIVILEGED, "5,0,0", "5,0,1", "5,1,0", "5,1,1", "6,0,0", "6,0,2"),
    # PAR, TLB lockdown, PRRR, NMRR, ISR, FCSEIDR, CONTEXTIDR, TPIDRPRW, PMUSERENR, PLE.
    *_cp15(PRIVILEGED, "7,4,0", "10,0,0", "10,2,0", "10,2,1", "12,1,0", "13,0,0", "13,0,1", "13,0,4"),
    *_cp15(PRIVILEGED, "9,14,1", "9,14,2", "11,0,0", "0:0,0,0", "0:0,0,5", "2:0,0,0"),
    # CBAR is a constant that every mode may read (Cortex-A9 TRM DDI0388 4.3.24).
    (HARMLESS, "mrc p15, 4, r5, c15, c0, 0"),
    (PRIVILEGED, "mcr p15, 4, r1, c15, c0, 0"),
    # Caches, branch predictor and TLB; translation.
    (PRIVILEGED, "mcr p15, 0, r1, c7, c1, 0"),
    (PRIVILEGED, "mcr p15, 0, r1, c7, c5, 0"),
    (PRIVILEGED, "mcr p15, 0, r1, c7, c5, 6"),
    (PRIVILEGED, "mcr p15, 0, r1, c7, c6, 2"),
    (PRIVILEGED, "mcr p15, 0, r1, c7, c10, 2"),
    (PRIVILEGED, "mcr p15, 0, r1, c7, c14, 2"),
    (PRIVILEGED, "mcr p15, 0, r1, c7, c8, 0"),
    (PRIVILEGED, "mcr p15, 0, r1, c7, c8, 3"),
    (PRIVILEGED, "mcr p15, 0, r1, c8, c3, 0"),
    (PRIVILEGED, "mcr p15, 0, r1, c8, c7, 0"),
    (PRIVILEGED, "mcr p15, 0, r1, c8, c7, 1"),
    (PRIVILEGED, "mcr p15, 0, r1, c8, c7, 2"),
    (PRIVILEGED, "mcr p15, 0, r1, c13, c0, 3"),
    # Debug: DBGDSCR, breakpoints, OSLAR, DBGDRAR, TEECR, JMCR.
    (SECURE, "mcr p14, 0, r1, c0, c2, 2"),
    (SECURE, "mcr p14, 0, r1, c0, c0, 4"),
    (SECURE, "mcr p14, 0, r1, c0, c0, 5"),
    (SECURE, "mcr p14, 0, r1, c1, c0, 4"),
    (PRIVILEGED, "mcr p14, 6, r1, c0, c0, 0"),
    (HARMLESS, "mrc p14, 0, r5, c0, c0, 0"),
    (HARMLESS, "mrc p14, 0, r5, c1, c0, 0"),
    (HARMLESS, "mcr p14, 7, r1, c2, c0, 0"),
    # Floating point: FPEXC, FPSID are privileged; FPSCR isn't, if floating point is on at all.
    (PRIVILEGED, ".word 0xeef85a10"),
    (PRIVILEGED, ".word 0xeee81a10"),
    (HARMLESS, ".word 0xeef15a10"),
    (HARMLESS, ".word 0xf2000840"),
    # SMC; HVC, banked MRS and ERET don't exist on a processor without Virtualization Extensions; UDF; coprocessor 7.
    (SECURE, "smc #0"),
    (SECURE, "smc #15"),
    (SECURE, ".word 0xe1400070"),
    (SECURE, ".word 0xe160006e"),
    (SECURE, ".word 0xe7f000f0"),
    (SECURE, ".word 0xee000710"),
    # Exception returns and banked registers: UNPREDICTABLE in User mode. r0 leads to {done, a PSR of Monitor mode}.
    (HARMLESS, "rfeia r0"),
    (HARMLESS, "srsdb sp!, #0x16"),
    (HARMLESS, "srsdb sp!, #0x13"),
    (HARMLESS, "movs pc, lr"),
    (HARMLESS, "subs pc, lr, #0"),
    (HARMLESS, ".word 0xe8d08000"),
    (HARMLESS, "ldm r0, {r13, r14}^"),
    (HARMLESS, "stm r0, {r13, r14}^"),
    (HARMLESS, "mrs r5, spsr"),
    (HARMLESS, "msr spsr_fsxc, r1"),
    # Ignored in User mode; the waits last until the next interrupt.
    (HARMLESS, "cps #0x16"),
    (HARMLESS, "cps #0x13"),
    (HARMLESS, "cpsid aif"),
    (HARMLESS, "cpsie aif, #0x1f"),
    (HARMLESS, "msr cpsr_c, #0xd6"),
    (HARMLESS, "msr cpsr_fsxc, r1"),
    (HARMLESS, "mrs r5, cpsr"),
    (HARMLESS, "setend be"),
    (HARMLESS, "wfe"),
    (HARMLESS, "wfi"),
    (HARMLESS, "sev"),
    (HARMLESS, "bkpt #0"),
    (HARMLESS, "clrex"),
    (HARMLESS, "mcr p15, 0, r1, c13, c0, 2"),
    (HARMLESS, "mcr p15, 0, r1, c7, c10, 4"),
)
_SLOTS: Final = "\n".join(f"{instruction}\nbx lr" for _, instruction in _INSTRUCTIONS)
KINDS: Final = table(u8, [kind for kind, _ in _INSTRUCTIONS])

# The memory at r0: a frame for exception returns, and room for instructions that store.
SCRATCH = static(array(u32, 64), align=8)
_MONITOR_PSR: Final = 0xD6
_ALL_ONES: Final = 0xFFFF_FFFF


@naked
def instructions() -> None:
    """Lay out the instructions, two words each."""
    asm_block(_SLOTS)


INSTRUCTIONS_ADDRESS: Final = symbol_address(symbol(instructions))


@fn
def lived(outcome: u32) -> bool:
    """Return whether an attempt ended in one of the ways that the rules allow."""
    return outcome >= UNDEFINED and outcome <= DATA_ABORT


@fn
def run(code: u32, psr: u32, value: u32) -> u32:
    """Run an instruction with r1 = value and r0 = the address of a frame for exception returns."""
    SCRATCH[0] = asm_value(u32, DONE_ADDRESS)
    SCRATCH[1] = _MONITOR_PSR
    return attempt(code, psr, u32(address(SCRATCH)), value)


@fn
def try_one(code: u32, kind: u8, state: u32, what: Ptr[u8]) -> None:
    """Run an instruction as an application, with all ones to write, and as a kernel: with all ones what is secure,
    else with zeroes, which do the virtual CPU no harm. `state` goes into the PSR."""
    outcome = run(code, USER | state, _ALL_ONES)
    deserved = outcome == UNDEFINED
    if kind >= HARMLESS:
        deserved = lived(outcome)
    count(not deserved, what, code)
    if kind == SECURE:
        count(run(code, SUPERVISOR | state, _ALL_ONES) != UNDEFINED, what, code)
    elif kind != USER_ONLY:
        count(not lived(run(code, SUPERVISOR | state, 0)), what, code)


@fn
def try_instructions() -> None:
    """Run each."""
    for index in u32.range(len(KINDS)):
        try_one(asm_value(u32, INSTRUCTIONS_ADDRESS) + index * 8, KINDS[index], 0, text("instruction"))
    close_chapter(text("instructions"))
