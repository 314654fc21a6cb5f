# SPDX-License-Identifier: Apache-2.0
"""Every rule that the compiler enforces: its code, its text, and a fix.

The table is the source of `docs/reference/metal-errors.md`. A diagnostic may carry a more exact fix than the table's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule."""

    code: str
    title: str
    fix: str


_TABLE = [
    # Python that metal does not have.
    (
        "M101",
        "list, dict, set or tuple at run time",
        "use `array(T, n)`, `static(...)` or `table(...)`; build compile-time data outside the function",
    ),
    ("M102", "comprehension or generator at run time", "write a `for` loop over `T.range(...)`"),
    ("M103", "lambda", "define a module-level function with `@fn`"),
    ("M104", "try statement", "return a result code and test it; metal has no exceptions"),
    ("M105", "with statement", "call the opening and the closing function yourself"),
    ("M106", "raise statement", "return a result code, or stop with `panic(code)`"),
    ("M107", "yield, await or async", "keep the state in a struct and call a function for each step"),
    ("M108", "floating-point or complex number", "use integers, scaled if fractions are needed"),
    ("M109", "true division `/`", "use `//`, which rounds to minus infinity"),
    ("M110", "power `**`", "use `<<` for powers of two, or multiply in a loop"),
    ("M111", "matrix product `@`", "write the loops"),
    ("M112", "chained comparison", "write `a < b and b < c`"),
    ("M113", "identity test `is`", "compare values with `==` or `!=`"),
    ("M114", "membership test `in`", "compare with each value, or `match` on it"),
    ("M115", "string at run time", 'use `text("...")` for constant bytes'),
    ("M116", "function or class inside a function", "move it to the module's top level"),
    ("M117", "global or nonlocal", "keep the value in `static(T)` and use `.value`"),
    ("M118", "import inside a function", "import at the top of the module"),
    ("M119", "del statement", "leave it out: locals end with the function"),
    ("M120", "assignment expression `:=`", "assign in a statement of its own"),
    ("M121", "star argument", "write out the parameters or arguments"),
    ("M122", "default value of a parameter", "pass the value at each call"),
    ("M123", "slice", "loop over the indexes, or pass a pointer and a count"),
    (
        "M124",
        "assignment to several targets",
        "assign each in a statement of its own; return several values through a struct",
    ),
    (
        "M125",
        "for over something that is not a range",
        "use `T.range(...)` at run time, `unroll(...)` over compile-time objects",
    ),
    ("M126", "plain range()", "use `u32.range(...)` or the range of another integer type"),
    ("M127", "else of a loop", "set a variable before `break` and test it after the loop"),
    ("M128", "None or ... as a value", "use a value of the right type; a struct reference is never null"),
    (
        "M129",
        "pattern that match cannot compile",
        "use integer constants, enum members, `|` between them and `case _:`",
    ),
    ("M130", "statement without effect", "remove it, or use its value"),
    ("M131", "Python that metal does not have", "see docs/guide/metal.md for what it has"),
    # Types.
    ("M201", "types differ", "convert with a cast, or change one of the types"),
    ("M202", "widths differ", "widen or cut one side with a cast, for example `u32(x)`"),
    ("M203", "signed and unsigned mixed", "decide which is meant and cast the other, for example `i32(x)`"),
    ("M204", "address spaces mixed", "write the crossing out, for example `VirtAddr(u32(physical))`"),
    ("M205", "constant does not fit", "use a wider type, or cut the value with `&`"),
    ("M206", "condition is not a bool", "compare, for example `x != 0`"),
    ("M207", "constant without a width", "give it one, for example `u32(5)`"),
    ("M208", "operation not defined for the type", "cast to an integer type first"),
    ("M209", "no such attribute", "check the name against the type's definition"),
    ("M210", "not assignable", "assign to a local variable, a struct field, an array element or a `.value`"),
    ("M211", "conversion not defined", "go through `u32`"),
    ("M212", "bad shift count", "use an unsigned value or a constant that is not negative"),
    ("M213", "order of enums or booleans", "compare their numbers, for example `a.raw < b.raw`"),
    ("M214", "index is not an integer", "index with an integer"),
    ("M215", "index outside the array", "use an index below the array's length"),
    # Names and calls.
    ("M301", "unknown name", "define or import it"),
    ("M302", "compile-time object used at run time", "use it inside a compile-time expression, or make it a static"),
    ("M303", "missing annotation", "annotate every parameter and the result"),
    ("M304", "arguments do not match", "call it with the parameters it declares"),
    ("M305", "not a type", "use a metal type"),
    ("M306", "compile-time expression failed", "correct the expression; it is evaluated as ordinary Python"),
    ("M307", "static without a name", "bind it to a name at the top level of its module"),
    ("M308", "body of a naked function", 'let the body be one `asm_block("...")`'),
    ("M309", "body of an extern function", "let the body be `...`"),
    ("M310", "functions of a table differ in signature", "give all of them the same parameters and result"),
    ("M311", "not a metal function", "mark it with `@fn`"),
    ("M312", "not a compile-time constant", "use constants, or values that the module computes when it is imported"),
    ("M313", "wrong inline assembly", "let every operand be used, and every `{n}` have an operand"),
    ("M314", "symbol used twice", "give one of them another `export=` name"),
    ("M315", "head of metal_panic", "declare it `(code: u32) -> Never`"),
    ("M316", "machine code of the host in a program for ARM", "keep `call_code()` to what is compiled for the host"),
    ("M317", "compile-time function with a side effect", "let it depend on its arguments alone, or keep its value in a constant"),
    # Flow.
    ("M401", "variable may be unset", "assign it on every path before this one"),
    ("M402", "missing return", "return a value on every path"),
    (
        "M403",
        "function that never returns would end",
        "end it with `panic(...)`, `while forever():` or a call of a `Never` function",
    ),
    ("M404", "recursion", "break the cycle: use a loop and an explicit stack in an array"),
    ("M405", "loop without a bound", "let `bound(n)` be the first statement of its body"),
    ("M406", "bad bound", "let the bound be a positive constant"),
    ("M407", "forever() in a function that returns", "declare the function `-> Never`"),
    ("M408", "range of a run-time stop without a bound", "add `bound=n`"),
    ("M409", "local storage returned", "let the caller make it and pass it as a parameter, or make it `static(...)`"),
]
RULES = {code: Rule(code, title, fix) for code, title, fix in _TABLE}
