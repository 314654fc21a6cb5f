# SPDX-License-Identifier: Apache-2.0
"""Arrays and pointers: typed views of simulated memory.

An `Array` lies in place and knows its length; every index is checked. A `Ptr` knows only the type to which it points.
Elements that are structs are references into the memory itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, Self, TypeVar

from ovm.metal.lang import memory, processor
from ovm.metal.lang.activation import RUNNING
from ovm.metal.lang.addresses import VirtAddr
from ovm.metal.lang.errors import IndexPanic, NullPanic
from ovm.metal.lang.integers import Integer, Scalar
from ovm.metal.lang.kinds import WORD_BYTES, ArrayType, PointerType, align_of, is_struct, kind_name, size_of

T = TypeVar("T")


def convert(kind: Any, value: Any) -> Any:
    """Return `value` as a value of a scalar kind; a constant must fit, any other type must be the kind's own."""
    if type(value) is kind:
        return value
    if isinstance(kind, PointerType):
        if isinstance(value, Ptr) and value.target == kind.target:
            return value
    elif type(value) is int and isinstance(kind, type) and issubclass(kind, Integer):
        return kind(value)
    elif isinstance(kind, type) and issubclass(kind, Scalar) and isinstance(value, kind):
        return value
    raise TypeError(f"expected {kind_name(kind)}, found {value!r}")


def load(kind: Any, address: int, volatile: bool = False) -> Any:
    """Return the scalar at `address`, or a reference to the struct or array there."""
    if is_struct(kind):
        return kind.refer(address)
    if isinstance(kind, ArrayType):
        return Array.refer(kind, address, volatile)
    size = size_of(kind)
    bits = memory.current().load(address, size)
    if volatile:
        processor.current().volatile("load", address, size, bits)
    return from_bits(kind, bits)


def from_bits(kind: Any, bits: int) -> Any:
    """Return the value of a scalar kind that these bits mean."""
    if kind is bool:
        return bits != 0
    if isinstance(kind, PointerType):
        return Ptr(kind.target, bits)
    return kind.from_bits(bits)


def store(kind: Any, address: int, value: Any, volatile: bool = False) -> None:
    """Store a scalar at `address`."""
    if is_struct(kind) or isinstance(kind, ArrayType):
        raise TypeError(f"a {kind_name(kind)} is not assigned: copy() copies a whole struct")
    value = convert(kind, value)
    if isinstance(value, Ptr):
        bits = value.address
    else:
        bits = int(value) if kind is bool else value.to_bits()
    size = size_of(kind)
    if volatile:
        processor.current().volatile("store", address, size, bits)
    memory.current().store(address, size, bits)


class Ptr(Generic[T]):
    """A typed pointer."""

    __slots__ = ("address", "target")

    def __init__(self, target: Any, address: int) -> None:
        self.target = target
        self.address = address

    def _element(self, index: Integer | int) -> int:
        if self.address == 0:
            raise NullPanic(f"a null Ptr[{kind_name(self.target)}] was followed")
        return (self.address + int(index) * size_of(self.target)) & 0xFFFF_FFFF

    def __getitem__(self, index: Integer | int) -> T:
        value: T = load(self.target, self._element(index))
        return value

    def __setitem__(self, index: Integer | int, value: T) -> None:
        store(self.target, self._element(index), value)

    def _moved(self, elements: int) -> Self:
        address = (self.address + elements * size_of(self.target)) & 0xFFFF_FFFF
        return type(self)(self.target, address)

    def __add__(self, count: Integer | int) -> Self:
        if not isinstance(count, Integer) and type(count) is not int:
            return NotImplemented
        return self._moved(int(count))

    def __sub__(self, count: Integer | int) -> Self:
        if not isinstance(count, Integer) and type(count) is not int:
            return NotImplemented
        return self._moved(-int(count))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ptr) and (other.target, other.address) == (self.target, self.address)

    def __hash__(self) -> int:
        return hash(self.address)

    def __repr__(self) -> str:
        return f"Ptr[{kind_name(self.target)}]({self.address:#010x})"


class Array(Generic[T]):
    """A fixed number of elements, in place; made by `array(T, n)`."""

    __slots__ = ("_address", "element", "length", "offset", "read_only", "static", "volatile")

    def __init__(self, element: Any, length: int, offset: int | None = None) -> None:
        self.element = element
        self.length = length
        #: The offset of a struct field declared with this array, if the declaration gives one.
        self.offset = offset
        self.static: Any = None
        self.volatile = False
        self.read_only = False
        self._address: int | None = None

    @classmethod
    def refer(cls, kind: ArrayType, address: int, volatile: bool) -> Array[Any]:
        """Return the array that lies at `address`."""
        result: Array[Any] = Array(kind.element, kind.length)
        result._address = address
        result.volatile = volatile
        return result

    @property
    def kind(self) -> ArrayType:
        """Return the array's type."""
        return ArrayType(self.element, self.length)

    @property
    def address(self) -> int:
        """Return the address of element 0; the first call reserves storage for the array."""
        if self._address is None:
            self._address = memory.current().local(size_of(self.kind), align_of(self.kind))
        return self._address

    def place(self, address: int) -> None:
        """Let the array lie at `address`."""
        self._address = address

    def _element(self, index: Integer | int) -> int:
        if not isinstance(index, Integer) and type(index) is not int:
            raise TypeError(f"an array index is an integer, not {index!r}")
        number = int(index)
        if not 0 <= number < self.length:
            raise IndexPanic(f"index {number} outside {self.kind}")
        return self.address + number * size_of(self.element)

    def __getitem__(self, index: Integer | int) -> T:
        value: T = load(self.element, self._element(index), self.volatile)
        return value

    def __setitem__(self, index: Integer | int, value: T) -> None:
        if self.read_only:
            raise TypeError("a table is read-only")
        store(self.element, self._element(index), value, self.volatile)

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[T]:
        return (self[index] for index in range(self.length))

    def __repr__(self) -> str:
        return f"{self.kind}"


def array(element: type[T], length: int, *, offset: int | None = None) -> Array[T]:
    """Make an array type's value: a struct field's declaration, a static, or a zeroed local of a function."""
    from ovm.metal.lang.types import resolve

    if type(length) is not int or length < 1:
        raise ValueError(f"the length of an array is a positive constant, not {length!r}")
    made: Array[T] = Array(resolve(element), length, offset)
    if RUNNING:
        made.place(memory.current().local(size_of(made.kind), align_of(made.kind)))
    return made


def pointer(target: type[T], virtual: VirtAddr) -> Ptr[T]:
    """Make a pointer to things of type `target` from an address."""
    from ovm.metal.lang.types import resolve

    if not isinstance(virtual, VirtAddr):
        raise TypeError(f"pointer() takes a VirtAddr, not {virtual!r}")
    return Ptr(resolve(target), int(virtual))


def first(elements: Array[T]) -> Ptr[T]:
    """Return a pointer to element 0."""
    return Ptr(elements.element, elements.address)


def _word(place: Ptr[Any]) -> Ptr[Any]:
    if size_of(place.target) > WORD_BYTES:
        raise TypeError(f"one access reaches at most 32 bits, not a {kind_name(place.target)}")
    return place


def volatile_load(place: Ptr[T]) -> T:
    """Load through a pointer by exactly one access."""
    value: T = load(_word(place).target, place._element(0), volatile=True)
    return value


def volatile_store(place: Ptr[T], value: T) -> None:
    """Store through a pointer by exactly one access."""
    store(_word(place).target, place._element(0), value, volatile=True)
