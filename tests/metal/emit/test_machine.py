# SPDX-License-Identifier: Apache-2.0
"""A CP15 register has the same number under CPython and in a program for the host: no field of it runs into another."""

from ovm.arm import cp15
from ovm.metal import cp15_read, cp15_write, fn, simulate, u32
from ovm.metal.build.handlers import Handlers
from ovm.metal.build.host import HostProgram
from ovm.metal.compiler import Options, compile_unit

# All four fields differ from zero somewhere.
ASKED = (cp15.CSSELR, cp15.PMCCNTR, cp15.ATS1CUW, cp15.TLB_PA, cp15.TLB_SELECT_WRITE)


@fn
def touch(value: u32) -> u32:
    cp15_write(cp15.CSSELR, value)
    cp15_write(cp15.ATS1CUW, value)
    cp15_write(cp15.TLB_SELECT_WRITE, value)
    cp15_write(cp15.TLB_PA, value)
    return cp15_read(cp15.PMCCNTR) + cp15_read(cp15.TLB_PA)


class Seen(Handlers):
    def __init__(self) -> None:
        self.log: list[tuple[str, int]] = []

    def cp15_read(self, encoding: int) -> int:
        self.log.append(("read", encoding))
        return 1

    def cp15_write(self, encoding: int, value: int) -> None:
        self.log.append(("write", encoding))


def encoding(register: cp15.Cp15) -> int:
    """CRn, opc1, CRm, opc2, a hexadecimal digit each."""
    return int(f"{register.crn:x}{register.op1:x}{register.crm:x}{register.op2:x}", 16)


def test_the_host_names_registers_as_cpython_does() -> None:
    program = HostProgram(compile_unit((touch,), Options(target="host")))
    program.handlers = seen = Seen()
    assert program.call(f"{__name__}.touch", 5) == 2
    with simulate.simulate(cp15=dict.fromkeys(ASKED, 1)) as machine:
        touch(u32(5))
    names = [each.name for each in machine.log]
    by_name = {register.name: encoding(register) for register in ASKED}
    assert [number for _, number in seen.log] == [by_name[name] for name in names if name in by_name]
