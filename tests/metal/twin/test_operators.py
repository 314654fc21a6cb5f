# SPDX-License-Identifier: Apache-2.0
"""Every operator on every integer type gives the same result under CPython, on the host and on ARM."""

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metal.twin.cases import arguments, edges, parameter_kinds, random_arguments, value_from
from tests.metal.twin.load import module_of
from tests.metal.twin.machines import Twin
from tests.metal.twin.operators import module_source

GRID_CASES = 24


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    module = module_of(module_source(), "twin_operators", tmp_path_factory.mktemp("operators"))
    return Twin(module, checked=False)


def test_the_edges_of_every_type(twin: Twin) -> None:
    source = random.Random(1)
    for name in twin.functions:
        kinds = parameter_kinds(twin, name)
        grid = list(itertools.product(*(edges(1 if kind is bool else 8 * kind.SIZE) for kind in kinds)))
        for bits in source.sample(grid, min(len(grid), GRID_CASES)):
            twin.check(name, [value_from(kind, number) for kind, number in zip(kinds, bits, strict=True)], 0)
        twin.check(name, random_arguments(twin, name, source), 0)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_operand(twin: Twin, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(twin.functions)))
    twin.check(name, data.draw(arguments(twin, name)), 0)


def test_all_types_and_operators_are_there(tmp_path: Path) -> None:
    source = module_source()
    for kind in ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"):
        for sign in ("+", "-", "*", "//", "%", "&", "|", "^"):
            assert f"a: {kind}, b: {kind}) -> {kind}:\n    return a {sign} b\n" in source
