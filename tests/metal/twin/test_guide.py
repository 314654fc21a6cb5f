# SPDX-License-Identifier: Apache-2.0
"""The example at the head of the language's guide runs in three ways, as the guide says."""

import re
from pathlib import Path

from tests.metal.twin.cases import check_all
from tests.metal.twin.load import module_of
from tests.metal.twin.machines import Twin

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "metal.md"


def test_the_first_example_runs_in_three_ways(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found
    example = found[1] + "\n@fn\ndef every_static() -> None:\n    QUEUE.head += 1\n"
    module = module_of(example, "guide_example", tmp_path)
    assert check_all(Twin(module), 200, seed=1) == 400
