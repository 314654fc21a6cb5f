# SPDX-License-Identifier: Apache-2.0
"""Spellings that assembly texts share."""


def symbol_address(name: str) -> str:
    """Return the instructions that put a symbol's address into `{out}`."""
    return f"movw {{out}}, #:lower16:{name}\nmovt {{out}}, #:upper16:{name}"
