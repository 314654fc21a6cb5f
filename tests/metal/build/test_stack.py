# SPDX-License-Identifier: Apache-2.0
"""Stack bounds: never below what a run uses, and an error wherever one cannot be given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ovm.metal.build.cache import Cache
from ovm.metal.build.calls import branch_target, is_indirect, machine_calls
from ovm.metal.build.elf import Elf
from ovm.metal.build.errors import BuildError
from ovm.metal.build.image import link_arm
from ovm.metal.build.stack import StackAnalysis
from ovm.metal.compiler import Options, compile_unit
from tests.metal.build import queue_program
from tests.metal.unicorn_run import STACK_BYTES, STACK_TOP, UnicornProgram

SCRIPT = "SECTIONS { . = 0x60010000; .text : { *(.text .text.*) } .rodata : { *(.rodata*) } .bss : { *(.bss*) } }"


def function(name: str, room: int, *callees: str) -> str:
    """IR of a function with `room` bytes of its own on the stack, which calls others one after the other."""
    calls = "".join(f'  call void @"{callee}"(ptr %room)\n' for callee in callees)
    return (
        f'define void @"{name}"(ptr %above) noinline nounwind {{\n  %room = alloca [{room} x i8]\n'
        f'  call void asm sideeffect "", "r,~{{memory}}"(ptr %room)\n{calls}'
        f'  call void asm sideeffect "str $1, [$0]", "r,r,~{{memory}}"(ptr %room, ptr %above)\n  ret void\n}}\n'
    )


@dataclass(frozen=True)
class Described:
    calls: frozenset[str] = frozenset()
    is_naked: bool = False


def describe(**calls: str) -> dict[str, Described]:
    return {f"demo.{name}": Described(frozenset(callees.split())) for name, callees in calls.items()}


TREE = (
    function("demo.leaf", 16)
    + function("demo.wide", 400)
    + function("demo.middle", 40, "demo.leaf", "demo.wide")
    + function("demo.other", 100, "demo.leaf")
    + function("demo.entry", 8, "demo.other", "demo.middle", "demo.leaf")
)
TREE_CALLS = describe(leaf="", wide="", middle="demo.leaf demo.wide", other="demo.leaf", entry="demo.other demo.middle demo.leaf")


@pytest.fixture
def link(build_cache: Cache, make_unit: Callable[..., Any]) -> Callable[[str], bytes]:
    def make(ir: str) -> bytes:
        return link_arm([make_unit(ir)], SCRIPT, "demo.entry", collect_garbage=False, cache=build_cache)

    return make


def test_finds_the_deepest_path(link: Callable[[str], bytes]) -> None:
    use = StackAnalysis(link(TREE), TREE_CALLS).of("demo.entry")
    assert [frame.symbol for frame in use.path] == ["demo.entry", "demo.middle", "demo.wide"]
    assert use.path[-1].size >= 400
    assert use.size == sum(frame.size for frame in use.path)


def test_the_bound_holds_for_a_run(build_cache: Cache, make_unit: Callable[..., Any], link: Callable[[str], bytes]) -> None:
    program = UnicornProgram(make_unit(TREE), cache=build_cache)
    bottom = STACK_TOP - STACK_BYTES
    painted = b"\xa5" * STACK_BYTES
    for entry in ("demo.entry", "demo.middle", "demo.other", "demo.leaf"):
        program.memory.write(bottom, painted)
        program.call(entry, 0)
        after = program.memory.read(bottom, STACK_BYTES)
        used = STACK_BYTES - 64 - next(place for place, byte in enumerate(after) if byte != 0xA5)
        bound = StackAnalysis(link(TREE), TREE_CALLS).of(entry).size
        assert bound - 512 <= used <= bound


def test_the_machine_code_adds_calls_that_the_graph_leaves_out(link: Callable[[str], bytes]) -> None:
    forgetful = {**TREE_CALLS, "demo.entry": Described(frozenset())}
    expected = StackAnalysis(link(TREE), TREE_CALLS).of("demo.entry")
    assert StackAnalysis(link(TREE), forgetful).of("demo.entry") == expected


def test_an_inlined_function_has_no_frame_of_its_own(link: Callable[[str], bytes]) -> None:
    functions = {**TREE_CALLS, "demo.entry": Described(frozenset({"demo.gone"}))}
    functions["demo.gone"] = Described(frozenset({"demo.wide"}))
    use = StackAnalysis(link(TREE), functions).of("demo.entry")
    assert use.size == StackAnalysis(link(TREE), TREE_CALLS).of("demo.entry").size


def test_a_limit_is_enforced_with_the_path(link: Callable[[str], bytes]) -> None:
    analysis = StackAnalysis(link(TREE), TREE_CALLS)
    need = analysis.of("demo.entry")
    assert analysis.check({"demo.entry": need.size}) == [need]
    with pytest.raises(BuildError) as caught:
        analysis.check({"demo.entry": need.size - 4})
    entry, middle, wide = (frame.size for frame in need.path)
    assert str(caught.value) == (
        f"error[B021]: demo.entry can need {need.size} bytes of stack\n"
        "  found:    this path (frame, sum):\n"
        f"            demo.entry   {entry:5} {entry:6}\n"
        f"            demo.middle  {middle:5} {entry + middle:6}\n"
        f"            demo.wide    {wide:5} {need.size:6}\n"
        f"  expected: at most {need.size - 4} bytes, 4 less\n"
        "  fix:      shrink the largest frames of the path, or give this entry a larger stack"
    )


def test_recursion_is_an_error(link: Callable[[str], bytes]) -> None:
    ir = function("demo.entry", 8, "demo.a") + function("demo.a", 8, "demo.b") + function("demo.b", 8, "demo.a")
    with pytest.raises(BuildError, match=r"(?s)error\[B022\].*demo\.a -> demo\.b -> demo\.a"):
        StackAnalysis(link(ir), describe(entry="demo.a", a="demo.b", b="demo.a")).of("demo.entry")


def test_recursion_through_a_table_is_an_error(link: Callable[[str], bytes]) -> None:
    functions = {**TREE_CALLS, "demo.leaf": Described(frozenset({"demo.entry"}))}
    with pytest.raises(BuildError, match=r"(?s)error\[B022\].*demo\.entry"):
        StackAnalysis(link(TREE), functions).of("demo.entry")


NAKED = (
    'define void @"demo.entry"() naked nounwind {\n'
    '  call void asm sideeffect "push {r4, lr}\\0Amov r0, sp\\0Abl \\22demo.leaf\\22\\0Apop {r4, pc}", ""()\n'
    "  unreachable\n}\n"
) + function("demo.leaf", 64)


@pytest.mark.parametrize(("branch", "is_recursion"), [("b", False), ("bl", True)])
def test_assembly_may_loop_to_its_start_but_not_call_itself(
    link: Callable[[str], bytes], branch: str, is_recursion: bool
) -> None:
    ir = NAKED.replace("bl \\22demo.leaf\\22", f"{branch} \\22demo.entry\\22")
    assert ir != NAKED
    functions = {"demo.entry": Described(frozenset({"demo.entry"}), is_naked=True), "demo.leaf": Described()}
    analysis = StackAnalysis(link(ir), functions, declared={"demo.entry": 8})
    if is_recursion:
        with pytest.raises(BuildError, match=r"error\[B022\]"):
            analysis.of("demo.entry")
    else:
        assert analysis.of("demo.entry").size == 8


def test_assembly_needs_a_declaration(link: Callable[[str], bytes]) -> None:
    functions = {"demo.entry": Described(frozenset(), is_naked=True), "demo.leaf": Described()}
    with pytest.raises(BuildError, match=r"error\[B024\]: the stack use of demo\.entry is not known"):
        StackAnalysis(link(NAKED), functions).of("demo.entry")
    use = StackAnalysis(link(NAKED), functions, declared={"demo.entry": 8}).of("demo.entry")
    assert [frame.symbol for frame in use.path] == ["demo.entry", "demo.leaf"]
    assert use.path[0].size == 8


FOREIGN = (
    'define void @"demo.entry"(ptr %above) nounwind {\n'
    "  %target = load volatile ptr, ptr %above\n  call void %target(ptr %above)\n"
    "  store volatile i8 1, ptr %above\n  ret void\n}\n"
) + function("demo.leaf", 64)


def test_an_unknown_indirect_call_is_an_error(link: Callable[[str], bytes]) -> None:
    image = link(FOREIGN)
    with pytest.raises(BuildError, match=r"error\[B023\]: demo\.entry makes an indirect call"):
        StackAnalysis(image, {}).of("demo.entry")
    use = StackAnalysis(image, {}, indirect={"demo.entry": ["demo.leaf"]}).of("demo.entry")
    assert [frame.symbol for frame in use.path] == ["demo.entry", "demo.leaf"]


def test_a_function_without_a_frame_size_is_an_error(build_cache: Cache, make_unit: Callable[..., Any]) -> None:
    discarding = SCRIPT.replace("SECTIONS {", "SECTIONS { /DISCARD/ : { *(.stack_sizes) }")
    image = link_arm([make_unit(TREE)], discarding, "demo.entry", collect_garbage=False, cache=build_cache)
    with pytest.raises(BuildError, match=r"error\[B025\]: the stack use of demo\.\w+ is not known"):
        StackAnalysis(image, TREE_CALLS).of("demo.entry")
    with pytest.raises(BuildError, match=r"error\[B020\]: the image has no entry 'demo\.lost'"):
        StackAnalysis(image, TREE_CALLS).of("demo.lost")


def test_reads_calls_from_machine_code(link: Callable[[str], bytes]) -> None:
    calls = machine_calls(Elf(link(TREE)))
    assert calls["demo.entry"].direct == {"demo.other", "demo.middle", "demo.leaf"}
    assert calls["demo.wide"].direct == frozenset()
    assert not any(each.has_indirect for each in calls.values())


@pytest.mark.parametrize(
    ("word", "target"),
    [
        (0xEAFF_FFFE, 0x1000),  # b .
        (0xEB00_0000, 0x1008),  # bl .+8
        (0x0BFF_FFFC, 0x0FF8),  # bleq .-8
        (0xFA00_0001, 0x100C),  # blx, to Thumb
        (0xE12F_FF33, None),  # blx r3
        (0xE1A0_0000, None),  # nop
    ],
)
def test_decodes_branches(word: int, target: int | None) -> None:
    assert branch_target(0x1000, word) == target


@pytest.mark.parametrize(
    ("word", "indirect"),
    [(0xE12F_FF33, True), (0xE12F_FF1C, True), (0xE12F_FF1E, False), (0x112F_FF3E, True), (0xEB00_0000, False)],
)
def test_recognises_indirect_calls(word: int, indirect: bool) -> None:
    assert is_indirect(word) is indirect


def test_stack_bounds_of_a_compiled_unit(build_cache: Cache) -> None:
    unit = compile_unit([queue_program.start, queue_program.total], Options("arm"))
    script = "SECTIONS { . = 0x60010000; .text : { *(.text*) } .bss : { *(.bss*) } queue_program_stack_top = .; }"
    total = f"{queue_program.__name__}.total"
    foreign = [("metal_panic", 0), ("outside_weigh", 0)]
    image = link_arm([unit], script, "_start", keep=[total], define=foreign, cache=build_cache)
    analysis = StackAnalysis(image, unit.functions, declared={"_start": 0, "outside_weigh": 40, "metal_panic": 0})
    names = [frame.symbol.rpartition(".")[2] for frame in analysis.of("_start").path]
    assert names == ["_start", "work", "triple"]
    use = analysis.of(total)
    assert [frame.symbol for frame in use.path] == [total, "outside_weigh"]
    assert 40 + 16 <= use.size <= 40 + 64
