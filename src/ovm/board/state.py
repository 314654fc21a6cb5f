# SPDX-License-Identifier: Apache-2.0
"""State of one Cortex-A9.

`CPU` is the core that runs now and lies at an address the compiler knows, so that a register is one host access;
`CORES` holds the others, parked. The condition flags are kept apart and the program counter is implied by the record
that is being executed: both are put together only where a program can see them (`status`, `flow`).
"""

from typing import Final

from ovm.metal import Array, Struct, array, fn, static, u32, u64

# Banks of r13, r14 and SPSR (ARM B1.3.2). User and System share bank 0, which has no SPSR.
BANK_USR: Final = 0
BANK_FIQ: Final = u32(1)
BANK_IRQ: Final = 2
BANK_SVC: Final = 3
BANK_ABT: Final = u32(4)
BANK_UND: Final = u32(5)
BANK_MON: Final = 6

# CPU.attention: reasons for not executing the next instruction at once.
# All bits lie above the numbers of handlers: the loop tests both at once.
ATTEND_IT: Final = 0xFF00_0000  # ITSTATE that the next instruction has
ATTEND_IT_SHIFT: Final = 24
ATTEND_IT_NOW: Final = 0x1_0000  # CPU.it_now is the ITSTATE of the instruction in progress
ATTEND_STOP: Final = 0x2_0000  # leave the loop
ATTEND_DEBUG: Final = 0x4_0000  # `debug_steps.before_instruction` has something to do
ATTEND_INTERRUPT: Final = 0x8_0000  # an interrupt line may be up, or a mask was changed
ATTEND_FETCH: Final = 0x10_0000  # the page in progress must be translated again
ATTEND_ACCOUNT: Final = 0x20_0000  # `account.settle` has a change to book
ATTEND_HANDLER: Final = 0x40_0000  # the next instruction is the first of an interrupt handler
ATTEND_TURNS: Final = 0x80_0000  # CPU.turns bounds the run

# CPU.lines: asynchronous exceptions that are asserted.
LINE_FIQ: Final = 1 << 0
LINE_IRQ: Final = 1 << 1
LINE_ABORT: Final = u32(1 << 2)

# CPU.stopped: the reason why the loop ended before its budget.
STOP_NONE: Final = 0
STOP_REQUEST: Final = 1  # a step or a count of instructions is over
STOP_UNPREDICTABLE: Final = 2  # CPU.event_pc, CPU.event_word
STOP_WAIT: Final = 3  # WFI or WFE, nothing pending
STOP_ABSENT: Final = 4  # an instruction that this model has not (yet); CPU.event_*
STOP_EXCEPTION: Final = 5  # an exception was taken and CPU.catch asked for it
STOP_EVENTS: Final = 6  # the ring of events, or that of the consoles, is nearly full
STOP_BREAKPOINT: Final = 7  # CPU.event_pc; the instruction was not executed
STOP_WATCHPOINT: Final = 8  # CPU.event_pc, CPU.event_word: the address
STOP_TURNS: Final = 10  # inside the loop only: CPU.turns are over

RETURNS: Final = 8  # addresses in the return stack


class WorldRegisters(Struct):
    """CP15 registers that each world has (ARM B3.15.3)."""

    sctlr: u32
    csselr: u32
    ttbr0: u32
    ttbr1: u32
    ttbcr: u32
    dacr: u32
    dfsr: u32
    ifsr: u32
    dfar: u32
    ifar: u32
    par: u32
    prrr: u32
    nmrr: u32
    vbar: u32
    fcseidr: u32
    contextidr: u32
    tpidrurw: u32
    tpidruro: u32
    tpidrprw: u32
    adfsr: u32
    aifsr: u32


class Cpu(Struct):
    """One core; a field is valid at any time unless its comment says otherwise."""

    r: Array[u32] = array(u32, 16)  # r[15] only inside an instruction that reads it
    negative: u32  # N is bit 31
    zero: u32  # Z is set when this is 0
    carry: u32  # 0 or 1
    overflow: u32  # 0 or 1
    saturated: u32  # Q: 0 or 1
    greater_equal: u32  # GE, 4 bits
    thumb: u32  # T: 0 or 1
    big_endian: u32  # E: 0 or 1
    masks: u32  # A, I, F at their CPSR places
    mode: u32
    attention: u32
    turns: u32  # that the loop may still take, if ATTEND_TURNS is set
    it_now: u32
    uncounted: u32  # turns of the loop that executed nothing

    # The place of the program counter: records of the page in progress, its virtual address, log2(record bytes / unit).
    page_records: u32
    page_virtual: u32
    page_shift: u32
    at: u32  # the next record, outside the loop

    fault: u32  # a data access has failed: status code | 0x8000_0000
    fault_address: u32
    fault_write: u32
    stopped: u32
    event_pc: u32
    event_word: u32
    catch: u32  # stop after an exception instead of running its handler
    exception: u32  # vector offset of the exception taken last
    slots: u64  # of issue that instructions took, two a cycle; `clock.now` adds waiting time
    stalled: u64  # waited for memory and devices
    limit: u64  # of `slots`: the loop leaves there
    instructions: u64  # up to when `run` was called
    turn: u32  # of the loop since then, where `attend` sees it
    decoded: u32  # the turn before which its instruction was decoded

    r13: Array[u32] = array(u32, 7)
    r14: Array[u32] = array(u32, 7)
    spsr: Array[u32] = array(u32, 7)
    r8_usr: Array[u32] = array(u32, 5)
    r8_fiq: Array[u32] = array(u32, 5)

    lines: u32
    event_register: u32
    send_event: u32  # SEV was executed: the machine sets the event register of the other core
    exclusive: u32  # local monitor: 1 while exclusive access is held
    exclusive_address: u32  # physical, of the 32-byte granule
    number: u32  # MPIDR: 0 or 1

    # CP15 that both worlds share; `world[0]` is Secure.
    scr: u32
    sder: u32
    nsacr: u32
    vcr: u32
    vir: u32
    mvbar: u32
    actlr: u32
    cpacr: u32
    world: Array[WorldRegisters] = array(WorldRegisters, 2)

    table: u32  # of lines that hit, in force (`lines`)
    context: u32  # User | Non-secure << 1, at the last call of `select_table`

    # Branch prediction (`predictor`).
    unpredicted: u32  # 1 while SCTLR.Z is 0
    counters: u32  # the address of the direction counters in force
    history: u32  # directions of the last conditional branches, the last one in bit 0
    history_mask: u32
    counter_mask: u32  # 3, and 0 while nothing is predicted
    branches: u32  # executed, and not yet in the counts (`fold_branches`)
    mispredicts: u32  # mispredicted ones among them, also not yet in the counts
    return_top: u32  # only grows and shrinks: modulo RETURNS it is the next place
    returns: Array[u32] = array(u32, RETURNS)


CPU = static(Cpu, align=64)
CORES = static(array(Cpu, 2), align=64)


@fn(inline=True)
def running() -> u32:
    """Return the number of the running core, in a way that shows the compiler its range, which makes addresses shorter."""
    return CPU.number & 1


@fn(inline=True)
def core_of(number: u32) -> Cpu:
    """Return the state of a core, parked or running."""
    if CPU.number == number:
        return CPU
    return CORES[number]
