# SPDX-License-Identifier: Apache-2.0
"""Two guests that share memory and ring each other's doorbell, on QEMU."""

import shutil
from pathlib import Path

import pytest

from ovm.machines.qemu import run
from ovm.system.build import build

SYSTEM = Path(__file__).parent / "guests" / "channel.toml"


@pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not installed")
def test_guests_count_in_turns_through_a_channel() -> None:
    result = run(build(SYSTEM, lambda step: None), lambda event: None)
    assert result.failures == []
    assert result.ended
