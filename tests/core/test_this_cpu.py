# SPDX-License-Identifier: Apache-2.0
"""A CPU reaches its own state and its own vCPUs only. No file names a CPU's number where "the one that executes" is meant."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ovm.abi.config import GuestState, Level
from ovm.arm import cp15
from ovm.core import schedule
from ovm.core.cpu import Cpu
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, compile_unit
from tests.core import machine
from tests.core.machine import Machine, write

CORE = Path(machine.alarm.__file__).parent
FORBIDDEN = re.compile(r"CPUS\[(0|u32\(0\))\]|\b1 - (core|cpu)\b|\b1 \^ \w*CPU\w*|\brange\(2\)|\bCPUS\[1\]")
NOBODY = 0xFFFF_FFFF


def test_no_file_names_a_cpu_by_number() -> None:
    found = [
        f"{path.relative_to(CORE)}:{number}: {line.strip()}"
        for path in sorted(CORE.rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert not found


@functools.cache
def _program(boot: int) -> HostProgram:
    constants = {"ovm.core.config.SCHEDULED_CPUS": 2, "ovm.core.config.BOOT_CPU": boot}
    return HostProgram(compile_unit(machine.ROOTS, Options(target="host", checked=True, constants=constants)))


@pytest.fixture(params=[0, 1])
def made(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """Two CPUs that run guests, of which either boots; guests 0 and 2 belong to CPU 0, guests 1 and 3 to CPU 1."""
    two = Machine((Level.NRT,) * 4, _program(request.param))
    with two.memory.current():
        on(two, 0, request.param)
        two.prepare()
        for index in range(4):
            write(two.vcpu(index), cpu=index % 2, state=GuestState.READY, counted_ready=True, fair_time=100 - 10 * index)
        for number in range(2):
            write(cpu(two, number), current=NOBODY)
        yield two


def on(made: Machine, number: int, boot: int) -> None:
    """Let a CPU execute from here on: what it reads in MPIDR is the hardware's number."""
    made.processor.cp15[cp15.key_of(cp15.MPIDR)] = 0x8000_0000 | number ^ boot


def cpu(made: Machine, number: int) -> Cpu:
    found: Cpu = made.view(Cpu, "ovm.core.cpu.CPUS", number)
    return found


def boot_of(made: Machine) -> int:
    return 0 if made.program is _program(0) else 1


@pytest.mark.parametrize("number", [0, 1])
def test_a_cpu_chooses_among_its_own_vcpus(made: Machine, number: int) -> None:
    on(made, number, boot_of(made))
    # The guest that has had least of all: number 3 is CPU 1's.
    assert made.call(schedule.choose, 1000) == 2 + number
    assert int(cpu(made, number).turns) == 2
    assert int(cpu(made, 1 - number).turns) == 0


@pytest.mark.parametrize("number", [0, 1])
def test_what_a_cpu_accounts_is_its_own(made: Machine, number: int) -> None:
    on(made, number, boot_of(made))
    write(cpu(made, number), current=2 + number, accounted_at=200)
    before = bytes(made.memory.read(cpu(made, 1 - number).address, 128))
    made.call(schedule.charge, 1000)
    assert int(made.vcpu(2 + number).runtime) == 800
    assert int(cpu(made, number).accounted_at) == 1000
    # The floor is the least time of this CPU's guests alone.
    assert int(cpu(made, number).fair_floor) == 100 - 10 * number
    assert bytes(made.memory.read(cpu(made, 1 - number).address, 128)) == before


@pytest.mark.parametrize("number", [0, 1])
def test_an_idle_cpu_counts_its_own_time(made: Machine, number: int) -> None:
    on(made, number, boot_of(made))
    made.call(schedule.charge, 500)
    assert [int(cpu(made, each).idle_ticks) for each in range(2)] == [500 * (each == number) for each in range(2)]
