# SPDX-License-Identifier: Apache-2.0
"""Imports read from text: what depends on a parameter, and on which sources a program depends, follows from them."""

import ast
from pathlib import Path

import pytest

import ovm
from ovm.metal.imports import imported_names, imports_of

TEXT = '''
"""import nothing"""
import a.b, c as d  # import no
from e import (
    f as g,  # and
    h,
)
from . import i
from ..j import k
if True:
    from l import m
'''


def test_all_forms_are_found() -> None:
    names = {"a.b", "c", "e", "e.f", "e.h", "p.q", "p.q.i", "p.j", "p.j.k", "l", "l.m"}
    assert imported_names(TEXT, "p.q") == names


@pytest.mark.parametrize("folder", ["abi", "arm", "board", "core", "guests", "metal/runtime"])
def test_no_import_of_a_source_is_missed(folder: str) -> None:
    """Compare with the syntax tree, of which this is a quicker reading."""
    files = sorted(Path(ovm.__path__[0], folder).rglob("*.py"))
    assert files
    for file in files:
        text = file.read_text()
        found = imported_names(text, "package")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= found
            elif isinstance(node, ast.ImportFrom):
                assert {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)} <= found


def test_a_module_without_a_source_imports_nothing() -> None:
    assert imports_of("sys") == imports_of("no.such.module") == set()
