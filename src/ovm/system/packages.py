# SPDX-License-Identifier: Apache-2.0
"""The search for packages of metal guests: next to the description that names them, then on the import path."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

GUEST_MODULE = "guest"


@contextmanager
def beside(folder: Path) -> Iterator[None]:
    """Let imports find packages in `folder` first."""
    place = str(folder.resolve())
    sys.path.insert(0, place)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        if place in sys.path:  # a guest's module may have changed it
            sys.path.remove(place)


def guest_exists(package: str, folder: Path) -> bool:
    """Return whether there is a package with a module `guest`."""
    with beside(folder):
        try:
            return importlib.util.find_spec(f"{package}.{GUEST_MODULE}") is not None
        except (ImportError, ValueError):
            return False


def import_guest(package: str) -> ModuleType:
    """Return the module `guest` of a package; call it within `beside`."""
    return importlib.import_module(f"{package}.{GUEST_MODULE}")
