# SPDX-License-Identifier: Apache-2.0
"""A stand-in for OVM: runs one guest under Unicorn and answers its hypercalls.

It knows the ABI only, shares no code with the hypervisor, and lets a guest be tested without it. Time is counted in
hypercalls and skips forward when the guest waits, so runs repeat exactly.
"""

import struct
from dataclasses import dataclass, field

from unicorn import UC_ARCH_ARM, UC_HOOK_INTR, UC_MODE_ARM, UC_PROT_ALL, UC_PROT_READ, Uc
from unicorn.arm_const import UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3

from ovm.abi import hypercalls as abi
from ovm.abi.config import Level
from ovm.abi.vcpu_page import VCPU_PAGE_MAGIC, VcpuPage
from ovm.metal import offsetof
from ovm.metal.build.elf import Elf

RAM_BASE = 0x1000_0000
LINK_BASE = RAM_BASE + 0x8000
REGION_BASE = 0x4000_0000
TICKS_PER_US = 100
CALL_TICKS = 50
NEVER = (1 << 64) - 1
MASK = 0xFFFF_FFFF
SVC_EXCEPTION = 2


@dataclass
class Region:
    """Memory handed to the guest; `data` is what it held at the end."""

    base: int
    data: bytes
    writable: bool


@dataclass
class Outcome:
    """The actions of a guest."""

    status: int | None = None
    console: str = ""
    reports: dict[int, int] = field(default_factory=dict)


class StandIn:
    """One guest with its RAM, its vCPU page and its regions."""

    def __init__(
        self,
        image: bytes,
        *,
        ram_bytes: int = 1 << 20,
        level: Level = Level.NRT,
        arguments: tuple[int, ...] = (),
        ticks_per_us: int = TICKS_PER_US,
    ) -> None:
        self.uc = Uc(UC_ARCH_ARM, UC_MODE_ARM)
        self.ram_bytes = ram_bytes
        self.level = level
        self.arguments = arguments
        self.ticks_per_us = ticks_per_us
        self.outcome = Outcome()
        self.regions: list[Region] = []
        self.ticks = 0
        self.deadline = NEVER
        self.most_ticks = NEVER
        self.entry = self._load(Elf(image))

    def _load(self, elf: Elf) -> int:
        self.uc.mem_map(RAM_BASE, self.ram_bytes)
        for segment in elf.segments:
            self.uc.mem_write(segment.virtual, segment.data)
        return elf.entry

    def add_region(self, data: bytes, *, writable: bool) -> Region:
        """Hand memory with `data` in it to the guest."""
        base = REGION_BASE + 0x1000_0000 * len(self.regions)
        size = -(-len(data) // 4096) * 4096
        self.uc.mem_map(base, size, UC_PROT_ALL if writable else UC_PROT_READ)
        self.uc.mem_write(base, data)
        self.regions.append(Region(base, data, writable))
        return self.regions[-1]

    def run(self) -> Outcome:
        """Run the guest to its exit."""
        self._write_page()
        self.uc.hook_add(UC_HOOK_INTR, self._on_exception)
        self.uc.reg_write(UC_ARM_REG_R0, RAM_BASE)
        self.emulate()
        for region in self.regions:
            region.data = bytes(self.uc.mem_read(region.base, len(region.data)))
        return self.outcome

    def emulate(self) -> None:
        """Run from the entry on, until something stops the emulation."""
        self.uc.emu_start(self.entry, 0xFFFF_FFFC)

    def page_read(self, name: str, index: int = 0) -> int:
        """Return a word of the vCPU page."""
        return int(struct.unpack("<I", self.uc.mem_read(self._page_address(name, index), 4))[0])

    def page_write(self, name: str, value: int, index: int = 0) -> None:
        """Write a word of the vCPU page."""
        self.uc.mem_write(self._page_address(name, index), struct.pack("<I", value))

    def _page_address(self, name: str, index: int) -> int:
        return RAM_BASE + offsetof(VcpuPage, name) + 4 * index

    def _write_page(self) -> None:
        words = {
            "magic": VCPU_PAGE_MAGIC,
            "version": 1,
            "irq_masked": 1,
            "mode": 0x13,
            "ticks_per_us": self.ticks_per_us,
            "timer_hz": self.ticks_per_us * 1_000_000,
        }
        words |= {"level": int(self.level.value), "ram_base": RAM_BASE, "ram_bytes": self.ram_bytes}
        words |= {"region_count": len(self.regions)}
        for name, value in words.items():
            self.page_write(name, value)
        for index, region in enumerate(self.regions):
            self.page_write("region_base", region.base, index)
            self.page_write("region_bytes", len(region.data), index)
        for index, value in enumerate(self.arguments):
            self.page_write("argument", value, index)

    def _on_exception(self, _uc: Uc, number: int, _data: object) -> None:
        if number != SVC_EXCEPTION:
            raise AssertionError(f"the guest took exception {number}")
        self.hypercall()

    def hypercall(self) -> None:
        """Answer the hypercall in r0."""
        self.advance(CALL_TICKS)
        function = int(self.uc.reg_read(UC_ARM_REG_R0))
        first, second = self.argument(1), self.argument(2)
        status, results = abi.SUCCESS, ()
        match function:
            case abi.NULL | abi.YIELD:
                pass
            case abi.CONSOLE_WRITE:
                words = b"".join(struct.pack("<I", self.argument(2 + index)) for index in range(6))
                self.outcome.console += words[:first].decode("ascii")
            case abi.TIME:
                results = (self.ticks & MASK, self.ticks >> 32, self.ticks_per_us)
            case abi.TIMER_SET:
                self.deadline = second << 32 | first
            case abi.INTERRUPT_ACKNOWLEDGE:
                taken = self.page_read("irq_pending") & self.page_read("irq_enabled")
                self.page_write("irq_pending", self.page_read("irq_pending") & ~taken)
                results = (taken,)
            case abi.WAIT:
                if not self.page_read("irq_pending") & self.page_read("irq_enabled"):
                    assert self.deadline != NEVER, "the guest waits for what never comes"
                    self.advance(self.deadline - self.ticks)
            case abi.EXIT:
                self.outcome.status = first
                self.uc.emu_stop()
            case abi.REPORT:
                self.outcome.reports[first] = second
            case _:
                status = self.other_call(function)
        self.finish_call(status, *results)

    def other_call(self, function: int) -> int:
        """Answer a call that only some guests make."""
        return abi.NOT_SUPPORTED

    def argument(self, register: int) -> int:
        """Return an argument register, r1 to r7."""
        return int(self.uc.reg_read(UC_ARM_REG_R0 + register))

    def finish_call(self, *registers: int) -> None:
        """Write results from r0 on; a real OVM may leave r1-r3 and r12 changed too."""
        for name, value in zip((UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3), registers, strict=False):
            self.uc.reg_write(name, value)

    def advance(self, ticks: int) -> None:
        """Let time pass."""
        self.ticks += max(ticks, 0)
        if self.ticks > self.most_ticks:
            raise TimeoutError("the guest takes too long")
        if self.ticks >= self.deadline:
            self.deadline = NEVER
            self.page_write("irq_pending", self.page_read("irq_pending") | 1 << abi.INTERRUPT_TIMER)
