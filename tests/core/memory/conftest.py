# SPDX-License-Identifier: Apache-2.0
"""The guest that tests of single faults begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.core.memory import space
from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled, interpreted
from tests.core.memory.events import small
from tests.core.memory.faults import DATA, PAGES, TABLE, store


@pytest.fixture(params=[compiled, interpreted])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Give the first NRT guest, privileged, with its MMU on and FAR mapped by small pages of domain 0."""
    with request.param() as made:
        board.prepare(made)
        store(made, TABLE + 4, PAGES | 1)
        for number in range(4):
            store(made, PAGES + 4 * number, small(DATA + 4096 * number, 0b011, False, True))
        board.write(made.vcpu(board.FIRST), sctlr=1, ttbr0=TABLE, dacr=1, contextidr=1)
        made.call(space.space_activate, made.vcpu(board.FIRST).address)
        yield made
