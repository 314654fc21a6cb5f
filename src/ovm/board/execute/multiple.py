# SPDX-License-Identifier: Apache-2.0
"""Loads and stores of several registers (ARM A5.4, A6.3.5, B9.3.6 to B9.3.17), SRS and RFE.

`imm` is the register list. The base is written only when every access has succeeded.
"""

from typing import Final

from ovm.arm.psr import MODE_FIQ
from ovm.board.access.memory import alignment_fault, load_word, load_word_by, store_word
from ovm.board.cache.outstanding import BY_LIST
from ovm.board.execute.data import exception_return
from ovm.board.execute.predict import indirect, returned
from ovm.board.execute.roles import CLASS, LOAD_LIST, NO_CYCLES, SERIAL_CYCLES, STORE_LIST, TRANSFER, UNIT
from ovm.board.execute.row import INDIRECT_BRANCH, Instruction, a32, t32
from ovm.board.processor.exceptions import data_abort, unpredictable
from ovm.board.processor.flow import after, interwork
from ovm.board.processor.status import bank_of, may_enter, spsr
from ovm.board.record import Record
from ovm.board.sizes import REGISTERS
from ovm.board.state import CPU
from ovm.metal import bound, ctz, fn, u32

# Record.aux: first address from the base, and the base's change, both in words, and flags.
BEFORE: Final = 1 << 0
DOWN: Final = 1 << 1
WRITE_BACK: Final = 1 << 2
PC: Final = 1 << 15  # in the list
STACK: Final = 13


@fn(inline=True)
def _count(registers: u32) -> u32:
    pairs = registers - ((registers >> 1) & 0x5555)
    fours = (pairs & 0x3333) + ((pairs >> 2) & 0x3333)
    eights = (fours + (fours >> 4)) & 0x0F0F
    return (eights + (eights >> 8)) & 0x1F


@fn(inline=True)
def _first(base: u32, aux: u32, size: u32) -> u32:
    if aux & DOWN != 0:
        return base - size + (0 if aux & BEFORE != 0 else 4)
    return base + (4 if aux & BEFORE != 0 else 0)


@fn(inline=True)
def _final(base: u32, aux: u32, size: u32) -> u32:
    return base - size if aux & DOWN != 0 else base + size


@fn(inline=True)
def load_multiple(record: Record, at: u32, variant: u32) -> u32:
    """Execute LDM; the PC in the list is a branch, and with r13 as the base a return (A9 TRM 7.3.2)."""
    return _load_list(record, at, record.imm)


@fn
def _load_list(record: Record, at: u32, registers: u32) -> u32:
    base = CPU.r[record.rn]
    aux = u32(record.aux)
    size = _count(registers) * 4
    address = _first(base, aux, size)
    if address & 3 != 0:
        alignment_fault(address, 0)
        return data_abort(at)
    left = registers
    value = u32(0)
    while left != 0:
        bound(REGISTERS)
        loaded = load_word_by(address, at | BY_LIST)
        if loaded >> 32 != 0:
            CPU.r[record.rn] = base
            return data_abort(at)
        value = u32(loaded)
        number = ctz(left)
        CPU.r[number] = value
        left &= left - 1
        address += 4
    if aux & WRITE_BACK != 0:
        CPU.r[record.rn] = _final(base, aux, size)
    if registers & PC != 0:
        if record.rn == STACK:
            returned(record, at, value)
        else:
            indirect(record, at, value)
        return interwork(value)
    return after(record, at)


@fn(inline=True)
def store_multiple(record: Record, at: u32, variant: u32) -> u32:
    """Execute STM."""
    base = CPU.r[record.rn]
    aux = u32(record.aux)
    registers = record.imm
    size = _count(registers) * 4
    address = _first(base, aux, size)
    if address & 3 != 0:
        alignment_fault(address, 1)
        return data_abort(at)
    left = registers
    while left != 0:
        bound(REGISTERS)
        if store_word(address, CPU.r[ctz(left)]):
            return data_abort(at)
        left &= left - 1
        address += 4
    if aux & WRITE_BACK != 0:
        CPU.r[record.rn] = _final(base, aux, size)
    return after(record, at)


