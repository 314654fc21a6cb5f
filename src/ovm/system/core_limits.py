# SPDX-License-Identifier: Apache-2.0
"""Count the things of a planned system: the parameters of `ovm.core.limits`.

Arrays and loops of the built hypervisor are exactly as long as its system needs. `check_limits` refuses what the hardware
doesn't allow.
"""

from ovm.abi.config import FRAME_BYTES, Level, RegionConfig
from ovm.system.pack import region_configs
from ovm.system.plan import Plan

# Core names the CPU of an HRT guest (`ovm.core.cpu`), also on a board that has one CPU.
LEAST_CPUS = 2


def core_limits(plan: Plan, loads: int, words: int) -> dict[str, int]:
    """Return values by name for a plan with that number of loads and of patched words. An array has one element at least."""
    system = plan.system
    counts = {
        "MAX_GUESTS": len(plan.guests),
        "MAX_PAGED": sum(each.guest.level is Level.NRT for each in plan.guests),
        "MAX_REGIONS": len(region_configs(plan)) // RegionConfig.LAYOUT.size,
        "MAX_LOADS": loads,
        "MAX_CPUS": max(system.board.cpus, LEAST_CPUS),
        "MAX_SECURITY": len(system.board.security),
        "MAX_SPACES": system.level1_tables,
        "MAX_TABLES": system.level2_tables,
        "MAX_FRAMES": -(-_longest(plan) // FRAME_BYTES),
        "MAX_TICKS": system.board.timer_hz,
    }
    return {name: max(count, 1) for name, count in counts.items()} | {"PATCHED_WORDS": words}


def _longest(plan: Plan) -> int:
    """Return the bytes of the longest range that OVM steps through by frames; the range may begin and end within a frame."""
    board = plan.system.board
    memories = [each.guest.memory for each in plan.guests]
    devices = [each.range.length for each in board.devices.values()]
    return max(board.ram.length, *memories, *devices) + FRAME_BYTES
