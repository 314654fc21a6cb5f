# SPDX-License-Identifier: Apache-2.0
"""Import the small programs of this folder and compile them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from ovm.metal.compiler import Options, Target, Unit, compile_unit
from ovm.metal.lang.functions import Function


@contextmanager
def imported(path: Path) -> Iterator[ModuleType]:
    """Import a file under its own name, and forget it afterwards."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    try:
        specification.loader.exec_module(module)
        yield module
    finally:
        del sys.modules[path.stem]


def compile_file(path: Path, target: Target = "arm", *, checked: bool = False, debug: bool = True) -> Unit:
    """Compile all functions of a file."""
    with imported(path) as module:
        roots = [value for value in vars(module).values() if isinstance(value, Function) and value.kind != "extern"]
        return compile_unit(roots, Options(target, checked=checked, debug=debug))
