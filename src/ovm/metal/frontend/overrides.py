# SPDX-License-Identifier: Apache-2.0
"""A second import of a program's modules, with other parameters.

Constants derived from a parameter are computed when their module is imported. So a build with other values imports the modules
that depend on the parameter a second time, and puts the old ones back afterwards.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType

from ovm.metal.imports import imports_of
from ovm.metal.lang.functions import Function
from ovm.metal.lang.parameters import overriding

COMPILER = "ovm.metal"


def _used(module: str) -> set[str]:
    """Return the modules that a module imports, those of the language and of Python left out."""
    return {name for name in imports_of(module) if name in sys.modules and not _has_no_parameters(name)}


def _has_no_parameters(module: str) -> bool:
    return f"{module}.".startswith(f"{COMPILER}.") or module.partition(".")[0] in sys.stdlib_module_names


def _dependents(roots: set[str], owners: set[str]) -> list[str]:
    """Return the modules reached from `roots` that reach one of `owners` themselves, `owners` included."""
    graph: dict[str, set[str]] = {}
    waiting = sorted(roots)
    while waiting:
        name = waiting.pop()
        if name not in graph:
            graph[name] = _used(name)
            waiting.extend(sorted(graph[name]))
    stale = set(owners)
    grown = True
    while grown:
        more = {name for name, used in graph.items() if used & stale and name not in stale}
        stale |= more
        grown = bool(more)
    return sorted(stale)


def _as_wanted(values: Mapping[str, int | bool]) -> bool:
    """Tell whether the modules as imported have these values already."""
    for name, value in values.items():
        module, _, attribute = name.rpartition(".")
        present = getattr(sys.modules.get(module), attribute, None)
        if present is None or present != value:
            return False
    return True


@contextmanager
def with_parameters(roots: Sequence[Function], values: Mapping[str, int | bool]) -> Iterator[Sequence[Function]]:
    """Give the roots as they are under other parameters."""
    if _as_wanted(values):
        yield roots
        return
    stale = _dependents({root.module for root in roots}, {name.rpartition(".")[0] for name in values})
    saved = {name: sys.modules.pop(name) for name in stale if name in sys.modules}
    attributes = _parent_attributes(saved)
    for parent, child, _ in attributes:
        # Or `from parent import child` would find the module that is there already.
        vars(parent).pop(child, None)
    try:
        with overriding(values) as used:
            modules = {name: importlib.import_module(name) for name in saved}
            unknown = sorted(set(values) - used)
            if unknown:
                raise ValueError(f"no module of the program defines the parameter {unknown[0]}")
        yield [_again(root, modules) for root in roots]
    finally:
        for name in stale:
            sys.modules.pop(name, None)
        sys.modules.update(saved)
        for parent, child, module in attributes:
            setattr(parent, child, module)


def _again(root: Function, modules: Mapping[str, ModuleType]) -> Function:
    if root.module not in modules:
        return root
    found = getattr(modules[root.module], root.name)
    assert isinstance(found, Function)
    return found


def _parent_attributes(modules: Mapping[str, ModuleType]) -> list[tuple[ModuleType, str, ModuleType]]:
    found = []
    for name, module in modules.items():
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
            found.append((sys.modules[parent], child, module))
        elif parent in modules:
            found.append((modules[parent], child, module))
    return found
