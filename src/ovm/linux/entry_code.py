# SPDX-License-Identifier: Apache-2.0
"""Stubs in the kernel's assembly of system calls, exceptions and returns (arch/arm/kernel/entry-armv.S, entry-common.S).

Each is for a sequence of words that all kernels from 6.1 on have, in which registers and flags are known to be dead. A kernel
with other words keeps its traps there. With them, a system call traps twice: SVC itself, and the return.

- On entry the kernel writes `current` into TPIDRURO and closes user memory in DACR. It did both before it went to User mode, and
  OVM gives both back (`VcpuPage.leave`), so a stub only compares, and writes, which traps, what isn't so.
- On return it opens user memory and writes the program's thread pointer. Both go into the page, with the User bank and SPSR; the
  return takes them along.
"""

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ovm.abi.vcpu_page import BANK_SVC, BANK_USER, VcpuPage
from ovm.metal import offsetof

_SP_USER: Final = offsetof(VcpuPage, "sp") + 4 * BANK_USER
_LR_USER: Final = offsetof(VcpuPage, "lr") + 4 * BANK_USER
_SPSR: Final = offsetof(VcpuPage, "spsr") + 4 * BANK_SVC
_SCTLR, _DACR, _LEAVE = (offsetof(VcpuPage, name) for name in ("sctlr", "dacr", "leave"))
_USER_THREAD, _USER_DACR = (offsetof(VcpuPage, name) for name in ("user_tpidruro", "user_dacr"))
# DACR while a program runs: kernel, user and device memory all open (arch/arm/include/asm/domain.h).
_OPEN: Final = 0x55
MOVS_PC_LR: Final = 0xE1B0_F00E


@dataclass(frozen=True)
class Sequence:
    """Words of the kernel, None for any; the one that becomes a branch; the first one behind what the stub does; the stub.

    In the stub `back_N` is the word N of the sequence.
    """

    name: str
    words: tuple[int | None, ...]
    branch: int
    until: int
    stub: Callable[[int, int], str]


@dataclass(frozen=True)
class Entered:
    """A place of a sequence: its name and the address of the first word."""

    sequence: Sequence
    address: int

    @property
    def name(self) -> str:
        """Return the name of its stub."""
        return f"entry_{self.address:x}"

    @property
    def branch(self) -> int:
        """Return the address of the word that becomes a branch."""
        return self.address + 4 * self.sequence.branch

    @property
    def inner(self) -> range:
        """Return the addresses that nothing may jump to."""
        return range(self.branch + 4, self.address + 4 * self.sequence.until, 4)

    @property
    def covered(self) -> range:
        """Return the addresses whose work the stub does."""
        return range(self.branch, self.address + 4 * self.sequence.until, 4)

    def text(self, page: int, trap: int) -> str:
        """Return its stub; `trap` is the SVC for MOVS PC, LR."""
        return self.sequence.stub(page, trap).replace("back_", f"{self.name}_back_")

    def labels(self) -> Mapping[str, int]:
        """Return the labels that the stub goes to, with their addresses."""
        return {f"{self.name}_back_{number}": self.address + 4 * number for number in range(len(self.sequence.words) + 1)}


def _call_registers(page: int, trap: int) -> str:
    """Write STMDB R8, {SP, LR}^; MRS R8, SPSR. R9, R10, R12 are saved."""
    return f"""
        mov   r9, #{page:#x}
        ldr   r10, [r9, #{_SP_USER}]
        ldr   r12, [r9, #{_LR_USER}]
        stmdb r8, {{r10, r12}}
        ldr   r8, [r9, #{_SPSR}]
        b     back_3"""


def _call_control(page: int, trap: int) -> str:
    """Write MCR TPIDRURO, R10; MRC R12, SCTLR. The flags are the program's, which SPSR has."""
    return f"""
        mrc   p15, 0, r12, c13, c0, 3
        teq   r12, r10
        mcrne p15, 0, r10, c13, c0, 3
        mov   r12, #{page:#x}
        ldr   r12, [r12, #{_SCTLR}]
        b     back_2"""


def _call_domains(page: int, trap: int) -> str:
    """Write MCR DACR, R8, with its ISB. R9 is written next, and the flags."""
    return f"""
        mov   r9, #{page:#x}
        ldr   r9, [r9, #{_DACR}]
        teq   r9, r8
        beq   back_3
        mcr   p15, 0, r8, c3, c0, 0
        b     back_2"""


def _user_control(page: int, trap: int) -> str:
    """Write MRC R7, SCTLR."""
    return f"""
        mov   r7, #{page:#x}
        ldr   r7, [r7, #{_SCTLR}]
        b     back_2"""


def _user_registers(page: int, trap: int) -> str:
    """Write STMDB R0, {SP, LR}^. R3 and R6 have been stored and are dead."""
    return f"""
        mov   r6, #{page:#x}
        ldr   r3, [r6, #{_SP_USER}]
        ldr   r6, [r6, #{_LR_USER}]
        stmdb r0, {{r3, r6}}
        b     back_3"""


