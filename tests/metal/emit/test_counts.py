# SPDX-License-Identifier: Apache-2.0
"""Loops with a bound at the end of what their variable holds, and around the number of turns that they make."""

import pytest

from ovm.metal import fn, u8, u16, u32
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, Target, compile_unit
from ovm.metal.lang.errors import BoundPanic
from tests.metal.unicorn_run import UnicornProgram


@fn
def bytes_to_256(stop: u8) -> u32:
    turns = u32(0)
    for _ in u8.range(stop, bound=256):
        turns += 1
    return turns


@fn
def bytes_to_255(stop: u8) -> u32:
    turns = u32(0)
    for _ in u8.range(stop, bound=255):
        turns += 1
    return turns


@fn
def halves_to_65536(stop: u16) -> u32:
    turns = u32(0)
    for _ in u16.range(stop, bound=65536):
        turns += 1
    return turns


@fn
def bytes_to_9(stop: u8) -> u32:
    turns = u32(0)
    for _ in u8.range(stop, bound=9):
        turns += 1
    return turns


ROOTS = (bytes_to_256, bytes_to_255, halves_to_65536, bytes_to_9)


@pytest.mark.parametrize("target", ["host", "arm"])
def test_as_many_turns_as_there_are(target: Target) -> None:
    unit = compile_unit(ROOTS, Options(target))
    program = HostProgram(unit) if target == "host" else UnicornProgram(unit)
    for function, stops in (
        (bytes_to_256, (0, 1, 254, 255)),
        (bytes_to_255, (0, 255)),
        (halves_to_65536, (0, 255, 65535)),
        (bytes_to_9, (8, 9)),
    ):
        for stop in stops:
            assert program.call(f"{__name__}.{function.__name__}", stop) == stop


def test_one_more_than_the_bound_stops_the_program() -> None:
    program = HostProgram(compile_unit(ROOTS, Options("host")))
    with pytest.raises(BoundPanic):
        program.call(f"{__name__}.bytes_to_9", 10)
