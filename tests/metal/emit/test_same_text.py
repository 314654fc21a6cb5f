# SPDX-License-Identifier: Apache-2.0
"""All that is emitted for many programs, in every way of compiling, by its digest: no change of it comes unnoticed.

The `golden` programs show what is emitted; the twins (`tests/metal/twin`) show that it does what Python does. This test holds
the rest, which no run shows: attributes, descriptions for debuggers, marks of loops, parts, places of statics.
UPDATE_EXPECTED=1 writes the digests anew; the compiler before the change shows what is different.
"""

import hashlib
import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from ovm.metal.compiler import Options, compile_unit
from ovm.metal.lang.functions import Function
from tests.expected import UPDATES
from tests.metal.diagnostics.programs import imported
from tests.metal.twin.generate import modules as generate
from tests.metal.twin.load import module_of
from tests.metal.twin.operators import module_source

HERE = Path(__file__).parent
ACCEPTED = HERE.parent / "diagnostics" / "accepted"
DIGESTS = HERE / "golden" / "digests.txt"
FILES = sorted([*ACCEPTED.glob("*.py"), *(HERE / "golden").glob("*.py")])
SEEDS, FUNCTIONS = 2, 25
PARTS = {"parted.low": "low", "parted.high": "high", "parted.low.GIVEN": "data"}
WAYS = {
    "arm": Options("arm"),
    "arm, checked, without debug information": Options("arm", checked=True, debug=False),
    "arm, marked, numbered": Options("arm", marked=True, numbered=True),
    "host": Options("host"),
    "host, checked, without debug information": Options("host", checked=True, debug=False),
}


def digest(module: ModuleType, way: str, parts: Mapping[str, str], data: Mapping[str, bytes]) -> str:
    """Return the digest of everything that the compiler gives for all functions of a module."""
    roots = [value for value in vars(module).values() if isinstance(value, Function) and value.kind != "extern"]
    options = WAYS[way]
    unit = compile_unit(
        roots,
        Options(
            options.target,
            checked=options.checked,
            debug=options.debug,
            marked=options.marked,
            numbered=options.numbered,
            parts=parts,
            data=data,
        ),
    )
    shown = [*unit.parts.items(), unit.templates, sorted(unit.loops.items()), sorted(unit.statics.items())]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def expected() -> dict[str, str]:
    """Digests by program and way."""
    lines = DIGESTS.read_text().splitlines() if DIGESTS.exists() else []
    return dict(line.rsplit(": ", 1) for line in lines)


def compare(
    name: str, module: ModuleType, parts: Mapping[str, str] | None = None, data: Mapping[str, bytes] | None = None
) -> None:
    """Hold all ways of compiling a module to the digests."""
    found = {f"{name}, {way}": digest(module, way, parts or {}, data or {}) for way in WAYS}
    known = expected()
    if UPDATES:
        known |= found
        DIGESTS.write_text("".join(f"{each}: {known[each]}\n" for each in sorted(known)))
    assert {each: known.get(each) for each in found} == found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_small_programs(path: Path) -> None:
    with imported(path) as module:
        compare(f"{path.parent.name}/{path.stem}", module)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_programs(seed: int, tmp_path: Path) -> None:
    compare(f"random/{seed}", module_of(generate.module_source(seed, FUNCTIONS), f"same_text_{seed}", tmp_path))


def test_every_operator(tmp_path: Path) -> None:
    compare("operators", module_of(module_source(), "twin_operators", tmp_path))


def test_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    high = importlib.import_module("parted.high")
    compare("parted", high, PARTS, {"parted.low.GIVEN": bytes(range(16))})
    # A part that a debugger has nothing to know of.
    compare("parted, a table apart", high, PARTS | {"parted.high.CHOICES": "tables"})
    for name in [each for each in sys.modules if each.partition(".")[0] == "parted"]:
        del sys.modules[name]
