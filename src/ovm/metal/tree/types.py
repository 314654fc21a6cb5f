# SPDX-License-Identifier: Apache-2.0
"""Types of metal as the compiler sees them.

They are small frozen values, so that equality is the type rule: expressions fit together when their types are equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Type:
    """Any type; `name` is its name in diagnostics."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class IntegerType(Type):
    """A fixed-width integer."""

    width: int
    signed: bool


@dataclass(frozen=True)
class BoolType(Type):
    """True or False; one byte in memory."""


@dataclass(frozen=True)
class AddressType(Type):
    """An address of one space, 32 bits."""


@dataclass(frozen=True)
class EnumType(Type):
    """Named values of one width; `source` is the Python class."""

    width: int
    source: object = field(repr=False, default=None)


@dataclass(frozen=True)
class BitsType(Type):
    """A 32-bit register value with named fields; `source` is the Python class."""

    source: object = field(repr=False, default=None)


@dataclass(frozen=True)
class StructType(Type):
    """Named fields in memory; a value of it is a reference. `source` is the Python class."""

    size: int
    align: int
    volatile: bool
    source: object = field(repr=False, default=None)


@dataclass(frozen=True)
class ArrayType(Type):
    """`length` elements in place (0: a parameter that takes any length); a value of it is a reference to the first."""

    element: Type
    length: int
    volatile: bool = False


@dataclass(frozen=True)
class PointerType(Type):
    """A pointer to elements of one type."""

    target: Type


@dataclass(frozen=True)
class CellType(Type):
    """A static scalar (`Var[T]`); a value of it is a reference."""

    target: Type


@dataclass(frozen=True)
class VoidType(Type):
    """No result."""


@dataclass(frozen=True)
class NeverType(Type):
    """The result of a function that does not return."""


@dataclass(frozen=True)
class LiteralType(Type):
    """A constant without a width, or a choice with such a constant on a side; `other` is the type of the other side."""

    other: Type | None = None


@dataclass(frozen=True)
class PoisonType(Type):
    """The type of an expression whose problem was reported already; its uses report nothing more."""


BOOL = BoolType("bool")
VOID = VoidType("None")
NEVER = NeverType("Never")
LITERAL = LiteralType("constant")
POISON = PoisonType("unknown")
INTEGERS = {
    f"{'i' if signed else 'u'}{width}": IntegerType(f"{'i' if signed else 'u'}{width}", width, signed)
    for width in (8, 16, 32, 64)
    for signed in (False, True)
}
U8 = INTEGERS["u8"]
U32 = INTEGERS["u32"]
I32 = INTEGERS["i32"]
ADDRESSES = {name: AddressType(name) for name in ("PhysAddr", "GuestPhysAddr", "VirtAddr")}
VIRTUAL = ADDRESSES["VirtAddr"]


def pointer_to(target: Type) -> PointerType:
    """Return the pointer type to `target`."""
    return PointerType(f"Ptr[{target}]", target)


def array_of(element: Type, length: int, volatile: bool = False) -> ArrayType:
    """Return the type of `length` elements in place, or of an array of any length."""
    name = f"array({element}, {length})" if length else f"Array[{element}]"
    return ArrayType(f"volatile {name}" if volatile else name, element, length, volatile)


def is_reference(kind: Type) -> bool:
    """Tell whether values of `kind` are places in memory (struct, array or static cell)."""
    return isinstance(kind, StructType | ArrayType | CellType)


def is_scalar(kind: Type) -> bool:
    """Tell whether a value of `kind` fits a register and can be loaded and stored."""
    return isinstance(kind, IntegerType | BoolType | AddressType | EnumType | BitsType | PointerType)


def register_width(kind: Type) -> int:
    """Return the bits of a scalar held in a register (1 for bool; references and pointers are 32)."""
    if isinstance(kind, IntegerType | EnumType):
        return kind.width
    if isinstance(kind, BoolType):
        return 1
    return 32


def is_signed(kind: Type) -> bool:
    """Tell whether `kind` orders and widens as a signed integer."""
    return isinstance(kind, IntegerType) and kind.signed


def size_of(kind: Type) -> int:
    """Return the bytes that one `kind` takes in memory."""
    if isinstance(kind, StructType):
        return kind.size
    if isinstance(kind, ArrayType):
        return size_of(kind.element) * kind.length
    if isinstance(kind, CellType):
        return size_of(kind.target)
    return max(register_width(kind), 8) // 8


def align_of(kind: Type) -> int:
    """Return the natural alignment of `kind` in bytes."""
    if isinstance(kind, StructType):
        return kind.align
    if isinstance(kind, ArrayType):
        return align_of(kind.element)
    return size_of(kind)


def range_of(kind: Type) -> tuple[int, int]:
    """Return the least and the greatest value that an integer-like `kind` can hold."""
    width = register_width(kind)
    if is_signed(kind):
        return -(1 << (width - 1)), (1 << (width - 1)) - 1
    return 0, (1 << width) - 1


def wrap(kind: Type, value: int) -> int:
    """Return `value` cut to the width of `kind`, as arithmetic does."""
    width = register_width(kind)
    value &= (1 << width) - 1
    if is_signed(kind) and value >> (width - 1):
        value -= 1 << width
    return value
