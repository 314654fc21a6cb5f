# SPDX-License-Identifier: Apache-2.0
"""ADMA2 of the SD host controller: a list of descriptors gives the places of a transfer's bytes (its specification, 1.13)."""

from typing import Final

from ovm.board.devices.sd_card import CARD, card_load, card_store
from ovm.board.devices.sd_host import (
    ADMA_ERROR,
    ADMA_STATUS,
    COMMAND,
    DESCRIPTORS,
    HOST,
    READS,
    TRANSFER_COMPLETE,
    happened,
    transfer_bytes,
)
from ovm.board.devices.slcr import SLCR, TZ_SDIO
from ovm.board.interconnect.bus import FAULT, MASTER_DMA, read
from ovm.board.interconnect.dma_memory import dma_store
from ovm.board.sizes import WORD_BYTES
from ovm.metal import Struct, fn, static, u32

VALID: Final = 1
END: Final = 2
MOVE: Final = 0x20
LINK: Final = 0x30
ACTION: Final = 0x30
MOST_DESCRIPTORS: Final = 1 << 16
MOST_WORDS: Final = u32(1 << 14)  # of a descriptor: 64 KiB
LENGTH_MISMATCH: Final = 4


class Descriptor(Struct):
    """The descriptor in progress."""

    attributes: u32  # length in [31:16], 0: 64 KiB
    target: u32


DESCRIPTOR = static(Descriptor)


@fn
def _ns() -> u32:
    """Return whether its transfers are Non-secure (UG1019)."""
    return SLCR.words[TZ_SDIO // 4] & 1


@fn
def _fetch(at: u32) -> bool:
    """Read a descriptor; return False if it isn't there or isn't valid."""
    first = read(at, 4, _ns(), MASTER_DMA)
    second = read(at + 4, 4, _ns(), MASTER_DMA)
    DESCRIPTOR.attributes = u32(first & 0xFFFF_FFFF)
    DESCRIPTOR.target = u32(second & 0xFFFF_FFFC)
    return (first | second) & FAULT == 0 and DESCRIPTOR.attributes & VALID != 0


@fn
def _copy(place: u32, target: u32, size: u32, reads: bool) -> bool:
    """Move a word or a byte; return False if memory refuses."""
    if reads:
        return not dma_store(target, card_load(place, size), size, _ns())
    value = read(target, size, _ns(), MASTER_DMA)
    if value & FAULT == 0:
        card_store(place, u32(value & 0xFFFF_FFFF), size)
    return value & FAULT == 0


@fn
def _move(place: u32, count: u32, reads: bool) -> bool:
    """Move a descriptor's bytes, in words as far as possible; return False if memory refuses."""
    for index in u32.range(count // 4, bound=MOST_WORDS):
        if not _copy(place + index * 4, DESCRIPTOR.target + index * 4, 4, reads):
            return False
    for index in u32.range(count & 3, bound=WORD_BYTES - 1):
        offset = (count & ~u32(3)) + index
        if not _copy(place + offset, DESCRIPTOR.target + offset, 1, reads):
            return False
    return True


@fn
def _end(done: u32) -> None:
    """Note the end of the list: an error if it comes before the transfer's end (register 0x54)."""
    if done < transfer_bytes():
        HOST.words[ADMA_STATUS // 4] = LENGTH_MISMATCH
        happened(ADMA_ERROR)
    else:
        happened(TRANSFER_COMPLETE)


@fn(inline=False)
def sd_move() -> None:
    """Do the transfer of the command in progress."""
    at = HOST.words[DESCRIPTORS // 4] & ~u32(3)
    HOST.words[ADMA_STATUS // 4] = 0
    done = u32(0)
    for _ in u32.range(MOST_DESCRIPTORS):
        if not _fetch(at):
            break
        at += 8
        action = DESCRIPTOR.attributes & ACTION
        if action == MOVE:
            asked = DESCRIPTOR.attributes >> 16
            count = min(asked if asked != 0 else MOST_WORDS * 4, transfer_bytes() - done)
            if not _move(CARD.data + done, count, HOST.words[COMMAND // 4] & READS != 0):
                break
            done += count
        elif action == LINK:
            at = DESCRIPTOR.target
        if done == transfer_bytes() or DESCRIPTOR.attributes & END != 0:
            _end(done)
            return
    happened(ADMA_ERROR)
