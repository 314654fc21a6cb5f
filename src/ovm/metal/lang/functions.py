# SPDX-License-Identifier: Apache-2.0
"""Metal functions under CPython.

To a type checker the decorators return the function they are given. At run time they return a `Function`, which keeps
the options for the compiler, checks each argument against its annotation (a constant becomes a value of the
parameter's width, as in compiled code) and frees the call's locals when it ends.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from functools import update_wrapper
from types import FunctionType
from typing import Any, Generic, Never, TypeVar, cast, get_args, get_origin, overload

from ovm.metal.lang import memory, processor
from ovm.metal.lang.activation import RUNNING, Activation
from ovm.metal.lang.errors import IndexPanic
from ovm.metal.lang.integers import Integer
from ovm.metal.lang.kinds import PointerType, kind_name
from ovm.metal.lang.references import Array, convert, from_bits
from ovm.metal.lang.structs import is_scalar
from ovm.metal.lang.types import resolve_in

F = TypeVar("F", bound=Callable[..., Any])


class Signature:
    """The types of a function's parameters and result."""

    def __init__(self, python: FunctionType) -> None:
        self.signature = inspect.signature(python)
        module = python.__module__
        self.kinds = {name: _kind(module, note) for name, note in python.__annotations__.items()}
        self.result = self.kinds.pop("return", None)
        self.names = tuple(self.signature.parameters)

    def arguments(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        """Return the arguments in order, each as a value of its parameter's type."""
        if keywords or len(args) != len(self.names):
            args = self.signature.bind(*args, **keywords).args
        return tuple(
            _accept(self.kinds.get(name), value) for name, value in zip(self.names, args, strict=True)
        )


def _kind(module: str, annotation: Any) -> Any:
    """Resolve an annotation; an `Array[T]` parameter has no length, so it stays as its element in a tuple."""
    names = vars(sys.modules[module]) if module in sys.modules else {}
    if isinstance(annotation, str):
        annotation = eval(annotation, dict(names))  # the programmer's own source text
    if annotation is None or annotation is Never:
        return None
    if get_origin(annotation) is Array:
        return (resolve_in(module, get_args(annotation)[0]),)
    return resolve_in(module, annotation)


def _accept(kind: Any, value: Any) -> Any:
    if kind is None or type(value) is kind:
        return value
    if isinstance(kind, tuple):
        if isinstance(value, Array) and value.element == kind[0]:
            return value
        raise TypeError(f"expected Array[{kind_name(kind[0])}], found {value!r}")
    if is_scalar(kind) or isinstance(kind, PointerType):
        return convert(kind, value)
    raise TypeError(f"expected {kind_name(kind)}, found {value!r}")


class Function:
    """A function that is metal, or that metal may call."""

    def __init__(
        self,
        python: FunctionType,
        kind: str,
        *,
        inline: bool | None = None,
        section: str | None = None,
        export: str | None = None,
    ) -> None:
        for text in (section, export):
            if text is not None and not isinstance(text, str):
                raise TypeError(f"section and export of {python.__name__} are strings, not {text!r}")
        update_wrapper(self, python)
        self.python = python
        self.kind = kind
        self.name = python.__name__
        self.module = python.__module__
        self.inline = inline
        self.section = section
        self.export = export
        self._signature: Signature | None = None

    @property
    def symbol(self) -> str:
        """Return the function's name in the linked program."""
        return self.export or f"{self.module}.{self.name}"

    @property
    def signature(self) -> Signature:
        """Return the types of parameters and result, resolved at first use."""
        if self._signature is None:
            self._signature = Signature(self.python)
        return self._signature

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Run the function; extern and naked functions reach the simulated processor."""
        signature = self.signature
        values = signature.arguments(args, keywords)
        if self.kind != "fn":
            result = processor.current().call(self.symbol, values)
            if type(result) is int and signature.result is not None:
                return from_bits(signature.result, result)
            return _accept(signature.result, result)
        return _accept(signature.result, self._run(values))

    def _run(self, values: tuple[Any, ...]) -> Any:
        storage = memory.current()
        activation = Activation(self.python.__code__, storage.next_local)
        RUNNING.append(activation)
        try:
            return self.python(*values)
        finally:
            RUNNING.pop()
            storage.next_local = activation.locals_start

    def __repr__(self) -> str:
        return f"<{self.kind} {self.symbol}>"


@overload
def fn(function: F, /) -> F: ...
@overload
def fn(
    *, inline: bool | None = None, section: str | None = None, export: str | None = None
) -> Callable[[F], F]: ...
def fn(
    function: Any = None,
    /,
    *,
    inline: bool | None = None,
    section: str | None = None,
    export: str | None = None,
) -> Any:
    """Make a function metal: it compiles for every target, and runs under CPython."""

    def decorate(python: Any) -> Function:
        return Function(python, "fn", inline=inline, section=section, export=export)

    return decorate if function is None else decorate(function)


@overload
def naked(function: F, /) -> F: ...
@overload
def naked(*, section: str | None = None, export: str | None = None) -> Callable[[F], F]: ...
def naked(function: Any = None, /, *, section: str | None = None, export: str | None = None) -> Any:
    """Make a function without prologue; its body is one `asm_block`."""

    def decorate(python: Any) -> Function:
        return Function(python, "naked", section=section, export=export)

    return decorate if function is None else decorate(function)


def extern(symbol: str) -> Callable[[F], F]:
    """Declare code that another unit supplies under the name `symbol`."""

    def decorate(python: F) -> F:
        return cast(F, Function(cast(FunctionType, python), "extern", export=symbol))

    return decorate


class FunctionTable(Generic[F]):
    """Functions of one signature, called by index."""

    def __init__(self, functions: tuple[F, ...]) -> None:
        self.functions = functions

    def __getitem__(self, index: Integer | int) -> F:
        number = int(index)
        if not 0 <= number < len(self.functions):
            raise IndexPanic(f"index {number} outside a table of {len(self.functions)} functions")
        return self.functions[number]

    def __len__(self) -> int:
        return len(self.functions)

    def __iter__(self) -> Iterator[F]:
        return iter(self.functions)


def function_table(*functions: F) -> FunctionTable[F]:
    """Make a table of functions with equal signatures; an index past the end panics."""
    if not functions:
        raise TypeError("a function table holds at least one function")
    for function in functions:
        if not isinstance(function, Function):
            raise TypeError(f"{function!r} is not a metal function")
    return FunctionTable(functions)


def symbol(function: Callable[..., Any]) -> str:
    """Return a function's name in the linked program, for use in an `asm_block`."""
    if not isinstance(function, Function):
        raise TypeError(f"{function!r} is not a metal function")
    return function.symbol
