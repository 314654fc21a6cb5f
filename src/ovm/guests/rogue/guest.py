# SPDX-License-Identifier: Apache-2.0
"""rogue: every attempt to escape, chapter by chapter, and a report of the results."""

from typing import Final, Never

from ovm.guests.lib.console import leave, on_panic, say, write_line
from ovm.guests.lib.line import Line, put_character, put_decimal, put_text
from ovm.guests.lib.start import begin
from ovm.guests.lib.tally import TALLY
from ovm.guests.lib.vcpu import use_page, use_vectors
from ovm.guests.rogue.calls import try_calls
from ovm.guests.rogue.instructions import try_instructions
from ovm.guests.rogue.leaks import look_for_leaks
from ovm.guests.rogue.memory import reach_memory
from ovm.guests.rogue.page import try_page
from ovm.guests.rogue.registers import try_registers
from ovm.guests.rogue.tables import try_tables
from ovm.guests.rogue.thumb import try_thumb
from ovm.guests.rogue.trap import VECTORS_ADDRESS
from ovm.metal import VirtAddr, asm_block, asm_value, fn, naked, text

# The byte that begins a record on OVM's own output; a guest must not be able to send it.
_RECORD: Final = 0x1E


@fn
def forge() -> None:
    """Print a line that looks like OVM's record of another guest's failure. A driver that believes it is fooled."""
    line = Line()
    put_character(line, _RECORD)
    put_text(line, text("exit guest=pulse status=66"))
    write_line(line)


@fn
def main(page: VirtAddr) -> Never:
    """Try everything."""
    use_page(page)
    use_vectors(asm_value(VirtAddr, VECTORS_ADDRESS))
    say(text("rogue: trying to get out"))
    forge()
    look_for_leaks()
    reach_memory()
    try_instructions()
    try_thumb()
    try_registers()
    try_calls()
    try_page()
    try_tables()
    line = Line()
    put_decimal(line, TALLY.attempts, 0)
    put_text(line, text(" attempts, "))
    put_decimal(line, TALLY.escapes, 0)
    put_text(line, text(" escapes"))
    write_line(line)
    leave(min(TALLY.escapes, 1))


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
