# SPDX-License-Identifier: Apache-2.0
"""A guest that examines its virtual CPU from inside, at SRT and NRT at once, on QEMU."""

from collections.abc import Callable
from pathlib import Path

from ovm.machines.qemu import run
from ovm.system.build import build

SYSTEM = Path(__file__).parent / "guests" / "probe.toml"


def test_the_virtual_cpu_seen_from_inside(require_tool: Callable[[str], str]) -> None:
    require_tool("qemu-system-arm")
    result = run(build(SYSTEM, lambda step: None), lambda event: None)
    assert result.failures == []
    assert result.ended
    assert result.other == []
