# SPDX-License-Identifier: Apache-2.0
"""System calls: the current process's saved registers hold the number and arguments, and get the result."""

from ovm.guests.desk.process import (
    NOBODY,
    TABLE,
    Registers,
    current_process,
    process_end,
    process_fork,
    process_wait,
)
from ovm.guests.desk.services import NO_CHILD, NO_PROCESS, Service
from ovm.guests.desk.space import Space, area_add, area_move, area_remove, large_add, section_add
from ovm.guests.desk.totals import TOTALS, round_over
from ovm.guests.lib.vcpu import now
from ovm.metal import VirtAddr, fn, u32


@fn
def serve() -> None:
    """Serve the current process's call; an unknown number has no effect."""
    process = current_process()
    registers = process.registers
    match Service.of(registers.general[0]):
        case Service.EXIT:
            process_end(registers.general[1])
        case Service.FORK:
            child = process_fork()
            registers.general[0] = child if child != NOBODY else NO_PROCESS
        case Service.WAIT_CHILD:
            process_wait(NO_CHILD)
        case Service.YIELD_TURN:
            TABLE.turn_over = True
        case Service.KEEP_GOING:
            registers.general[0] = u32(now() < TOTALS.end)
        case Service.ROUND:
            round_over(registers.general[1], registers.general[2])
        case _:
            registers.general[0] = u32(serve_memory(process.space, registers))


@fn
def serve_memory(space: Space, registers: Registers) -> bool:
    """Change the process's address space; return True when that was done."""
    place = VirtAddr(registers.general[1])
    match Service.of(registers.general[0]):
        case Service.AREA_ADD:
            return area_add(space, place, registers.general[2])
        case Service.AREA_REMOVE:
            return area_remove(space, place)
        case Service.AREA_MOVE:
            return area_move(space, place, VirtAddr(registers.general[2]))
        case Service.LARGE_ADD:
            return large_add(space, place)
        case Service.SECTION_ADD:
            return section_add(space, place)
        case _:
            return False
