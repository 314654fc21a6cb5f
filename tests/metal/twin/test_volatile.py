# SPDX-License-Identifier: Apache-2.0
"""Every access to a volatile struct is exactly one access of its width, in the program's order, on ARM.

Unicorn reports what the machine code really does to the struct's memory; CPython logs what the source says.
"""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ovm.metal.compiler import Options, compile_unit
from ovm.metal.emit import expressions, statements
from ovm.metal.lang import memory
from ovm.metal.simulate import simulate
from ovm.metal.tree import nodes
from tests.metal.twin.load import module_of
from tests.metal.unicorn_run import UnicornProgram

FIELDS = {"status": "u32", "half": "u16", "byte": "u8", "signed": "i16", "wide": "u32"}
HEAD = '''"""Random accesses to registers."""

from ovm.metal import Array, Bits, Struct, array, at, field, first, fn, i16, static, u8, u16, u32, volatile_load, volatile_store


class Mode(Bits):
    low = field(2, 3)


class Registers(Struct, volatile=True, size=0x80):
    status: u32
    half: u16
    byte: u8
    signed: i16 = at(0x0A)
    wide: u32 = at(0x3C)
    mode: Mode
    words: Array[u32] = array(u32, 4, offset=0x50)
    bytes: Array[u8] = array(u8, 4)


REGISTERS = static(Registers)
PLAIN = static(array(u32, 4))
'''
STATEMENTS = (
    "r.{field} = {kind}(n)",
    "r.{field} = r.{field}",
    "r.{field} += 1",
    "r.{field}",
    "n += u32(r.{field}) + u32(r.{field})",
    "n = u32(r.{field})",
    "r.words[n % 4] = n",
    "r.words[1] = r.words[n % 4] ^ r.words[2]",
    "r.bytes[n % 4] |= 3",
    "r.mode = r.mode.set(Mode.low, n)",
    "n ^= r.mode.low + r.mode.low",
    "volatile_store(first(r.words) + 3, volatile_load(first(r.words)))",
    "if r.byte == 0:\n        r.half = u16(0)",
    "PLAIN[n % 4] = r.status",
    "PLAIN[1] = n",
)
FUNCTIONS = 40


def source(seed: int) -> str:
    """Write functions of random accesses."""
    drawn = random.Random(seed)
    text = HEAD
    for number in range(FUNCTIONS):
        lines = []
        for _ in range(drawn.randint(2, 10)):
            name = drawn.choice(list(FIELDS))
            line = drawn.choice(STATEMENTS).format(field=name, kind=FIELDS[name])
            lines.append(f"    n = u32({line})" if line.startswith("r.") and " " not in line else f"    {line}")
        text += f"\n\n@fn\ndef f{number}(r: Registers, n: u32) -> u32:\n" + "\n".join(lines) + "\n    return n\n"
    keep = "    PLAIN[0] = REGISTERS.status\n"
    return text + f"\n\n@fn\ndef every_static() -> None:\n{keep}"


def python_log(module: Any, name: str, content: bytes, number: int) -> list[tuple[str, int, int, int]]:
    """Return the volatile accesses under CPython as (action, offset, size, value)."""
    start = int(module.REGISTERS.address)
    with simulate() as machine:
        memory.current().write(start, content)
        getattr(module, name)(module.REGISTERS, module.u32(number))
    return [(entry.action, int(entry.name, 16) - start, *entry.values) for entry in machine.log]


def arm_log(program: UnicornProgram, module: Any, name: str, content: bytes, number: int) -> list[tuple[Any, ...]]:
    """Return the accesses that the machine code makes to the struct."""
    unicorn, log = program._unicorn, []
    start = program.address_of(f"{module.__name__}.REGISTERS")

    def note(emulator: Any, access: int, address: int, size: int, value: int, _data: Any) -> None:
        action = "store" if access == unicorn.UC_MEM_WRITE else "load"
        if action == "load":
            value = int.from_bytes(emulator.mem_read(address, size), "little")
        log.append((action, address - start, size, value & ((1 << (8 * size)) - 1)))

    program.memory.write(start, content)
    hooks = unicorn.UC_HOOK_MEM_READ | unicorn.UC_HOOK_MEM_WRITE
    hook = program._emulator.hook_add(hooks, note, None, start, start + len(content) - 1)
    program.call(f"{module.__name__}.{name}", start, number)
    program._emulator.hook_del(hook)
    return log


def compare(optimise: str, folder: Path) -> int:
    """Compare some calls of every function; return how many accesses were seen."""
    module: Any = module_of(source(1), f"twin_volatile_{optimise}", folder)
    roots = [getattr(module, f"f{number}") for number in range(FUNCTIONS)] + [module.every_static]
    program = UnicornProgram(compile_unit(roots, Options("arm")), optimise=optimise)
    drawn, accesses = random.Random(2), 0
    for number in range(FUNCTIONS):
        for _ in range(5):
            content, argument = drawn.randbytes(0x80), drawn.choice([0, 1, 7, drawn.getrandbits(32)])
            expected = python_log(module, f"f{number}", content, argument)
            assert arm_log(program, module, f"f{number}", content, argument) == expected
            accesses += len(expected)
    return accesses


@pytest.mark.parametrize("optimise", ["2", "s"])
def test_each_access_is_one_access(optimise: str, tmp_path: Path) -> None:
    assert compare(optimise, tmp_path) > 1000


@pytest.mark.parametrize(("kind", "table"), [(nodes.Load, expressions._EMITTERS), (nodes.Store, statements._EMITTERS)])
def test_a_forgotten_volatile_is_noticed(
    kind: type, table: dict[type, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emit = table[kind]
    monkeypatch.setitem(table, kind, lambda context, node: emit(context, replace(node, volatile=False)))
    with pytest.raises(AssertionError):
        compare("2", tmp_path)
