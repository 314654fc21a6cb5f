# SPDX-License-Identifier: Apache-2.0
"""The device tree of a Linux guest, from what its board has: one CPU, memory, and the devices that OVM emulates.

Stock kernels need no more than this to boot: a GIC, a timer, a console, PSCI to power off. The nodes follow the bindings in the
kernel's Documentation/devicetree/bindings.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ovm.linux.device_tree import Label, Node, Value

_SPI = 0
_LEVEL_HIGH = 4


@dataclass(frozen=True)
class Memory:
    """A range of guest-physical addresses."""

    start: int
    size: int


@dataclass(frozen=True)
class Device:
    """A device that OVM emulates: where its registers are, its SPI number, and the rate of its clock."""

    start: int
    spi: int
    hertz: int


@dataclass(frozen=True)
class LinuxBoard:
    """The machine of a Linux guest. `periphbase` is that of the CPU: a Cortex-A9 tells it in User mode too, without a trap."""

    model: str
    ram: Memory
    periphbase: int
    command_line: str
    timer: Device
    uart: Device
    reserved: tuple[Memory, ...] = ()
    initrd: Memory | None = None
    seed: bytes = b""


def guest_tree(board: LinuxBoard) -> Node:
    """Return the tree of a guest."""
    root: dict[str, Value] = {
        "#address-cells": (1,),
        "#size-cells": (1,),
        "model": board.model,
        "compatible": "linux,dummy-virt",
        "interrupt-parent": (Label("gic"),),
    }
    return Node("", root, tuple(_nodes(board)))


def _nodes(board: LinuxBoard) -> Iterator[Node]:
    uart = _unit("serial", board.uart.start)
    yield Node("aliases", {"serial0": f"/{uart}"})
    yield Node("chosen", _chosen(board, uart))
    yield Node(_unit("memory", board.ram.start), {"device_type": "memory", "reg": (board.ram.start, board.ram.size)})
    cpu: dict[str, Value] = {"device_type": "cpu", "compatible": "arm,cortex-a9", "reg": (0,)}
    yield Node("cpus", {"#address-cells": (1,), "#size-cells": (0,)}, (Node("cpu@0", cpu),))
    yield Node("psci", {"compatible": ("arm,psci-0.2",), "method": "smc"})
    yield _gic(board.periphbase)
    yield _clock("timer-clock", "timer_clock", board.timer.hertz)
    yield _clock("uart-clock", "uart_clock", board.uart.hertz)
    yield _primecell("timer", "timer", ("arm,sp804",), board.timer, ("timer0clk", "timer1clk", "apb_pclk"), "timer_clock")
    yield _primecell("serial", "uart", ("arm,pl011",), board.uart, ("uartclk", "apb_pclk"), "uart_clock")


def _chosen(board: LinuxBoard, uart: str) -> dict[str, Value]:
    chosen: dict[str, Value] = {"bootargs": board.command_line, "stdout-path": f"/{uart}"}
    if board.initrd is not None:
        end = board.initrd.start + board.initrd.size
        chosen |= {"linux,initrd-start": (board.initrd.start,), "linux,initrd-end": (end,)}
    if board.seed:
        chosen["rng-seed"] = board.seed
    return chosen


def _gic(periphbase: int) -> Node:
    """Return the interrupt controller of a Cortex-A9: distributor at +0x1000, CPU interface at +0x100."""
    properties: dict[str, Value] = {
        "compatible": "arm,cortex-a9-gic",
        "#address-cells": (0,),
        "#interrupt-cells": (3,),
        "interrupt-controller": None,
        "reg": (periphbase + 0x1000, 0x1000, periphbase + 0x100, 0x100),
    }
    return Node(_unit("interrupt-controller", periphbase + 0x1000), properties, label="gic")


def _clock(name: str, label: str, hertz: int) -> Node:
    return Node(name, {"compatible": "fixed-clock", "#clock-cells": (0,), "clock-frequency": (hertz,)}, label=label)


def _primecell(name: str, label: str, kind: tuple[str, ...], device: Device, clocks: tuple[str, ...], clock: str) -> Node:
    properties: dict[str, Value] = {
        "compatible": (*kind, "arm,primecell"),
        "reg": (device.start, 0x1000),
        "interrupts": (_SPI, device.spi, _LEVEL_HIGH),
        "clocks": tuple(Label(clock) for _ in clocks),
        "clock-names": clocks,
    }
    return Node(_unit(name, device.start), properties, label=label)


def _unit(name: str, address: int) -> str:
    return f"{name}@{address:x}"


def reservations(board: LinuxBoard) -> tuple[tuple[int, int], ...]:
    """Return the memory that the kernel must leave alone, for the tree's reserve map."""
    return tuple((memory.start, memory.size) for memory in board.reserved)
