# SPDX-License-Identifier: Apache-2.0
"""Core names each length of an array and each bound of a loop; the ones that a description decides are parameters.

A number that repeats a limit would stay when the limit grows, and a release build checks no index.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

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
}  # fmt: skip


def numbers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Bounds of loops and lengths of static arrays that are written as numbers."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        for keyword in node.keywords:
            if keyword.arg == "bound" and isinstance(keyword.value, ast.Constant):
                yield node.lineno, ast.unparse(node)
        if isinstance(node.func, ast.Name) and node.func.id == "static":
            for inner in node.args:
                if isinstance(inner, ast.Call) and any(isinstance(each, ast.Constant) for each in inner.args):
                    yield node.lineno, ast.unparse(node)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(CORE).as_posix())
def test_no_length_and_no_bound_is_a_number(file: Path) -> None:
    assert list(numbers(ast.parse(file.read_text()))) == []


def test_numbers_are_found() -> None:
    text = "A = static(array(Holdings, 8))\nfor i in u32.range(n, bound=16): pass\nfor i in u32.range(n, bound=MOST): pass"
    assert [line for line, _ in numbers(ast.parse(text))] == [1, 2]


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
