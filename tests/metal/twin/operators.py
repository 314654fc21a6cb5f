# SPDX-License-Identifier: Apache-2.0
"""A metal module with one function for every operator, on every integer type, in every form.

The source is written out as text, because metal has no generic functions and eight copies by hand would hide a gap.
"""

from __future__ import annotations

from collections.abc import Iterator

from ovm.metal.lang.integers import INTEGERS, Integer

BINARY = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "//",
    "modulo": "%",
    "and": "&",
    "or": "|",
    "xor": "^",
}
COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
COUNTS = ("u8", "u16", "u32", "u64")
HEAD = '"""Every operator on every integer type."""\n\nfrom ovm.metal import (\n'
NAMES = ("byte_swap", "clz", "ctz", "fn", *sorted(kind.__name__ for kind in INTEGERS), "rotate_right")


def module_source() -> str:
    """Return the whole module."""
    functions = [text for kind in INTEGERS for text in _functions(kind)]
    imports = "".join(f"    {name},\n" for name in NAMES)
    return HEAD + imports + ")\n" + "".join(f"\n\n@fn\n{text}\n" for text in functions)


def constants(kind: type[Integer], name: str) -> list[int]:
    """Return constants that meet every special case of an operator with a constant."""
    if name not in ("multiply", "divide", "modulo"):
        return sorted({kind.MINIMUM, 5, kind.MAXIMUM})
    wanted = [0, 1, 2, 3, 7, 8, 10, 64, 100, kind.MAXIMUM, kind.MAXIMUM - 1, kind.MINIMUM, kind.MAXIMUM // 2 + 1]
    wanted += [-1, -2, -3, -7, -8, kind.MINIMUM + 1] if kind.SIGNED else []
    return sorted({number for number in wanted if kind.MINIMUM <= number <= kind.MAXIMUM})


def _named(number: int) -> str:
    return f"minus_{-number}" if number < 0 else str(number)


def _function(name: str, parameters: str, result: str, *lines: str) -> str:
    return f"def {name}({parameters}) -> {result}:\n" + "\n".join(f"    {line}" for line in lines)


def _functions(kind: type[Integer]) -> Iterator[str]:
    yield from _binary(kind)
    yield from _shifts(kind)
    yield from _comparisons(kind)
    yield from _others(kind)


def _binary(kind: type[Integer]) -> Iterator[str]:
    t = kind.__name__
    for name, sign in BINARY.items():
        yield _function(f"{t}_{name}", f"a: {t}, b: {t}", t, f"return a {sign} b")
        yield _function(f"{t}_{name}_assign", f"a: {t}, b: {t}", t, "c = a", f"c {sign}= b", "return c")
        for number in constants(kind, name):
            yield _function(f"{t}_{name}_by_{_named(number)}", f"a: {t}", t, f"return a {sign} {number}")
            yield _function(f"{t}_{name}_of_{_named(number)}", f"a: {t}", t, f"return {number} {sign} a")


def _shifts(kind: type[Integer]) -> Iterator[str]:
    t, width = kind.__name__, kind.WIDTH
    for name, sign in (("left", "<<"), ("right", ">>")):
        for count in COUNTS:
            yield _function(f"{t}_{name}_{count}", f"a: {t}, n: {count}", t, f"return a {sign} n")
        for number in (0, 1, width - 1, width, width + 1, 255, 300):
            yield _function(f"{t}_{name}_by_{number}", f"a: {t}", t, f"return a {sign} {number}")
        yield _function(f"{t}_{name}_assign", f"a: {t}, n: u8", t, f"a {sign}= n", "return a")
        if not kind.SIGNED:
            yield _function(f"{t}_{name}_of_100", f"n: {t}", t, f"return 100 {sign} n")


def _comparisons(kind: type[Integer]) -> Iterator[str]:
    t = kind.__name__
    for name, sign in COMPARISONS.items():
        yield _function(f"{t}_{name}", f"a: {t}, b: {t}", "bool", f"return a {sign} b")
        for number in (kind.MINIMUM, 1, kind.MAXIMUM):
            yield _function(f"{t}_{name}_{_named(number)}", f"a: {t}", "bool", f"return a {sign} {number}")
        yield _function(f"{t}_{name}_turned", f"a: {t}", "bool", f"return 5 {sign} a")


def _others(kind: type[Integer]) -> Iterator[str]:
    t = kind.__name__
    yield _function(f"{t}_negate", f"a: {t}", t, "return -a")
    yield _function(f"{t}_invert", f"a: {t}", t, "return ~a")
    for name in ("min", "max"):
        yield _function(f"{t}_{name}", f"a: {t}, b: {t}", t, f"return {name}(a, b)")
    for name in ("clz", "ctz", "byte_swap"):
        yield _function(f"{t}_{name}", f"a: {t}", t, f"return {name}(a)")
    for count in COUNTS:
        yield _function(f"{t}_rotate_{count}", f"a: {t}, n: {count}", t, "return rotate_right(a, n)")
    yield _function(f"{t}_rotate_by_3", f"a: {t}", t, "return rotate_right(a, 3)")
    yield _function(f"{t}_from_bool", "a: bool", t, f"return {t}(a)")
    yield _function(f"{t}_choose", f"a: {t}, b: {t}, c: bool", t, "return a if c else b")
    for target in INTEGERS:
        yield _function(f"{t}_to_{target.__name__}", f"a: {t}", target.__name__, f"return {target.__name__}(a)")
    wide = "i64" if kind.SIGNED else "u64"
    yield _function(f"{t}_mixed", f"a: {t}, b: {t}", wide, f"return {wide}(a * b - (a >> 1)) + {wide}(b) * {wide}(a)")
