# SPDX-License-Identifier: Apache-2.0
"""Bytes with a meaning between OVM and who is at the other end of its UART."""

from typing import Final

# To OVM. SELECT: the next byte is FIRST_NUMBER plus the number of the guest whose input follows, or SELECT itself, as input.
SELECT: Final = 0x01
FIRST_NUMBER: Final = 0x30
# From OVM, before a line's end: the guest hasn't ended its line yet, and what it prints next continues it.
UNFINISHED: Final = 0x1F
