# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the BootROM: the code in on-chip memory where CPU 1 waits (UG585 6.1.10), and the state that it leaves.

CPU 1 waits for events until a word, 16 bytes before the end of the on-chip memory where it is high, is an address to go to.
Then it goes there in A32, Secure Supervisor mode, MMU and caches off.
"""

from typing import Final

from ovm.board.devices.scu import SCU
from ovm.board.devices.slcr import slcr_boot
from ovm.board.ram.storage import OCM_BYTES, OCM_HOST
from ovm.board.shortcuts.changes import memory_moved
from ovm.board.wiring import WIRING
from ovm.metal import VirtAddr, fn, pointer, table, u32

# Where in the on-chip memory CPU 1 waits, and the word that it waits for: in the last 256 bytes.
WAIT_OFFSET: Final = OCM_BYTES - 0x100
START_WORD: Final = 0xF0
CODE = table(
    u32,
    [
        0xE28F_00E8,  # add r0, pc, #0xe8: the start word
        0xE320_F002,  # wfe
        0xE590_1000,  # ldr r1, [r0]
        0xE351_0000,  # cmp r1, #0
        0x0AFF_FFFB,  # beq to the wfe
        0xE12F_FF11,  # bx r1
    ],
)


@fn
def wait_address() -> u32:
    """Return the address at which CPU 1 waits."""
    return WIRING.on_chip + WAIT_OFFSET


@fn
def boot_rom_place() -> None:
    """Write the code in which CPU 1 waits."""
    # SAFETY: the simulator's on-chip memory.
    words = pointer(u32, VirtAddr(OCM_HOST + WAIT_OFFSET))
    for index in u32.range(len(CODE)):
        words[index] = CODE[index]
    words[START_WORD // 4] = 0


@fn(inline=False)
def boot_rom_leave(mode: u32) -> None:
    """Set the state in which the BootROM goes to the program that it has put at address 0 (UG585 6.3, 29.4).

    The boot mode is known, and the on-chip memory lies at 0, except its last block.
    """
    slcr_boot(mode)
    SCU.filter_start = WIRING.scu_filter_start
    memory_moved()
