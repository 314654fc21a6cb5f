# SPDX-License-Identifier: Apache-2.0
"""Processes: a space, saved registers, a parent; the choice of the next one.

Processes run in round-robin turns. The kernel itself is never preempted: virtual interrupts are masked from a virtual exception
to its
return, and only programs run with them open.
"""

from typing import Final

from ovm.abi.hypercalls import CONTEXT_SET
from ovm.arm.psr import MODE_USR
from ovm.guests.desk.frames import frame_place
from ovm.guests.desk.layout import (
    DACR_CLIENTS,
    PAGE,
    USER_INFO,
    USER_STACK_PAGES,
    USER_STACK_TOP,
)
from ovm.guests.desk.space import Space, area_add, space_create, space_destroy, space_fork
from ovm.guests.lib.call import call
from ovm.metal import Array, Enum, GuestPhysAddr, Struct, VirtAddr, array, fn, pointer, static, u8, u32

PROCESSES: Final = 12
NOBODY: Final = u32(PROCESSES)
# Walks of the programs' tables are cached as their memory is (TTBR0.RGN, IRGN, S: ARM B4.1.154).
TTBR_FLAGS: Final = 1 << 6 | 1 << 3 | 1 << 1


class ProcessState(Enum, width=u8):
    """Life of a process."""

    FREE = 0
    READY = 1
    WAITING = 2
    ENDED = 3


class Registers(Struct):
    """A program's registers while it doesn't run."""

    general: Array[u32] = array(u32, 13)
    pc: u32
    sp: u32
    lr: u32
    psr: u32


class Process(Struct):
    """One process."""

    state: ProcessState
    parent: u32
    status: u32
    registers: Registers
    space: Space


class Programs(Struct):
    """The code that processes run: its place, and the first instruction's address in user space."""

    code: GuestPhysAddr
    code_bytes: u32
    entry: u32


class Table(Struct):
    """All processes."""

    current: u32
    turn_over: bool
    switches: u32
    forks: u32
    programs: Programs
    processes: Array[Process] = array(Process, PROCESSES)


TABLE = static(Table)


@fn
def current_process() -> Process:
    """Return the process whose program runs, or made the exception."""
    return TABLE.processes[TABLE.current]


@fn
def is_ready() -> bool:
    """Return whether the current process can continue."""
    return current_process().state == ProcessState.READY


@fn
def find_free() -> u32:
    """Return an unused place in the table, or NOBODY."""
    for index in u32.range(PROCESSES):
        if TABLE.processes[index].state == ProcessState.FREE:
            return index
    return NOBODY


@fn
def _make(parent: u32) -> u32:
    """Make a process with an empty space; return its number, or NOBODY when there is no room."""
    index = find_free()
    if index == NOBODY:
        return index
    process = TABLE.processes[index]
    programs = TABLE.programs
    if not space_create(process.space, index + 1, programs.code, programs.code_bytes):
        space_destroy(process.space)
        return NOBODY
    process.parent = parent
    process.state = ProcessState.READY
    return index


@fn
def process_start(role: u32, seed: u32) -> u32:
    """Start a program: r0 is its role, r1 a number of its own."""
    index = _make(NOBODY)
    if index == NOBODY:
        return index
    process = TABLE.processes[index]
    area_add(process.space, VirtAddr(USER_STACK_TOP - USER_STACK_PAGES * PAGE), USER_STACK_PAGES)
    process.registers.general[0] = role
    process.registers.general[1] = seed
    process.registers.pc = TABLE.programs.entry
    process.registers.sp = USER_STACK_TOP
    process.registers.psr = MODE_USR
    return index


@fn
def process_fork() -> u32:
    """Make a copy of the current process, in which r0 is 0; return its number, or NOBODY when there is no room."""
    index = _make(TABLE.current)
    if index == NOBODY:
        return index
    parent = current_process()
    child = TABLE.processes[index]
    if not space_fork(parent.space, child.space):
        process_free(index)
        return NOBODY
    for number in u32.range(13):
        child.registers.general[number] = parent.registers.general[number]
    child.registers.general[0] = 0
    child.registers.pc = parent.registers.pc
    child.registers.sp = parent.registers.sp
    child.registers.lr = parent.registers.lr
    child.registers.psr = parent.registers.psr
    TABLE.forks += 1
    return index


@fn
def process_free(index: u32) -> None:
    """Free a process that has ended."""
    process = TABLE.processes[index]
    space_destroy(process.space)
    process.state = ProcessState.FREE


@fn
def process_end(status: u32) -> None:
    """End the current process. A parent gets the status, now or when it asks; no other process's space is touched."""
    process = current_process()
    process.status = status
    process.state = ProcessState.ENDED
    for index in u32.range(PROCESSES):
        if TABLE.processes[index].parent == TABLE.current:
            TABLE.processes[index].parent = NOBODY
    if process.parent != NOBODY:
        parent = TABLE.processes[process.parent]
        if parent.state == ProcessState.WAITING:
            parent.registers.general[0] = status
            parent.state = ProcessState.READY
            process.parent = NOBODY


@fn
def process_wait(no_child: u32) -> None:
    """Give the current process the status of a child that ended, or let it wait for one."""
    process = current_process()
    children = u32(0)
    for index in u32.range(PROCESSES):
        child = TABLE.processes[index]
        if child.state != ProcessState.FREE and child.parent == TABLE.current:
            children += 1
            if child.state == ProcessState.ENDED:
                process.registers.general[0] = child.status
                child.parent = NOBODY
                return
    if children == 0:
        process.registers.general[0] = no_child
    else:
        process.state = ProcessState.WAITING


@fn
def process_choose() -> u32:
    """Return the next process that is ready, or NOBODY."""
    for step in u32.range(1, PROCESSES + 1):
        index = (TABLE.current + step) % PROCESSES
        if TABLE.processes[index].state == ProcessState.READY:
            return index
    return NOBODY


@fn
def process_enter(index: u32) -> None:
    """Make a process's space the current one, and write its number into its info page."""
    process = TABLE.processes[index]
    TABLE.current = index
    TABLE.switches += 1
    ttbr0 = u32(frame_place(process.space.level1)) | TTBR_FLAGS
    call(CONTEXT_SET, ttbr0, process.space.asid, DACR_CLIENTS)
    # SAFETY: every space maps the page, for the kernel to write.
    pointer(u32, VirtAddr(USER_INFO))[0] = index


@fn
def processes_reap() -> None:
    """Free processes that ended and whose parents know; the current space stays."""
    for index in u32.range(PROCESSES):
        process = TABLE.processes[index]
        if process.state == ProcessState.ENDED and process.parent == NOBODY and index != TABLE.current:
            process_free(index)
