# SPDX-License-Identifier: Apache-2.0
"""Times of building and of calls of compiled metal. Printed by `make bench`; nothing is asserted of time."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ovm.metal import u32
from ovm.metal.build.cache import Cache
from ovm.metal.build.host import HostProgram
from ovm.metal.build.image import compiler_runtime_archive, objects_of
from ovm.metal.compiler import Options, compile_unit
from tests.metal.build import queue_program
from tests.metal.unicorn_run import UnicornProgram

pytestmark = pytest.mark.bench
CALLS = 5_000
ROUNDS = 5
STOP = "tests.metal.build.queue_program.stop"


def report(what: str, unit: str, scale: float, action: Callable[[], object]) -> None:
    """Print the least and the median time of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        action()
        times.append((time.perf_counter() - began) * scale)
    print(f"\n  {what:46} least {min(times):9.2f}  median {statistics.median(times):9.2f}  {unit}", end="")


def test_building(tmp_path: Path) -> None:
    fresh = iter(range(1_000_000))
    unit = compile_unit([queue_program.start], Options("arm"))
    warm = Cache(tmp_path / "warm")
    objects_of(unit, cache=warm)
    report("source to IR", "ms", 1e3, lambda: compile_unit([queue_program.start], Options("arm")))
    report("IR to object, cold", "ms", 1e3, lambda: objects_of(unit, cache=Cache(tmp_path / str(next(fresh)))))
    report("IR to object, from the cache", "ms", 1e3, lambda: objects_of(unit, cache=warm))
    compiler_runtime_archive(warm)
    report("compiler runtime, from the cache", "ms", 1e3, lambda: compiler_runtime_archive(warm))


def test_calling(build_cache: Cache) -> None:
    host = HostProgram(compile_unit([queue_program.stop], Options("host")), cache=build_cache)
    arm = UnicornProgram(compile_unit([queue_program.stop], Options("arm")), cache=build_cache)

    def many(call: Callable[[], object]) -> Callable[[], None]:
        def loop() -> None:
            for _ in range(CALLS):
                call()

        return loop

    zero = u32(0)
    scale = 1e6 / CALLS
    report("one call under CPython", "us", scale, many(lambda: queue_program.stop(zero)))
    report("one call on the host", "us", scale, many(lambda: host.call(STOP, 0)))
    report("one call under Unicorn", "us", scale, many(lambda: arm.call(STOP, 0)))
