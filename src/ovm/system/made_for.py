# SPDX-License-Identifier: Apache-2.0
"""For which level an image was made, by the start-up library that went into it.

An HRT guest that takes its HrtPage for a vCPU page, or makes hypercalls by SVC, hangs in its own vectors without a word. What
was linked tells: `ovm.guests.lib.hrt`, or the modules that make hypercalls by SVC; the start-up code for guests in C, and
whether one of its sources chose SMC (OVM_CONDUIT_SMC, a symbol of `ovm_abi.h`). A guest that has both chooses for itself; one
that brings its own start-up code, or no symbols, says nothing.
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
    """HRT_ONLY, BELOW_HRT, or nothing if the functions and symbols in `names` don't say."""
    known = set(names)
    hard = C_CONDUIT in known or any(name.startswith(HARD) for name in known)
    below = C_START in known or any(name.startswith(BELOW) for name in known)
    if hard == below:
        return ""
    return HRT_ONLY if hard else BELOW_HRT
