# SPDX-License-Identifier: Apache-2.0
"""pulse: the roots of its image."""

from typing import Final, Never

from ovm.guests.lib.hrt import panicked
from ovm.guests.pulse.entry import start
from ovm.metal import fn, u32


@fn(export="metal_panic")
def on_panic(code: u32) -> Never:
    """End the guest after a failed check."""
    panicked(code)


ROOTS: Final = (start, on_panic)
