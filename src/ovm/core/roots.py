# SPDX-License-Identifier: Apache-2.0
"""The roots of a build of the hypervisor, and the stack of each of its entries."""

from typing import Final

from ovm.core.boot import boot_primary, boot_quiet
from ovm.core.boot_hard import boot_secondary
from ovm.core.config import MONITOR_STACK_BYTES
from ovm.core.entry.banks import abort_bank_set, bank_read, banks_set
from ovm.core.entry.fatal import fatal, secure_vectors
from ovm.core.entry.hard import hard_enter, hard_vectors
from ovm.core.entry.loader_abort import loader_abort_take
from ovm.core.entry.monitor import (
    monitor_broken,
    monitor_call,
    monitor_external_abort,
    monitor_interrupt,
    monitor_vectors,
)
from ovm.core.entry.start import start
from ovm.core.finish import broken
from ovm.core.floating import (
    fpexc_write,
    fpscr_read,
    fpscr_write,
    fpsid_read,
    mvfr0_read,
    mvfr1_read,
    registers_load,
    registers_store,
)
from ovm.core.hard_trap import hard_abort, hard_call, hard_interrupt
from ovm.core.trap.abort import data_abort, prefetch_abort
from ovm.core.trap.external import external_abort
from ovm.core.trap.interrupt import gate_interrupt, idle, interrupt
from ovm.core.trap.supervisor_call import supervisor_call
from ovm.core.trap.undefined import undefined
from ovm.metal import symbol

ROOTS: Final = (start, broken)
ENTRY: Final = "_start"
# What is compiled apart, by the longest prefix of a name, so that a change costs the compilation of its part. What follows from
# the guests' images is data of its own: no code depends on it.
PARTS: Final = {
    **{f"ovm.core.{folder}": folder for folder in ("memory", "trap", "emulate", "virtual", "hypercall")},
    **{
        f"ovm.core.{module}": "boot"
        for module in (
            "boot", "boot_check", "boot_cpu", "boot_hard", "crc", "finish", "record", "report", "secure_map", "start_state",
            "zynq", "zynq_start",
        )
    },
    **{f"ovm.core.config.{static}": "data" for static in ("DESCRIBED_GUESTS", "LOADS", "BUILD")},
}  # fmt: skip

# Bytes that the assembly pushes before it calls metal code.
_HARD_FRAME_BYTES: Final = 64
_ENTRIES: Final = (
    boot_quiet,
    boot_primary,
    boot_secondary,
    supervisor_call,
    undefined,
    data_abort,
    prefetch_abort,
    interrupt,
    gate_interrupt,
    external_abort,
    idle,
    hard_call,
    hard_interrupt,
    hard_abort,
    fatal,
)
# Bytes of stack that each entry may need.
STACKS: Final = {symbol(entry): MONITOR_STACK_BYTES - _HARD_FRAME_BYTES for entry in _ENTRIES}

_ASSEMBLY: Final = (
    abort_bank_set,
    bank_read,
    banks_set,
    fpexc_write,
    fpscr_read,
    fpscr_write,
    fpsid_read,
    hard_enter,
    loader_abort_take,
    monitor_broken,
    monitor_call,
    monitor_external_abort,
    monitor_interrupt,
    monitor_vectors,
    mvfr0_read,
    mvfr1_read,
    registers_load,
    registers_store,
    secure_vectors,
    start,
)
# Bytes that assembly itself pushes.
ASSEMBLY_STACK: Final = {symbol(each): 0 for each in _ASSEMBLY} | {symbol(hard_vectors): _HARD_FRAME_BYTES}
