# SPDX-License-Identifier: Apache-2.0
"""A stand-in for OVM that also gives its guest virtual modes, exceptions, CP15 and an MMU.

Everything runs in User mode of the emulated processor, as under OVM. Translations are walked here, in plain Python from
the manual (ARM DDI0406C B3.5, B3.7), and kept in a TLB that forgets only what the guest tells it to: a guest whose
maintenance is incomplete sees stale translations and fails its own checks.
"""

import struct
from dataclasses import dataclass
from typing import Any

from unicorn import UC_HOOK_INSN_INVALID, UC_HOOK_TLB_FILL, UC_PROT_EXEC, UC_PROT_READ, UC_PROT_WRITE, Uc, UcError
from unicorn.arm_const import UC_ARM_REG_CPSR, UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_R0, UC_ARM_REG_SP
from unicorn.unicorn_const import UC_CTL_IO_WRITE, UC_CTL_TLB_FLUSH, UC_MEM_FETCH, UC_MEM_WRITE, UC_TLB_VIRTUAL

from ovm.abi import hypercalls as abi
from tests.guests.stand_in import CALL_TICKS, RAM_BASE, StandIn

USR, FIQ, IRQ, SVC, ABT, UND, SYS = 0x10, 0x11, 0x12, 0x13, 0x17, 0x1B, 0x1F
BANKS = {USR: 0, SYS: 0, SVC: 1, ABT: 2, UND: 3, IRQ: 4, FIQ: 5}
PSR_I = 0x80
FLUSH = (UC_CTL_TLB_FLUSH, UC_CTL_IO_WRITE)
# Registers of coprocessor 15 by (CRn, CRm, opc2).
SCTLR, DACR, VBAR, CONTEXTIDR = (1, 0, 0), (3, 0, 0), (12, 0, 0), (13, 0, 1)
TTBR0, TTBR1, TTBCR = (2, 0, 0), (2, 0, 1), (2, 0, 2)
TRANSLATION, PERMISSION, DOMAIN, EXTERNAL = 0x5, 0xD, 0x9, 0x8


@dataclass(frozen=True)
class Entry:
    """A TLB entry. `size` is that of the page or section; `level` 1 or 2."""

    virtual: int
    physical: int
    size: int
    level: int
    asid: int | None
    access: int
    execute_never: bool
    domain: int


class Fault(Exception):
    """An access that the guest's tables refuse."""

    def __init__(self, status: int) -> None:
        self.status = status


