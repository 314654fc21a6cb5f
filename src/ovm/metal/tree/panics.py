# SPDX-License-Identifier: Apache-2.0
"""Codes with which compiled code panics by itself; a program's own codes should stay below 0xFFFF0000."""

from typing import Final

# The function that is called with the code; a program may export its own.
SYMBOL: Final = "metal_panic"
INDEX: Final = 0xFFFF0001
NULL: Final = 0xFFFF0002
ASSERT: Final = 0xFFFF0003
BOUND: Final = 0xFFFF0004
TABLE: Final = 0xFFFF0005
END: Final = 0xFFFF0006
