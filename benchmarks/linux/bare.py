# SPDX-License-Identifier: Apache-2.0
"""A stock kernel bare on the virtual board: no hypervisor, nothing patched.

It starts as a boot loader would start it (Documentation/arch/arm/booting.rst). Its tree has what the kernels of distributions
have drivers for: interrupt controller, private and global timer, level 2 cache; not the UART.
"""

import struct
from collections.abc import Mapping
from pathlib import Path

from ovm.board.api import Board
from ovm.linux.device_tree import Label, Node, Value, blob
from ovm.linux.initramfs import Entry, packed
from ovm.metal.build.zig import transform

MEMORY = 128 << 20
ENTRY, IMAGE, TREE, INITRD = 0x0010_0000, 0x0020_8000, 0x01F0_0000, 0x0200_0000
PRIVATE = 0xF8F0_0000
UART = 0xE000_1000
TIMER_HZ = 333_333_343
# Self-tests of the kernel's cryptography would take most of the time of a boot.
COMMAND_LINE = f"cryptomgr.notests lpj=1666666 rdinit=/init uart={UART:#x}"
LONGEST_SECONDS = 4
SOURCE = Path(__file__).parent / "operations.c"
COMPILE = ("cc", "-target", "arm-linux-musleabihf", "-mcpu=cortex_a9", "-O2", "-static", "-s")
_NEWC = b"070701"
_DIRECTORY, _PROGRAM = 0o40755, 0o100755


def operations() -> bytes:
    """Return the program that times operations, for any Linux on ARM."""
    return transform({"operations.c": SOURCE.read_bytes()}, (*COMPILE, "operations.c", "-o", "init"), "init")


def initramfs(program: bytes) -> bytes:
    """Return an initramfs whose first program is `program`."""
    files = (("init", _PROGRAM, program), ("dev", _DIRECTORY, b""), ("proc", _DIRECTORY, b""), ("TRAILER!!!", 0, b""))
    entries = (Entry(_NEWC, (0, mode, *(0,) * 11), name.encode(), content) for name, mode, content in files)
    return b"".join(map(packed, entries))


def boot(image: bytes, archive: bytes, *, seconds: float = LONGEST_SECONDS) -> tuple[Board, list[str]]:
    """Boot an Image bare up to the line `done`, at most so many simulated seconds; return the board and the lines printed."""
    board = Board()
    printed = bytearray()
    board.on_console(lambda uart, data: printed.extend(data))
    # MOV r0, #0; MVN r1, #0; LDR r2, =TREE; LDR pc, =IMAGE
    start = struct.pack("<6I", 0xE3A0_0000, 0xE3E0_1000, 0xE59F_2000, 0xE59F_F000, TREE, IMAGE)
    for place, content in ((IMAGE, image), (INITRD, archive), (TREE, tree(len(archive))), (ENTRY, start)):
        board.write(place, content)
    board.start(ENTRY)
    board.run(cycles=int(seconds * board.hz), until=lambda _: b"\ndone" in printed)
    return board, printed.decode().splitlines()


def times(lines: list[str]) -> Mapping[str, float]:
    """Return what `operations.c` printed: nanoseconds by name."""
    return {name: float(value) for name, _, value in (line.partition(" ") for line in lines)}


def tree(initrd_bytes: int) -> bytes:
    """Return the flattened device tree."""
    root: dict[str, Value] = {
        "#address-cells": (1,),
        "#size-cells": (1,),
        "model": "Zynq-7000, bare",
        "compatible": "linux,dummy-virt",
        "interrupt-parent": (Label("gic"),),
    }
    chosen: dict[str, Value] = {
        "bootargs": COMMAND_LINE,
        "linux,initrd-start": (INITRD,),
        "linux,initrd-end": (INITRD + initrd_bytes,),
        "rng-seed": bytes(range(64)),
    }
    cpu = Node("cpu@0", {"device_type": "cpu", "compatible": "arm,cortex-a9", "reg": (0,)})
    nodes = (
        Node("chosen", chosen),
        Node("memory@0", {"device_type": "memory", "reg": (0, MEMORY)}),
        Node("cpus", {"#address-cells": (1,), "#size-cells": (0,)}, (cpu,)),
        Node("clock", {"compatible": "fixed-clock", "#clock-cells": (0,), "clock-frequency": (TIMER_HZ,)}, label="periphclk"),
        *_private(),
    )
    return blob(Node("", root, nodes))


def _private() -> tuple[Node, ...]:
    """Return the nodes of the Cortex-A9's private peripherals and of level 2."""
    gic: dict[str, Value] = {
        "compatible": "arm,cortex-a9-gic",
        "#interrupt-cells": (3,),
        "interrupt-controller": None,
        "reg": (PRIVATE + 0x1000, 0x1000, PRIVATE + 0x100, 0x100),
    }
    level2: dict[str, Value] = {
        "compatible": "arm,pl310-cache",
        "reg": (PRIVATE + 0x2000, 0x1000),
        "arm,data-latency": (3, 2, 2),
        "arm,tag-latency": (2, 2, 2),
        "cache-unified": None,
        "cache-level": (2,),
    }
    return (
        Node("interrupt-controller@f8f01000", gic, label="gic"),
        _timer("arm,cortex-a9-twd-timer", 0x600, 13),
        _timer("arm,cortex-a9-global-timer", 0x200, 11),
        Node("cache-controller@f8f02000", level2),
    )


def _timer(kind: str, offset: int, ppi: int) -> Node:
    properties: dict[str, Value] = {
        "compatible": kind,
        "reg": (PRIVATE + offset, 0x20),
        "interrupts": (1, ppi, 0x301),
        "clocks": (Label("periphclk"),),
    }
    return Node(f"timer@{PRIVATE + offset:x}", properties)
