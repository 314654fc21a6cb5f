# SPDX-License-Identifier: Apache-2.0
"""One scenario, written against the Python source, gives one result under CPython, on the host and under Unicorn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import pytest

from ovm.metal import VirtAddr, u8, u16, u32, u64
from ovm.metal.build.cache import Cache
from ovm.metal.build.host import HostProgram
from ovm.metal.build.image import link_arm
from ovm.metal.build.simulated import SimulatedHandlers
from ovm.metal.build.stack import StackAnalysis
from ovm.metal.build.typed import Typed
from ovm.metal.build.unicorn_run import UnicornProgram
from ovm.metal.compiler import Options, compile_unit
from ovm.metal.lang.errors import IndexPanic, Panic, SimulationError
from ovm.metal.simulate import simulate
from tests.metal.build import queue_program as program

ROOTS: Sequence[Any] = (
    program.push,
    program.total,
    program.last_total,
    program.is_own,
    program.item_at,
    program.stop,
    program.load_word,
)


class Execution(Protocol):
    """What the scenario needs of a way to run metal."""

    def memory(self) -> Any: ...

    def view(self, static: Any) -> Any: ...

    def call(self, function: Any, *arguments: Any, **keywords: Any) -> Any: ...


class UnderPython:
    """CPython itself."""

    @contextmanager
    def memory(self) -> Iterator[None]:
        yield

    def view(self, static: Any) -> Any:
        return static

    def call(self, function: Any, *arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)


def on_host(cache: Cache) -> Execution:
    unit = compile_unit(ROOTS, Options("host", checked=True))
    return Typed(HostProgram(unit, SimulatedHandlers(unit.templates), cache=cache))


def on_arm(cache: Cache) -> Execution:
    return Typed(UnicornProgram(compile_unit(ROOTS, Options("arm", checked=True)), SimulatedHandlers(), cache=cache))


WAYS: dict[str, Callable[[Cache], Execution]] = {"python": lambda _: UnderPython(), "host": on_host, "arm": on_arm}


@pytest.fixture(params=list(WAYS))
def execution(request: pytest.FixtureRequest, build_cache: Cache) -> Iterator[Execution]:
    def weigh(item: u8, factor: u16) -> u32:
        assert (type(item), type(factor)) == (u8, u16)
        return u32(item) * u32(factor)

    made = WAYS[request.param](build_cache)
    with simulate(functions={"outside_weigh": weigh}), made.memory():
        yield made


def test_the_scenario(execution: Execution) -> None:
    queue = execution.view(program.QUEUE)
    taken = [execution.call(program.push, queue, u8(200 + number)) for number in range(9)]
    assert taken == [True] * 8 + [False]
    assert queue.count == 8
    assert [int(item) for item in queue.items] == list(range(200, 208))
    queue.head = u32(3)
    assert execution.call(program.total, queue, factor=1000) == u64(1000 * sum(range(200, 208)))
    assert execution.call(program.last_total) == u64(1_628_000)
    assert execution.view(program.TOTAL).value == u64(1_628_000)


def test_statics_pass_by_reference(execution: Execution) -> None:
    assert execution.call(program.is_own, execution.view(program.QUEUE)) is True
    assert execution.call(program.is_own, program.QUEUE) is True


def test_values_have_their_types(execution: Execution) -> None:
    queue = execution.view(program.QUEUE)
    queue.items[5] = u8(0xFE)
    item = execution.call(program.item_at, queue, 5)
    assert (type(item), item) == (u8, u8(0xFE))
    word = execution.call(program.load_word, VirtAddr(queue.items.address + 4))
    assert (type(word), word) == (u32, u32(0xFE00))


def test_panics_are_the_same(execution: Execution) -> None:
    with pytest.raises(IndexPanic):
        execution.call(program.item_at, execution.view(program.QUEUE), 8)
    with pytest.raises(Panic) as caught:
        execution.call(program.stop, 0x77)
    assert caught.value.code == 0x77
    assert execution.call(program.stop, 0) == u32(1)


def test_wrong_arguments_are_refused(execution: Execution) -> None:
    with pytest.raises(TypeError, match="expected u32, found u8"):
        execution.call(program.stop, u8(1))
    with pytest.raises(TypeError):
        execution.call(program.stop)


def test_hardware_is_simulated_for_compiled_code(build_cache: Cache) -> None:
    unit = compile_unit([program.switch], Options("host"))
    typed = Typed(HostProgram(unit, SimulatedHandlers(unit.templates), cache=build_cache))
    with simulate(assembly={"mrs {out}, cpsr": lambda: 0x1D3}) as machine:
        assert typed.call(program.switch, 9) == u32(9 + 0x1D3)
    assert machine.names() == ["CONTEXTIDR", "isb", "CONTEXTIDR", "mrs {out}, cpsr"]
    with pytest.raises(SimulationError, match="nothing simulates a write of CP15 register CONTEXTIDR"):
        typed.call(program.switch, 9)


def test_a_static_of_another_program_is_refused(build_cache: Cache) -> None:
    typed = Typed(HostProgram(compile_unit([program.stop], Options("host")), cache=build_cache))
    with pytest.raises(LookupError, match="is not a static of this program"):
        typed.view(program.QUEUE)


def test_stack_bounds_of_a_compiled_unit(build_cache: Cache) -> None:
    unit = compile_unit([program.start, program.total], Options("arm"))
    script = "SECTIONS { . = 0x60010000; .text : { *(.text*) } .bss : { *(.bss*) } queue_program_stack_top = .; }"
    total = f"{program.__name__}.total"
    foreign = [("metal_panic", 0), ("outside_weigh", 0)]
    image = link_arm([unit], script, "_start", keep=[total], define=foreign, cache=build_cache)
    analysis = StackAnalysis(image, unit.functions, declared={"_start": 0, "outside_weigh": 40, "metal_panic": 0})
    names = [frame.symbol.rpartition(".")[2] for frame in analysis.of("_start").path]
    assert names == ["_start", "work", "triple"]
    use = analysis.of(total)
    assert [frame.symbol for frame in use.path] == [total, "outside_weigh"]
    assert 40 + 16 <= use.size <= 40 + 64
