# SPDX-License-Identifier: Apache-2.0
"""ADMA2 of the SD host controller: a list of descriptors says where the bytes of a transfer go (its specification, 1.13)."""

from typing import Final

from ovm.board.bus import FAULT, MASTER_DMA, read
from ovm.board.devices.dma_memory import dma_store
from ovm.board.devices.sd_card import CARD
from ovm.board.devices.sd_host import ADMA_ERROR, COMMAND, DESCRIPTORS, HOST, READS, TRANSFER_COMPLETE, happened, transfer_bytes
from ovm.board.devices.slcr import SLCR, TZ_SDIO
from ovm.metal import Struct, VirtAddr, fn, pointer, static, u32

VALID: Final = 1
END: Final = 2
MOVE: Final = 0x20
LINK: Final = 0x30
ACTION: Final = 0x30
MOST_DESCRIPTORS: Final = 1 << 16
MOST_WORDS: Final = 1 << 14  # of a descriptor: 64 KiB


class Descriptor(Struct):
    """The one in progress."""

    attributes: u32  # length in [31:16], 0: 64 KiB
    target: u32


DESCRIPTOR = static(Descriptor)


@fn
def _ns() -> u32:
    """Whether its transfers are Non-secure (UG1019)."""
    return SLCR.words[TZ_SDIO // 4] & 1


@fn
def _fetch(at: u32) -> bool:
    """Read a descriptor; False if it isn't there or isn't valid."""
    first = read(at, u32(4), _ns(), u32(MASTER_DMA))
    second = read(at + 4, u32(4), _ns(), u32(MASTER_DMA))
    DESCRIPTOR.attributes = u32(first & 0xFFFF_FFFF)
    DESCRIPTOR.target = u32(second & 0xFFFF_FFFF)
    return (first | second) & FAULT == 0 and DESCRIPTOR.attributes & VALID != 0


@fn
def _move(place: u32, count: u32, reads: bool) -> bool:
    """Move a descriptor's bytes, in words; False if memory refuses."""
    # SAFETY: the card's bytes in the simulator; the transfer has been found to lie inside.
    words = pointer(u32, VirtAddr(place))
    for index in u32.range(count // 4, bound=MOST_WORDS):
        target = DESCRIPTOR.target + index * 4
        if reads:
            if dma_store(target, words[index], u32(4), _ns()):
                return False
        else:
            value = read(target, u32(4), _ns(), u32(MASTER_DMA))
            if value & FAULT != 0:
                return False
            words[index] = u32(value & 0xFFFF_FFFF)
    return True


@fn(inline=False)
def sd_move() -> None:
    """Do the transfer that the command in progress asks for."""
    at = HOST.words[DESCRIPTORS // 4]
    done = u32(0)
    for _ in u32.range(MOST_DESCRIPTORS):
        if not _fetch(at):
            break
        at += 8
        action = DESCRIPTOR.attributes & ACTION
        if action == MOVE:
            asked = DESCRIPTOR.attributes >> 16
            count = min(asked if asked != 0 else u32(MOST_WORDS * 4), transfer_bytes() - done)
            if not _move(CARD.data + done, count, HOST.words[COMMAND // 4] & READS != 0):
                break
            done += count
        elif action == LINK:
            at = DESCRIPTOR.target
        if done == transfer_bytes() or DESCRIPTOR.attributes & END != 0:
            happened(u32(TRANSFER_COMPLETE))
            return
    happened(u32(ADMA_ERROR))
