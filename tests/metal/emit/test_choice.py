# SPDX-License-Identifier: Apache-2.0
"""An unrolled search for a constant becomes one switch, and means what the chain meant."""

from ovm.metal import fn, u32, unroll
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, compile_unit

PAIRS = ((3, 10), (7, 20), (3, 99), (100, 30), (101, 40))


@fn
def look_up(number: u32) -> u32:
    result = u32(1)
    for key, value in unroll(PAIRS):
        if number == key:
            result += value
            break
    return result


@fn
def look_among_three(number: u32) -> u32:
    result = u32(1)
    for key, value in unroll(PAIRS[2:]):
        if number == key:
            result += value
            break
    return result


@fn
def count_below(number: u32) -> u32:
    result = u32(0)
    for key, value in unroll(PAIRS):
        if number == key:
            result += value
    return result


def test_a_search_is_a_switch() -> None:
    unit = compile_unit((look_up,), Options(target="host"))
    assert unit.ir.count("switch i32") == 1
    assert "icmp eq" not in unit.ir


def test_without_break_it_stays_a_chain() -> None:
    assert "switch i32" not in compile_unit((count_below,), Options(target="host")).ir


def test_three_are_too_few() -> None:
    assert "switch i32" not in compile_unit((look_among_three,), Options(target="host")).ir


def test_results_are_those_of_python() -> None:
    program = HostProgram(compile_unit((look_up, look_among_three, count_below), Options(target="host")))
    for function in (look_up, look_among_three, count_below):
        for number in (0, 3, 7, 8, 100, 101, 0xFFFF_FFFF):
            assert program.call(f"{__name__}.{function.__name__}", number) == function(u32(number))
