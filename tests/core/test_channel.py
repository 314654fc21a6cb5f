# SPDX-License-Identifier: Apache-2.0
"""Two guests that share memory and ring each other's doorbell, on QEMU."""

from collections.abc import Callable
from pathlib import Path

from ovm.machines.qemu import run
from ovm.system.build import build

SYSTEM = Path(__file__).parent / "guests" / "channel.toml"


def test_guests_count_in_turns_through_a_channel(require_tool: Callable[[str], str]) -> None:
    require_tool("qemu-system-arm")
    result = run(build(SYSTEM, lambda step: None), lambda event: None)
    assert result.failures == []
    assert result.ended
