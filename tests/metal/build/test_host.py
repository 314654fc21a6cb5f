# SPDX-License-Identifier: Apache-2.0
"""Compiled code runs inside this process, and nothing that it does ends the process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ovm.metal.build.cache import Cache
from ovm.metal.build.errors import BuildError
from ovm.metal.build.handlers import Handlers
from ovm.metal.build.host import HostProgram
from ovm.metal.lang.errors import BoundPanic, IndexPanic, Panic, SimulationError
from ovm.metal.tree import panics

IR = """
@metal_memory_base = external global ptr
@metal_stack_pointer = external global i32
declare void @metal_panic(i32) noreturn
declare i32 @metal_cp15_read(i32)
declare void @metal_cp15_write(i32, i32)
declare void @metal_barrier(i32)
declare i32 @metal_asm(i32, i32, i32, i32, i32)
declare i8 @"demo.outside"(i8, i64, i1)

define i32 @"demo.add"(i32 %a, i32 %b) nounwind {
  %sum = add i32 %a, %b
  ret i32 %sum
}
define i1 @"demo.less"(i8 %a, i8 %b) nounwind {
  %less = icmp slt i8 %a, %b
  ret i1 %less
}
define i64 @"demo.many"(i8 %a, i16 %b, i32 %c, i64 %d, i8 %e, i16 %f, i32 %g, i64 %h) nounwind {
  %product = mul i64 %d, %h
  %wide = zext i8 %e to i64
  %sum = add i64 %product, %wide
  ret i64 %sum
}
define void @"demo.stop"(i32 %code) nounwind {
  %top = load i32, ptr @metal_stack_pointer
  %lower = sub i32 %top, 64
  store i32 %lower, ptr @metal_stack_pointer
  call void @metal_panic(i32 %code)
  unreachable
}
define i8 @"demo.ask"(i8 %a, i64 %b) nounwind {
  %answer = call i8 @"demo.outside"(i8 %a, i64 %b, i1 true)
  ret i8 %answer
}
define i32 @"demo.machine"(i32 %value) nounwind {
  call void @metal_cp15_write(i32 4096, i32 %value)
  call void @metal_barrier(i32 2)
  %low = call i32 @metal_cp15_read(i32 4096)
  %high = call i32 @metal_asm(i32 3, i32 %low, i32 9, i32 0, i32 0)
  ret i32 %high
}
define void @"demo.store"(i32 %at, i32 %value) nounwind {
  %base = load ptr, ptr @metal_memory_base
  %wide = zext i32 %at to i64
  %place = getelementptr i8, ptr %base, i64 %wide
  store i32 %value, ptr %place, align 1
  ret void
}
"""


@dataclass(frozen=True)
class Place:
    address: int
    init: bytes | None


class Recorder(Handlers):
    """Answers everything and keeps a list of what was asked."""

    def __init__(self) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.program: HostProgram | None = None

    def cp15_read(self, encoding: int) -> int:
        self.log.append(("read", encoding))
        return 0xFFFF_FFFF

    def cp15_write(self, encoding: int, value: int) -> None:
        self.log.append(("write", encoding, value))

    def barrier(self, kind: int) -> None:
        self.log.append(("barrier", kind))

    def assembly(self, template: int, arguments: tuple[int, ...]) -> int:
        self.log.append(("asm", template, arguments))
        return 77

    def extern(self, symbol: str, arguments: tuple[int, ...]) -> int:
        self.log.append((symbol, arguments))
        if arguments[0] == 9:
            raise ZeroDivisionError("in the handler")
        if arguments[0] == 10 and self.program is not None:
            with pytest.raises(Panic):
                self.program.call("demo.stop", 3)
            return self.program.call("demo.ask", 1, 1) or 0
        return 0x155


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def program(build_cache: Cache, make_unit: Callable[..., Any], recorder: Recorder) -> HostProgram:
    statics = {"demo.TABLE": Place(0x1000_0000, b"abc"), "demo.SPACE": Place(0x1000_1000, None)}
    loaded = HostProgram(make_unit(IR, statics=statics), recorder, cache=build_cache)
    recorder.program = loaded
    return loaded


def test_calls_pass_every_width(program: HostProgram) -> None:
    assert program.call("demo.add", 0xFFFF_FFFF, 2) == 1
    assert program.call("demo.less", 0xFF, 0) == 1
    assert program.call("demo.less", 0, 0xFF) == 0
    assert program.call("demo.many", 1, 2, 3, 1 << 33, 255, 6, 7, 5) == (5 << 33) + 255
    assert program.call("demo.store", 0, 0) is None


def test_arguments_are_cut_to_their_width(program: HostProgram) -> None:
    assert program.call("demo.add", -1, 1 << 40) == 0xFFFF_FFFF


def test_a_panic_is_an_exception(program: HostProgram) -> None:
    for code, kind in ((5, Panic), (panics.INDEX, IndexPanic), (panics.BOUND, BoundPanic)):
        with pytest.raises(kind) as caught:
            program.call("demo.stop", code)
        assert caught.value.code == code
    assert program.call("demo.add", 1, 1) == 2


def test_a_panic_gives_the_shadow_stack_back(program: HostProgram) -> None:
    before = program.stack_pointer
    with pytest.raises(Panic):
        program.call("demo.stop", 1)
    assert program.stack_pointer == before


def test_requests_reach_the_handlers(program: HostProgram, recorder: Recorder) -> None:
    assert program.call("demo.machine", 5) == 77
    assert recorder.log == [("write", 4096, 5), ("barrier", 2), ("read", 4096), ("asm", 3, (0xFFFF_FFFF, 9, 0, 0))]


def test_an_extern_function_is_python(program: HostProgram, recorder: Recorder) -> None:
    assert program.call("demo.ask", 7, 1 << 63) == 0x55
    assert recorder.log == [("demo.outside", (7, 1 << 63, 1))]


def test_an_exception_in_a_handler_comes_out(program: HostProgram) -> None:
    with pytest.raises(ZeroDivisionError, match="in the handler"):
        program.call("demo.ask", 9, 0)
    assert program.call("demo.ask", 7, 0) == 0x55


def test_a_handler_may_call_the_program_again(program: HostProgram, recorder: Recorder) -> None:
    assert program.call("demo.ask", 10, 0) == 0x55
    assert [entry[1][0] for entry in recorder.log] == [10, 1]


def test_without_handlers_requests_are_refused(build_cache: Cache, make_unit: Callable[..., Any]) -> None:
    program = HostProgram(make_unit(IR), cache=build_cache)
    with pytest.raises(SimulationError, match="nothing simulates a write of CP15 register 0x1000"):
        program.call("demo.machine", 1)
    with pytest.raises(SimulationError, match=r"nothing simulates the function 'demo\.outside'"):
        program.call("demo.ask", 1, 1)


@pytest.mark.parametrize("address", [0, 4, 0x7FFF_FFFF, 0xFFFF_FFFC, 0xFFFF_FFFF])
def test_every_address_can_be_written(program: HostProgram, address: int) -> None:
    program.call("demo.store", address, 0x1122_3344)
    if address <= 0xFFFF_FFFC:
        assert program.memory.read(address, 4) == bytes.fromhex("44332211")
        assert program.memory.load(address, 2) == 0x3344


def test_statics_start_with_their_bytes_and_reset_brings_them_back(program: HostProgram) -> None:
    table = program.address_of("demo.TABLE")
    assert program.memory.read(table, 4) == b"abc\0"
    program.memory.write(table, b"xyz!")
    program.memory.store(0x5000_0000, 4, 1)
    program.reset()
    assert program.memory.read(table, 4) == b"abc\0"
    assert program.memory.load(0x5000_0000, 4) == 0


def test_two_programs_share_nothing(program: HostProgram, build_cache: Cache, make_unit: Callable[..., Any]) -> None:
    other = HostProgram(make_unit(IR), cache=build_cache)
    other.call("demo.store", 64, 1)
    assert program.memory.load(64, 4) == 0
    assert other.memory.load(64, 4) == 1


def test_wrong_calls_are_refused(program: HostProgram) -> None:
    with pytest.raises(BuildError, match=r"the unit has no function 'demo\.lost'"):
        program.call("demo.lost")
    with pytest.raises(BuildError, match=r"the unit has no function 'demo\.outside'"):
        program.call("demo.outside", 1, 2, 3)
    with pytest.raises(TypeError, match=r"demo\.add takes 2 arguments, not 1"):
        program.call("demo.add", 1)
    with pytest.raises(BuildError, match=r"the unit has no static 'demo\.LOST'"):
        program.address_of("demo.LOST")
