# SPDX-License-Identifier: Apache-2.0
"""Core names each length of a static array; the ones that a description decides are parameters.

A number that repeats a limit would stay when the limit grows, and a release build checks no index. `tests/test_constants.py`
holds the same of bounds of loops.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from ovm.core import limits
from ovm.core.roots import ROOTS
from ovm.metal.compiler import Options, compile_unit

CORE = Path(limits.__file__).parent
FILES = sorted(CORE.rglob("*.py"))
LIMITS = {name: value for name, value in vars(limits).items() if name.startswith("MAX_")}
# Arrays with an element for each guest, and so on; in bytes of one element. The rest of OVM's statics doesn't depend on limits.
GROWS = {
    "MAX_GUESTS": {
        "config.DESCRIBED_GUESTS", "guest.GUESTS", "vcpu.VCPUS", "console.LINES", "output.QUEUES",
        "memory.guest_map.HOLDINGS", "memory.tables.SHARES",
    },
    "MAX_PAGED": {"memory.tables.FIRST_WITH"},
    "MAX_REGIONS": {"config.REGIONS", "doorbell.ENDS"},
    "MAX_LOADS": {"config.LOADS"},
    "MAX_CPUS": {"cpu.CPUS"},
    "MAX_SECURITY": {"config.SECURITY"},
    "MAX_SPACES": {"memory.tables.FIRST", "memory.tables.STAMPS", "memory.space.SPACES", "memory.space.ASIDS"},
    "MAX_TABLES": {"memory.tables.TABLES"},
    "MAX_FRAMES": set(),
    "MAX_TICKS": set(),
}  # fmt: skip


def numbers(tree: ast.AST) -> Iterator[int]:
    """Lines with lengths of static arrays that are written as numbers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "static":
            arrays = [each for each in node.args if isinstance(each, ast.Call)]
            yield from (node.lineno for each in arrays if any(isinstance(value, ast.Constant) for value in each.args))


def test_no_length_is_a_number() -> None:
    assert [f"{file.relative_to(CORE)}:{line}" for file in FILES for line in numbers(ast.parse(file.read_text()))] == []


def test_numbers_are_found() -> None:
    text = "A = static(array(Holdings, 8))\nB = static(array(Holdings, MAX_GUESTS), align=64)\nC = static(u32)"
    assert list(numbers(ast.parse(text))) == [1]


def sizes(**changes: int) -> dict[str, int]:
    """Sizes of OVM's statics under other limits."""
    constants = {f"ovm.core.limits.{name}": value for name, value in {**LIMITS, **changes}.items()}
    unit = compile_unit(ROOTS, Options(target="arm", constants=constants))
    return {name.removeprefix("ovm.core."): static.size for name, static in unit.statics.items()}


def test_each_limit_makes_just_its_own_arrays_longer() -> None:
    before = sizes()
    for limit, grows in GROWS.items():
        # 32 more: the queues' bits take another word.
        after = sizes(**{limit: LIMITS[limit] + 32})
        changed = {name for name, size in after.items() if size != before[name]}
        assert changed == grows | ({"output.OUTPUT"} if limit == "MAX_GUESTS" else set()), limit
