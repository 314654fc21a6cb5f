# SPDX-License-Identifier: Apache-2.0
"""Functions, tables of functions, and the simulated processor."""

from typing import Any, Never, cast

import pytest

from ovm.metal import (
    Array,
    Cp15,
    Ptr,
    Struct,
    VirtAddr,
    address,
    array,
    asm,
    asm_block,
    asm_value,
    cp15_read,
    cp15_write,
    dsb,
    extern,
    first,
    fn,
    function_table,
    i32,
    isb,
    naked,
    panic,
    static,
    symbol,
    text,
    u8,
    u32,
)
from ovm.metal.lang.errors import IndexPanic, Panic, SimulationError
from ovm.metal.lang.functions import Function
from ovm.metal.simulate import Operation, simulate

SCTLR = Cp15("SCTLR", 1, 0, 0, 0, "B4.1.130")
BUFFER = static(array(u8, 4))


class Pair(Struct):
    a: u32
    b: u32


@fn
def add(a: u32, b: u32) -> u32:
    return a + b


@fn(inline=True, section=".fast", export="take")
def subtract(a: u32, b: u32) -> u32:
    return a - b


@fn
def fill(target: Array[u8], pair: Pair, p: Ptr[u8]) -> u32:
    target[0] = p[1]
    pair.b = u32(target[0]) + 1
    return pair.b


@fn
def element(items: Array[u8], place: u32) -> u8:
    return items[place]


@fn
def local_address() -> VirtAddr:
    pair = Pair()
    assert pair.a == 0
    pair.a = u32(5)
    return address(pair)


@fn
def enable() -> u32:
    cp15_write(SCTLR, cp15_read(SCTLR) | 1)
    dsb()
    asm("msr cpsr_c, {0}", u32(0xD3))
    isb()
    return asm_value(u32, "mrs {out}, cpsr")


@fn
def stop() -> Never:
    panic(7)


@naked
def vectors() -> None:
    asm_block(f"b {symbol(add)}")


@extern("memory_clear")
def memory_clear(start: VirtAddr, count: u32) -> u32: ...


OPERATIONS = function_table(add, subtract)


def test_arguments_are_values_of_their_types() -> None:
    assert type(add(u32(1), u32(2))) is u32
    assert add(cast(u32, 1), b=cast(u32, 2)) == 3
    with pytest.raises(OverflowError):
        add(cast(u32, -1), u32(0))
    with pytest.raises(TypeError, match="expected u32, found i32"):
        add(cast(u32, i32(1)), u32(0))
    with pytest.raises(TypeError):
        add(u32(1))  # type: ignore[call-arg]


def test_references_as_arguments() -> None:
    with simulate():
        pair = Pair()
        assert fill(BUFFER, pair, text("AB")) == ord("B") + 1
        assert pair.b == ord("B") + 1
        with pytest.raises(TypeError, match=r"expected Array\[u8\]"):
            fill(cast(Any, pair), pair, first(BUFFER))


def test_an_index_past_a_parameter_panics() -> None:
    """Under CPython, which knows the array; compiled code doesn't (docs/guide/metal.md)."""
    with simulate():
        assert element(BUFFER, u32(0)) == 0
        with pytest.raises(IndexPanic):
            element(BUFFER, u32(4))


def test_locals_are_given_back_and_zeroed() -> None:
    with simulate():
        assert local_address() == local_address()


def test_options_for_the_compiler() -> None:
    function = cast(Function, subtract)
    assert (function.inline, function.section, function.export) == (True, ".fast", "take")
    assert symbol(subtract) == "take"
    assert symbol(add) == f"{__name__}.add"
    assert symbol(memory_clear) == "memory_clear"
    assert cast(Function, vectors).kind == "naked"
    assert cast(Function, add).name == add.__name__ == "add"


def test_tables_call_by_index() -> None:
    assert OPERATIONS[u32(1)](u32(5), u32(3)) == 2
    with pytest.raises(IndexPanic):
        OPERATIONS[u32(2)]
    with pytest.raises(TypeError, match="not a metal function"):
        function_table(len)


def test_the_processor_logs_in_order() -> None:
    handlers: dict[str, Any] = {"msr cpsr_c, {0}": lambda value: None, "mrs {out}, cpsr": lambda: 0x1D3}
    with simulate(cp15={SCTLR: 0xC50078}, assembly=handlers) as machine:
        assert enable() == 0x1D3
    assert machine.log == [
        Operation("cp15_read", "SCTLR", (0xC50078,)),
        Operation("cp15_write", "SCTLR", (0xC50079,)),
        Operation("barrier", "dsb"),
        Operation("asm", "msr cpsr_c, {0}", (0xD3,)),
        Operation("barrier", "isb"),
        Operation("asm", "mrs {out}, cpsr"),
    ]
    assert machine.cp15[SCTLR] == 0xC50079
    assert machine.names("cp15_write", "barrier") == ["SCTLR", "dsb", "isb"]


def test_extern_functions_reach_their_handler() -> None:
    with simulate(functions={"memory_clear": lambda start, count: int(count) * 2}):
        assert memory_clear(VirtAddr(0x1000), u32(4)) == 8


@pytest.mark.parametrize("call", [enable, vectors, lambda: memory_clear(VirtAddr(0), u32(0)), dsb])
def test_what_nothing_simulates_is_an_error(call: Any) -> None:
    with pytest.raises(SimulationError, match="nothing simulates"):
        call()


def test_panic_carries_its_code() -> None:
    with pytest.raises(Panic) as caught:
        stop()
    assert caught.value.code == 7
