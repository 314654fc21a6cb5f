# SPDX-License-Identifier: Apache-2.0
"""One case at one call: what the comparison would otherwise ask for piece by piece."""

from ovm.board.flow import pc_of
from ovm.board.loop import run, start
from ovm.board.memory import drop_records
from ovm.board.state import CPU
from ovm.board.status import cpsr, return_to, set_mode
from ovm.metal import Array, Struct, array, bound, fn, static, u32


class Outcome(Struct):
    """The state after a step, before an exception is undone."""

    registers: Array[u32] = array(u32, 15)
    pc: u32
    cpsr: u32
    exception: u32
    stopped: u32
    status: u32


OUTCOME = static(Outcome)


@fn
def single_step(address: u32, status: u32) -> None:
    """Execute the instruction at `address` from `status`, then go back to Supervisor mode."""
    drop_records(address, u32(4))
    return_to(status)
    CPU.attention = (status >> 25) & 3 | ((status >> 10) & 0x3F) << 2
    CPU.exception = u32(0)
    CPU.exclusive = u32(0)
    start(address)
    CPU.stopped = u32(0)
    done = u32(0)
    while done == 0 and CPU.exception == 0 and CPU.stopped == 0:
        bound(64)
        done = run(u32(1))
    for number in u32.range(15):
        OUTCOME.registers[number] = CPU.r[number]
    OUTCOME.pc = pc_of(CPU.at)
    OUTCOME.cpsr = cpsr()
    OUTCOME.exception = CPU.exception
    OUTCOME.stopped = CPU.stopped
    OUTCOME.status = CPU.world[0].dfsr if CPU.exception == 0x10 else CPU.world[0].ifsr
    set_mode(u32(0x13))
