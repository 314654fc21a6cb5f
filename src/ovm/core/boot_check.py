# SPDX-License-Identifier: Apache-2.0
"""OVM's checks before its first guest: on a machine that isn't the described one it ends here, with a reason."""

from typing import Final, Never

from ovm.abi.config import NAME_BYTES, LoadConfig
from ovm.arm.assembly import symbol_address
from ovm.core.caches import Scu
from ovm.core.clock import now
from ovm.core.config import CONFIG, LOADS
from ovm.core.cpu import CPUS, HARD_CPU, Cpu
from ovm.core.crc import crc32
from ovm.core.finish import give_up
from ovm.core.limits import MAX_LOADS, MAX_TICKS
from ovm.core.record import field_address, field_key, field_number, field_word, put, record_begin
from ovm.metal import (
    Array,
    PhysAddr,
    Ptr,
    Struct,
    VirtAddr,
    address,
    array,
    asm_value,
    at,
    fn,
    offsetof,
    overlay,
    pointer,
    text,
    u8,
    u32,
    u64,
    volatile_load,
)

# CPU 1 gets from reset to OVM within this part of a second.
CPU1_LIMIT: Final = 20
# The described rate may be off by this part of it.
CLOCK_TOLERANCE: Final = 1000
PLL_BYPASSED: Final = 1 << 4
# The end of OVM's loaded part, whose last word is the CRC-32 of all before it; and the CRC-32 of any such data.
SEALED_END: Final = symbol_address("__sealed_end")
SEALED: Final = 0x2144_DF1C


class Clocks(Struct, volatile=True):
    """SLCR: control of the ARM, DDR and IO PLL, and the CPU's clock (UG585 B.28)."""

    pll: Array[u32] = array(u32, 3, offset=0x100)
    cpu: u32 = at(0x120)


@fn(inline=False)
def refuse(why: Ptr[u8]) -> Never:
    """Give the reason, and stop."""
    record_begin(text("broken"))
    field_word(text("why"), why)
    give_up()


@fn(inline=False)
def _refuse_image(at: PhysAddr, length: u32) -> Never:
    """End the record that names an image."""
    field_address(text("at"), u32(at))
    field_number(text("bytes"), length)
    give_up()


@fn
def own_check() -> None:
    """Refuse to run if OVM isn't as built: a loader's own variables may have overwritten it."""
    length = asm_value(u32, SEALED_END) - u32(CONFIG.ovm_phys)
    if crc32(CONFIG.ovm_phys, length) != SEALED:
        record_begin(text("broken"))
        field_word(text("why"), text("image"))
        field_word(text("name"), text("OVM"))
        _refuse_image(CONFIG.ovm_phys, length)


@fn(inline=False)
def _refuse_load(load: LoadConfig) -> Never:
    record_begin(text("broken"))
    field_word(text("why"), text("image"))
    field_key(text("name"))
    for index in u32.range(NAME_BYTES):
        if load.name[index] == 0:
            break
        put(u32(load.name[index]))
    _refuse_image(load.phys, load.length)


@fn
def loads_check() -> None:
    """Refuse an image that isn't in memory as it was built: a loader may leave out parts that it doesn't understand."""
    for index in u32.range(CONFIG.load_count, bound=MAX_LOADS):
        load = LOADS[index]
        if crc32(load.phys, load.length) != load.crc:
            _refuse_load(load)


@fn
def clock_check() -> None:
    """Refuse a timer rate that differs from the clock registers': PS_CLK, PLL and divisor (UG585 25.10, B.28)."""
    if CONFIG.ps_clk_hz == 0 or u32(CONFIG.slcr_phys) == 0:
        return
    # SAFETY: the build gives the address.
    clocks = overlay(Clocks, VirtAddr(u32(CONFIG.slcr_phys)))
    source = clocks.cpu >> 4 & 3
    pll = clocks.pll[0 if source < 2 else source - 1]
    multiplier = u32(1) if pll & PLL_BYPASSED != 0 else pll >> 12 & 0x7F
    divisor = max(clocks.cpu >> 8 & 0x3F, u32(1))
    # Timers run at half the CPU's rate, in the 6:2:1 and in the 4:2:1 mode.
    measured = CONFIG.ps_clk_hz // (divisor * 2) * multiplier
    if max(measured, CONFIG.timer_hz) - min(measured, CONFIG.timer_hz) > CONFIG.timer_hz // CLOCK_TOLERANCE:
        record_begin(text("broken"))
        field_word(text("why"), text("clock"))
        field_number(text("described"), CONFIG.timer_hz)
        field_number(text("measured"), measured)
        give_up()


@fn
def scu_check() -> None:
    """Refuse a machine whose SCU ignores this CPU: a loader took that right away for ever (MPCore TRM 2.2.9)."""
    # SAFETY: the build gives the address.
    if overlay(Scu, VirtAddr(u32(CONFIG.scu_phys))).control & 1 == 0:
        refuse(text("scu"))


@fn
def cpu1_await() -> None:
    """Wait until CPU 1 is here, up to a limit."""
    if CONFIG.cpu_count < 2:
        return
    # SAFETY: a field of a static; CPU 1 writes it once.
    arrived = pointer(u32, address(CPUS[HARD_CPU]) + offsetof(Cpu, "arrived"))
    last = now() + u64(CONFIG.timer_hz // CPU1_LIMIT)
    for _ in u32.range(MAX_TICKS // CPU1_LIMIT):
        if volatile_load(arrived) != 0:
            return
        if now() >= last:
            break
    refuse(text("cpu1"))
