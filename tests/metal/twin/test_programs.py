# SPDX-License-Identifier: Apache-2.0
"""Hand-written metal functions, one for each thing the language can do, run in three ways on drawn inputs."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.metal.lang.functions import Function
from tests.metal.twin.cases import arguments
from tests.metal.twin.machines import Twin
from tests.metal.twin.programs import control, records

MODULES = {"control": control, "records": records}
FUNCTIONS = [
    (module, name) for module, content in MODULES.items() for name, thing in vars(content).items() if isinstance(thing, Function)
]


@cache
def twin_of(module: str, checked: bool) -> Twin:
    return Twin(MODULES[module], checked=checked)


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "release"])
@pytest.mark.parametrize(("module", "name"), FUNCTIONS, ids=[f"{module}-{name}" for module, name in FUNCTIONS])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_three_ways_agree(module: str, name: str, checked: bool, data: st.DataObject) -> None:
    twin = twin_of(module, checked)
    twin.check(name, data.draw(arguments(twin, name)), data.draw(st.integers(0, 2**32 - 1), label="statics"))
