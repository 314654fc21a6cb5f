# SPDX-License-Identifier: Apache-2.0
"""Python that metal does not have: each construct by its name, with a replacement."""

from __future__ import annotations

import ast

from ovm.metal.frontend.report import Problem
from ovm.metal.frontend.source import location_of

LONGEST = 60
# Construct -> (code, its name in the message).
_CONSTRUCTS: dict[type[ast.AST], tuple[str, str]] = {
    ast.List: ("M101", "a list"),
    ast.Dict: ("M101", "a dict"),
    ast.Set: ("M101", "a set"),
    ast.Tuple: ("M101", "a tuple"),
    ast.ListComp: ("M102", "a list comprehension"),
    ast.SetComp: ("M102", "a set comprehension"),
    ast.DictComp: ("M102", "a dict comprehension"),
    ast.GeneratorExp: ("M102", "a generator expression"),
    ast.Lambda: ("M103", "a lambda"),
    ast.Try: ("M104", "a try statement"),
    ast.TryStar: ("M104", "a try statement"),
    ast.With: ("M105", "a with statement"),
    ast.AsyncWith: ("M105", "a with statement"),
    ast.Raise: ("M106", "a raise statement"),
    ast.Yield: ("M107", "yield"),
    ast.YieldFrom: ("M107", "yield"),
    ast.Await: ("M107", "await"),
    ast.AsyncFor: ("M107", "async for"),
    ast.JoinedStr: ("M115", "an f-string"),
    ast.FormattedValue: ("M115", "an f-string"),
    ast.FunctionDef: ("M116", "a function inside a function"),
    ast.AsyncFunctionDef: ("M116", "a function inside a function"),
    ast.ClassDef: ("M116", "a class inside a function"),
    ast.Global: ("M117", "global"),
    ast.Nonlocal: ("M117", "nonlocal"),
    ast.Import: ("M118", "an import inside a function"),
    ast.ImportFrom: ("M118", "an import inside a function"),
    ast.Delete: ("M119", "del"),
    ast.NamedExpr: ("M120", "`:=`"),
    ast.Starred: ("M121", "a star argument"),
    ast.Slice: ("M123", "a slice"),
    ast.Compare: ("M112", "a chained comparison"),
}


def explain(node: ast.AST) -> Problem:
    """Return the problem of using a construct that metal does not have."""
    code, name = _CONSTRUCTS.get(type(node), ("M131", f"Python's {type(node).__name__}"))
    return Problem(code, location_of(node), f"metal does not have {name}", found=written(node))


def written(node: ast.AST) -> str:
    """Return the first line of a construct as text, shortened."""
    text = ast.unparse(node).splitlines()[0]
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
