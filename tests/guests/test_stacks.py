# SPDX-License-Identifier: Apache-2.0
"""Every stack of a metal guest holds the deepest path that can run on it."""

import importlib

import pytest

from ovm.metal.build.image import link_arm
from ovm.metal.build.stack import StackAnalysis
from ovm.metal.compiler import Options, compile_unit
from tests.guests.metal_image import GUESTS
from tests.guests.stand_in import LINK_BASE

# Bytes from a stack's start to the next stack below it, by the function that begins on it. An interrupt's frame of
# fourteen words lies on its mode's stack before the handler's.
FRAME = 14 * 4
WHOLE, MAIN, MODE, FAULT = 0x8000, 0x6000, 0x2000, 0x1000
STACKS = {
    "hello": {"ovm.guests.hello.guest.main": WHOLE},
    "pulse": {
        "ovm.guests.pulse.loop.main": MAIN,
        "ovm.guests.pulse.loop.on_interrupt": MODE - FRAME,
        "ovm.guests.pulse.entry.faulted": WHOLE,
    },
    "tick": {
        "ovm.guests.tick.guest.main": WHOLE - FAULT,
        "ovm.guests.tick.application.run_task": 512 * 4,
        "ovm.guests.tick.switch.on_service": MODE - FRAME,
        "ovm.guests.tick.switch.on_interrupt": WHOLE - MODE - FAULT - FRAME,
        "ovm.guests.tick.switch.on_fault": FAULT,
    },
    "still": {"ovm.guests.still.guest.main": WHOLE},
    "rogue": {"ovm.guests.rogue.guest.main": WHOLE - MODE, "ovm.guests.rogue.trap.observe": FAULT},
    "rogue_hrt": {"ovm.guests.rogue_hrt.guest.main": WHOLE},
}
# What assembly pushes; functions not named here push nothing.
PUSHED = {
    "ovm.guests.lib.call.call_results": 2 * 4,
    "ovm.guests.lib.call.call_words": 4 * 4,
    "ovm.guests.rogue.trap.enter": 9 * 4,
    "ovm.guests.rogue_hrt.attempt.attempt": 9 * 4,
    "ovm.guests.rogue_hrt.calls.call": 9 * 4,
}


@pytest.mark.parametrize("checked", [False, True], ids=["release", "checked"])
@pytest.mark.parametrize("name", STACKS)
def test_stacks_are_deep_enough(name: str, checked: bool) -> None:
    roots = importlib.import_module(f"ovm.guests.{name}.guest").ROOTS
    unit = compile_unit(roots, Options(target="arm", checked=checked))
    define = (("__guest_base", LINK_BASE), ("__stack_bytes", WHOLE))
    image = link_arm([unit], (GUESTS / "lib/guest.ld").read_text(), "_start", define=define)
    declared = {symbol: PUSHED.get(symbol, 0) for symbol, info in unit.functions.items() if info.is_naked}
    uses = StackAnalysis(image, unit.functions, declared=declared).check(STACKS[name])
    assert {use.entry for use in uses} == set(STACKS[name])
