# SPDX-License-Identifier: Apache-2.0
"""Attacks of an HRT guest that can't be prevented: on the gate page, shadow tables, pool, lines of level 2, its own CPU's
watchdog.

It then controls the guests on CPU 0, but not OVM (docs/guide/limits.md). Argument 2 chooses the attack, argument 3 is the end
of all guests' memory. The attack continues until the run ends.
"""

from typing import Final, Never

from ovm.abi.hypercalls import REPORT_ATTEMPTS, TIME
from ovm.arm.assembly import symbol_address
from ovm.arm.cp15 import BPIALLIS, DCCMVAC, ICIALLUIS
from ovm.guests.lib.devices import periphbase
from ovm.guests.lib.hrt import argument, hrt_page, report, say
from ovm.guests.rogue_hrt.access import MAP, forget, section_of
from ovm.guests.rogue_hrt.calls import call
from ovm.guests.rogue_hrt.usurp import USURPER, detour, spin
from ovm.metal import (
    VirtAddr,
    asm_value,
    cp15_write,
    dsb,
    fn,
    forever,
    isb,
    pointer,
    symbol,
    text,
    u32,
    volatile_load,
    volatile_store,
)

_MOST_WORDS: Final = 1 << 22
# The attacks.
SPIN: Final = 1
USURP: Final = 2
CALL: Final = 3
OVERWRITE: Final = 4
LEVEL2: Final = 5
WATCHDOG: Final = 6

_STUBS: Final = 0x20
_STUBS_END: Final = 0x40
_TRAP: Final = 0x800
_GATE_PAGES: Final = 0x2000
_CODE_WORDS: Final = 20
_LINE: Final = 32
_SWEPT: Final = 1 << 18
_MEGABYTE: Final = 1 << 20
_SUPERVISOR_CALL: Final = 0xEF00_0000
_BRANCH: Final = 0xEA00_0000
# Level 2: invalidate by way, all eight (DDI0246 3.3.10).
_BY_WAY: Final = 0x2000 + 0x77C
_WAYS: Final = 0xFF
# The watchdog of this CPU (DDI0407 4.2): in watchdog mode, enabled.
_WATCHDOG_LOAD: Final = 0x620
_WATCHDOG_CONTROL: Final = 0x628
_WATCHDOG_MODE: Final = 9
# A while in which the others begin: some milliseconds.
_PATIENCE: Final = 400_000


SPIN_ADDRESS: Final = symbol_address(symbol(spin))
DETOUR_ADDRESS: Final = symbol_address(symbol(detour))


@fn
def _store(place: u32, word: u32) -> None:
    # SAFETY: an attacker's: everything is mapped.
    volatile_store(pointer(u32, VirtAddr(place)), word)


@fn
def _load(place: u32) -> u32:
    # SAFETY: as above.
    return volatile_load(pointer(u32, VirtAddr(place)))


@fn
def take_gate(code: u32) -> None:
    """Let all stubs of CPU 0's gate jump to a copy of `code` behind them, and let both CPUs drop the old ones."""
    gate = argument(1, 0)
    for index in u32.range(_CODE_WORDS):
        _store(gate + _STUBS_END + index * 4, _load(code + index * 4))
    for place in u32.range(_STUBS, _STUBS_END, 4):
        _store(gate + place, _BRANCH | ((_STUBS_END - place - 8) >> 2 & 0x00FF_FFFF))
    dsb()
    for place in u32.range(0, _STUBS_END + _CODE_WORDS * 4, _LINE):
        cp15_write(DCCMVAC, gate + place)
    dsb()
    cp15_write(ICIALLUIS, 0)
    cp15_write(BPIALLIS, 0)
    dsb()
    isb()


@fn
def _surround() -> None:
    """Map almost every address to a megabyte full of SVC: wherever User mode is sent, it traps at once.

    The usurper's own memory, the gate page and the private block stay where they are.
    """
    trap = argument(3, 0)
    for place in u32.range(trap, trap + _MEGABYTE, 4, bound=_MEGABYTE // 4):
        _store(place, _SUPERVISOR_CALL)
    for index in u32.range(4096):
        own = index == hrt_page().ram_base >> 20 or index == argument(1, 0) >> 20
        if not own and index != u32(periphbase()) >> 20:
            MAP[index] = section_of(trap >> 20)
    forget()


@fn
def _word_of(round_: u32, place: u32) -> u32:
    """Return a word to write: zeros, sections at OVM's address that anyone may write, large tables there, noise."""
    noise = (place ^ round_ * 0x9E37_79B1) * 0x2545_F491
    secure = argument(0, 0)
    match round_ & 3:
        case 0:
            return noise ^ noise >> 15
        case 1:
            return secure | 0xC0E
        case 2:
            return secure | (noise >> 12 & 0xFF) << 12 | (0x3E if noise & 1 != 0 else 0x1)
        case _:
            return 0


@fn
def _overwrite(round_: u32) -> None:
    """Write all memory of the Non-secure world except its own, and the gate pages."""
    own = hrt_page().ram_base
    for place in u32.range(argument(1, 0) + _GATE_PAGES, argument(3, 0), 4, bound=_MOST_WORDS):
        if place - own >= hrt_page().ram_bytes:
            _store(place, _word_of(round_, place))
    dsb()


@fn
def _drop_lines() -> None:
    """Invalidate all ways of level 2, and wait for the end: until then it accepts no other order."""
    place = u32(periphbase()) + _BY_WAY
    _store(place, _WAYS)
    for _ in u32.range(_PATIENCE):
        if _load(place) & _WAYS == 0:
            return


@fn
def _leave_registers() -> None:
    """Have OVM push this CPU's registers, and level 2 hold them: sweep more than level 1, so that they leave it."""
    own = hrt_page().ram_base
    for _ in u32.range(2):
        call(TIME, own)
        for place in u32.range(own, own + _SWEPT, _LINE, bound=_SWEPT // _LINE):
            _load(place)


@fn
def _begin(attack: u32) -> None:
    """Do the part that is done once."""
    USURPER.trap = argument(1, 0) + _TRAP
    match attack:
        case 1:
            take_gate(asm_value(u32, SPIN_ADDRESS))
        case 2:
            take_gate(asm_value(u32, DETOUR_ADDRESS))
        case 3:
            USURPER.calls = 1
            _surround()
            take_gate(asm_value(u32, DETOUR_ADDRESS))
        case 6:
            _leave_registers()
            _store(u32(periphbase()) + _WATCHDOG_LOAD, _PATIENCE)
            _store(u32(periphbase()) + _WATCHDOG_CONTROL, _WATCHDOG_MODE)
        case _:
            pass


@fn
def seize(attack: u32) -> Never:
    """Attack, and count rounds until the end. The texts that it prints are fetched before: an attack may lose them."""
    say(text("seizing"))
    for _ in u32.range(_PATIENCE):
        isb()
    _begin(attack)
    rounds = u32(0)
    while forever():
        if attack == OVERWRITE:
            _overwrite(rounds)
        elif attack == LEVEL2:
            _drop_lines()
        else:
            for _ in u32.range(1 << 12):
                isb()
        rounds += 1
        report(REPORT_ATTEMPTS, rounds)
