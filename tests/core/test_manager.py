# SPDX-License-Identifier: Apache-2.0
"""A guest that starts, watches and stops other guests by hypercalls, on QEMU."""

import shutil
from pathlib import Path

import pytest

from ovm.machines.qemu import run
from ovm.system.build import build

SYSTEM = Path(__file__).parent / "guests" / "manager.toml"


@pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not installed")
def test_a_guest_manages_others() -> None:
    result = run(build(SYSTEM, lambda step: None), lambda event: None)
    assert result.failures == []
    assert result.ended
    assert "hello from metal" in result.guests["held"].console
    stops = {name: guest.stopped["why"] for name, guest in result.guests.items() if guest.stopped}
    assert stops == {"victim": "manager"}
