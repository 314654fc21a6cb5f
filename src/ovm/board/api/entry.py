# SPDX-License-Identifier: Apache-2.0
"""The functions of the board that the host program calls.

`ROOTS` is compiled. Importing this module loads the whole interpreter's sources, so only a cold start does.
"""

from typing import Any, Final

from ovm.board.arena.drop import forget_blocks
from ovm.board.blocks.floating import compute
from ovm.board.cache import seen
from ovm.board.cp15 import dispatch
from ovm.board.devices.sd_card import card_insert
from ovm.board.devices.uart import uart_receive
from ovm.board.events import CORE_COUNTS, MARK, happened
from ovm.board.mmu.attributes import memory_of
from ovm.board.parameters import PARAMETERS
from ovm.board.processor import account, debug, debug_steps, status
from ovm.board.ram import storage
from ovm.board.run import boot_rom, loop, machine
from ovm.board.shortcuts.changes import code_written
from ovm.board.shortcuts.lines import drop_lines
from ovm.board.state import ATTEND_DEBUG, ATTEND_INTERRUPT, CORES, CPU
from ovm.metal import address, copy, fn, u32

PAGE_WORDS: Final = 1024

# What is compiled apart, by the longest prefix of a name: the loop with all handlers that it inlines, and the rest by subject.
PARTS: Final = {
    "ovm.board.run.loop": "loop",
    "ovm.board.execute": "loop",
    **{f"ovm.board.{folder}": folder for folder in ("blocks", "cp15", "decode", "devices", "vfp")},
    "ovm.board.arena": "blocks",
    "ovm.board.interconnect": "devices",
    **{f"ovm.board.{each}": "memory" for each in ("access.outer", "cache", "issue", "mmu", "ram.contention", "ram.dram")},
    # With the functions of `access` and `ram.storage` that they call, or that call them.
    **{f"ovm.board.{module}": "" for module in ("interconnect.bus", "mmu.translate")},
}


@fn
def forget_code(physical: u32, words: u32) -> None:
    """Drop instructions that were decoded from words which the host program has written."""
    for index in u32.range(words, bound=PAGE_WORDS):
        code_written(physical + index * 4, 4)


@fn
def come_to_rest() -> None:
    """Drop traces of the last run's division into calls, which don't matter to the next run."""
    for _ in u32.range(2):
        machine.select_core(CPU.number ^ 1)
        CPU.turn = 0
        CPU.decoded = 0
        CPU.uncounted = 0
        CPU.stopped = 0
        CPU.limit = 0
        # It is valid only inside an instruction; one whose condition fails may have been skipped without it.
        CPU.r[15] = 0
        # Whether interrupts, or the user's steps and trace, were looked at since the last change is no state: the next run does.
        CPU.attention |= ATTEND_INTERRUPT | ATTEND_DEBUG
    forget_blocks()
    # The place where the running core is parked otherwise.
    copy(CORES[CPU.number & 1], CPU)


@fn
def mark(first: u32, second: u32) -> None:
    """Put an event of the host program into the ring."""
    happened(MARK, first, second)


@fn
def kept() -> u32:
    """Name statics that the host program reads, so that they exist even if no other code reads them."""
    return u32(address(CORE_COUNTS)) ^ u32(address(PARAMETERS)) ^ u32(address(CORES))


ROOTS: Final[tuple[Any, ...]] = (
    compute,
    machine.select_core,
    forget_code,
    come_to_rest,
    mark,
    kept,
    machine.machine_reset,
    machine.machine_start,
    machine.machine_run,
    machine.machine_turn,
    machine.look_after_cores,
    boot_rom.boot_rom_leave,
    uart_receive,
    card_insert,
    storage.place_of_ram,
    account.account_reset,
    account.settle,
    account.book,
    seen.seen_at,
    seen.seen_by_all,
    seen.copy_at,
    memory_of,
    dispatch.read,
    debug.add_breakpoint,
    debug.remove_breakpoint,
    debug.add_watchpoint,
    debug.remove_watchpoint,
    debug_steps.forget_pass,
    debug_steps.arm_step,
    debug_steps.count_down,
    debug_steps.trace,
    debug_steps.disarm,
    debug.forget_stops,
    drop_lines,
    loop.run,
    loop.start,
    loop.program_counter,
    status.cpsr,
    status.return_to,
    status.set_mode,
)
