# SPDX-License-Identifier: Apache-2.0
"""A program that reaches its parameters by their module's name. It is imported before that module."""

from ovm.metal import fn, u32
from tests.metal.frontend import limits


@fn
def limit() -> u32:
    """Return the limit."""
    return u32(limits.LIMIT)
