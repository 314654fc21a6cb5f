# SPDX-License-Identifier: Apache-2.0
"""Small programs and the IR that they become, word for word; and the same input gives the same IR.

Other tests run what is compiled. This one protects what a run doesn't show, or shows by luck only: attributes (without
`noimplicitfloat` LLVM may use floating-point registers in code that must not), sections and alignment, clobbers of inline
assembly, that a release build has no checks, and names and lines for a debugger.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from ovm.metal.compiler import Target
from tests.expected import compare_file
from tests.metal.diagnostics.programs import compile_file

HERE = Path(__file__).parent / "golden"
PROGRAMS = sorted(HERE.glob("*.py"))
CASES: list[tuple[str, Target, bool]] = [
    ("arithmetic", "arm", False),
    ("arithmetic", "host", False),
    ("places", "arm", True),
    ("places", "host", False),
    ("machine", "arm", False),
    ("machine", "host", False),
]


@pytest.mark.parametrize(("name", "target", "checked"), CASES)
def test_source_becomes_this_ir(name: str, target: Target, checked: bool) -> None:
    unit = compile_file(HERE / f"{name}.py", target, checked=checked, debug=False)
    compare_file(HERE / f"{name}.{target}.ll", unit.ir)


def test_debug_information_ties_instructions_to_lines() -> None:
    unit = compile_file(HERE / "machine.py", "arm", debug=True)
    compare_file(HERE / "machine.debug.ll", unit.ir)


SCRIPT = """
import sys
from pathlib import Path
from tests.expected import compare_file
from tests.metal.diagnostics.programs import compile_file
for path in sys.argv[1:]:
    print(compile_file(Path(path), "arm").ir, end="")
"""


def test_the_same_input_gives_the_same_text_in_every_process(repository: Path) -> None:
    texts = set()
    for seed in ("1", "2"):
        environment = {"PYTHONPATH": f"{repository / 'src'}:{repository}", "PYTHONHASHSEED": seed}
        command = [sys.executable, "-B", "-c", SCRIPT, *(str(path) for path in PROGRAMS)]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        texts.add(result.stdout)
    assert len(texts) == 1
    assert "define" in texts.pop()
