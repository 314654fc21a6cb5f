# SPDX-License-Identifier: Apache-2.0
"""A guest that makes OVM work for ever, in the way that the description gives by a number.

A turn of an attack is a function; `ATTACKS` lists them, and `NAMES` gives their names in the same order, for descriptions of
systems with this guest. Those from FIRST_SPACE on run with the guest's MMU on.
"""

from typing import Final, Never

from ovm.guests.hog import attacks, spaces
from ovm.guests.hog.instructions import vectors_use
from ovm.guests.lib.console import on_panic, say
from ovm.guests.lib.start import begin
from ovm.guests.lib.vcpu import now, ticks_of_microseconds, use_page, vcpu_page
from ovm.metal import VirtAddr, asm_block, fn, forever, function_table, naked, table, text, u32

ATTACKS = function_table(
    attacks.spin,
    attacks.flood,
    attacks.balloon,
    attacks.store_across,
    attacks.refused,
    attacks.undefined,
    attacks.forget_code,
    attacks.yields,
    attacks.timers,
    attacks.sleeps,
    attacks.interrupts,
    attacks.doorbells,
    attacks.denied,
    attacks.restarts,
    attacks.sweep,
    attacks.ends,
    attacks.lost,
    spaces.drop_address,
    spaces.drop_all,
    spaces.drop_large,
    spaces.crowd_out,
    spaces.switch_spaces,
)
# In the same order: names, and the argument of each in `everything`.
NAMES: Final = (
    "spin",
    "flood",
    "balloon",
    "store_across",
    "refused",
    "undefined",
    "forget_code",
    "yields",
    "timers",
    "sleeps",
    "interrupts",
    "doorbells",
    "denied",
    "restarts",
    "sweep",
    "ends",
    "lost",
    "drop_address",
    "drop_all",
    "drop_large",
    "crowd_out",
    "switch_spaces",
)
ARGUMENTS: Final = table(u32, [0, 0, 0, 0, 0, 0, 0, 0, 1000, 1000, 0, 0, 0, 0, 0, 0, 0, 64, 64, 490, 490, 80])
COUNT: Final = u32(len(NAMES))
FIRST_SPACE: Final = NAMES.index("drop_address")
# All of them in sequence, each for this time, except those that end the guest, need a manager, or wait for the console.
EVERYTHING: Final = 99
EACH_US: Final = 3000
NOT_AMONG_ALL: Final = sum(1 << NAMES.index(name) for name in ("flood", "restarts", "ends", "lost"))
# The delay before the first attack, so that the neighbour has started.
DELAY_US: Final = 5000


@fn
def let_others_begin() -> None:
    """Yield turns for a while."""
    begin = now() + ticks_of_microseconds(DELAY_US)
    for _ in u32.range(1 << 20):
        if now() >= begin:
            return
        attacks.yields(0)


@fn
def everything() -> None:
    """Make all attacks, each for a while."""
    for attack in u32.range(COUNT):
        if attack == FIRST_SPACE:
            spaces.mmu_on()
        if NOT_AMONG_ALL >> attack & 1 == 0:
            end = now() + ticks_of_microseconds(EACH_US)
            for _ in u32.range(1 << 20):
                ATTACKS[attack](ARGUMENTS[attack])
                if now() >= end:
                    break


@fn
def main(page: VirtAddr) -> Never:
    """Wait, then attack."""
    use_page(page)
    vectors_use()
    attack = vcpu_page().argument[0]
    argument = vcpu_page().argument[1]
    let_others_begin()
    say(text("hog begins"))
    if attack >= FIRST_SPACE:
        spaces.mmu_on()
    while forever():
        if attack == EVERYTHING:
            everything()
        else:
            ATTACKS[min(attack, COUNT - 1)](argument)


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
