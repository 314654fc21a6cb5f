# SPDX-License-Identifier: Apache-2.0
"""The bounds of OVM's loops come with a build that asks for them, and no other build carries their marks."""

import json
from pathlib import Path

from ovm.metal.build.elf import Elf
from ovm.metal.build.flow import SECTION
from ovm.system.archive import FLOW
from ovm.system.build import build

ROOT = Path(__file__).parents[2]


def test_a_description_asks_for_bounds(tmp_path: Path) -> None:
    described = (ROOT / "systems" / "hello.toml").read_text()
    assert "[system]\n" in described
    for name, key in (("with", "loop_bounds = true\n"), ("without", "")):
        file = tmp_path / f"{name}.toml"
        file.write_text(described.replace("[system]\n", f"[system]\n{key}"))
        made = build(file, lambda what: None)
        made.write(tmp_path / name)
        assert (SECTION in Elf(made.core.content).sections) == bool(key)
        assert (tmp_path / name / FLOW).exists() == bool(key)
    flow = json.loads((tmp_path / "with" / FLOW).read_text())
    assert flow["schema"] == "ovm-flow-1"
    loops = flow["loops"]
    assert len(loops) > 50
    # A loop over none of a thing, or one whose body the optimiser has proved empty, has no turns.
    turning = [each for each in loops.values() if any(copy["turns"] for copy in each["copies"])]
    assert len(turning) > 50
    assert all(each["bound"] is None or each["bound"] > 0 for each in turning)
