# SPDX-License-Identifier: Apache-2.0
"""Expressions and statements of the typed tree.

Every expression carries its type and its place in the source; Python's sugar (augmented assignment, properties, bit
fields, loops over ranges) is gone, and evaluation order is the order of the fields as Python defines it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ovm.metal.tree.types import Type


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file: lines from 1, columns from 0."""

    line: int
    column: int
    end_line: int = 0
    end_column: int = 0


@dataclass(eq=False, slots=True)
class Variable:
    """A local variable or parameter; `hidden` ones are made by the compiler."""

    name: str
    type: Type
    location: Location
    parameter: int = -1
    hidden: bool = False


@dataclass(slots=True)
class Expression:
    """A node with a value."""

    type: Type
    location: Location


@dataclass(slots=True)
class Constant(Expression):
    """A value known at compile time."""

    value: int


@dataclass(slots=True)
class Read(Expression):
    """The value of a local variable."""

    variable: Variable


@dataclass(slots=True)
class StaticReference(Expression):
    """A static object, by its symbol."""

    symbol: str


@dataclass(slots=True)
class FunctionAddress(Expression):
    """The address of a function's code."""

    symbol: str


@dataclass(slots=True)
class TextReference(Expression):
    """Constant bytes in read-only memory."""

    data: bytes


@dataclass(slots=True)
class LocalStorage(Expression):
    """A zeroed struct or array of this call; evaluating it zeroes it."""

    slot: int


@dataclass(slots=True)
class Place(Expression):
    """A location in memory: `base + offset + index * stride`, the index below `length` if that is given.

    Its type is the type of the memory there: a struct, array or cell makes it a reference, a pointer type makes it pointer
    arithmetic, any other scalar is only ever the place of a load or store.
    """

    base: Expression
    offset: int = 0
    index: Expression | None = None
    stride: int = 0
    length: int | None = None
    null_check: bool = False


@dataclass(slots=True)
class Load(Expression):
    """The scalar at a place."""

    place: Expression
    volatile: bool = False


@dataclass(slots=True)
class Unary(Expression):
    """`negate`, `invert` or `not`."""

    operation: str
    operand: Expression


@dataclass(slots=True)
class Binary(Expression):
    """Arithmetic: add subtract multiply divide modulo and or xor left right."""

    operation: str
    left: Expression
    right: Expression


@dataclass(slots=True)
class Compare(Expression):
    """`==` `!=` `<` `<=` `>` `>=` on equal types."""

    operation: str
    left: Expression
    right: Expression


@dataclass(slots=True)
class Logical(Expression):
    """Short-circuit `and` / `or`."""

    operation: str
    left: Expression
    right: Expression


@dataclass(slots=True)
class Conditional(Expression):
    """`first if condition else second`."""

    condition: Expression
    first: Expression
    second: Expression


@dataclass(slots=True)
class Convert(Expression):
    """A change of width or kind; widens by the sign of the operand's type."""

    operand: Expression


@dataclass(slots=True)
class Call(Expression):
    """A call of a function by its symbol; `order` lists the arguments' places as they are evaluated."""

    symbol: str
    arguments: list[Expression]
    order: list[int]


@dataclass(slots=True)
class TableCall(Expression):
    """A call through a function table; an index past its end panics."""

    table: str
    index: Expression
    arguments: list[Expression]
    order: list[int]


@dataclass(slots=True)
class Intrinsic(Expression):
    """A built-in function: minimum maximum clz ctz rotate_right byte_swap."""

    name: str
    arguments: list[Expression]


@dataclass(slots=True)
class Assembly(Expression):
    """Inline assembly; its result is the operand `{out}` when the type is not None."""

    template: str
    inputs: list[Expression]
    clobbers: tuple[str, ...]


@dataclass(slots=True)
class SystemRegister(Expression):
    """Read (no operand) or write of a CP15 register: (crn, op1, crm, op2)."""

    register: tuple[int, int, int, int]
    operand: Expression | None


@dataclass(slots=True)
class Barrier(Expression):
    """One of dsb dmb isb clrex sev wfe wfi."""

    name: str


@dataclass(slots=True)
class CodeCall(Expression):
    """A call of machine code that the program has written into its own memory; host only."""

    code: Expression
    argument: Expression


@dataclass(slots=True)
class Statement:
    """A node without a value."""

    location: Location


@dataclass(slots=True)
class Assign(Statement):
    """An assignment to a local variable."""

    variable: Variable
    value: Expression


@dataclass(slots=True)
class Store(Statement):
    """A store of a scalar to memory; the value is evaluated before the place."""

    place: Expression
    value: Expression
    volatile: bool = False


@dataclass(slots=True)
class Copy(Statement):
    """A copy of a whole struct."""

    target: Expression
    source: Expression


@dataclass(slots=True)
class Evaluate(Statement):
    """An expression whose value is dropped."""

    expression: Expression


@dataclass(slots=True)
class If(Statement):
    """An `if` with two branches."""

    condition: Expression
    then: list[Statement]
    otherwise: list[Statement]


@dataclass(slots=True)
class Count(Statement):
    """`for variable in T.range(start, stop, step)`; `bound` is given when the stop is known only at run time."""

    variable: Variable
    start: Expression
    stop: Expression
    step: int
    bound: int | None
    body: list[Statement]


@dataclass(slots=True)
class While(Statement):
    """A loop of at most `bound` turns; None only for `while forever()`."""

    condition: Expression | None
    bound: int | None
    body: list[Statement]


@dataclass(slots=True)
class Switch(Statement):
    """`match` on an integer or enum."""

    subject: Expression
    cases: list[tuple[tuple[int, ...], list[Statement]]]
    default: list[Statement]


@dataclass(slots=True)
class Return(Statement):
    """The end of the function's execution."""

    value: Expression | None


@dataclass(slots=True)
class Break(Statement):
    """The end of the innermost loop."""


@dataclass(slots=True)
class Continue(Statement):
    """The begin of the innermost loop's next turn."""


@dataclass(slots=True)
class Panic(Statement):
    """A stop of the program with a code."""

    code: Expression


@dataclass(slots=True)
class Block(Statement):
    """A sequence of statements: `body` of an unrolled loop's turns, so that `break` and `continue` in it have a target."""

    turns: list[list[Statement]]
