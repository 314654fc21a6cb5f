# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the BootROM: the code in on-chip memory where CPU 1 waits (UG585 6.1.10), and the state that it leaves.

CPU 1 waits for events until the word at 0xFFFF_FFF0 is an address to go to, then goes there in A32, Secure Supervisor
mode, MMU and caches off.
"""

from typing import Final

from ovm.board.code import memory_moved
from ovm.board.devices.scu import RESET_START, SCU
from ovm.board.devices.slcr import slcr_boot
from ovm.metal import VirtAddr, fn, pointer, table, u32

WAIT_ADDRESS: Final = 0xFFFF_FF00
START_WORD: Final = 0xFFFF_FFF0
# The on-chip memory's last 256 bytes, in the simulator.
WAIT_PLACE: Final = 0x8003_FF00
CODE = table(
    u32,
    [
        0xE3E0_000F,  # mvn r0, #15
        0xE320_F002,  # wfe
        0xE590_1000,  # ldr r1, [r0]
        0xE351_0000,  # cmp r1, #0
        0x0AFF_FFFB,  # beq to the wfe
        0xE12F_FF11,  # bx r1
    ],
)


@fn
def boot_rom_place() -> None:
    """Write the code in which CPU 1 waits."""
    # SAFETY: the simulator's on-chip memory.
    words = pointer(u32, VirtAddr(WAIT_PLACE))
    for index in u32.range(len(CODE)):
        words[index] = CODE[index]
    words[(START_WORD - WAIT_ADDRESS) // 4] = 0


@fn(inline=False)
def boot_rom_leave(mode: u32) -> None:
    """Set the state in which the BootROM goes to the program that it has put at address 0 (UG585 6.3, 29.4).

    The boot mode is known, and the on-chip memory lies at 0, except its last block.
    """
    slcr_boot(mode)
    SCU.filter_start = RESET_START
    memory_moved()
