# SPDX-License-Identifier: Apache-2.0
"""pulse: the roots of its image."""

from typing import Final

from ovm.guests.lib.hrt import on_panic
from ovm.guests.pulse.entry import start

ROOTS: Final = (start, on_panic)
