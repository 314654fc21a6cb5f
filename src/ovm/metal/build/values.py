# SPDX-License-Identifier: Apache-2.0
"""The conversion between metal's values as Python objects and the bits that compiled code passes."""

from typing import Any

from ovm.metal.lang.integers import Scalar
from ovm.metal.lang.kinds import ArrayType, PointerType, is_struct
from ovm.metal.lang.references import Array, Ptr, from_bits


def bits_of(value: Any) -> int:
    """Return a value's bits in a register; a reference is its address."""
    if isinstance(value, Scalar):
        return value.to_bits()
    return int(value) if isinstance(value, int) else int(value.address)


def value_of(kind: Any, bits: int) -> Any:
    """Return the value of `kind` that these bits mean; a parameter `Array[T]` is a pointer to its first element."""
    if kind is None:
        return None
    if isinstance(kind, tuple):
        return Ptr(kind[0], bits)
    if is_struct(kind):
        return kind.refer(bits)
    if isinstance(kind, ArrayType):
        return Array.refer(kind, bits, False)
    if kind is bool or isinstance(kind, PointerType):
        return from_bits(kind, bits)
    return kind.from_bits(bits)
