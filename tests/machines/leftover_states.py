# SPDX-License-Identifier: Apache-2.0
"""The states of `leftover_states.S` by name: assembly that may use r0 to r9, in Supervisor mode.

The list follows the registers of the Cortex-A9 (TRM 4.2), its private peripherals (MPCore TRM), the L2C-310 (DDI0246 3.3)
and the Zynq-7000 (UG585 appendix B). What no code could follow is set at the very end, by the part `last`.
"""

import re
from pathlib import Path

_HEAD = re.compile(r"^@ (PART|STATE|REFUSED) (.*)$", re.MULTILINE)
_, *_FOUND = _HEAD.split((Path(__file__).parent / "leftover_states.S").read_text())
_BLOCKS = list(zip(_FOUND[::3], _FOUND[1::3], _FOUND[2::3], strict=True))


def _of(kind: str) -> dict[str, str]:
    parts = {name: body for each, name, body in _BLOCKS if each == "PART"}
    return {name: body.replace("@ INCLUDE flat map", parts["flat map"]) for each, name, body in _BLOCKS if each == kind}


PARTS, STATES = _of("PART"), _of("STATE")
# What OVM can't undo, and says so.
REFUSED = _of("REFUSED")

# States that no loader could be in together: with exceptions let in, its own handlers would have to serve them; and its
# MMU maps OVM to itself, by descriptors in the order that SCTLR.EE names.
_RAISING = {name for name in STATES if re.search("interrupt|SGI|timer|watchdog|abort pending", name)} - {
    "virtual interrupts pending"
}
_TOGETHER = (
    ({"no exception masked", "vectors of another", "SCR with everything routed and AW, FW"}, _RAISING),
    (
        {
            "lock entries of the TLB that map OVM and a guest elsewhere",
            "exceptions in Thumb state and big-endian",
            "TEX remap and the access flag",
        },
        {"MMU and caches on, dirty lines in free memory", "an external abort pending"},
    ),
)


def _rivals(name: str) -> set[str]:
    return {each for one, other in _TOGETHER for here, there in ((one, other), (other, one)) if name in here for each in there}


def possible(chosen: list[str]) -> list[str]:
    """Return the same without those that exclude one before them."""
    kept: list[str] = []
    for name in chosen:
        of_cpu1 = name.startswith("CPU 1") and any(each.startswith("CPU 1") for each in kept)
        if not of_cpu1 and not _rivals(name) & set(kept):
            kept.append(name)
    return kept
