# SPDX-License-Identifier: Apache-2.0
"""Random metal programs, run in three ways on random inputs.

`OVM_TWIN_SEEDS=100:200` tries other seeds than the few of a normal run.
"""

import os
from pathlib import Path

import pytest

from tests.metal.twin.cases import check_all
from tests.metal.twin.generate.modules import module_source
from tests.metal.twin.load import module_of
from tests.metal.twin.machines import Twin

FUNCTIONS = 40
CASES = 30
LEVELS = ("2", "s", "0", "z")
START, END = (int(number) for number in os.environ.get("OVM_TWIN_SEEDS", "0:4").split(":"))


@pytest.mark.parametrize("seed", range(START, END))
def test_random_programs_agree(seed: int, tmp_path: Path) -> None:
    module = module_of(module_source(seed, FUNCTIONS), f"twin_random_{seed}", tmp_path)
    twin = Twin(module, checked=(seed + seed // 4) % 2 == 0, optimise=LEVELS[seed % 4])
    assert check_all(twin, CASES, seed) >= CASES * FUNCTIONS
