# SPDX-License-Identifier: Apache-2.0
"""The level for which an image was made, by the start-up library in it.

An HRT guest that takes its HrtPage for a vCPU page, or makes hypercalls by SVC, hangs in its own vectors without a message. The
linked modules show the level: `ovm.guests.lib.hrt`, or the modules that make hypercalls by SVC; the start-up code for guests in
C, and
whether one of its sources chose SMC (OVM_CONDUIT_SMC, a symbol of `ovm_abi.h`). A guest that has both chooses by itself; one
with its own start-up code, or without symbols, shows nothing.
"""

from collections.abc import Iterable
from typing import Final

HRT_ONLY: Final = "hrt"
BELOW_HRT: Final = "below"
HARD: Final = "ovm.guests.lib.hrt."
BELOW: Final = ("ovm.guests.lib.call.", "ovm.guests.lib.vcpu.", "ovm.guests.lib.console.")
C_START: Final = "guest_start"
C_CONDUIT: Final = "ovm_conduit_smc"


def made_for(names: Iterable[str]) -> str:
    """Return HRT_ONLY, BELOW_HRT, or nothing if the functions and symbols in `names` don't show the level."""
    known = set(names)
    hard = C_CONDUIT in known or any(name.startswith(HARD) for name in known)
    below = C_START in known or any(name.startswith(BELOW) for name in known)
    if hard == below:
        return ""
    return HRT_ONLY if hard else BELOW_HRT
