# SPDX-License-Identifier: Apache-2.0
"""Random well-typed metal expressions, as text.

Everything is in parentheses, because Python's own parser decides precedence for all three ways of running. Calls
have side effects on the statics, so a wrong order of evaluation shows.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from ovm.metal.lang.integers import INTEGERS

INTEGER_NAMES = tuple(kind.__name__ for kind in INTEGERS)
UNSIGNED_NAMES = ("u8", "u16", "u32", "u64")
RANGES = {kind.__name__: (kind.MINIMUM, kind.MAXIMUM) for kind in INTEGERS}
WIDTHS = {kind.__name__: kind.WIDTH for kind in INTEGERS}
ADDRESS_NAMES = ("PhysAddr", "VirtAddr")
COLOURS = ("RED", "GREEN", "BLUE")
#: What is passed for a parameter of reference type.
REFERENCES = {"Array[u8]": "BYTES", "Ptr[u32]": "first(WORDS)"}
#: How many elements of it a function may touch.
REACH = {"Array[u8]": ("u8", 16), "Ptr[u32]": ("u32", 8)}
#: Arrays that every generated module has: name -> (element type, length).
ARRAYS = {"WORDS": ("u32", 8), "BYTES": ("u8", 16), "HALVES": ("i16", 4), "LONGS": ("u64", 4), "SLONGS": ("i64", 4)}


@dataclass(frozen=True)
class Callee:
    """A function that later ones may call; of a table, one of `choices` entries."""

    name: str
    parameters: tuple[str, ...]
    result: str
    cost: int
    choices: int = 0


@dataclass
class Scope:
    """The names that an expression may use: variables by type, local arrays and records, functions, compile-time names."""

    variables: dict[str, str] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)
    unchecked: set[str] = field(default_factory=set)
    arrays: dict[str, tuple[str, int]] = field(default_factory=lambda: dict(ARRAYS))
    records: list[str] = field(default_factory=lambda: ["RECORD", "RECORDS[1]", "RECORD.inner"])
    whole_records: list[str] = field(default_factory=lambda: ["RECORD", "RECORDS[0]", "RECORDS[1]"])
    constants: list[str] = field(default_factory=list)
    functions: list[Callee] = field(default_factory=list)

    def inner(self) -> Scope:
        """Return a scope for a nested block."""
        return Scope(
            dict(self.variables),
            set(self.protected),
            set(self.unchecked),
            dict(self.arrays),
            list(self.records),
            list(self.whole_records),
            list(self.constants),
            self.functions,
        )

    def of_type(self, kind: str) -> list[str]:
        """Return the variables of a type."""
        return [name for name, other in self.variables.items() if other == kind]


class Expressions:
    """Draws expressions. `budget` is how much call cost is left for the function being written."""

    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.budget = 0
        self.weight = 1
        self.spent = 1

    def any(self, kind: str, scope: Scope, depth: int) -> str:
        """Return an expression of the type."""
        if kind == "bool":
            return self.condition(scope, depth)
        if kind == "Colour":
            return self.colour(scope, depth)
        if kind in ADDRESS_NAMES:
            return self.address(kind, scope, depth)
        if kind == "Record":
            return self.source.choice(scope.whole_records)
        if kind in REFERENCES:
            return REFERENCES[kind]
        return self.integer(kind, scope, depth)

    def literal(self, kind: str) -> int:
        """Draw a constant that fits."""
        low, high = RANGES[kind]
        wanted = [0, 1, 2, 3, 5, 7, 8, 10, 100, low, high, high - 1, high // 2, low + 1, -1, -2, -5, 255, 256]
        choice = self.source.random()
        if choice < 0.8:
            return self.source.choice([number for number in wanted if low <= number <= high])
        return self.source.randint(low, high)

    def integer(self, kind: str, scope: Scope, depth: int) -> str:
        """Return an integer expression."""
        if depth <= 0:
            return self._leaf(kind, scope)
        forms: list[tuple[int, Callable[[str, Scope, int], str]]] = [
            (10, self._binary),
            (3, self._with_constant),
            (4, self._shift),
            (4, self._cast),
            (2, self._unary),
            (2, self._choice),
            (3, self._built_in),
            (3, self._call),
            (4, lambda kind, scope, _: self._leaf(kind, scope)),
        ]
        form = self.source.choices([form for _, form in forms], [weight for weight, _ in forms])[0]
        return form(kind, scope, depth - 1)

    def condition(self, scope: Scope, depth: int) -> str:
        """Return a bool expression."""
        names = scope.of_type("bool")
        choice = self.source.random()
        if depth <= 0 or choice < 0.1:
            return self.source.choice([*names, f"{self.source.choice(scope.records)}.valid", "STATE.value.ready"])
        if choice < 0.25:
            joiner = self.source.choice(["and", "or"])
            return f"({self.condition(scope, depth - 1)} {joiner} {self.condition(scope, depth - 1)})"
        if choice < 0.32:
            return f"(not {self.condition(scope, depth - 1)})"
        if choice < 0.4:
            sign = self.source.choice(["==", "!="])
            return f"({self.colour(scope, depth - 1)} {sign} {self.colour(scope, 0)})"
        sign = self.source.choice(["==", "!=", "<", "<=", ">", ">="])
        if choice < 0.46:
            kind = self.source.choice(ADDRESS_NAMES)
            return f"({self.address(kind, scope, depth - 1)} {sign} {self.address(kind, scope, 0)})"
        kind = self.source.choice(INTEGER_NAMES)
        left = self.integer(kind, scope, depth - 1)
        right = str(self.literal(kind)) if self.source.random() < 0.3 else self.integer(kind, scope, depth - 1)
        return f"({left} {sign} {right})"

    def address(self, kind: str, scope: Scope, depth: int) -> str:
        """Return an address expression."""
        choice = self.source.random()
        if depth <= 0 or choice < 0.3:
            constant = self.source.choice([0, 0xFFF, 0x1000, 0x8000_0000, 0xFFFF_FFFF])
            field = f"{self.source.choice(scope.records)}.a_{kind}"
            return self.source.choice([*scope.of_type(kind), field, f"{kind}({constant})"])
        if choice < 0.45:
            return f"{kind}({self.integer('u32', scope, depth - 1)})"
        if choice < 0.55:
            first, second = (self.address(kind, scope, depth - 1) for _ in range(2))
            return f"({first} if {self.condition(scope, depth - 1)} else {second})"
        number = str(self.literal("u32")) if self.source.random() < 0.4 else self.integer("u32", scope, depth - 1)
        return f"({self.address(kind, scope, depth - 1)} {self.source.choice('+-&|')} {number})"

    def _from_address(self, scope: Scope, depth: int) -> str:
        kind = self.source.choice(ADDRESS_NAMES)
        left = self.address(kind, scope, depth)
        form = self.source.randrange(4)
        if form == 0:
            return f"u32({left})"
        if form == 1:
            return f"({left} - {self.address(kind, scope, depth)})"
        if form == 2:
            return f"({left} >> {self.source.choice([0, 4, 12, 20, 31, 32])})"
        return f"({left} % {self.source.choice(['4096', '7', '0', self.integer('u32', scope, depth)])})"

    def colour(self, scope: Scope, depth: int) -> str:
        """Return an enum expression."""
        choice = self.source.random()
        if depth > 0 and choice < 0.3:
            return f"Colour.of({self.integer('u32', scope, depth - 1)})"
        if choice < 0.6:
            return f"Colour.{self.source.choice(COLOURS)}"
        return self.source.choice([*scope.of_type("Colour"), f"{self.source.choice(scope.records)}.colour"])

    def element(self, scope: Scope, depth: int, kind: str | None = None) -> tuple[str, str] | None:
        """Return an array element as (text, type); rarely one outside its array."""
        found = [(name, *shape) for name, shape in scope.arrays.items() if kind is None or shape[0] == kind]
        if not found:
            return None
        name, element, length = self.source.choice(found)
        index_kind = self.source.choice(UNSIGNED_NAMES)
        if self.source.random() < 0.4:
            return f"{name}[{self.source.randrange(length)}]", element
        if self.source.random() < 0.02 and name not in scope.unchecked:
            return f"{name}[RECORD.f_{index_kind} % {length + 1}]", element
        return f"{name}[{self.integer(index_kind, scope, min(depth, 1))} % {length}]", element

    def _leaf(self, kind: str, scope: Scope) -> str:
        options = scope.of_type(kind) * 4
        options += [f"{self.source.choice(scope.records)}.f_{kind}"]
        options += [f"{kind}({self.literal(kind)})"]
        options += [f"{kind}({name})" for name in scope.constants]
        if kind == "u32":
            record = self.source.choice(scope.records)
            options += ["STATE.value.level", "STATE.value.raw", f"{record}.colour.raw", f"{record}.status.high"]
        element = self.element(scope, 0, kind) if self.source.random() < 0.3 else None
        return element[0] if element else self.source.choice(options)

    def _binary(self, kind: str, scope: Scope, depth: int) -> str:
        sign = self.source.choice(["+", "-", "*", "//", "%", "&", "|", "^"])
        return f"({self.integer(kind, scope, depth)} {sign} {self.integer(kind, scope, depth)})"

    def _with_constant(self, kind: str, scope: Scope, depth: int) -> str:
        sign = self.source.choice(["+", "-", "*", "//", "%", "&", "|", "^"])
        operands = [self.integer(kind, scope, depth), str(self.literal(kind))]
        if self.source.random() < 0.3:
            operands.reverse()
        return f"({operands[0]} {sign} {operands[1]})"

    def _shift(self, kind: str, scope: Scope, depth: int) -> str:
        sign = self.source.choice(["<<", ">>"])
        if self.source.random() < 0.4:
            count = str(self.source.choice([0, 1, 3, WIDTHS[kind] - 1, WIDTHS[kind], 70]))
        else:
            count_kind = self.source.choice(UNSIGNED_NAMES)
            count = self.integer(count_kind, scope, depth)
            if self.source.random() < 0.7:
                count = f"({count} % {WIDTHS[kind] + 2})"
        return f"({self.integer(kind, scope, depth)} {sign} {count})"

    def _cast(self, kind: str, scope: Scope, depth: int) -> str:
        if kind == "u32" and self.source.random() < 0.3:
            return self._from_address(scope, depth)
        if self.source.random() < 0.1:
            return f"{kind}({self.condition(scope, depth)})"
        return f"{kind}({self.integer(self.source.choice(INTEGER_NAMES), scope, depth)})"

    def _unary(self, kind: str, scope: Scope, depth: int) -> str:
        return f"({self.source.choice('-~')}{self.integer(kind, scope, depth)})"

    def _choice(self, kind: str, scope: Scope, depth: int) -> str:
        first, second = self.integer(kind, scope, depth), self.integer(kind, scope, depth)
        return f"({first} if {self.condition(scope, depth)} else {second})"

    def _built_in(self, kind: str, scope: Scope, depth: int) -> str:
        name = self.source.choice(["min", "max", "clz", "ctz", "byte_swap", "rotate_right"])
        arguments = self.integer(kind, scope, depth)
        if name in ("min", "max"):
            arguments += f", {self.integer(kind, scope, depth)}"
        if name == "rotate_right":
            arguments += f", {self.integer(self.source.choice(UNSIGNED_NAMES), scope, depth)}"
        return f"{name}({arguments})"

    def _call(self, kind: str, scope: Scope, depth: int) -> str:
        found = [
            callee for callee in scope.functions if callee.result == kind and self.spent + callee.cost * self.weight < self.budget
        ]
        if not found:
            return self._leaf(kind, scope)
        return self.call(self.source.choice(found), scope, depth)

    def call(self, callee: Callee, scope: Scope, depth: int) -> str:
        """Return a call of a function."""
        self.spent += callee.cost * self.weight
        name = callee.name
        if callee.choices:
            if self.source.random() < 0.03:
                name += f"[RECORD.f_u8 % {callee.choices + 1}]"
            else:
                name += f"[{self.integer('u8', scope, 1)} % {callee.choices}]"
        arguments = [self.any(kind, scope, min(depth, 1)) for kind in callee.parameters]
        if not callee.choices and self.source.random() < 0.2:
            named = [f"p{place}={text}" for place, text in enumerate(arguments)]
            arguments = self.source.sample(named, len(named))
        return f"{name}({', '.join(arguments)})"