@fn
def _user_register(number: u32) -> u32:
    """Return a register as User mode has it."""
    bank = bank_of(CPU.mode)
    if number == 13 and bank != 0:
        return CPU.r13[0]
    if number == 14 and bank != 0:
        return CPU.r14[0]
    if number >= 8 and number <= 12 and CPU.mode == MODE_FIQ:
        return CPU.r8_usr[number - 8]
    return CPU.r[number]


@fn
def _set_user_register(number: u32, value: u32) -> None:
    bank = bank_of(CPU.mode)
    if number == 13 and bank != 0:
        CPU.r13[0] = value
    elif number == 14 and bank != 0:
        CPU.r14[0] = value
    elif number >= 8 and number <= 12 and CPU.mode == MODE_FIQ:
        CPU.r8_usr[number - 8] = value
    else:
        CPU.r[number] = value


@fn(inline=False)
def _multiple_user(record: Record, at: u32, loading: bool) -> u32:
    aux = u32(record.aux)
    registers = record.imm
    if bank_of(CPU.mode) == 0:
        return unpredictable(at, registers)
    address = _first(CPU.r[record.rn], aux, _count(registers) * 4)
    if address & 3 != 0:
        alignment_fault(address, u32(not loading))
        return data_abort(at)
    left = registers
    while left != 0:
        bound(REGISTERS)
        if loading:
            loaded = load_word(address)
            if loaded >> 32 != 0:
                return data_abort(at)
            _set_user_register(ctz(left), u32(loaded))
        elif store_word(address, _user_register(ctz(left))):
            return data_abort(at)
        left &= left - 1
        address += 4
    return after(record, at)


@fn(inline=True)
def load_multiple_user(record: Record, at: u32, variant: u32) -> u32:
    """Execute LDM (User registers)."""
    return _multiple_user(record, at, True)


@fn(inline=True)
def store_multiple_user(record: Record, at: u32, variant: u32) -> u32:
    """Execute STM (User registers)."""
    return _multiple_user(record, at, False)


@fn(inline=False)
def _load_return(record: Record, at: u32) -> u32:
    if bank_of(CPU.mode) == 0:
        return unpredictable(at, record.imm)
    aux = u32(record.aux)
    base = CPU.r[record.rn]
    size = _count(record.imm) * 4
    address = _first(base, aux, size)
    if address & 3 != 0:
        alignment_fault(address, 0)
        return data_abort(at)
    left = record.imm
    value = u32(0)
    while left != 0:
        bound(REGISTERS)
        loaded = load_word(address)
        if loaded >> 32 != 0:
            CPU.r[record.rn] = base
            return data_abort(at)
        value = u32(loaded)
        CPU.r[ctz(left)] = value
        left &= left - 1
        address += 4
    if aux & WRITE_BACK != 0:
        CPU.r[record.rn] = _final(base, aux, size)
    return exception_return(at, value, spsr())


@fn(inline=True)
def load_multiple_return(record: Record, at: u32, variant: u32) -> u32:
    """Execute LDM (exception return)."""
    return _load_return(record, at)


@fn(inline=False)
def _return_from(record: Record, at: u32) -> u32:
    if bank_of(CPU.mode) == 7 or CPU.mode == 0x10:
        return unpredictable(at, 0)
    aux = u32(record.aux)
    base = CPU.r[record.rn]
    address = _first(base, aux, 8)
    if address & 3 != 0:
        alignment_fault(address, 0)
        return data_abort(at)
    target = load_word(address)
    if target >> 32 != 0:
        return data_abort(at)
    status = load_word(address + 4)
    if status >> 32 != 0:
        return data_abort(at)
    if aux & WRITE_BACK != 0:
        CPU.r[record.rn] = _final(base, aux, 8)
    return exception_return(at, u32(target), u32(status))


@fn(inline=True)
def return_from_exception(record: Record, at: u32, variant: u32) -> u32:
    """Execute RFE."""
    return _return_from(record, at)


