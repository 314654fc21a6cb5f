# SPDX-License-Identifier: Apache-2.0
"""Constants in metal have names, and no casts where the type is clear anyway (`docs/guide/metal.md`, "Literals")."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"
PARTS = ("abi", "arm", "board", "core", "guests")
INTEGERS = {"u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"}
# What takes values of any type, or of one that differs from a constant's: there the cast is what says the type.
ANY_TYPE = INTEGERS | {
    "PhysAddr", "VirtAddr", "GuestPhysAddr", "min", "max", "clz", "ctz", "byte_swap", "rotate_right", "volatile_store", "asm",
    "asm_value", "table",
}  # fmt: skip


class Module:
    """One file: its tree, and where the names in it come from."""

    def __init__(self, text: str, name: str = "") -> None:
        self.name = name
        self.text = text
        self.tree = ast.parse(text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.imported = {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self.typed = {
            node.target.id
            for node in self.tree.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and is_cast(node.value)
        }

    def has_type(self, node: ast.expr) -> bool:
        """Tell whether a name is that of a constant which is defined with its type."""
        if isinstance(node, ast.Name):
            module, name = self.imported.get(node.id, (self.name, node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self.imported:
            module, name = ".".join(self.imported[node.value.id]), node.attr
        else:
            return False
        found = self if module == self.name else modules().get(module)
        return found is not None and name in found.typed


@cache
def modules() -> dict[str, Module]:
    found = {}
    for path in sorted(SOURCE.glob("ovm/**/*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if parts[1] in PARTS:
            name = ".".join(parts)
            found[name] = Module(path.read_text(), name)
    return found


def is_cast(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in INTEGERS and len(node.args) == 1


def is_constant(node: ast.expr) -> bool:
    """Tell whether an expression is made of literals and of names that are written as constants are."""
    if isinstance(node, ast.BinOp):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.attr.isupper() and not node.value.id.isupper()
    return isinstance(node, ast.Constant) or isinstance(node, ast.Name) and node.id.isupper()


def is_cast_of_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and is_cast(node) and is_constant(node.args[0])


def sides(node: ast.AST) -> list[ast.expr]:
    """Return what a choice by `if ... else`, `min` or `max` is between; nothing for any other expression."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        return node.args
    return []


def choice_of(module: Module, node: ast.expr) -> ast.expr:
    """Return the outermost choice of which a value is a side, or the value itself."""
    parent = module.parents[node]
    return choice_of(module, parent) if isinstance(parent, ast.expr) and node in sides(parent) else node


def goes_to_a_type(module: Module, value: ast.expr) -> bool:
    """Tell whether a value, or the choice that it is a side of, takes its type from where it goes.

    It is an argument, a result, stored to a field or element, or an operand beside a variable. A choice between casts of
    constants needs one cast, wherever it goes.
    """
    node = choice_of(module, value)
    parent = module.parents[node]
    if isinstance(parent, ast.keyword):
        parent = module.parents[parent]
    if isinstance(parent, ast.Assign):
        one_cast_will_do = isinstance(node, ast.IfExp) and all(is_cast_of_constant(each) for each in sides(node))
        return one_cast_will_do or isinstance(parent.targets[0], ast.Attribute | ast.Subscript)
    if isinstance(parent, ast.BinOp) and node is not value:
        return not is_constant(parent.right if node is parent.left else parent.left)
    if not isinstance(parent, ast.Call) or node is parent.func:
        return isinstance(parent, ast.Return)
    if isinstance(parent.func, ast.Name):
        return parent.func.id not in ANY_TYPE
    return isinstance(parent.func, ast.Attribute) and isinstance(parent.func.value, ast.Name)


def casts(module: Module) -> Iterator[ast.AST]:
    """Find casts of constants that have their type, or take it from where they go."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and is_cast(node):
            value = node.args[0]
            if module.has_type(value) or is_constant(value) and goes_to_a_type(module, node):
                yield node


def bounds(module: Module) -> Iterator[ast.AST]:
    """Find bounds of loops that are numbers."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            given = [keyword.value for keyword in node.keywords if keyword.arg == "bound"]
            given += node.args if isinstance(node.func, ast.Name) and node.func.id == "bound" else []
            yield from (each for each in given if not any(isinstance(part, ast.Name) for part in ast.walk(each)))


def cases(module: Module) -> Iterator[ast.AST]:
    """Find cases that are numbers in hexadecimal: those that registers, modes and codes have."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.MatchValue) and (ast.get_source_segment(module.text, node) or "").startswith("0x"):
            yield node


@pytest.mark.parametrize("rule", [casts, bounds, cases])
def test_constants_are_named_and_bare(rule: object) -> None:
    assert callable(rule)
    found = [f"{name}:{node.lineno}: {ast.unparse(node)}" for name, module in modules().items() for node in rule(module)]
    assert not found


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (casts, "f(u32(5))"),
        (casts, "f(1, offset=u32(5))"),
        (casts, "f(u32(LIMIT | 1))"),
        (casts, "tags.find(u32(tags.WAYS), u8(0))"),
        (casts, "x.field = u32(0)"),
        (casts, "x.field = u32(1) if y else z"),
        (casts, "f(y if z else u32(0))"),
        (casts, "f(min(y, u32(LIMIT)))"),
        (casts, "def f():\n    return u32(LIMIT)"),
        (casts, "def f():\n    return y if z else (u32(1) if z else u32(2))"),
        (casts, "x = y | (u32(1) if z else u32(0))"),
        (casts, "x = u32(1) if y else u32(2)"),
        (casts, "x[i] = u8(LIMIT)"),
        (casts, "TYPED: Final = u32(5)\nx = u32(TYPED)"),
        (casts, "from ovm.core.gic import SPURIOUS\nx = u32(SPURIOUS)"),
        (casts, "from ovm.core import gic\nx = u32(gic.SPURIOUS) if a else b"),
        (bounds, "for x in u32.range(n, bound=8): pass"),
        (bounds, "for x in u32.range(n, bound=1 << 4): pass"),
        (bounds, "while x:\n    bound(16)"),
        (cases, "match x:\n    case 1 | 0x13: pass"),
    ],
)
def test_a_rule_finds(rule: object, text: str) -> None:
    assert callable(rule)
    assert list(rule(Module(text)))


@pytest.mark.parametrize(
    "text",
    [
        "x = u32(5)",
        "f(u32(x))",
        "f(u32(CELL.value))",
        "y = min(x, u32(LIMIT))",
        "return_(VirtAddr(u32(5)))",
        "x = u32(1 if y else 2)",
        "x = z if y else u32(2)",
        "x = u32(z) if y else u32(2)",
        "x = y & ~u32(LIMIT)",
        "x = LIMIT | (u32(1) if z else y)",
        "for x in u32.range(n, bound=LIMIT * 2): pass",
        "while x:\n    bound(sizes.WORD_BITS)",
        "match x:\n    case 1 | psr.MODE_SVC: pass",
    ],
)
def test_no_rule_finds(text: str) -> None:
    module = Module(text)
    assert not [found for rule in (casts, bounds, cases) for found in rule(module)]
