# SPDX-License-Identifier: Apache-2.0
"""rogue at level HRT: accesses to everything that the Non-secure world must not reach, and a report of the results.

Arguments: the start of Secure memory, and the end of the granule in which it lies (`ovm report` prints both). With a third
argument the guest does instead what can't be prevented; `seize.py` needs a fourth.
"""

from typing import Final, Never

from ovm.guests.lib.hrt import argument, hrt_page, leave, on_panic, say, use_page, write_line
from ovm.guests.lib.line import Line, put_decimal, put_text
from ovm.guests.lib.start import begin
from ovm.guests.lib.tally import TALLY
from ovm.guests.rogue_hrt.access import map_everything
from ovm.guests.rogue_hrt.attempt import vectors_use
from ovm.guests.rogue_hrt.calls import try_calls
from ovm.guests.rogue_hrt.devices import (
    halt_other_cpu,
    move_time,
    order_a_transfer,
    reach_refused,
    storm_of_interrupts,
    write_ignored,
)
from ovm.guests.rogue_hrt.memory import read_secure, write_secure
from ovm.guests.rogue_hrt.processor import drop_everywhere, read_secrets
from ovm.guests.rogue_hrt.seize import seize
from ovm.guests.rogue_hrt.tally import close_chapter
from ovm.metal import VirtAddr, asm_block, fn, naked, text


@fn
def finish() -> Never:
    """Print the account and end."""
    line = Line()
    put_decimal(line, TALLY.attempts, 0)
    put_text(line, text(" attempts, "))
    put_decimal(line, TALLY.escapes, 0)
    put_text(line, text(" escapes"))
    write_line(line)
    leave(min(TALLY.escapes, 1))


@fn
def main(page: VirtAddr) -> Never:
    """Try everything. An open door ends the run before the stores, which would stop OVM from reporting it."""
    use_page(page)
    vectors_use()
    map_everything()
    if argument(2, 0) != 0:
        seize(argument(2, 0))
    hrt_page().takes_aborts = 1
    say(text("rogue: trying to get out"))
    read_secure()
    close_chapter(text("reading Secure memory"))
    if TALLY.escapes != 0:
        finish()
    write_secure()
    close_chapter(text("writing Secure memory"))
    reach_refused()
    close_chapter(text("devices"))
    write_ignored()
    storm_of_interrupts()
    move_time()
    close_chapter(text("private block"))
    order_a_transfer(argument(0, 0))
    close_chapter(text("DMA"))
    halt_other_cpu()
    close_chapter(text("debug"))
    read_secrets()
    close_chapter(text("processor"))
    drop_everywhere()
    close_chapter(text("lock entries of the other CPU"))
    try_calls()
    close_chapter(text("calls"))
    finish()


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
