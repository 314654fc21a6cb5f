# SPDX-License-Identifier: Apache-2.0
"""The gate page and the frame, as the assembly sees them."""

import capstone

from ovm.core.entry import gate, monitor
from ovm.core.vcpu import FRAME_PC, FRAME_PSR, Vcpu
from ovm.metal import offsetof


def test_gate_is_what_the_disassembler_reads() -> None:
    code = b"".join(int(word).to_bytes(4, "little") for word in gate.GATE)
    assert len(code) == 4 * gate.GATE_WORDS
    engine = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_ARM)
    lines = [f"{each.mnemonic} {each.op_str}".strip() for each in engine.disasm(code, gate.GATE_VA)]
    assert lines == [
        "b #0xfffff000",
        "b #0xfffff020",
        "b #0xfffff028",
        "b #0xfffff030",
        "b #0xfffff038",
        "b #0xfffff014",
        "b #0xfffff018",
        "b #0xfffff01c",
        "srsia sp, #0x1b",
        "smc #0",
        "srsia sp, #0x13",
        "smc #0",
        "srsia sp, #0x17",
        "smc #0",
        "srsia sp, #0x17",
        "smc #0",
    ]


def test_stubs_are_told_apart_by_the_address_behind_their_smc() -> None:
    returns = (
        gate.RETURN_UNDEFINED,
        gate.RETURN_SUPERVISOR_CALL,
        gate.RETURN_PREFETCH_ABORT,
        gate.RETURN_DATA_ABORT,
    )
    assert returns == tuple(gate.FIRST_STUB + gate.STUB_BYTES * (index + 1) for index in range(4))
    # Monitor compares for SVC and prefetch abort; undefined lies below, data abort above.
    assert gate.RETURN_UNDEFINED < gate.RETURN_PREFETCH_ABORT < gate.RETURN_DATA_ABORT
    assert monitor.RETURN_SUPERVISOR_CALL == gate.RETURN_SUPERVISOR_CALL


def test_frame_begins_with_the_registers_that_one_store_saves() -> None:
    assert offsetof(Vcpu, "registers") == 0
    assert FRAME_PC == 15 * 4
    # One STRD writes both.
    assert FRAME_PSR == FRAME_PC + 4
    # The floating-point registers lie behind everything else.
    layout = Vcpu.LAYOUT
    ends = [each.offset for name, each in layout.fields.items() if name != "floating"]
    assert max(ends) < layout.fields["floating"].offset
    assert layout.size == layout.fields["floating"].offset + 32 * 8
