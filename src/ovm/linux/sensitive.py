# SPDX-License-Identifier: Apache-2.0
"""A32 instructions that act differently in User mode without a trap: the table by which kernels are patched.

A guest's kernel runs in User mode. Most privileged instructions trap there; the ones below do nothing, read another mode's state,
or are UNPREDICTABLE (ARM B9.3), so each place with one is replaced by an SVC, which traps. Other words with the same bits are
told apart so:

- CPS, MRS, MSR and WFI are matched by class, unconditional (WFI with any condition). Words of literal pools equal none of them in
  any kernel measured.
- Block transfers with user registers and returns that write PC and PSR look like many literals. Only the words that kernels have
  are matched; another one of their class is refused, and so are RFE, SRS and conditional forms. A refusal can't be wrong
  silently.
- MSR that writes the condition flags alone is the same in User mode.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

ALWAYS = 14
_GREATER = 12
_SPSR = 1 << 22
_PC = 15


class Kind(Enum):
    """A class of sensitive instructions, by the names of the ARM manual."""

    CPS = "CPS"
    MRS_CPSR = "MRS CPSR"
    MRS_SPSR = "MRS SPSR"
    MSR_CPSR = "MSR CPSR"
    MSR_SPSR = "MSR SPSR"
    WFI = "WFI"
    RETURN = "MOVS/SUBS PC"
    LOAD_RETURN = "LDM exception return"
    LOAD_USER = "LDM user registers"
    STORE_USER = "STM user registers"


@dataclass(frozen=True)
class Sensitive:
    """One sensitive word, decoded: what a stub or a handler needs to know of it.

    `registers` are the numbers of the core registers that the instruction names: the destination of MRS, the source of MSR, base
    and list of a block transfer, operands of a return. `fields` are the PSR fields that MSR writes (bit 0 is control),
    `immediate` is the value that it writes or a return subtracts; of CPS, bits 0 to 4 are the mode and `fields` bits 17 to 19 and
    6 to 8 of the word.
    """

    word: int
    kind: Kind
    condition: int
    registers: tuple[int, ...] = ()
    fields: int = 0
    immediate: int | None = None


# Words of classes that are matched by value, with what they are.
_LISTED = {
    0xE1B0F00E: Sensitive(0xE1B0F00E, Kind.RETURN, ALWAYS, (14,)),  # MOVS PC, LR
    0xE25EF004: Sensitive(0xE25EF004, Kind.RETURN, ALWAYS, (14,), immediate=4),  # SUBS PC, LR, #4
    0xE8DDFFFF: Sensitive(0xE8DDFFFF, Kind.LOAD_RETURN, ALWAYS, (13, *range(16))),  # LDMIA SP, {R0-PC}^
    0xE8D88000: Sensitive(0xE8D88000, Kind.LOAD_RETURN, ALWAYS, (8, 15)),  # LDMIA R8, {PC}^
    0xE9527FFF: Sensitive(0xE9527FFF, Kind.LOAD_USER, ALWAYS, (2, *range(15))),  # LDMDB R2, {R0-LR}^
    0xE9527FFE: Sensitive(0xE9527FFE, Kind.LOAD_USER, ALWAYS, (2, *range(1, 15))),  # LDMDB R2, {R1-LR}^
    0xE9406000: Sensitive(0xE9406000, Kind.STORE_USER, ALWAYS, (0, 13, 14)),  # STMDB R0, {SP, LR}^
    0xE9486000: Sensitive(0xE9486000, Kind.STORE_USER, ALWAYS, (8, 13, 14)),  # STMDB R8, {SP, LR}^
}


def candidates(code: Iterable[int]) -> list[int]:
    """Return the distinct words of `code` that `decode` and `refused` need to see: a quick test that leaves few of them."""
    return [
        word
        for word in set(code)
        if word & 0x0D90_0000 == 0x0100_0000  # MRS, MSR, hints
        or word & 0x0E40_0000 == 0x0840_0000  # LDM and STM with ^
        or word & 0x0C10_F000 == 0x0010_F000  # S and PC
        or word >= 0xF000_0000
    ]


def decode(word: int) -> Sensitive | None:
    """Return the sensitive instruction that `word` is; None for every other word."""
    if word in _LISTED:
        return _LISTED[word]
    if word & 0xFFF1_FE20 == 0xF100_0000:
        return Sensitive(word, Kind.CPS, ALWAYS, fields=word >> 17 & 7 | (word >> 6 & 7) << 3, immediate=word & 0x1F)
    if word & 0x0FFF_FFFF == 0x0320_F003 and word >> 28 <= ALWAYS:
        return Sensitive(word, Kind.WFI, word >> 28)
    return _status_access(word) if word >> 28 == ALWAYS else None


def _status_access(word: int) -> Sensitive | None:
    """Return the MRS or MSR that `word` is, whatever its condition."""
    spsr = bool(word & _SPSR)
    if word & 0x0FBF_0FFF == 0x010F_0000:
        return Sensitive(word, Kind.MRS_SPSR if spsr else Kind.MRS_CPSR, word >> 28, (word >> 12 & 15,))
    fields = word >> 16 & 15
    kind = Kind.MSR_SPSR if spsr else Kind.MSR_CPSR
    if not spsr and fields in (0, 8):
        return None
    if word & 0x0FB0_FFF0 == 0x0120_F000:
        return Sensitive(word, kind, word >> 28, (word & 15,), fields)
    if word & 0x0FB0_F000 == 0x0320_F000:
        rotation = word >> 7 & 0x1E
        value = (word & 0xFF) >> rotation | (word & 0xFF) << (32 - rotation)
        return Sensitive(word, kind, word >> 28, (), fields, value & 0xFFFF_FFFF)
    return None


def refused(word: int, addresses: range) -> str | None:
    """Return why a kernel with `word` in its code is refused; None where the word is harmless or in the table.

    A conditional word that is an address of the kernel itself (`addresses`) is a literal: 0xC at the top reads as the condition
    GT.
    """
    if decode(word) is not None:
        return None
    condition = word >> 28
    if condition == 15:
        return _unconditional(word)
    if condition == ALWAYS:
        return _block_or_return(word)
    if condition == _GREATER and word in addresses:
        return None
    return "a conditional MRS or MSR" if _status_access(word) is not None else None


def _unconditional(word: int) -> str | None:
    if word & 0xFE50_FFFF == 0xF810_0A00:
        return "RFE"
    return "SRS" if word & 0xFE5F_FFE0 == 0xF84D_0500 else None


def _block_or_return(word: int) -> str | None:
    if word & 0x0E50_0000 == 0x0850_0000:
        return "LDM with ^"
    if word & 0x0E50_0000 == 0x0840_0000:
        return "STM with ^"
    is_data_processing = word & 0x0C00_0000 == 0 and word & 0x0200_0090 != 0x90 and word >> 23 & 3 != 2
    if is_data_processing and word & 0x0010_F000 == 0x0010_F000:
        return "a data-processing instruction that writes PC and PSR"
    return None


# CP15 c13: opc2 4 is TPIDRPRW, which User mode can't read; 2 is TPIDRURW, which it can. Bit 20 is MRC.
_THREAD_REGISTERS = (0x0E0D_0F50, 0x0E0D_0F90)
_OTHER_THREAD_REGISTER = 0xC0


def is_thread_access(word: int) -> bool:
    """Return whether `word` is MRC or MCR of TPIDRPRW or TPIDRURW."""
    return word & 0x0FEF_0FFF in _THREAD_REGISTERS and word >> 28 <= ALWAYS


def other_thread_register(word: int) -> int:
    """Return the access `word` to TPIDRPRW or TPIDRURW with the other one of the two."""
    return word ^ _OTHER_THREAD_REGISTER


SVC_BASE = 0x0F56_0000
MOST_WORDS = 256


def replacement(word: Sensitive, index: int) -> int:
    """Return the SVC that takes the place of a sensitive word: under its condition, with its index in the table."""
    return word.condition << 28 | SVC_BASE | index


class Table:
    """The distinct sensitive words of a guest, numbered in the order in which they were met: what an SVC's index means."""

    def __init__(self, words: Iterable[int] = ()) -> None:
        self._index: dict[int, int] = {word: index for index, word in enumerate(words)}

    @property
    def words(self) -> tuple[int, ...]:
        """Return all words, by index."""
        return tuple(self._index)

    def index(self, word: int) -> int:
        """Return the index of `word`, which is added where it is not in the table."""
        return self._index.setdefault(word, len(self._index))
