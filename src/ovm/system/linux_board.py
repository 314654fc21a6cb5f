# SPDX-License-Identifier: Apache-2.0
"""The board that a Linux guest sees: its RAM, and the devices that OVM emulates for it, at guest-physical addresses.

The interrupt controller is at the board's own PERIPHBASE, because a Cortex-A9 tells it in User mode without a trap (CBAR). The
others are in a window beside the guest's RAM.
"""

from ovm.linux.guest_tree import Device, LinuxBoard, Memory
from ovm.system.model import Board, Range, System
from ovm.system.plan import GuestPlan

# Offsets of the emulated devices in the window, and their shared peripheral interrupts.
TIMER_OFFSET, TIMER_SPI = 0x1_0000, 0
UART_OFFSET, UART_SPI = 0x2_0000, 1
WINDOW_BYTES = 0x10_0000
# The emulated timers count the board's, divided by this.
TIMER_SHIFT = 7
# A rate that a PL011 may have; nothing depends on it, as the emulated one has no line to drive.
UART_HZ = 24_000_000
# Places of the window: below the RAM that a guest has by default, else behind what its RAM may reach.
_WINDOWS = (0x0F00_0000, 0xE000_0000)


def periphbase(board: Board) -> int:
    """Return the address of the private block of a board's Cortex-A9."""
    return board.devices[board.core.private].range.start


def device_window(place: GuestPlan) -> Range:
    """Return where the emulated timer and UART of a guest are: beside its RAM and regions."""
    taken = [Range(place.ram_gpa, place.guest.memory), *(Range(each.gpa, each.mapped) for each in place.regions)]
    places = [Range(start, WINDOW_BYTES) for start in _WINDOWS]
    return next(each for each in places if not any(each.overlaps(other) for other in taken))


def linux_board(system: System, place: GuestPlan) -> LinuxBoard:
    """Return the board of a guest, without its command line, initramfs and seed."""
    board, window = system.board, device_window(place)
    return LinuxBoard(
        model=f"OVM guest {place.guest.name} on {board.name}",
        ram=Memory(place.ram_gpa, place.guest.memory),
        periphbase=periphbase(board),
        command_line="",
        timer=Device(window.start + TIMER_OFFSET, TIMER_SPI, board.timer_hz >> TIMER_SHIFT),
        uart=Device(window.start + UART_OFFSET, UART_SPI, UART_HZ),
    )
