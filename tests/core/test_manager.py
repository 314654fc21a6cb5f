# SPDX-License-Identifier: Apache-2.0
"""A guest that starts, watches and stops other guests by hypercalls, on QEMU."""

from collections.abc import Callable
from pathlib import Path

from ovm.machines.qemu import run
from ovm.system.build import build

SYSTEM = Path(__file__).parent / "guests" / "manager.toml"


def test_a_guest_manages_others(require_tool: Callable[[str], str]) -> None:
    require_tool("qemu-system-arm")
    result = run(build(SYSTEM, lambda step: None), lambda event: None)
    assert result.failures == []
    assert result.ended
    assert "hello from metal" in result.guests["held"].console
    stops = {name: guest.stopped["why"] for name, guest in result.guests.items() if guest.stopped}
    assert stops == {"victim": "manager"}
