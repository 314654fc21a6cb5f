# SPDX-License-Identifier: Apache-2.0
"""Build a metal guest as `ovm build` does."""

import importlib
from pathlib import Path

from ovm.metal.build.image import link_arm
from ovm.metal.compiler import Options, compile_unit
from tests.guests.stand_in import LINK_BASE

GUESTS = Path(__file__).parents[2] / "src/ovm/guests"


def metal_image(name: str, *, checked: bool = False) -> bytes:
    """Return the ELF of a guest in `ovm.guests`."""
    roots = importlib.import_module(f"ovm.guests.{name}.guest").ROOTS
    unit = compile_unit(roots, Options(target="arm", checked=checked))
    define = (("__guest_base", LINK_BASE), ("__stack_bytes", 0x8000))
    return link_arm([unit], (GUESTS / "lib/guest.ld").read_text(), "_start", define=define)


def expected(name: str) -> list[str]:
    """Return the console lines that a guest's folder promises, as patterns."""
    return (GUESTS / name / "expected.txt").read_text().splitlines()