@fn(inline=False)
def _store_state(record: Record, at: u32) -> u32:
    mode = u32(record.imm)
    if bank_of(CPU.mode) == 0 or not may_enter(mode) or bank_of(mode) == 0 and mode == 0x10:
        return unpredictable(at, mode)
    bank = bank_of(mode)
    base = CPU.r[13] if bank == bank_of(CPU.mode) else CPU.r13[bank]
    aux = u32(record.aux)
    address = _first(base, aux, 8)
    if address & 3 != 0:
        alignment_fault(address, 1)
        return data_abort(at)
    if store_word(address, CPU.r[14]) or store_word(address + 4, spsr()):
        return data_abort(at)
    if aux & WRITE_BACK != 0:
        if bank == bank_of(CPU.mode):
            CPU.r[13] = _final(base, aux, 8)
        else:
            CPU.r13[bank] = _final(base, aux, 8)
    return after(record, at)


@fn(inline=True)
def store_return_state(record: Record, at: u32, variant: u32) -> u32:
    """Execute SRS; `imm` is the mode whose stack is used."""
    return _store_state(record, at)


ROWS: Final = [
    Instruction(
        load_multiple,
        patterns=(
            a32("ldm", "cccc100PUSW1nnnnrrrrrrrrrrrrrrrr", "arm_transfer_forms.block_transfer", 1),
            t32("ldm", "1110100010W1nnnn rrzrrrrrrrrrrrrr", "wide_transfer_forms.block", 1),
            t32("ldm", "1110100100W1nnnn rrzrrrrrrrrrrrrr", "wide_transfer_forms.block", 1),
            t32("pop", "1011110rrrrrrrrr", "narrow_forms.push_pop", 15),
            t32("ldm", "11001nnnrrrrrrrr", "narrow_forms.low_list", 1),
        ),
        roles=TRANSFER << UNIT | LOAD_LIST << CLASS,
        cycles=NO_CYCLES,
        host="several_words.load_multiple",
        branch=INDIRECT_BRANCH,
    ),
    Instruction(
        store_multiple,
        patterns=(
            a32("stm", "cccc100PUSW0nnnnrrrrrrrrrrrrrrrr", "arm_transfer_forms.block_transfer"),
            t32("stm", "1110100010W0nnnn zrzrrrrrrrrrrrrr", "wide_transfer_forms.block"),
            t32("stm", "1110100100W0nnnn zrzrrrrrrrrrrrrr", "wide_transfer_forms.block"),
            t32("push", "1011010rrrrrrrrr", "narrow_forms.push_pop", 14),
            t32("stm", "11000nnnrrrrrrrr", "narrow_forms.low_list"),
        ),
        roles=TRANSFER << UNIT | STORE_LIST << CLASS,
        cycles=NO_CYCLES,
        host="several_words.store_multiple",
    ),
    # The forms of LDM and STM choose these three.
    Instruction(load_multiple_user, cycles=NO_CYCLES),
    Instruction(store_multiple_user, cycles=NO_CYCLES),
    Instruction(load_multiple_return, cycles=SERIAL_CYCLES),
    Instruction(
        return_from_exception,
        patterns=(
            a32("rfe", "1111100PU0W1nnnnzzzzozozzzzzzzzz", "arm_transfer_forms.return_state"),
            t32("rfe", "1110100000W1nnnn oozzzzzzzzzzzzzz", "wide_transfer_forms.return_state"),
            t32("rfe", "1110100110W1nnnn oozzzzzzzzzzzzzz", "wide_transfer_forms.return_state"),
        ),
        cycles=SERIAL_CYCLES,
    ),
    Instruction(
        store_return_state,
        patterns=(
            a32("srs", "1111100PU1W0oozozzzzzozozzzmmmmm", "arm_transfer_forms.return_state", 1),
            t32("srs", "1110100000W0oozo oozzzzzzzzzmmmmm", "wide_transfer_forms.return_state", 1),
            t32("srs", "1110100110W0oozo oozzzzzzzzzmmmmm", "wide_transfer_forms.return_state", 1),
        ),
    ),
]
