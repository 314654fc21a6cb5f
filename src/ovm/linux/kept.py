# SPDX-License-Identifier: Apache-2.0
"""Things made of packages of a distribution, kept as long as apt's lists stay as they are.

Asking apt takes seconds, even where it only reads its lists. A name without a version means another package after each update of
the lists, so their state is part of the key, and so is the text of this part of OVM.
"""

import functools
from collections.abc import Callable
from pathlib import Path

from ovm.linux.apt import Apt
from ovm.metal.build.cache import Cache, source_digest
from ovm.metal.build.zig import digest


def kept(kind: str, name: str, make: Callable[[], bytes], apt: Apt, cache: Cache | None = None) -> bytes:
    """Return what `make` makes of the package `name`, from the cache where the lists are those of that time."""
    store = cache or Cache()
    found = store.get(_key(kind, name, apt))
    if found is None:
        found = make()
        # The lists may have been fetched in between.
        store.put(_key(kind, name, apt), found)
    return found


def _key(kind: str, name: str, apt: Apt) -> str:
    return digest(kind, name, apt.state(), _own_digest())


@functools.cache
def _own_digest() -> str:
    return source_digest(Path(__file__).parent)
