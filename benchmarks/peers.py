# SPDX-License-Identifier: Apache-2.0
"""Other machines that run the same bare programs: Unicorn without hooks, and QEMU.

What is measured is CPU time of the process that simulates. For QEMU, what an empty program takes is subtracted.
"""

import ctypes
import functools
import os
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import unicorn
from unicorn import arm_const as names
from unicorn.unicorn_py3.unicorn import uclib

from ovm.metal.build.elf import Elf
from ovm.metal.build.objects import HOST, target_flags
from ovm.metal.build.zig import transform

RAM_BYTES = 32 << 20
PRIVATE = 0xF8F0_0000
QEMU = "qemu-system-arm"


@dataclass(frozen=True)
class Outcome:
    """The time and the output of a run."""

    seconds: float
    result: int


class _Access(ctypes.Structure):
    """`struct access` of vector.c."""

    _fields_ = (
        ("read", ctypes.c_void_p),
        ("write", ctypes.c_void_p),
        ("names", ctypes.c_int * 4),
        ("vectors", ctypes.c_uint32),
    )


@functools.cache
def _vector_library() -> ctypes.CDLL:
    source = Path(__file__).with_name("vector.c").read_bytes()
    flags = (*target_flags(HOST), "-O2", "-ffreestanding", "-c", "v.c", "-o", "v.o")
    unit = transform({"v.c": source}, ("clang", *flags), "v.o")
    content = transform({"v.o": unit}, ("ld.lld", "-shared", "v.o", "-o", "v.so"), "v.so")
    with tempfile.NamedTemporaryFile(suffix=".so") as file:
        file.write(content)
        file.flush()
        return ctypes.CDLL(file.name)


def on_unicorn(program: Elf, entry: str = "_start") -> Outcome:
    """Run a program on Unicorn's Cortex-A9: its MMU is on, there are no hooks except for exceptions."""
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
    machine.ctl_set_cpu_model(names.UC_CPU_ARM_CORTEX_A9)
    machine.mem_map(0, RAM_BYTES)
    machine.mmio_map(PRIVATE, 0x4000, lambda *_: 0, None, lambda *_: None, None)
    for segment in program.segments:
        machine.mem_write(segment.physical, segment.data)
    machine.reg_write(names.UC_ARM_REG_CPSR, 0x1D3)
    access = _take_calls(machine, program)
    before = time.process_time()
    machine.emu_start(program.symbols[entry].address, program.symbols["finish"].address)
    seconds = time.process_time() - before
    del access
    result = int.from_bytes(machine.mem_read(program.symbols["result"].address, 4), "little")
    return Outcome(seconds, result)


def _take_calls(machine: unicorn.Uc, program: Elf) -> _Access:
    address = ctypes.cast
    access = _Access()
    access.read = address(uclib.uc_reg_read, ctypes.c_void_p).value
    access.write = address(uclib.uc_reg_write, ctypes.c_void_p).value
    access.names[:] = (names.UC_ARM_REG_CPSR, names.UC_ARM_REG_LR, names.UC_ARM_REG_PC, names.UC_ARM_REG_SPSR)
    access.vectors = program.symbols["vectors"].address
    hook = ctypes.c_size_t()
    function = address(_vector_library().take_call, ctypes.c_void_p)
    status = uclib.uc_hook_add(
        machine._uch, ctypes.byref(hook), unicorn.UC_HOOK_INTR, function, ctypes.byref(access),
        ctypes.c_uint64(1), ctypes.c_uint64(0),
    )  # fmt: skip
    assert status == unicorn.UC_ERR_OK
    return access


def has_qemu() -> bool:
    """Tell whether QEMU is installed."""
    return shutil.which(QEMU) is not None


def on_qemu(program: Elf, machine: str = "xilinx-zynq-a9") -> Outcome:
    """Run a program on QEMU to its end; semihosting gives the result."""
    with tempfile.NamedTemporaryFile(suffix=".elf") as file:
        file.write(program.content)
        file.flush()
        command = (QEMU, "-M", machine, "-m", "256M", "-nographic", "-monitor", "none", "-serial", "none", "-semihosting")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            (*command, "-kernel", file.name), capture_output=True, text=True, check=False, timeout=300, stdin=subprocess.DEVNULL
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Outcome(seconds, int((done.stdout or done.stderr).split()[-1], 16))


def processors() -> int:
    """Return how many processors of this machine are there for us."""
    return len(os.sched_getaffinity(0))
