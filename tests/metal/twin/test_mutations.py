# SPDX-License-Identifier: Apache-2.0
"""The twin test notices miscompilations: each planted one makes it fail, and without it the same cases pass."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from tests.metal.twin.cases import check_all
from tests.metal.twin.load import module_of
from tests.metal.twin.machines import ANCHOR, Twin
from tests.metal.twin.mutations import MUTATIONS, Mutation
from tests.metal.twin.operators import module_source
from tests.metal.twin.programs import control, records

CASES = 60


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModuleType]:
    @cache
    def find(name: str) -> ModuleType:
        if name == "operators":
            return module_of(module_source(), "twin_mutated_operators", tmp_path_factory.mktemp("mutated"))
        return {"control": control, "records": records}[name]

    return find


def run(found: ModuleType, mutation: Mutation) -> None:
    twin = Twin(found, (mutation.machine,), only=mutation.functions)
    assert set(twin.functions) - {ANCHOR} == set(mutation.functions)
    check_all(twin, CASES, seed=1)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name for mutation in MUTATIONS])
def test_a_planted_fault_is_noticed(
    mutation: Mutation, module: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = module(mutation.module)
    run(found, mutation)
    mutation.plant(monkeypatch)
    with pytest.raises(AssertionError, match="from statics drawn with seed"):
        run(found, mutation)


def test_there_are_faults_of_every_kind() -> None:
    assert len(MUTATIONS) >= 15
    assert {mutation.machine for mutation in MUTATIONS} == {"host", "arm"}
    assert {mutation.module for mutation in MUTATIONS} == {"operators", "control", "records"}
    assert Path(__file__).with_name("mutations.py").read_text().count("@mutation(") == len(MUTATIONS)
