# SPDX-License-Identifier: Apache-2.0
"""SDIO0: an SD host controller (SD Host Controller Simplified Specification 2.00; UG585 chapter 13, appendix B.27).

Commands and transfers take no time. Data goes through the buffer port, a word at a time, or by ADMA2 with 32-bit addresses;
SDMA never ends. Each block begins with a new word at the port; surplus bytes of its last word read as zero.
"""

from typing import Final

from ovm.board import clock
from ovm.board.devices.due import DUE_SD, due_at, never
from ovm.board.devices.gic_state import raise_line
from ovm.board.devices.sd_card import CARD, card_command, card_load, card_store
from ovm.board.wiring import WIRING
from ovm.metal import Array, Struct, array, fn, static, u32

BLOCKS: Final = 0x04  # block size in [11:0], block count in [31:16]
ARGUMENT: Final = 0x08
COMMAND: Final = 0x0C  # transfer mode in [15:0]; writing the uppermost byte issues the command
RESPONSE: Final = 0x10
PORT: Final = 0x20
PRESENT: Final = 0x24
CONTROL: Final = 0x28
CLOCK: Final = 0x2C  # clock in [15:0], software reset in [31:24]
STATUS: Final = 0x30  # errors in [31:16]
STATUS_ENABLE: Final = 0x34
SIGNAL_ENABLE: Final = 0x38
CAPABILITIES: Final = 0x40
ADMA_STATUS: Final = 0x54  # bit 2: length mismatch
DESCRIPTORS: Final = 0x58
VERSION: Final = 0xFC
WORDS: Final = 64

CAPABILITY_BITS: Final = 0x69EC_0080  # B.27
VERSION_BITS: Final = 0x8901_0000
# Card inserted, stable and detected, no write protection, data and command lines up.
PRESENT_BITS: Final = u32(0x01FF_0000)
NO_CARD_BITS: Final = u32(0x01F2_0000)
BUFFER_READ: Final = u32(1 << 11)
BUFFER_WRITE: Final = u32(1 << 10)
DATA_ACTIVE: Final = 1 << 1

DMA: Final = 1  # of the transfer mode
READS: Final = 1 << 4
HAS_DATA: Final = 1 << 21  # of the command
LONG_ANSWER: Final = 1
BUSY_ANSWER: Final = 3
DMA_SELECT: Final = 3 << 3  # of the control register
ADMA2: Final = 2 << 3

COMMAND_COMPLETE: Final = 1
TRANSFER_COMPLETE: Final = 2
WRITE_READY: Final = u32(0x10)
READ_READY: Final = u32(0x20)
ERROR: Final = u32(0x8000)
COMMAND_TIMEOUT: Final = 1 << 16
DATA_TIMEOUT: Final = 1 << 20
ADMA_ERROR: Final = 1 << 25

RESET_ALL: Final = 1 << 24
RESET_DATA: Final = 1 << 26
CLOCK_ON: Final = 1
CLOCK_STABLE: Final = u32(2)


class Host(Struct):
    """Its registers, and a transfer by the port: the place of its next word, the rest of it and of its block, in bytes."""

    words: Array[u32] = array(u32, WORDS)
    at: u32
    left: u32
    block_left: u32
    reads: u32


HOST = static(Host)


