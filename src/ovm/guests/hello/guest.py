# SPDX-License-Identifier: Apache-2.0
"""The smallest guest, which prints three lines and ends.

It starts in virtual SVC mode with its memory mapped flat, the address of the vCPU page in r0 and no stack. It runs at
SRT and at NRT.
"""

from typing import Final, Never

from ovm.guests.lib.console import leave, on_panic, say, write_line
from ovm.guests.lib.line import Line, put_decimal, put_text
from ovm.guests.lib.start import begin
from ovm.guests.lib.vcpu import use_page, vcpu_page
from ovm.metal import VirtAddr, asm_block, fn, naked, text, u32


@fn
def main(page: VirtAddr) -> Never:
    """Print a greeting."""
    use_page(page)
    say(text("hello from metal"))
    line = Line()
    put_text(line, text("memory: "))
    put_decimal(line, vcpu_page().ram_bytes // 1024, 0)
    put_text(line, text(" KiB"))
    write_line(line)
    for count in u32.range(1, 11):
        put_decimal(line, count, 3)
    write_line(line)
    leave(0)


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
