# SPDX-License-Identifier: Apache-2.0
"""The guide to descriptions is complete, and its example is a good one. Both READMEs say the same numbers."""

import re
from pathlib import Path

import pytest

from ovm.system.build import checked
from ovm.system.expectations import COUNTERS, report_names
from ovm.system.problems import DescriptionError

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "describe-a-system.md").read_text()
TABLES = {
    "system": '[system]\nx = 1\nname = "t"\nboard = "vexpress-a9"\n[[guest]]\n',
    "guest": '[system]\nname = "t"\nboard = "vexpress-a9"\n[[guest]]\nx = 1\n',
    "guest.file": "[system]\n[[guest]]\n[[guest.file]]\nx = 1\n",
    "guest.region": "[system]\n[[guest]]\n[[guest.region]]\nx = 1\n",
    "guest.expect": "[system]\n[[guest]]\n[guest.expect]\nx = 1\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_every_key_is_in_the_guide(name: str, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(TABLES[name])
    with pytest.raises(DescriptionError) as caught:
        checked(tmp_path / "t.toml")
    unknown = next(each for each in caught.value.diagnostics if "unknown key 'x'" in each.message)
    keys = unknown.expected.removeprefix("one of: ").split(", ")
    assert len(keys) >= 4
    described = set(re.findall(r"`([a-z0-9_]+)`", GUIDE)) | {"expect", "file", "region"}
    assert [key for key in keys if key not in described] == []


def test_every_figure_is_in_the_guide() -> None:
    for name in (*report_names().values(), *COUNTERS):
        assert f"`{name}`" in GUIDE, name


def test_the_example_is_accepted(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert example
    (tmp_path / "two.toml").write_text(example[1])
    system, _ = checked(tmp_path / "two.toml")
    assert [guest.name for guest in system.guests] == ["loop", "desk"]


def test_the_japanese_readme_is_a_twin() -> None:
    english, japanese = ((ROOT / name).read_text() for name in ("README.md", "README.ja.md"))
    for pattern in (r"\]\(([^)]+)\)", r"^(ovm [^#]+|make \w+)", r"^(?: tick|pulse| desk|null|demand|OK).*$"):
        assert set(re.findall(pattern, english, re.MULTILINE)) == set(re.findall(pattern, japanese, re.MULTILINE))
    for target in re.findall(r"\]\(([^)]+)\)", english):
        assert (ROOT / target).exists(), target
