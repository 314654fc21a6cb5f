# SPDX-License-Identifier: Apache-2.0
"""The compiler answers every program with diagnostics that name a line of it, never with a traceback.

`OVM_MUTATED_SEEDS=1000:2000` tries other programs than the few of a normal run.
"""

import os
from pathlib import Path
from random import Random

import pytest

from ovm.metal.diagnostics import MetalError
from tests.metal.diagnostics.programs import compile_file, imported
from tests.metal.frontend.mutate import mutated

HERE = Path(__file__).parent
SOURCES = [path.read_text() for path in sorted((HERE.parent / "diagnostics" / "accepted").glob("*.py"))]
START, END = (int(number) for number in os.environ.get("OVM_MUTATED_SEEDS", "0:150").split(":"))


def answer(path: Path) -> str:
    """Compile a file: "accepted", "refused", or "python" when the module itself cannot be imported."""
    try:
        with imported(path):
            pass
    except Exception:  # noqa: BLE001 - a spoiled module may raise anything
        return "python"
    try:
        compile_file(path)
    except MetalError as error:
        for found in error.diagnostics:
            assert found.line > 0, found.render()
            assert found.file.endswith(".py"), found.render()
            assert found.fix, found.render()
        return "refused"
    return "accepted"


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_spoiled_programs_are_refused_with_a_place_and_a_fix(tmp_path: Path) -> None:
    answers = {"accepted": 0, "refused": 0, "python": 0}
    for seed in range(START, END):
        random = Random(seed)
        text = mutated(random.choice(SOURCES), random)
        if text is not None:
            path = tmp_path / f"mutated_{seed}.py"
            path.write_text(text)
            answers[answer(path)] += 1
    assert answers["refused"] > (END - START) // 3
    assert answers["accepted"] > 0