def _user_thread(page: int, trap: int) -> str:
    """Write MCR TPIDRURO, R7. R8 was the address of what R7 is; the flags have been used."""
    return """
        mrc   p15, 0, r8, c13, c0, 3
        teq   r8, r7
        mcrne p15, 0, r7, c13, c0, 3
        b     back_2"""


def _interrupt_domains(page: int, trap: int) -> str:
    """Write MCR DACR, R12, with its ISB. R3 is dead, and TEQ comes next."""
    return f"""
        mov   r3, #{page:#x}
        ldr   r3, [r3, #{_DACR}]
        teq   r3, r12
        beq   back_3
        mcr   p15, 0, r12, c3, c0, 0
        b     back_2"""


def _kernel_return(page: int, trap: int) -> str:
    """Write MSR SPSR, R5. R0 is written next."""
    return f"""
        mov   r0, #{page:#x}
        str   r5, [r0, #{_SPSR}]
        b     back_1"""


def _user_return(page: int, trap: int) -> str:
    """Write the return to User mode from TPIDRURO's write on: R1 is the program's. All registers are loaded from the stack.

    A PSR that the kernel doesn't return to (it has BUG there) takes the kernel's own way.
    """
    return f"""
        ldr   r3, [sp, #64]
        mov   r2, #{page:#x}
        tst   r3, #0x8F
        bne   1f
        str   r1, [r2, #{_USER_THREAD}]
        mov   r1, #{_OPEN:#x}
        str   r1, [r2, #{_USER_DACR}]
        str   r1, [r2, #{_LEAVE}]
        str   r3, [r2, #{_SPSR}]
        add   r4, sp, #52
        ldm   r4, {{r5, r6, lr}}
        str   r5, [r2, #{_SP_USER}]
        str   r6, [r2, #{_LR_USER}]
        ldm   sp, {{r0-r12}}
        add   sp, sp, #72
        .inst {trap:#x}
    1:  mcr   p15, 0, r1, c13, c0, 3
        b     back_1"""


# ARM A8.8 for the words; registers as in the functions above.
CALL: Final = (
    Sequence("registers of a system call", (0xE28D_803C, 0xE948_6000, 0xE14F_8000), 1, 3, _call_registers),
    Sequence("thread of a system call", (0xEE0D_AF70, 0xEE11_CF10, None, None, None, 0xE13A_000C), 0, 2, _call_control),
    Sequence("domains of a system call", (0xE3A0_8051, 0xEE03_8F10, 0xF57F_F06F, 0xEE1D_9F70), 1, 3, _call_domains),
)
SEQUENCES: Final = (
    *CALL,
    Sequence("control of an exception", (0xE98D_1FFE, 0xEE11_7F10, None, None, 0xE598_8000), 1, 2, _user_control),
    Sequence("registers of an exception", (0xE58D_3000, 0xE880_0070, 0xE940_6000), 2, 3, _user_registers),
    Sequence("thread of an exception", (0xE797_7008, 0xEE0D_7F70), 1, 2, _user_thread),
    Sequence("domains of an interrupt", (0xE3A0_C051, 0xEE03_CF10, 0xF57F_F06F, 0xE138_0007), 1, 3, _interrupt_domains),
    Sequence("return to the kernel", (0xE16F_F005, 0xE24D_0004, 0xE180_1F92, 0xE8DD_FFFF), 0, 1, _kernel_return),
    Sequence(
        "return to User mode",
        (
            0xEE0D_1F70, 0xE3A0_1055, 0xEE03_1F10, 0xE1A0_200D, 0xE592_1040, 0xE5B2_E03C, 0xE311_008F, None, 0xE16F_F001,
            0xE182_1F92, 0xE952_7FFF, 0xE1A0_0000, 0xE28D_D048, MOVS_PC_LR,
        ),
        0,
        14,
        _user_return,
    ),
)  # fmt: skip


def entered(words: "array[int]", base: int, part: range, names: Callable[[int], str]) -> tuple[Entered, ...]:
    """Return the sequences in a part of the code; `names` gives the function at an address. FIQ's have no stubs."""
    found = []
    for number in range((part.start - base) // 4, (part.stop - base) // 4):
        for sequence in SEQUENCES:
            here = words[number : number + len(sequence.words)]
            if len(here) == len(sequence.words) and all(
                word in (None, other) for word, other in zip(sequence.words, here, strict=True)
            ):
                found.append(Entered(sequence, base + number * 4))
    return tuple(each for each in found if not names(each.address).startswith("__fiq"))


def whole(found: Iterable[Entered], torn: Collection[int]) -> tuple[Entered, ...]:
    """Return the sequences into which nothing jumps, or none where a whole system call isn't among them."""
    kept = tuple(each for each in found if not any(address in torn for address in each.inner))
    names = {each.sequence.name for each in kept}
    return kept if names >= {each.name for each in (*CALL, SEQUENCES[-1])} else ()
