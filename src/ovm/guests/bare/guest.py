# SPDX-License-Identifier: Apache-2.0
"""bare: the roots of its image."""

from typing import Final

from ovm.guests.bare.entry import on_panic, start

ROOTS: Final = (start, on_panic)
