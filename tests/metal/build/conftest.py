# SPDX-License-Identifier: Apache-2.0
"""The common part of the tests of the build tools: hand-written units and a cache of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ovm.metal.build.cache import Cache


@dataclass(frozen=True)
class HandWrittenUnit:
    """A unit as the compiler would hand it over, from IR text that the test writes."""

    ir: str
    functions: Mapping[str, Any] = field(default_factory=dict)
    statics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> Mapping[str, str]:
        return {"": self.ir}


@pytest.fixture
def make_unit() -> Callable[..., HandWrittenUnit]:
    """Make a unit from IR text."""
    return HandWrittenUnit


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """Return an empty cache."""
    return Cache(tmp_path / "cache")


@pytest.fixture(scope="session")
def build_cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """Return a cache that the tests of one run share, so that each thing is compiled once."""
    return Cache(tmp_path_factory.mktemp("build-cache"))
