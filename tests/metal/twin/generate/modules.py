# SPDX-License-Identifier: Apache-2.0
"""Random metal modules: functions of random statements over a fixed set of statics.

Every function is well-typed, bounded and free of recursion by construction; what it computes is
whatever it is. Calls and loops are paid for from a budget, so that no function runs long.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.metal.twin.generate.expressions import (
    ADDRESS_NAMES,
    COLOURS,
    INTEGER_NAMES,
    REACH,
    UNSIGNED_NAMES,
    WIDTHS,
    Callee,
    Expressions,
    Scope,
)

BUDGET = 1500
VALUES = (*INTEGER_NAMES, *ADDRESS_NAMES, "bool", "Colour")
HEAD = '''"""Random functions."""

from ovm.metal import (
    Array, Bits, Enum, PhysAddr, Ptr, Struct, VirtAddr, array, bound, byte_swap, clz, copy, ctz, field, first, flag, fn,
    function_table, i8, i16, i32, i64, panic, rotate_right, static, u8, u16, u32, u64, unroll,
)


class Colour(Enum, width=u8):
    RED = 1
    GREEN = 2
    BLUE = 200


class Status(Bits):
    level = field(3, 7)
    high = field(28, 4)
    ready = flag(12)


class Inner(Struct):
{fields}
    valid: bool
    colour: Colour
    status: Status
    a_PhysAddr: PhysAddr
    a_VirtAddr: VirtAddr


class Record(Struct):
{fields}
    valid: bool
    colour: Colour
    status: Status
    inner: Inner
    a_PhysAddr: PhysAddr
    a_VirtAddr: VirtAddr


RECORD = static(Record)
RECORDS = static(array(Record, 2))
WORDS = static(array(u32, 8))
BYTES = static(array(u8, 16))
HALVES = static(array(i16, 4))
LONGS = static(array(u64, 4))
SLONGS = static(array(i64, 4))
STATE = static(Status)
'''


def module_source(seed: int, functions: int) -> str:
    """Return a module of random functions."""
    fields = "\n".join(f"    f_{name}: {name}" for name in INTEGER_NAMES)
    writer = Statements(random.Random(seed))
    made: list[Callee] = []
    text = HEAD.replace("{fields}", fields)
    for number in range(functions):
        body, callee = writer.function(f"f{number}", made)
        made.append(callee)
        text += f"\n\n{body}"
        if number % 8 == 7:
            lines, table = writer.table(f"table{number}", made)
            made.append(table)
            text += lines
    return text


class Statements:
    """Draws functions."""

    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.expressions = Expressions(source)
        self._next_name = 0
        self._result = ""
        self._in_loop = False

    def function(self, name: str, earlier: list[Callee]) -> tuple[str, Callee]:
        """Write one function."""
        kinds = (*VALUES, *INTEGER_NAMES, "Record", "Array[u8]", "Ptr[u32]")
        parameters = tuple(self.source.choice(kinds) for _ in range(self.source.randint(1, 5)))
        return self._function(name, parameters, self.source.choice(VALUES), earlier)

    def table(self, name: str, earlier: list[Callee]) -> tuple[str, Callee]:
        """Write some functions of one signature and a table of them."""
        parameters = tuple(self.source.choice(VALUES) for _ in range(self.source.randint(0, 3)))
        result, text, cost = self.source.choice(VALUES), "", 0
        entries = [f"{name}_{place}" for place in range(self.source.randint(1, 4))]
        for entry in entries:
            body, callee = self._function(entry, parameters, result, [one for one in earlier if one.cost < BUDGET // 4])
            text += f"\n\n{body}"
            cost = max(cost, callee.cost)
        text += f"\n\n{name.upper()} = function_table({', '.join(entries)})\n"
        return text, Callee(name.upper(), parameters, result, cost, len(entries))

    def _function(self, name: str, parameters: tuple[str, ...], result: str, earlier: list[Callee]) -> tuple[str, Callee]:
        self._result = result
        self.expressions.budget, self.expressions.spent, self.expressions.weight = BUDGET, 1, 1
        self._in_loop = False
        scope = Scope(functions=earlier)
        named = {f"p{place}": kind for place, kind in enumerate(parameters)}
        scope.variables = {variable: kind for variable, kind in named.items() if kind in VALUES}
        scope.arrays.update({variable: REACH[kind] for variable, kind in named.items() if kind in REACH})
        scope.unchecked = {variable for variable, kind in named.items() if kind in REACH}
        records = [variable for variable, kind in named.items() if kind == "Record"]
        scope.records += records
        scope.whole_records += records
        head = ", ".join(f"{variable}: {kind}" for variable, kind in named.items())
        lines = self._block(scope, self.source.randint(3, 8), 3, last=False)
        lines.append(f"return {self.expressions.any(self._result, scope, 3)}")
        option = self.source.choice(["", "", "(inline=True)", "(inline=False)"])
        body = "".join(f"    {line}\n" for line in lines)
        text = f"@fn{option}\ndef {name}({head}) -> {self._result}:\n{body}"
        return text, Callee(name, parameters, self._result, self.expressions.spent)

    def _name(self) -> str:
        self._next_name += 1
        return f"v{self._next_name}"

    def _block(self, scope: Scope, count: int, depth: int, *, last: bool = True) -> list[str]:
        """Write some statements; nested blocks are indented by their maker."""
        lines: list[str] = []
        for _ in range(count):
            lines += self._statement(scope, depth)
        if last and self.source.random() < 0.12:
            lines += self._leave(scope)
        return lines

    def _statement(self, scope: Scope, depth: int) -> list[str]:
        self.expressions.spent += self.expressions.weight
        simple: list[tuple[float, Callable[[Scope], list[str]]]] = [
            (6, self._new_variable),
            (5, self._assign),
            (5, self._assign_operation),
            (4, self._store),
            (3, self._store_operation),
            (1, self._call),
            (1, self._copy),
            (1, self._local),
            (2, self._reference),
            (0.4, self._stop),
        ]
        nested: list[tuple[int, Callable[[Scope, int], list[str]]]] = [
            (4, self._if),
            (2, self._for),
            (2, self._while),
            (2, self._match),
            (1, self._unroll),
        ]
        if depth > 0 and self.source.random() < 0.3:
            form = self.source.choices([form for _, form in nested], [weight for weight, _ in nested])[0]
            return form(scope, depth - 1)
        plain = self.source.choices([form for _, form in simple], [weight for weight, _ in simple])[0]
        return plain(scope)

    def _leave(self, scope: Scope) -> list[str]:
        if self._in_loop and self.source.random() < 0.7:
            return [self.source.choice(["break", "continue"])]
        return [f"return {self.expressions.any(self._result, scope, 1)}"]

    def _new_variable(self, scope: Scope) -> list[str]:
        kind = self.source.choice(VALUES)
        text = self.expressions.any(kind, scope, 3)
        name = self._name()
        scope.variables[name] = kind
        return [f"{name} = {text}"]

    def _assign(self, scope: Scope) -> list[str]:
        names = [name for name in scope.variables if name not in scope.protected]
        if not names:
            return self._new_variable(scope)
        name = self.source.choice(names)
        return [f"{name} = {self.expressions.any(scope.variables[name], scope, 3)}"]

    def _operation(self, target: str, kind: str, scope: Scope) -> str:
        sign = self.source.choice(["+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>"])
        if sign in ("<<", ">>"):
            value = f"({self.expressions.integer(self.source.choice(UNSIGNED_NAMES), scope, 1)} % {WIDTHS[kind]})"
        elif self.source.random() < 0.2:
            value = str(self.expressions.literal(kind))
        else:
            value = self.expressions.integer(kind, scope, 2)
        return f"{target} {sign}= {value}"

    def _assign_operation(self, scope: Scope) -> list[str]:
        names = [name for name, kind in scope.variables.items() if kind in INTEGER_NAMES and name not in scope.protected]
        if not names:
            return self._new_variable(scope)
        name = self.source.choice(names)
        return [self._operation(name, scope.variables[name], scope)]

    def _place(self, scope: Scope) -> tuple[str, str]:
        """Return a place in memory as (text, type)."""
        if self.source.random() < 0.5:
            element = self.expressions.element(scope, 1)
            if element:
                return element
        kind = self.source.choice(INTEGER_NAMES)
        return f"{self.source.choice(scope.records)}.f_{kind}", kind

    def _store(self, scope: Scope) -> list[str]:
        record = self.source.choice(scope.records)
        choice = self.source.random()
        if choice < 0.1:
            return [f"{record}.valid = {self.expressions.condition(scope, 2)}"]
        if choice < 0.2:
            return [f"{record}.colour = {self.expressions.colour(scope, 2)}"]
        if choice < 0.3:
            level = self.expressions.integer("u32", scope, 1)
            return [f"STATE.value = STATE.value.set(Status.level, {level})"]
        if choice < 0.35:
            return [f"{record}.status = STATE.value.set(Status.ready, {self.expressions.condition(scope, 1)})"]
        place, kind = self._place(scope)
        return [f"{place} = {self.expressions.any(kind, scope, 3)}"]

    def _store_operation(self, scope: Scope) -> list[str]:
        place, kind = self._place(scope)
        return [self._operation(place, kind, scope)]

    def _call(self, scope: Scope) -> list[str]:
        room = self.expressions.budget - self.expressions.spent
        found = [callee for callee in scope.functions if callee.cost * self.expressions.weight < room]
        if not found:
            return ["pass"]
        return [self.expressions.call(self.source.choice(found), scope, 1)]

    def _copy(self, scope: Scope) -> list[str]:
        pair = [self.source.choice(scope.whole_records) for _ in range(2)]
        return [f"copy({pair[0]}, {pair[1]})"]

    def _reference(self, scope: Scope) -> list[str]:
        """Name a place in memory that other names reach too."""
        name, choice = self._name(), self.source.random()
        if choice < 0.35:
            text = f"{name} = RECORDS[{self.expressions.integer('u32', scope, 1)} % 2]"
            scope.records.append(name)
            scope.whole_records.append(name)
            return [text]
        if choice < 0.5:
            scope.records.append(f"{name}[1]")
            scope.whole_records.append(f"{name}[0]")
            return [f"{name} = first(RECORDS)"]
        source, (kind, length) = self.source.choice([("WORDS", ("u32", 8)), ("LONGS", ("u64", 4))])
        step = self.source.randrange(length)
        scope.arrays[name] = (kind, length - step)
        scope.unchecked.add(name)
        return [f"{name} = first({source}) + {step}"]

    def _stop(self, scope: Scope) -> list[str]:
        """Rarely stop the program."""
        number = self.source.randrange(256)
        if self.source.random() < 0.5:
            # No call in it: a release build leaves an assertion out with all that it does.
            return [f"assert {self.source.choice(scope.records)}.f_u8 != {number}"]
        condition = f"{self.expressions.integer('u8', scope, 1)} == {number}"
        return [f"if {condition}:", f"    panic({self.expressions.integer('u32', scope, 1)} & 0xFFFF)"]

    def _local(self, scope: Scope) -> list[str]:
        name = self._name()
        if self.source.random() < 0.5:
            scope.records.append(name)
            scope.whole_records.append(name)
            return [f"{name} = Record()"]
        kind, length = self.source.choice(INTEGER_NAMES), self.source.randint(1, 5)
        scope.arrays[name] = (kind, length)
        return [f"{name} = array({kind}, {length})"]

    def _indented(self, lines: list[str]) -> list[str]:
        return [f"    {line}" for line in lines or ["pass"]]

    def _body(self, scope: Scope, depth: int, turns: int = 1) -> list[str]:
        """Write a nested block that runs up to `turns` times."""
        outer = self.expressions.weight
        self.expressions.weight = outer * turns
        lines = self._block(scope.inner(), self.source.randint(1, 3), depth)
        self.expressions.weight = outer
        return self._indented(lines)

    def _loop_body(self, scope: Scope, depth: int, turns: int) -> list[str]:
        outer, self._in_loop = self._in_loop, True
        lines = self._body(scope, depth, turns)
        self._in_loop = outer
        return lines

    def _if(self, scope: Scope, depth: int) -> list[str]:
        lines = [f"if {self.expressions.condition(scope, 3)}:", *self._body(scope, depth)]
        if self.source.random() < 0.3:
            lines += [f"elif {self.expressions.condition(scope, 2)}:", *self._body(scope, depth)]
        if self.source.random() < 0.5:
            lines += ["else:", *self._body(scope, depth)]
        return lines

    def _for(self, scope: Scope, depth: int) -> list[str]:
        kind, name = self.source.choice(INTEGER_NAMES), self._name()
        turns = self.source.randint(1, 6)
        inner = scope.inner()
        if self.source.random() < 0.4:
            stop = self.expressions.integer(kind, scope, 2)
            head = f"for {name} in {kind}.range(({stop}) % {turns + 1}, bound={turns}):"
            if self.source.random() < 0.3:
                begin, step = self.expressions.integer(kind, scope, 1), self.source.choice([1, 2, 3, 7])
                limits = f"({begin}) % 20, ({stop}) % {step * turns + 1}, {step}"
                head = f"for {name} in {kind}.range({limits}, bound={turns}):"
        else:
            start, step = self.source.randint(0, 9), self.source.choice([1, 2, 3])
            head = f"for {name} in {kind}.range({start}, {start + turns * step}, {step}):"
            if self.source.random() < 0.3:
                head = f"for {name} in {kind}.range({start + turns * step}, {start}, -{step}):"
                head = head if kind.startswith("i") else f"for {name} in {kind}.range({turns}):"
        inner.variables[name] = kind
        return [head, *self._loop_body(inner, depth, turns)]

    def _while(self, scope: Scope, depth: int) -> list[str]:
        kind, name, turns = self.source.choice(UNSIGNED_NAMES), self._name(), self.source.randint(1, 6)
        inner = scope.inner()
        inner.variables[name] = kind
        inner.protected.add(name)
        condition = f"{name} != 0"
        if self.source.random() < 0.3:
            condition += f" and {self.expressions.condition(scope, 2)}"
        limit = turns if self.source.random() < 0.97 else turns - 1 or 1
        start = f"{name} = {self.expressions.integer(kind, scope, 2)} % {turns + 1}"
        body = self._loop_body(inner, depth, turns)
        return [start, f"while {condition}:", f"    bound({limit})", f"    {name} -= 1", *body]

    def _match(self, scope: Scope, depth: int) -> list[str]:
        if self.source.random() < 0.3:
            lines = [f"match {self.expressions.colour(scope, 2)}:"]
            labels = [f"Colour.{name}" for name in self.source.sample(COLOURS, self.source.randint(1, 3))]
        else:
            kind = self.source.choice(INTEGER_NAMES)
            lines = [f"match {self.expressions.integer(kind, scope, 2)}:"]
            labels = sorted({str(self.expressions.literal(kind)) for _ in range(self.source.randint(1, 5))})
        while labels:
            taken, labels = labels[:2], labels[2:]
            lines += self._indented([f"case {' | '.join(taken)}:", *self._body(scope, depth)])
        if self.source.random() < 0.7:
            lines += self._indented(["case _:", *self._body(scope, depth)])
        return lines

    def _unroll(self, scope: Scope, depth: int) -> list[str]:
        name = self._name()
        items = [self.source.randrange(100) for _ in range(self.source.randint(1, 3))]
        inner = scope.inner()
        inner.constants.append(name)
        head = f"for {name} in unroll(({', '.join(map(str, items))},)):"
        return [head, *self._loop_body(inner, depth, len(items))]
