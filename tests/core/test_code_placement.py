# SPDX-License-Identifier: Apache-2.0
"""Code that OVM writes is made visible to instruction fetches, which QEMU would do without being asked."""

from ovm.core.entry import gate
from ovm.metal import Cp15, PhysAddr, simulate

PAGE = 0x6010_0000
BYTES = 4 * gate.GATE_WORDS


def test_gate_is_cleaned_line_by_line_before_fetches_are_forgotten() -> None:
    cleaned: set[int] = set()
    written = b"".join(int(word).to_bytes(4, "little") for word in gate.GATE)
    with simulate.simulate() as machine:

        def observe(register: Cp15, value: int) -> None:
            if register.name == "DCCMVAU":
                assert machine.memory.read(PAGE, BYTES) == written, "cleaned before it was written"
                cleaned.update(range(value & ~31, (value & ~31) + 32))

        machine.on_cp15_write = observe
        gate.gate_install(PhysAddr(PAGE))
        names = machine.names("cp15_write", "barrier")
    assert cleaned >= set(range(PAGE, PAGE + BYTES))
    last_clean = len(names) - 1 - names[::-1].index("DCCMVAU")
    assert names[last_clean + 1 :] == ["dsb", "ICIALLU", "BPIALL", "dsb", "isb"]
