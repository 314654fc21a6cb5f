# SPDX-License-Identifier: Apache-2.0
"""CP15 registers that aren't fields of a core's state: identification, performance monitors, TLB access.

They are read as an MRC would read them now, and can't be set from outside.
"""

from functools import cache

# Reading them updates the counters, which a debugger must not do.
_MOVING = frozenset({"PMOVSR", "PMCCNTR", "PMXEVCNTR"})
_CP15 = 15


@cache
def rows() -> dict[str, int]:
    """Return the row of each such register in the board's table, by name."""
    from ovm.board.cp15.access import READ
    from ovm.board.cp15.registers import REGISTERS
    from ovm.board.state import Cpu, WorldRegisters

    fields = {*Cpu.LAYOUT.fields, *WorldRegisters.LAYOUT.fields}
    return {
        each.name: number
        for number, each in enumerate(REGISTERS)
        if each.rules & READ
        and each.key >> 16 == _CP15
        and each.name.lower() not in fields
        and each.name not in _MOVING
        and not each.name.startswith(("MIDR_", "ID_ISAR5", "ID_ISAR6", "ID_ISAR7"))
        and not each.name[3:4].isdigit()
    }