@fn
def sd_reset() -> None:
    """Set the controller to its reset state; the card stays."""
    for index in u32.range(WORDS):
        HOST.words[index] = 0
    HOST.words[CAPABILITIES // 4] = CAPABILITY_BITS
    HOST.words[VERSION // 4] = VERSION_BITS
    _stop()
    _show()


@fn
def _stop() -> None:
    """Return abandon a transfer."""
    HOST.left = 0
    HOST.block_left = 0
    never(DUE_SD)


@fn
def _show() -> None:
    """Update the interrupt line."""
    raise_line(WIRING.sdio, HOST.words[STATUS // 4] & HOST.words[SIGNAL_ENABLE // 4] != 0)


@fn
def happened(bits: u32) -> None:
    """Set status bits, as far as they are enabled (2.2.17)."""
    bits |= ERROR if bits >> 16 != 0 else 0
    HOST.words[STATUS // 4] |= bits & (HOST.words[STATUS_ENABLE // 4] | ERROR)
    _show()


@fn
def transfer_bytes() -> u32:
    """Return the number of bytes of the command in progress."""
    blocks = HOST.words[BLOCKS // 4]
    return (blocks & 0xFFF) * max(blocks >> 16, 1)


@fn
def _next_block() -> None:
    """Offer the next block at the port, or end the transfer."""
    HOST.block_left = min(HOST.words[BLOCKS // 4] & 0xFFF, HOST.left)
    if HOST.left == 0:
        happened(TRANSFER_COMPLETE)
        return
    happened(READ_READY if HOST.reads != 0 else WRITE_READY)


@fn
def _begin() -> None:
    """Begin the transfer of a command."""
    command = HOST.words[COMMAND // 4]
    if CARD.most < transfer_bytes():
        happened(DATA_TIMEOUT)
    elif command & DMA == 0:
        HOST.at = CARD.data
        HOST.left = transfer_bytes()
        HOST.reads = command & READS
        _next_block()
    elif HOST.words[CONTROL // 4] & DMA_SELECT == ADMA2:
        # `sd_dma` moves the bytes when the instruction is over.
        due_at(DUE_SD, clock.now() + 1)


@fn
def _issue() -> None:
    """Give the command to the card."""
    command = HOST.words[COMMAND // 4]
    kind = (command >> 16) & 3
    if not card_command((command >> 24) & 0x3F, HOST.words[ARGUMENT // 4]):
        happened(COMMAND_TIMEOUT)
        return
    for index in u32.range(4):
        if kind == LONG_ANSWER or index == 0:
            HOST.words[RESPONSE // 4 + index] = CARD.response[index]
    happened(COMMAND_COMPLETE)
    if command & HAS_DATA != 0:
        _begin()
    elif kind == BUSY_ANSWER:
        happened(TRANSFER_COMPLETE)


@fn
def _step() -> u32:
    """Advance by a word at the port, or by the rest of the block; return the number of bytes."""
    size = min(u32(4), HOST.block_left)
    if size != 0:
        HOST.at += size
        HOST.left -= size
        HOST.block_left -= size
        if HOST.block_left == 0:
            _next_block()
    return size


@fn
def _present() -> u32:
    value = PRESENT_BITS if CARD.blocks != 0 else NO_CARD_BITS
    if HOST.block_left != 0:
        value |= DATA_ACTIVE | (BUFFER_READ if HOST.reads != 0 else BUFFER_WRITE)
    return value


@fn(inline=False)
def sd_read(offset: u32, look: bool) -> u32:
    """Read a register; `look` takes nothing from the port."""
    if offset >= WORDS * 4:
        return 0
    if offset == PRESENT:
        return _present()
    if offset == PORT:
        at = HOST.at
        return 0 if look or HOST.reads == 0 else card_load(at, _step())
    return HOST.words[offset >> 2]


@fn
def _reset_by(value: u32) -> None:
    """Return software reset; its bits are clear again at once (2.2.15)."""
    if value & RESET_ALL != 0:
        sd_reset()
    elif value & RESET_DATA != 0:
        _stop()


@fn
def _write_port(value: u32) -> None:
    at = HOST.at
    if HOST.reads == 0:
        card_store(at, value, _step())


@fn
def _write_clock(value: u32) -> None:
    stable = CLOCK_STABLE if value & CLOCK_ON != 0 else u32(0)
    HOST.words[CLOCK // 4] = value & 0x00FF_FFFD | stable
    _reset_by(value)


@fn
def _clear_status(bits: u32) -> None:
    left = HOST.words[STATUS // 4] & ~bits
    HOST.words[STATUS // 4] = left & ~ERROR if left >> 16 == 0 else left
    _show()


@fn(inline=False)
def sd_write(offset: u32, value: u32, lanes: u32) -> None:
    """Write the bytes of a register that are in `lanes`."""
    fixed = offset >= RESPONSE and offset < PORT or offset == PRESENT
    if fixed or offset == CAPABILITIES or offset == ADMA_STATUS or offset >= VERSION:
        return
    merged = HOST.words[offset >> 2] & ~lanes | value & lanes
    if offset == PORT:
        _write_port(value)
    elif offset == CLOCK:
        _write_clock(merged)
    elif offset == STATUS:
        _clear_status(value & lanes)
    else:
        HOST.words[offset >> 2] = merged
        _show()
        if offset == COMMAND and lanes >> 24 != 0:
            _issue()
