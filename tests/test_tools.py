# SPDX-License-Identifier: Apache-2.0
"""A missing program is seen: a skip on a developer's machine, a failure in CI."""

from collections.abc import Callable

import pytest

MISSING = "ovm-no-such-program"


def test_a_program_is_found(require_tool: Callable[[str], str]) -> None:
    assert require_tool("sh").endswith("/sh")


def test_a_missing_program_skips(require_tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"'{MISSING}' is not installed"):
        require_tool(MISSING)


def test_a_missing_program_fails_in_ci(require_tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"'{MISSING}' is not installed; in CI every tool must be there"):
        require_tool(MISSING)
