# SPDX-License-Identifier: Apache-2.0
"""Import generated metal source as a module."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def module_of(source: str, name: str, folder: Path) -> ModuleType:
    """Write `source` to a file and import it under `name`."""
    path = folder / f"{name}.py"
    path.write_text(source)
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module
