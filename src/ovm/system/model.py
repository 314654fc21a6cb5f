# SPDX-License-Identifier: Apache-2.0
"""The model of a description: boards, guests and expectations in typed form.

Sizes are bytes, addresses are integers; nothing is placed yet. `path` is a thing's place in its document, for diagnostics.
"""

from dataclasses import dataclass, field
from pathlib import Path as FilePath

from ovm.abi.config import Level
from ovm.system.console_patterns import Patterns
from ovm.system.document import Document
from ovm.system.locate import Path
from ovm.system.units import range_text


@dataclass(frozen=True)
class Range:
    """A stretch of physical or guest-physical addresses."""

    start: int
    length: int

    @property
    def end(self) -> int:
        """Return the first address behind it."""
        return self.start + self.length

    def overlaps(self, other: "Range") -> bool:
        """Return whether the two share a byte."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Range") -> bool:
        """Return whether `other` lies within this."""
        return self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        return range_text(self.start, self.length)


@dataclass(frozen=True)
class Device:
    """A device of the board; `irqs` are its GIC interrupt ids.

    `opened_by` is the security register that opens it to the Non-secure world by `opened_bit`; "" if none does.
    """

    name: str
    range: Range
    irqs: tuple[int, ...]
    dma: bool
    path: Path
    opened_by: str = ""
    opened_bit: int = 0


@dataclass(frozen=True)
class Reserved:
    """RAM in which nothing may be placed; `non_secure` if software in the Non-secure world reaches it."""

    range: Range
    why: str
    path: Path
    non_secure: bool = False


@dataclass(frozen=True)
class CoreDevices:
    """The devices that OVM itself drives: device names and offsets within the Cortex-A9 private block."""

    uart: str
    private: str
    level2_cache: str
    slcr: str
    gic_cpu_offset: int
    global_timer_offset: int
    private_timer_offset: int
    gic_distributor_offset: int
    # Further parts of a Zynq-7000: OVM closes debugging by the first one, and stops the others.
    configuration: str = ""
    triple_timers: tuple[str, str] = ("", "")
    watchdog: str = ""
    # Addresses between which level 2 uses its second port; both 0: it has none that is used.
    level2_filter: tuple[int, int] = (0, 0)
    # Interrupts of each CPU's performance monitors.
    pmu_irqs: tuple[int, ...] = ()


@dataclass(frozen=True)
class OnChip:
    """On-chip memory where a boot loader has moved it, and the SCU's filter after reset: DDR is between, for the cores."""

    range: Range
    scu_filter: tuple[int, int]


@dataclass(frozen=True)
class Qemu:
    """QEMU's options for the board; `machine` is empty if QEMU can't run it.

    `slice_timer` is an SP804 that the driver keeps ticking, so that no CPU runs longer than `slice_us` at a time.
    `instead` names the board that QEMU runs in place of one that it can't run.
    """

    machine: str
    icount_shift: int
    slice_timer: str = ""
    slice_us: int = 0
    instead: str = ""


@dataclass(frozen=True)
class Board:
    """A board file. `parameters` are those of the virtual board; none if it can't be this board."""

    document: Document
    name: str
    title: str
    cpus: int
    boot_cpu: int
    timer_hz: int
    # The CPU's clock; 0 where the virtual board can't stand for this one.
    cpu_hz: int
    # The oscillator that the PLLs multiply; 0 if the clock registers are not the SLCR's.
    ps_clk_hz: int
    lockdown: bool
    vcr: bool
    uart: str
    ram: Range
    secure_granule: int
    reserved: tuple[Reserved, ...]
    devices: dict[str, Device]
    core: CoreDevices
    qemu: Qemu
    parameters: dict[str, int] = field(default_factory=dict)
    # Registers that open devices to the Non-secure world, by name; none where all devices are open.
    security: dict[str, int] = field(default_factory=dict)
    on_chip: OnChip = OnChip(Range(0, 0), (0, 0))
    # Ranges that answer without a device of OVM or of guests; and the values that a boot loader leaves in the SLCR, by register.
    windows: dict[str, Range] = field(default_factory=dict)
    registers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """The limits of a figure of a run."""

    key: str
    minimum: int
    maximum: int
    path: Path

    def __str__(self) -> str:
        if self.minimum == self.maximum:
            return str(self.minimum)
        if self.maximum >= 1 << 62:
            return f"at least {self.minimum}"
        return f"{self.minimum} to {self.maximum}"


@dataclass(frozen=True)
class Expect:
    """The expectations of a guest, which a run has to meet to count as a success."""

    state: str = ""
    console: Patterns | None = None
    limits: tuple[Limits, ...] = ()


@dataclass(frozen=True)
class Region:
    """Memory that a guest gets besides its RAM: a file's contents, or zeroes.

    `channel` is the number of the channel of which this is an end; -1 for the guest's own memory. `ring_us` is the least time
    between two doorbell interrupts at this end, in microseconds.
    """

    name: str
    length: int
    writable: bool
    file: FilePath | None
    save: str
    path: Path
    channel: int = -1
    ring_us: int = 0


# Prefixes of images that are kernels of Linux.
LINUX = "linux:"
DEBIAN = "debian:"


@dataclass(frozen=True)
class Guest:
    """One guest as described. `image` is `metal:package`, `linux:path`, `debian:package`, or a path."""

    index: int
    name: str
    level: Level
    image: str
    cpu: int
    memory: int
    address: int | None
    limit: int
    budget_us: int
    period_us: int
    manager: bool
    held: bool
    arguments: tuple[int, ...]
    devices: tuple[str, ...]
    dma: bool
    regions: tuple[Region, ...]
    constants: dict[str, int | bool]
    expect: Expect
    path: Path
    # It knows nothing of OVM: it starts as after reset, and OVM keeps no page in its RAM.
    plain: bool = False
    # Its console takes input.
    input: bool = False
    # Linux: its initramfs, a path or `debian:package`; its command line; an overlay of its device tree, a path. "" is none.
    initrd: str = ""
    command_line: str = ""
    overlay: str = ""

    @property
    def is_linux(self) -> bool:
        """Return whether its image is a kernel of Linux, which OVM patches."""
        return self.image.startswith((LINUX, DEBIAN))

    @property
    def key(self) -> int:
        """Return the protection key of its frames."""
        return self.index + 1

    @property
    def level_name(self) -> str:
        """Return the level as written."""
        return self.level.name.lower()


@dataclass(frozen=True)
class System:
    """A whole description."""

    document: Document
    folder: FilePath
    name: str
    board: Board
    seconds: float
    turn_us: int
    pool: int | None
    level1_tables: int
    level2_tables: int
    guests: tuple[Guest, ...] = field(default=())
    lockdown: bool = True
    # Guests may share domains of the MMU where there are too few.
    share_domains: bool = False
    # Loops of OVM are marked, and the build leaves their bounds (`docs/reference/flow.md`).
    loop_bounds: bool = False
