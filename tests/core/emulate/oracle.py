# SPDX-License-Identifier: Apache-2.0
"""A real privileged ARM processor (Unicorn's) and the virtual one, put into the same state and compared after one instruction."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import unicorn
from unicorn import arm_const

from ovm.abi.vcpu_page import BANK_ABORT, BANK_FIQ, BANK_IRQ, BANK_SVC, BANK_UNDEF, BANK_USER
from ovm.arm.psr import MODE_ABT, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_SYS, MODE_UND, MODE_USR, PSR_USER
from ovm.core.trap.undefined import undefined
from ovm.metal import u32
from tests.core.machine import GPA, GUEST_BYTES, Machine, write

BANKS = {
    MODE_USR: BANK_USER, MODE_SYS: BANK_USER, MODE_SVC: BANK_SVC, MODE_ABT: BANK_ABORT, MODE_UND: BANK_UNDEF,
    MODE_IRQ: BANK_IRQ, MODE_FIQ: BANK_FIQ,
}  # fmt: skip
PRIVILEGED = (MODE_SYS, MODE_SVC, MODE_ABT, MODE_UND, MODE_IRQ, MODE_FIQ)
SAVED = (MODE_SVC, MODE_ABT, MODE_UND, MODE_IRQ, MODE_FIQ)
# One mode for each bank.
BANK_MODES = {MODE_SYS: BANK_USER, **{mode: BANKS[mode] for mode in SAVED}}
CODE = GPA + 0x1_0000
DATA, DATA_BYTES = GPA + 0x4_0000, 0x1000


@dataclass
class State:
    """A processor: core registers, CPSR, and every bank that isn't current."""

    registers: list[int]
    cpsr: int
    sp: dict[int, int]
    lr: dict[int, int]
    spsr: dict[int, int]
    # r8-r12: of FIQ mode while another mode is current, of the other modes while FIQ mode is.
    high: list[int]
    data: bytes = field(default=b"", repr=False)

    @property
    def mode(self) -> int:
        return self.cpsr & 0x1F


@functools.cache
def _emulator() -> unicorn.Uc:
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
    machine.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_A9)
    machine.mem_map(GPA, GUEST_BYTES)
    # SCR.AW and FW: a guest's processor has no Security Extensions, so it may mask aborts and FIQs.
    machine.reg_write(arm_const.UC_ARM_REG_CP_REG, (15, 0, 0, 1, 1, 0, 0, 0x30))
    return machine


_GENERAL = tuple(getattr(arm_const, f"UC_ARM_REG_R{index}") for index in range(13)) + (
    arm_const.UC_ARM_REG_SP,
    arm_const.UC_ARM_REG_LR,
    arm_const.UC_ARM_REG_PC,
)
_HIGH = _GENERAL[8:13]


def _enter(machine: unicorn.Uc, mode: int) -> None:
    machine.reg_write(arm_const.UC_ARM_REG_CPSR, 0x1C0 | mode)


def hardware(state: State, code: bytes) -> State:
    """Return the state after Unicorn has executed `code`."""
    machine = _emulator()
    machine.mem_write(DATA, state.data)
    machine.mem_write(CODE, code + bytes(8))
    # Unicorn keeps what it translated at this address before.
    machine.ctl_remove_cache(CODE, CODE + 16)
    for mode, bank in BANK_MODES.items():
        _enter(machine, mode)
        machine.reg_write(arm_const.UC_ARM_REG_SP, state.sp[bank])
        machine.reg_write(arm_const.UC_ARM_REG_LR, state.lr[bank])
        if mode != MODE_SYS:
            machine.reg_write(arm_const.UC_ARM_REG_SPSR, state.spsr[bank])
    _enter(machine, MODE_SVC if state.mode == MODE_FIQ else MODE_FIQ)
    for register, value in zip(_HIGH, state.high, strict=True):
        machine.reg_write(register, value)
    _enter(machine, state.mode)
    for register, value in zip(_GENERAL[:15], state.registers[:15], strict=True):
        machine.reg_write(register, value)
    machine.reg_write(arm_const.UC_ARM_REG_CPSR, state.cpsr)
    thumb = state.cpsr >> 5 & 1
    try:
        machine.emu_start(CODE | thumb, 0, count=1)
    except unicorn.UcError as error:
        # The instruction went somewhere without memory: it is done, and the next fetch fails.
        if error.errno != unicorn.UC_ERR_FETCH_UNMAPPED:
            raise
    return _read(machine)


def _read(machine: unicorn.Uc) -> State:
    registers = [machine.reg_read(register) for register in _GENERAL]
    cpsr = machine.reg_read(arm_const.UC_ARM_REG_CPSR)
    state = State(registers, cpsr, {}, {}, {}, [])
    for mode, bank in BANK_MODES.items():
        _enter(machine, mode)
        state.sp[bank] = machine.reg_read(arm_const.UC_ARM_REG_SP)
        state.lr[bank] = machine.reg_read(arm_const.UC_ARM_REG_LR)
        if mode != MODE_SYS:
            state.spsr[bank] = machine.reg_read(arm_const.UC_ARM_REG_SPSR)
    _enter(machine, MODE_SVC if state.mode == MODE_FIQ else MODE_FIQ)
    state.high = [machine.reg_read(register) for register in _HIGH]
    state.data = bytes(machine.mem_read(DATA, DATA_BYTES))
    return state


def virtual(made: Machine, state: State, code: bytes) -> State:
    """Return the state after the virtual CPU has met `code` as an Undefined instruction."""
    vcpu, page = made.vcpu(), made.page()
    made.guest_write(DATA, state.data)
    made.guest_write(CODE, code + bytes(8))
    thumb = bool(state.cpsr >> 5 & 1)
    for index in range(15):
        vcpu.registers[index] = u32(state.registers[index])
    vcpu.registers[15] = u32(CODE + (2 if thumb else 4))
    for bank, value in state.sp.items():
        page.sp[bank], page.lr[bank] = u32(value), u32(state.lr[bank])
    for bank, value in state.spsr.items():
        page.spsr[bank] = u32(value)
    for index, value in enumerate(state.high):
        vcpu.banked_high[index] = u32(value)
    page.irq_masked, page.mode = u32(state.cpsr & 0x80), u32(state.mode)
    write(
        vcpu, mode=state.mode, privileged=int(state.mode != MODE_USR), psr=state.cpsr & PSR_USER | MODE_USR,
        fiq_masked=bool(state.cpsr & 0x40), abort_masked=bool(state.cpsr & 0x100),
    )  # fmt: skip
    made.call(undefined, vcpu)
    return _virtual_state(made)


def _virtual_state(made: Machine) -> State:
    vcpu, page = made.vcpu(), made.page()
    mode = int(vcpu.mode)
    masks = (0x80 if int(page.irq_masked) else 0) | 0x40 * vcpu.fiq_masked | 0x100 * vcpu.abort_masked
    sp = {bank: int(page.sp[bank]) for bank in BANK_MODES.values()}
    lr = {bank: int(page.lr[bank]) for bank in BANK_MODES.values()}
    sp[BANKS[mode]], lr[BANKS[mode]] = int(vcpu.registers[13]), int(vcpu.registers[14])
    return State(
        [int(vcpu.registers[index]) for index in range(16)],
        int(vcpu.psr) & PSR_USER | masks | mode,
        sp,
        lr,
        {BANKS[each]: int(page.spsr[BANKS[each]]) for each in SAVED},
        [int(value) for value in vcpu.banked_high],
        made.guest_bytes(DATA, DATA_BYTES),
    )
