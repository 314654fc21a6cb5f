# SPDX-License-Identifier: Apache-2.0
"""Parameters, and a constant computed from one."""

from typing import Final

from ovm.metal import param

LIMIT: Final = param(8)
WIDE: Final = param(False)
DOUBLE: Final = LIMIT * 2
