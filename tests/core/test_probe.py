# SPDX-License-Identifier: Apache-2.0
"""A guest that examines its virtual CPU from inside, at SRT and NRT at once, on QEMU."""

import shutil
from pathlib import Path

import pytest

from ovm.machines.qemu import run
from ovm.system.build import build

SYSTEM = Path(__file__).parent / "guests" / "probe.toml"


@pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not installed")
def test_the_virtual_cpu_seen_from_inside() -> None:
    result = run(build(SYSTEM, lambda step: None), lambda event: None)
    assert result.failures == []
    assert result.ended
    assert result.other == []
