# SPDX-License-Identifier: Apache-2.0
"""Codes with which compiled code panics by itself; a program's own codes should stay below 0xFFFF0000."""

from collections.abc import Mapping
from typing import Final

# The function that is called with the code; a program may export its own.
SYMBOL: Final = "metal_panic"
INDEX: Final = 0xFFFF0001
NULL: Final = 0xFFFF0002
ASSERT: Final = 0xFFFF0003
BOUND: Final = 0xFFFF0004
TABLE: Final = 0xFFFF0005
END: Final = 0xFFFF0006

MEANINGS: Final[Mapping[int, str]] = {
    INDEX: "an index outside an array (checked builds)",
    NULL: "a null pointer was followed (checked builds)",
    ASSERT: "a failed `assert` (checked builds)",
    BOUND: "a loop went past its bound",
    TABLE: "an index past the end of a function table",
    END: "a function that never returns did (checked builds)",
}