class MmuStandIn(StandIn):
    """A guest with translation tables of its own."""

    def __init__(self, image: bytes, **options: Any) -> None:
        super().__init__(image, **options)
        self.mode = SVC
        self.cp15 = {SCTLR: 0x00C5_0078, TTBR0: 0, TTBR1: 0, TTBCR: 0, DACR: 0, CONTEXTIDR: 0, VBAR: 0}
        self.tlb: dict[tuple[int, int | None], Entry] = {}
        self.fault: tuple[int, int, int] | None = None
        self.released: list[int] = []
        self.exceptions: dict[int, int] = {}
        self.uc.ctl_set_tlb_mode(UC_TLB_VIRTUAL)
        self.uc.hook_add(UC_HOOK_TLB_FILL, self._on_fill)
        self.uc.hook_add(UC_HOOK_INSN_INVALID, self._on_undefined)
        self.uc.reg_write(UC_ARM_REG_CPSR, USR)

    def emulate(self) -> None:
        """Run, going on after each abort that was delivered to the guest."""
        start = self.entry
        while self.outcome.status is None:
            self.fault = None
            try:
                self.uc.emu_start(start, 0xFFFF_FFFC)
            except UcError:
                if self.fault is None:
                    raise
                self._abort(*self.fault)
            start = int(self.uc.reg_read(UC_ARM_REG_PC))

    # Translation.

    def _on_fill(self, _uc: Uc, place: int, access: int, entry: Any, _data: object) -> bool:
        try:
            physical, rights = self._translate(place, access)
        except Fault as fault:
            # The emulator goes on to look at the address where it would stop; the first fault is the guest's.
            self.fault = self.fault or (place, access, fault.status)
            return False
        entry.paddr = physical
        entry.perms = rights
        return True

    def _translate(self, place: int, access: int) -> tuple[int, int]:
        everything = UC_PROT_READ | UC_PROT_WRITE | UC_PROT_EXEC
        if not self.cp15[SCTLR] & 1:
            return self._existing(place), everything
        found = self._look_up(place)
        if self.cp15[DACR] >> 2 * found.domain & 3 != 1:
            raise Fault(DOMAIN + 2 * (found.level - 1))
        rights = self._rights(found)
        needed = {UC_MEM_FETCH: UC_PROT_EXEC, UC_MEM_WRITE: UC_PROT_WRITE}.get(access, UC_PROT_READ)
        if not rights & needed:
            raise Fault(PERMISSION + 2 * (found.level - 1))
        return self._existing(found.physical + (place - found.virtual)), rights

    def _existing(self, place: int) -> int:
        inside = RAM_BASE <= place < RAM_BASE + self.ram_bytes
        if not inside and not any(each.base <= place < each.base + len(each.data) for each in self.regions):
            raise Fault(EXTERNAL)
        return place

    def _rights(self, entry: Entry) -> int:
        """Return what this entry allows in the current virtual mode (table B3-8)."""
        privileged = self.mode != USR
        read = entry.access in (2, 3, 7) or (privileged and entry.access in (1, 5))
        write = entry.access == 3 or (privileged and entry.access in (1, 2))
        execute = read and not entry.execute_never
        return UC_PROT_READ * read | UC_PROT_WRITE * write | UC_PROT_EXEC * execute

    def _look_up(self, place: int) -> Entry:
        asid = self.cp15[CONTEXTIDR] & 0xFF
        page = place >> 12
        found = self.tlb.get((page, asid)) or self.tlb.get((page, None))
        if found is None:
            found = self._walk(place)
            for number in range(found.size >> 12):
                self.tlb[(found.virtual >> 12) + number, found.asid] = found
        return found

    def _walk(self, place: int) -> Entry:
        n = self.cp15[TTBCR] & 7
        low = n == 0 or place >> (32 - n) == 0
        base = self.cp15[TTBR0] & ~((1 << (14 - n)) - 1) if low else self.cp15[TTBR1] & ~0x3FFF
        first = self._word(base + (place >> 20) * 4)
        asid = self.cp15[CONTEXTIDR] & 0xFF
        if first & 3 == 2:
            access = first >> 10 & 3 | first >> 13 & 4
            owner = asid if first & 1 << 17 else None
            domain = first >> 5 & 15
            return Entry(place & ~0xFFFFF, first & ~0xFFFFF, 1 << 20, 1, owner, access, bool(first & 16), domain)
        if first & 3 != 1:
            raise Fault(TRANSLATION)
        second = self._word((first & ~0x3FF) + (place >> 12 & 0xFF) * 4)
        if second & 3 == 0:
            raise Fault(TRANSLATION + 2)
        size = 1 << 12 if second & 2 else 1 << 16
        execute_never = bool(second & (1 if second & 2 else 1 << 15))
        access = second >> 4 & 3 | second >> 7 & 4
        owner = asid if second & 1 << 11 else None
        return Entry(place & -size, second & -size, size, 2, owner, access, execute_never, first >> 5 & 15)

    def _word(self, place: int) -> int:
        return int(struct.unpack("<I", self.uc.mem_read(self._existing(place), 4))[0])

    def forget(self, keep: Any) -> None:
        """Keep only the TLB entries for which `keep` is true."""
        self.tlb = {key: entry for key, entry in self.tlb.items() if keep(entry)}
        self.uc.ctl(*FLUSH)

    # Exceptions.

    def _abort(self, place: int, access: int, status: int) -> None:
        pc = int(self.uc.reg_read(UC_ARM_REG_PC))
        if access == UC_MEM_FETCH:
            self.page_write("ifsr", status)
            self.page_write("ifar", pc)
            self._enter(ABT, 0x0C, pc + 4)
        else:
            self.page_write("dfsr", status | (0x800 if access == UC_MEM_WRITE else 0))
            self.page_write("dfar", place)
            self._enter(ABT, 0x10, pc + 8)

    def _enter(self, mode: int, vector: int, link: int) -> None:
        self.advance(CALL_TICKS)
        self.exceptions[vector] = self.exceptions.get(vector, 0) + 1
        psr = int(self.uc.reg_read(UC_ARM_REG_CPSR)) & 0xF80F_0200 | self.mode
        psr |= PSR_I if self.page_read("irq_masked") else 0
        self._switch(mode)
        self.page_write("spsr", psr, BANKS[mode])
        self.uc.reg_write(UC_ARM_REG_LR, link)
        self.page_write("irq_masked", 1)
        self.uc.reg_write(UC_ARM_REG_PC, self.cp15[VBAR] + vector)

    def _switch(self, mode: int) -> None:
        if mode == self.mode:
            return
        old, bank = BANKS[self.mode], BANKS[mode]
        self.page_write("sp", int(self.uc.reg_read(UC_ARM_REG_SP)), old)
        self.page_write("lr", int(self.uc.reg_read(UC_ARM_REG_LR)), old)
        self.uc.reg_write(UC_ARM_REG_SP, self.page_read("sp", bank))
        self.uc.reg_write(UC_ARM_REG_LR, self.page_read("lr", bank))
        self.mode = mode
        self.page_write("mode", mode)
        self.uc.ctl(*FLUSH)

    def take_pending(self) -> None:
        """Take the virtual interrupt if there is one and it may come."""
        if self.page_read("irq_pending") & self.page_read("irq_enabled") and not self.page_read("irq_masked"):
            self._enter(IRQ, 0x18, int(self.uc.reg_read(UC_ARM_REG_PC)) + 4)

    # Traps.

    def _on_exception(self, uc: Uc, number: int, data: object) -> None:
        pc = int(self.uc.reg_read(UC_ARM_REG_PC))
        if number == 2 and (self.mode == USR or not self.argument(0) >> 31):
            self._enter(SVC, 0x08, pc)
        else:
            super()._on_exception(uc, number, data)
            self.take_pending()

    def _on_undefined(self, _uc: Uc, _data: object) -> bool:
        pc = int(self.uc.reg_read(UC_ARM_REG_PC))
        physical, _ = self._translate(pc & ~0x3FF, UC_MEM_FETCH)
        word = self._word(physical + (pc & 0x3FF))
        if self.mode != USR and word & 0x0F00_0F10 == 0x0E00_0F10:
            self._coprocessor(word)
            self.uc.reg_write(UC_ARM_REG_PC, pc + 4)
        else:
            self._enter(UND, 0x04, pc + 4)
        return True

    def _coprocessor(self, word: int) -> None:
        register = (word >> 16 & 15, word & 15, word >> 5 & 7)
        general = UC_ARM_REG_R0 + (word >> 12 & 15)
        if word & 1 << 20:
            self.uc.reg_write(general, self.cp15[register])
        elif register[0] == 8:
            assert register == (8, 7, 0), f"a maintenance operation that the stand-in doesn't know: {register}"
            self.forget(lambda entry: False)
        else:
            self.cp15[register] = int(self.uc.reg_read(general))
            self.uc.ctl(*FLUSH)

    def other_call(self, function: int) -> int:
        match function:
            case abi.CONTEXT_SET:
                self.cp15[TTBR0], self.cp15[CONTEXTIDR], self.cp15[DACR] = (self.argument(i) for i in (1, 2, 3))
                self.uc.ctl(*FLUSH)
            case abi.REGISTER_WRITE:
                name = (SCTLR, VBAR, TTBCR, TTBR1)[self.argument(1)]
                self.cp15[name] = self.argument(2)
            case abi.TLB_INVALIDATE:
                self._invalidate(self.argument(1), self.argument(2))
            case abi.BALLOON_RELEASE:
                self.released.append(self.argument(1))
                self.uc.mem_write(self.argument(1), bytes(4096 * self.argument(2)))
            case abi.RETURN:
                self._return()
            case _:
                return abi.NOT_SUPPORTED
        return abi.SUCCESS

    def _invalidate(self, operation: int, operand: int) -> None:
        asid, place = operand & 0xFF, operand & ~0xFFF
        match operation:
            case abi.TLB_ALL:
                self.forget(lambda entry: False)
            case abi.TLB_ASID:
                self.forget(lambda entry: entry.asid != asid)
            case abi.TLB_ADDRESS:
                self.forget(
                    lambda entry: not (entry.virtual <= place < entry.virtual + entry.size and entry.asid in (asid, None))
                )
            case _:
                raise AssertionError(f"TLB operation {operation}")

    def finish_call(self, *registers: int) -> None:
        if self.argument(0) == abi.RETURN:
            self.uc.reg_write(UC_ARM_REG_R0, self.page_read("return_r0"))
        else:
            super().finish_call(*registers)

    def _return(self) -> None:
        psr = self.page_read("spsr", BANKS[self.mode])
        self.page_write("irq_masked", psr & PSR_I)
        self.uc.reg_write(UC_ARM_REG_CPSR, psr & 0xF80F_0200 | USR)
        self._switch(psr & 0x1F)
        self.uc.reg_write(UC_ARM_REG_PC, self.page_read("return_pc"))
