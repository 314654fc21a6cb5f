# SPDX-License-Identifier: Apache-2.0
"""Unicorn's Cortex-A9, called without the costs of its Python binding.

The binding spends 300 us on a case, most of it on building arrays of registers. Here these exist once and point into one
buffer. `count=1` makes Unicorn drop what it has translated; an end address does not, and serves wherever the next
instruction is known.
"""

import ctypes
import mmap
import threading
from collections.abc import Mapping, Sequence

import unicorn
from unicorn import arm_const as names
from unicorn.unicorn_py3.unicorn import uclib

from tests.board.batch import EDGE_BYTES, RAM_BYTES

_REGISTERS = [int(getattr(names, f"UC_ARM_REG_R{number}")) for number in range(15)]
_WRITTEN = [names.UC_ARM_REG_CPSR, names.UC_ARM_REG_SPSR, *_REGISTERS]
_READ = [*_REGISTERS, names.UC_ARM_REG_PC, names.UC_ARM_REG_CPSR]
_SECONDS = 5.0


class _Registers:
    """Register numbers and pointers as Unicorn wants them, and the values."""

    def __init__(self, which: Sequence[int]) -> None:
        self.count = len(which)
        self.values = (ctypes.c_uint32 * self.count)()
        start = ctypes.addressof(self.values)
        self.numbers = (ctypes.c_int * self.count)(*which)
        self.pointers = (ctypes.c_void_p * self.count)(*(start + 4 * index for index in range(self.count)))


class UnicornSide:
    """One processor with memory from 0 to RAM_BYTES, nothing behind."""

    def __init__(self, banks: Mapping[int, Mapping[str, int]]) -> None:
        """`banks`: for a CPSR, registers by name, to be set before each state."""
        self.engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self.engine.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_A9)
        self.set_world(0)
        self.memory = mmap.mmap(-1, RAM_BYTES)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.engine.mem_map_ptr(0, RAM_BYTES, unicorn.UC_PROT_ALL, self.base)
        prefix = [
            pair for psr, bank in banks.items() for pair in (("CPSR", psr), *((name, value) for name, value in bank.items()))
        ]
        self._written = _Registers([*(getattr(names, f"UC_ARM_REG_{name}") for name, _ in prefix), *_WRITTEN])
        self._read = _Registers(_READ)
        self._banks = {psr: _Registers([getattr(names, f"UC_ARM_REG_{name}") for name in bank]) for psr, bank in banks.items()}
        self._psr = ctypes.c_uint32()
        for index, (_, value) in enumerate(prefix):
            self._written.values[index] = value
        self._state = ctypes.addressof(self._written.values) + 4 * len(prefix)
        self._library = ctypes.CDLL(uclib._name)
        self._library.uc_emu_start.argtypes = [ctypes.c_void_p, *[ctypes.c_uint64] * 3, ctypes.c_size_t]
        self._library.uc_reg_write.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
        self._handle = self.engine._uch
        self.running = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def set_world(self, control: int) -> None:
        """Write SCR: Unicorn begins in the Non-secure state."""
        self.engine.reg_write(names.UC_ARM_REG_CP_REG, (15, 0, 0, 1, 1, 0, 0, control))

    def _watch(self) -> None:
        """Stop a run that never meets its end: it branched to somewhere else than ours."""
        pause = threading.Event()
        seen = 0
        while not pause.wait(_SECONDS):
            if self.running and self.running == seen:
                self._library.uc_emu_stop(self._handle)
            seen = self.running

    def forget_code(self) -> None:
        """Drop what was translated, after the code was written anew."""
        self.engine.ctl_flush_tb()

    def word(self, address: int) -> int:
        """Return a word of memory."""
        return int.from_bytes(self.memory[address : address + 4], "little")

    def clear_edges(self) -> None:
        """As `batch.clear_edges`."""
        ctypes.memset(self.base, 0, EDGE_BYTES)
        ctypes.memset(self.base + RAM_BYTES - EDGE_BYTES, 0, EDGE_BYTES)

    def set_state(self, state: int) -> None:
        """Take CPSR, SPSR and r0 to r14 from a host address."""
        written = self._written
        ctypes.memmove(self._state, state, 68)
        self._library.uc_reg_write_batch(self._handle, written.numbers, written.pointers, written.count)

    def run(self, state: int, begin: int, end: int, count: int) -> int:
        """Run from a state; the result is Unicorn's error, 0 for none."""
        self.set_state(state)
        return self.go_on(begin, end, count)

    def go_on(self, begin: int, end: int, count: int) -> int:
        """Run from the state that it is in, up to an address, at most `count` instructions unless that is 0."""
        self.running += 1
        return int(self._library.uc_emu_start(self._handle, begin, end, 0, count))

    def registers(self) -> bytes:
        """r0 to r14, PC and CPSR."""
        read = self._read
        self._library.uc_reg_read_batch(self._handle, read.numbers, read.pointers, read.count)
        return bytes(read.values)

    def banked(self) -> bytes:
        """Return the registers of all banks, in their order. CPSR is another one then."""
        found = b""
        for psr, bank in self._banks.items():
            self._psr.value = psr
            self._library.uc_reg_write(self._handle, names.UC_ARM_REG_CPSR, ctypes.byref(self._psr))
            self._library.uc_reg_read_batch(self._handle, bank.numbers, bank.pointers, bank.count)
            found += bytes(bank.values)
        return found
