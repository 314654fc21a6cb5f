# SPDX-License-Identifier: Apache-2.0
"""The fixture of all `test_mutations.py` below this folder."""

from collections.abc import Iterator

import pytest

from tests.board.mutating import Planted


@pytest.fixture(scope="module")
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """Plant the errors of a file, its `MUTATIONS`, for tests that run with its `SETTINGS`, if it has any."""
    module = request.module
    with Planted(tmp_path_factory.mktemp("planted"), module.MUTATIONS, getattr(module, "SETTINGS", {})) as made:
        yield made
