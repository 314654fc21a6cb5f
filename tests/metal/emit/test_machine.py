# SPDX-License-Identifier: Apache-2.0
"""A CP15 register has the same number under CPython and in a program for the host: no field of it runs into another."""

from ovm.arm import cp15
from ovm.metal import asm_value, clrex, cp15_read, cp15_write, dmb, dsb, fn, isb, sev, simulate, u32, wfe, wfi
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

    def barrier(self, kind: int) -> None:
        self.log.append(("barrier", kind))

    def assembly(self, template: int, arguments: tuple[int, ...]) -> int:
        self.log.append(("assembly", template))
        return sum(argument << 4 * place for place, argument in enumerate(arguments)) + template


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


@fn
def all_barriers() -> None:
    dsb()
    dmb()
    isb()
    clrex()
    sev()
    wfe()
    wfi()


@fn
def templates(value: u32) -> u32:
    first = asm_value(u32, "add {out}, {0}, {1}", value, value + 1)
    return first + asm_value(u32, "mov {out}, {0}", value + 2) + asm_value(u32, "add {out}, {0}, {1}", value, u32(4))


def test_the_host_numbers_barriers() -> None:
    """Board, tests and simulated processors know a barrier by this number."""
    program = HostProgram(compile_unit((all_barriers,), Options(target="host")))
    program.handlers = seen = Seen()
    program.call(f"{__name__}.all_barriers")
    assert seen.log == [("barrier", number) for number in range(7)]


def test_the_host_numbers_templates_in_their_order() -> None:
    """Equal ones once; operands that a template has not are 0."""
    unit = compile_unit((templates,), Options(target="host"))
    program = HostProgram(unit)
    program.handlers = seen = Seen()
    assert program.call(f"{__name__}.templates", 3) == (3 + 4 * 16) + (5 + 1) + (3 + 4 * 16)
    assert seen.log == [("assembly", 0), ("assembly", 1), ("assembly", 0)]
    assert unit.templates == ("add {out}, {0}, {1}", "mov {out}, {0}")
