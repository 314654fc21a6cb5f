# SPDX-License-Identifier: Apache-2.0
"""What OVM makes sure of before its first guest: a machine that isn't the described one ends here, with a reason."""

from typing import Final, Never

from ovm.core.caches import Scu
from ovm.core.clock import now
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS, Cpu
from ovm.core.finish import give_up
from ovm.core.hard import FOREIGN_CPU
from ovm.core.record import field_word, record_begin
from ovm.metal import Ptr, VirtAddr, address, fn, offsetof, overlay, pointer, text, u8, u32, u64, volatile_load

# CPU 1 comes from reset to OVM within this part of a second.
CPU1_LIMIT: Final = 20


@fn(inline=False)
def _refuse(why: Ptr[u8]) -> Never:
    record_begin(text("broken"))
    field_word(text("why"), why)
    give_up()


@fn
def scu_check() -> None:
    """Refuse a machine whose SCU doesn't let this CPU in: a loader took that right away for good (MPCore TRM 2.2.9)."""
    # SAFETY: the build gives the address.
    if overlay(Scu, VirtAddr(u32(CONFIG.scu_phys))).control & 1 == 0:
        _refuse(text("scu"))


@fn
def cpu1_await() -> None:
    """Wait until CPU 1 is here, up to a limit."""
    if CONFIG.cpu_count < 2:
        return
    # SAFETY: a field of a static; CPU 1 writes it once.
    arrived = pointer(u32, address(CPUS[FOREIGN_CPU]) + offsetof(Cpu, "arrived"))
    last = now() + u64(CONFIG.timer_hz // CPU1_LIMIT)
    for _ in u32.range(0x7FFF_FFFF):
        if volatile_load(arrived) != 0:
            return
        if now() >= last:
            break
    _refuse(text("cpu1"))
