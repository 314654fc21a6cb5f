# SPDX-License-Identifier: Apache-2.0
"""ARM code runs under Unicorn with the calling convention of the ARM manual."""

from collections.abc import Callable
from typing import Any

import pytest

from ovm.metal.build.cache import Cache
from ovm.metal.build.handlers import Handlers
from ovm.metal.lang.errors import IndexPanic, SimulationError
from ovm.metal.tree import panics
from tests.metal.unicorn_run import UnicornProgram

IR = """
@"demo.WORDS" = global [4 x i32] zeroinitializer
@"demo.START" = global i32 77
declare void @metal_panic(i32) noreturn
declare i64 @"demo.outside"(i8, i64, i1, i64, i32)

define i64 @"demo.mixed"(i8 %a, i64 %b, i32 %c, i64 %d, i16 %e, i64 %f) nounwind {
  %product = mul i64 %b, %d
  %wide = zext i8 %a to i64
  %difference = sub i64 %product, %wide
  %result = add i64 %difference, %f
  ret i64 %result
}
define i32 @"demo.keep"(i32 %value) nounwind {
  store i32 %value, ptr @"demo.WORDS"
  %start = load i32, ptr @"demo.START"
  %sum = add i32 %start, %value
  store i32 %sum, ptr @"demo.START"
  ret i32 %sum
}
define i1 @"demo.odd"(i32 %value) nounwind {
  %odd = trunc i32 %value to i1
  ret i1 %odd
}
define i32 @"demo.load"(ptr %place) nounwind {
  %value = load i32, ptr %place
  ret i32 %value
}
define void @"demo.stop"(i32 %code) nounwind {
  call void @metal_panic(i32 %code)
  unreachable
}
define i64 @"demo.ask"(i8 %a, i64 %b) nounwind {
  %answer = call i64 @"demo.outside"(i8 %a, i64 %b, i1 true, i64 -2, i32 5)
  %more = add i64 %answer, 1
  ret i64 %more
}
define i32 @"demo.control"() nounwind {
  %value = call i32 asm sideeffect "mrc p15, 0, $0, c0, c0, 0", "=r"()
  ret i32 %value
}
"""


class Outside(Handlers):
    def __init__(self) -> None:
        self.log: list[tuple[str, tuple[int, ...]]] = []

    def extern(self, symbol: str, arguments: tuple[int, ...]) -> int:
        self.log.append((symbol, arguments))
        if arguments[0] == 9:
            raise ZeroDivisionError("in the handler")
        return (1 << 32) - 1


@pytest.fixture
def program(build_cache: Cache, make_unit: Callable[..., Any]) -> UnicornProgram:
    return UnicornProgram(make_unit(IR), Outside(), cache=build_cache)


def test_calls_pass_every_width(program: UnicornProgram) -> None:
    result = program.call("demo.mixed", 255, 10**10, 3, 1 << 30, 4, 1 << 63)
    assert result == (10**10 * 2**30 - 255 + 2**63) % 2**64
    assert program.call("demo.odd", 3) == 1
    assert program.call("demo.odd", 2) == 0


def test_extern_functions_are_python(program: UnicornProgram) -> None:
    assert program.call("demo.ask", 7, 1 << 63) == 1 << 32
    handlers = program.handlers
    assert isinstance(handlers, Outside)
    assert handlers.log == [("demo.outside", (7, 1 << 63, 1, (1 << 64) - 2, 5))]
    with pytest.raises(ZeroDivisionError, match="in the handler"):
        program.call("demo.ask", 9, 0)
    assert program.call("demo.ask", 7, 0) == 1 << 32


def test_a_panic_is_an_exception(program: UnicornProgram) -> None:
    with pytest.raises(IndexPanic, match=r"an index outside its array, in a call of demo\.stop"):
        program.call("demo.stop", panics.INDEX)
    assert program.call("demo.odd", 1) == 1


def test_statics_keep_and_reset(program: UnicornProgram) -> None:
    assert program.call("demo.keep", 5) == 82
    assert program.call("demo.keep", 5) == 87
    assert program.memory.load(program.address_of("demo.WORDS"), 4) == 5
    program.reset()
    assert program.memory.load(program.address_of("demo.WORDS"), 4) == 0
    assert program.call("demo.keep", 1) == 78


def test_memory_exists_where_it_is_mapped(program: UnicornProgram) -> None:
    with pytest.raises(SimulationError, match=r"in demo\.load"):
        program.call("demo.load", 0x2000_0000)
    program.map(0x2000_0000, 8)
    program.memory.store(0x2000_0004, 4, 0xCAFE_F00D)
    assert program.call("demo.load", 0x2000_0004) == 0xCAFE_F00D


def test_the_processor_is_a_cortex_a9(program: UnicornProgram) -> None:
    main_id = program.call("demo.control")
    assert main_id is not None
    assert main_id >> 4 & 0xFFF == 0xC09


def test_counts_instructions(program: UnicornProgram) -> None:
    program.count_instructions()
    program.call("demo.odd", 1)
    few = program.instructions
    program.call("demo.mixed", 1, 2, 3, 4, 5, 6)
    assert few is not None
    assert program.instructions is not None
    assert 1 <= few <= 3
    assert program.instructions > few
