# SPDX-License-Identifier: Apache-2.0
"""The release build, too, checks what isolation rests on: every guard by place, and that each one stops OVM."""

import ast
from pathlib import Path
from typing import Any

import pytest

import ovm.core
from ovm.core import guard
from ovm.core.memory import frames, pool, tables
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, compile_unit
from ovm.metal.lang.errors import Panic
from tests.core.memory import board
from tests.core.memory.driver import ROOTS, Compiled, Driver, _Forward

CORE = Path(ovm.core.__path__[0])
# docs/decisions/0012-guards.md says why each. Take none away without another that does its work.
GUARDS = {
    ("memory/frames.py", "frame_give", "GUARD_FRAME"),
    ("memory/pool.py", "pool_take", "GUARD_FREE"),
    ("memory/pool.py", "pool_return", "GUARD_RETURNED"),
    ("memory/tables.py", "table_release", "GUARD_TABLE"),
}


def test_every_guard_is_where_it_was() -> None:
    found = set()
    for file in sorted(CORE.rglob("*.py")):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "guard":
                        found.add((str(file.relative_to(CORE)), function.name, ast.unparse(call.args[1])))
    assert found == GUARDS


def test_core_has_no_check_that_a_release_drops() -> None:
    for file in sorted(CORE.rglob("*.py")):
        assert not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(file.read_text()))), file


class Release(Compiled):
    """The release build, which has no other checks."""

    def __init__(self, program: HostProgram) -> None:
        self.handlers = _Forward(self)
        Driver.__init__(self)
        self.program = program
        self.program.handlers = self.handlers
        self.program.reset()
        self.memory = self.program.memory


@pytest.fixture(scope="module")
def program() -> HostProgram:
    return HostProgram(compile_unit((*ROOTS, frames.frame_give, tables.table_release), Options(target="host", checked=False)))


def code_of(program: HostProgram, function: Any, *arguments: int, returned: int = 0) -> int | None:
    """Return the code that OVM stops with; `returned` spoils the pool's count."""
    driver = Release(program)
    with driver.memory.current():
        board.prepare(driver)
        if returned:
            board.write(driver.view(pool.Pool, "POOL"), returned=returned)
        values = [driver.vcpu(board.FIRST).address if each < 0 else each for each in arguments]
        with pytest.raises(Panic) as caught:
            driver.call(function, *values)
    return caught.value.code


def test_each_guard_stops_ovm_in_a_release(program: HostProgram) -> None:
    assert code_of(program, frames.frame_give, board.RAM + board.RAM_BYTES, 1) == guard.GUARD_FRAME
    assert code_of(program, pool.pool_return, board.SRT_RAM) == guard.GUARD_RETURNED
    full = board.POOL_BYTES // 4096
    assert code_of(program, pool.pool_return, board.POOL, returned=full) == guard.GUARD_RETURNED
    # The last of the returned frames is said to be frame 0, which is OVM's or no memory.
    assert code_of(program, pool.pool_take, 1, returned=1) == guard.GUARD_FREE
    assert code_of(program, tables.table_release, -1, tables.MAX_TABLES) == guard.GUARD_TABLE
    free = tables.MAX_TABLES - 1
    assert code_of(program, tables.table_release, -1, free) == guard.GUARD_TABLE
