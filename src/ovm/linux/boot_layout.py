# SPDX-License-Identifier: Apache-2.0
"""The places in a guest's RAM of its kernel, device tree and initramfs when the kernel starts.

An Image runs as far behind the start of RAM as it is linked behind PAGE_OFFSET (Documentation/arch/arm/booting.rst). Its first
page table is in the 16 KiB below it, and behind it is what it zeroes at its start (.bss). OVM's page is at the start of RAM. The
room between that and the page table is free: the tree goes there, and the initramfs if it fits, so that little more is loaded
than is used.
"""

from dataclasses import dataclass

from ovm.linux.errors import LinuxError
from ovm.linux.guest_tree import Memory
from ovm.linux.layout import Layout

# RAM that the kernel leaves to OVM: the page that both share, and room for more of its kind.
OWN_BYTES = 0x1_0000
TREE_BYTES = 0x1_0000
# More than the .bss of any kernel measured; an Image alone doesn't say how much it is.
ZEROED_BYTES = 8 << 20
_PAGE_TABLE_BYTES = 0x4000
_PAGE = 0x1000
# Of a link address, the distance from PAGE_OFFSET (CONFIG_VMSPLIT_*: 0xC0000000, 0xB0000000, 0x80000000 or 0x40000000).
_OFFSET_MASK = 0x0FFF_FFFF


@dataclass(frozen=True)
class BootLayout:
    """Distances from the start of RAM, and lengths in bytes; `end` is that of everything that must be in RAM."""

    own: Memory
    tree: Memory
    image: Memory
    zeroed: Memory
    initrd: Memory | None
    end: int


def boot_layout(layout: Layout, initrd_bytes: int = 0) -> BootLayout:
    """Return where a kernel with this layout and an initramfs of this length go."""
    start = layout.base & _OFFSET_MASK
    low = OWN_BYTES + TREE_BYTES
    room = start - _PAGE_TABLE_BYTES - low
    if room < 0:
        raise LinuxError(
            f"this kernel runs at the start of RAM + {start:#x}, where OVM's page and the device tree are",
            f"use a kernel that is linked {low + _PAGE_TABLE_BYTES:#x} or more behind PAGE_OFFSET, as Debian's armmp kernels are",
        )
    zeroed = Memory(_aligned(start + layout.size), ZEROED_BYTES)
    behind = zeroed.start + zeroed.size
    initrd = Memory(low if initrd_bytes <= room else behind, initrd_bytes) if initrd_bytes else None
    end = max(behind, initrd.start + initrd.size if initrd else 0)
    return BootLayout(Memory(0, OWN_BYTES), Memory(OWN_BYTES, TREE_BYTES), Memory(start, layout.size), zeroed, initrd, end)


def _aligned(place: int) -> int:
    return place + _PAGE - 1 & -_PAGE
