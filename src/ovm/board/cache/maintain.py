# SPDX-License-Identifier: Apache-2.0
"""Cache maintenance operations of CP15 (ARM B4.2.1), by physical address or by set and way."""

from typing import Final

from ovm.arm.control import ACTLR_FW, ACTLR_SMP
from ovm.board.cache.data import clean, invalidate
from ovm.board.cache.fetch import drop_instructions
from ovm.board.cache.level1 import DATA, INSTRUCTIONS, LINES, NON_SECURE, NONE, SETS, VALID, WAYS, find_data
from ovm.board.clock import stall
from ovm.board.mapping import MAPPING
from ovm.board.parameters import PARAMETERS
from ovm.board.predictor import invalidate_branch, invalidate_predictor
from ovm.board.state import CORES, CPU
from ovm.metal import fn, u32

CLEAN: Final = 1
INVALIDATE: Final = 2  # OR them


@fn
def _broadcasts() -> bool:
    """Tell whether operations of the core that runs reach the other one too (A9 4.3.10: FW, SMP)."""
    own = CPU.actlr & (ACTLR_FW | ACTLR_SMP) == ACTLR_FW | ACTLR_SMP
    return own and CORES[1 - CPU.number].actlr & ACTLR_SMP != 0


@fn
def _data(core: u32, index: u32, op: u32) -> None:
    if op & CLEAN != 0:
        clean(core, index)
    if op & INVALIDATE != 0:
        invalidate(core, index)


@fn
def data_line(physical: u32, ns: u32, op: u32) -> None:
    """Clean, invalidate or both for the L1 data line that holds a physical address; the other core's too if it is shared."""
    stall(PARAMETERS.maintenance)
    both = MAPPING.shareable != 0 and _broadcasts()
    for core in u32.range(2):
        if core == CPU.number or both:
            index = find_data(core, physical, ns)
            if index != NONE:
                _data(core, index, op)


@fn
def data_set_way(word: u32, op: u32) -> None:
    """Do the same for the line that a set/way operand names: way [31:30], set [12:5] (ARM B4.2.1)."""
    stall(PARAMETERS.maintenance)
    index = ((word >> 5) % SETS) * WAYS + (word >> 30)
    tag = DATA[CPU.number * LINES + index]
    hidden = tag & NON_SECURE == 0 and CPU.context >> 1 != 0
    if tag & VALID != 0 and not hidden:
        _data(CPU.number, index, op)


@fn
def _all_of(core: u32) -> None:
    for index in u32.range(LINES):
        if INSTRUCTIONS[core * LINES + index] != 0:
            drop_instructions(core, index)


@fn
def instruction_all() -> None:
    """Invalidate the L1 instruction cache of the core that runs, and its branch predictor (ARM B4.2.1)."""
    stall(PARAMETERS.maintenance)
    _all_of(CPU.number)
    invalidate_predictor(CPU.number)


@fn
def instruction_all_shared() -> None:
    """Invalidate the L1 instruction caches of all cores that take part in coherency, and their branch predictors."""
    instruction_all()
    if _broadcasts():
        _all_of(1 - CPU.number)
        invalidate_predictor(1 - CPU.number)


@fn
def instruction_line(physical: u32, ns: u32) -> None:
    """Invalidate the L1 instruction line that holds a physical address."""
    stall(PARAMETERS.maintenance)
    first = ((physical >> 5) % SETS) * WAYS
    for core in u32.range(2):
        if core == CPU.number or _broadcasts():
            for way in u32.range(WAYS):
                tag = INSTRUCTIONS[core * LINES + first + way]
                if tag & VALID != 0 and (tag ^ physical) & 0xFFFF_FFE0 == 0 and (tag & NON_SECURE != 0) == (ns != 0):
                    drop_instructions(core, first + way)


@fn
def branch_all() -> None:
    """Invalidate the branch predictor of the core that runs."""
    stall(PARAMETERS.maintenance)
    invalidate_predictor(CPU.number)


@fn
def branch_all_shared() -> None:
    """Invalidate the branch predictors of all cores that take part in coherency."""
    branch_all()
    if _broadcasts():
        invalidate_predictor(1 - CPU.number)


@fn
def branch_at(where: u32) -> None:
    """Take the branch at a virtual address out of the branch predictor."""
    stall(PARAMETERS.maintenance)
    invalidate_branch(where)
