# SPDX-License-Identifier: Apache-2.0
"""Any trap with any registers, any instruction and any tables: OVM goes on, the guest's CPU stays one, and its neighbour's
memory is as it was."""

import random
import struct
from typing import Any

from ovm.abi.config import GuestState
from ovm.abi.hypercalls import EXIT
from ovm.arm import cp15, faults
from ovm.arm.psr import MODE_ABT, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_SYS, MODE_UND, MODE_USR
from ovm.core.output import OVM_QUEUE
from ovm.core.trap.abort import data_abort, prefetch_abort
from ovm.core.trap.supervisor_call import supervisor_call
from ovm.core.trap.undefined import undefined
from ovm.core.vcpu import Vcpu
from ovm.metal import offsetof
from tests.core.machine import ENTRY, GPA, GUEST_BYTES, GUEST_RAM, Machine, machine
from tests.core.test_hypercalls import CALLS

TRAPS, SEED = 4000, 11
MODES = {MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS}
FLAGS, THUMB, CONTROL, MASKS = 0xFE0F_FC00, 0x20, 0x1FF, 0xC0
# Addresses at edges: of the guest, of the gate, of RAM, of nothing.
PLACES = (
    *(0, 4, 0xFFFF_FFFF, 0xFFFF_F000, 0xFFFF_E000, 0x8000_0000, 0x800F_0000, 0x8011_0000, 0x1E00_0100),
    *(GPA, GPA + 0x8000, GPA + GUEST_BYTES - 4, GPA + GUEST_BYTES - 2, GPA - 4, GPA + GUEST_BYTES),
)
# LDM^, STM^, LDM^ with PC, RFE, SRS, MOVS PC, MRS and MSR of SPSR, MCR and MRC, SMC, CPS, SUBS PC, VMSR.
INSTRUCTIONS = (
    *(0xE8D0_0000, 0xE8C0_0000, 0xE8FD_8000, 0xF8BD_0A00, 0xF96D_0513, 0xE1B0_F00E, 0xE14F_5000, 0xE16F_F005),
    *(0xEE07_0F3A, 0xEE08_0F37, 0xEE10_5F10, 0xEE12_5F10, 0xEE02_5F10, 0xEE01_5F10, 0xE160_0070, 0xF102_0012),
    *(0xE25E_F004, 0xEEE8_5A10),
)
STATUSES = (*(faults.FS_TRANSLATION_SECTION, faults.FS_TRANSLATION_PAGE, faults.FS_PERMISSION_PAGE), 0x805, 0x80D, 8, 1, 2, 0x406)
# It would end the guest, and the rest of the traps with it.
NUMBERS = sorted(set(CALLS.values()) - {EXIT})


def word(chance: random.Random) -> int:
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(PLACES)
    if kind < 0.6:
        return GPA + chance.randrange(GUEST_BYTES)
    return chance.randrange(64) if kind < 0.75 else chance.getrandbits(32)


def set_up(made: Machine, chance: random.Random) -> Any:
    """Put the guest before a trap, and say which."""
    handler = chance.choice((supervisor_call, supervisor_call, undefined, undefined, data_abort, prefetch_abort))
    thumb = chance.random() < 0.3
    at = ENTRY + 4 * chance.randrange(64) if chance.random() < 0.8 else word(chance)
    registers = [word(chance) for _ in range(15)] + [at + (2 if thumb else 4) & 0xFFFF_FFFF]
    if handler is supervisor_call:
        registers[0] = chance.choice(NUMBERS) if chance.random() < 0.9 else 0x8400_0000 | chance.getrandbits(25)
    code = chance.choice(INSTRUCTIONS) | chance.getrandbits(16) if chance.random() < 0.7 else chance.getrandbits(32)
    if GPA <= at < GPA + GUEST_BYTES - 4:
        made.guest_write(at & ~1, struct.pack("<I", code | (0xF000 if thumb else 0)))
    for _ in range(chance.randrange(4)):
        made.guest_write(GPA + 4 * chance.randrange(64), struct.pack("<I", word(chance)))
    vcpu = made.vcpu()
    made.memory.write(vcpu.address, struct.pack("<16I", *registers))
    psr = chance.getrandbits(32) & FLAGS | MODE_USR | (THUMB if thumb else 0)
    made.memory.write(vcpu.address + offsetof(Vcpu, "psr"), struct.pack("<I", psr))
    for register, value in ((cp15.DFSR, chance.choice(STATUSES)), (cp15.DFAR, word(chance))):
        made.processor.cp15[cp15.key_of(register)] = value
    for register, value in ((cp15.IFSR, chance.choice(STATUSES[:3])), (cp15.IFAR, at)):
        made.processor.cp15[cp15.key_of(register)] = value
    return handler


def neighbour(made: Machine) -> bytes:
    return bytes(made.memory.read(GUEST_RAM[1] + 4096, GUEST_BYTES - 4096))


def test_nothing_breaks() -> None:
    chance, lived = random.Random(SEED), 0
    with machine() as made:
        before = neighbour(made)
        for _ in range(TRAPS):
            made.call(set_up(made, chance), made.vcpu())
            for index in range(OVM_QUEUE + 1):
                made.printed(index)
            vcpu = made.vcpu()
            assert int(vcpu.mode) in MODES
            assert bool(int(vcpu.privileged)) == (int(vcpu.mode) != MODE_USR)
            assert int(vcpu.psr) & CONTROL & ~THUMB == MODE_USR
            if vcpu.state.to_bits() in (GuestState.READY.to_bits(), GuestState.WAITING.to_bits()):
                lived += 1
            else:
                made.prepare()
        assert neighbour(made) == before
    # It is a test of a living guest, not of one that ends at once.
    assert lived > TRAPS * 0.8
