# SPDX-License-Identifier: Apache-2.0
"""A high-capacity SD card, with the functions that loaders use (SD Physical Layer Simplified Specification 4.7 to 4.10, 5.3,
5.6).

It answers at once and takes no time. Its blocks lie in the simulator from CARD_HOST on, where the host program puts them.
"""

from typing import Final

from ovm.board.sizes import WORD_BYTES
from ovm.metal import Array, Struct, VirtAddr, address, array, fn, pointer, static, u8, u32

CARD_HOST: Final = 0xC000_0000
BLOCK: Final = 512
UNIT_BLOCKS: Final = 1024  # C_SIZE counts units of 512 KiB

GO_IDLE: Final = 0
ALL_SEND_CID: Final = 2
SEND_ADDRESS: Final = 3
SWITCH: Final = 6  # as ACMD: bus width
SELECT: Final = 7
SEND_IF_COND: Final = 8
SEND_CSD: Final = 9
SEND_CID: Final = 10
STOP: Final = 12
SEND_STATUS: Final = 13  # as ACMD: SD status
SET_BLOCK_LENGTH: Final = 16
READ_SINGLE: Final = 17
READ_MULTIPLE: Final = 18
WRITE_SINGLE: Final = 24
WRITE_MULTIPLE: Final = 25
SEND_OP_COND: Final = 41  # ACMD
SEND_SCR: Final = 51  # ACMD
APPLICATION: Final = 55

# States (4.10.1, CURRENT_STATE).
IDLE: Final = 0
READY: Final = 1
IDENTIFIED: Final = u32(2)
STANDBY: Final = u32(3)
TRANSFER: Final = u32(4)

OUT_OF_RANGE: Final = 1 << 31
READY_FOR_DATA: Final = 1 << 8
EXPECTS_APPLICATION: Final = u32(1 << 5)
RELATIVE_ADDRESS: Final = u32(0x1234 << 16)
# Powered up, block addresses, 2.7 V to 3.6 V.
CONDITIONS: Final = 0xC0FF_8000
# Bytes "\2\x35\x80\0": version 2.00, 1 and 4 bits wide.
SCR_WORD: Final = 0x0080_3502
STATUS_BYTES: Final = 64
SCR_BYTES: Final = 8


class Card(Struct):
    """Its state, and its answer to the last command. `blocks` is 0 if there is no card."""

    blocks: u32
    state: u32
    application: u32  # the next command is an ACMD
    response: Array[u32] = array(u32, 4)
    data: u32  # the simulator's address of the bytes of the transfer that begins
    most: u32  # their number; 0: the command has no data


CARD = static(Card)
ANSWER = static(array(u32, STATUS_BYTES // 4))


@fn
def card_load(place: u32, size: u32) -> u32:
    """Read up to 4 bytes of a transfer; those above them are zero."""
    # SAFETY: the card's bytes in the simulator; the transfer has been found to lie inside.
    data = pointer(u8, VirtAddr(place))
    value = u32(0)
    for index in u32.range(size, bound=WORD_BYTES):
        value |= u32(data[index]) << (index * 8)
    return value


@fn
def card_store(place: u32, value: u32, size: u32) -> None:
    """Write up to 4 bytes of a transfer."""
    # SAFETY: as above.
    data = pointer(u8, VirtAddr(place))
    for index in u32.range(size, bound=WORD_BYTES):
        data[index] = u8(value >> (index * 8) & 0xFF)


@fn
def card_insert(blocks: u32) -> None:
    """Insert a card with this many blocks."""
    CARD.blocks = blocks
    CARD.state = IDLE
    CARD.application = 0


@fn
def _answer(value: u32) -> bool:
    CARD.response[0] = value
    return True


@fn
def _status() -> bool:
    waits = EXPECTS_APPLICATION if CARD.application != 0 else u32(0)
    return _answer(CARD.state << 9 | READY_FOR_DATA | waits)


@fn
def _long(first: u32, second: u32, third: u32, fourth: u32) -> bool:
    """Answer with 128 bits, whose last byte (CRC7) the controller keeps (SD Host Controller 2.2.7)."""
    CARD.response[3] = first >> 8
    CARD.response[2] = first << 24 | second >> 8
    CARD.response[1] = second << 24 | third >> 8
    CARD.response[0] = third << 24 | fourth >> 8
    return True


@fn
def _specific_data() -> bool:
    """Answer with CSD version 2.0 (5.3.3): 25 MHz, 512 bytes, C_SIZE."""
    size = CARD.blocks // UNIT_BLOCKS - 1
    return _long(0x400E_0032, 0x5B59_0000 | size >> 16, size << 16 | 0x7F80, 0x0A40_0001)


@fn
def _register_data(first: u32, count: u32) -> bool:
    """Send a register of this many bytes by the data lines; all but its first word are zero."""
    for index in u32.range(STATUS_BYTES // 4):
        ANSWER[index] = 0
    ANSWER[0] = first
    CARD.data = u32(address(ANSWER))
    CARD.most = count
    return _status()


@fn
def _block_data(block: u32) -> bool:
    if block >= CARD.blocks:
        return _answer(OUT_OF_RANGE)
    CARD.data = CARD_HOST + block * BLOCK
    CARD.most = (CARD.blocks - block) * BLOCK
    return _status()


@fn
def _application_command(index: u32) -> bool:
    if index == SEND_OP_COND:
        CARD.state = READY
        return _answer(CONDITIONS)
    if index == SEND_SCR:
        return _register_data(SCR_WORD, SCR_BYTES)
    if index == SEND_STATUS:
        return _register_data(0, STATUS_BYTES)
    return index == SWITCH and _status()


@fn
def _identify(index: u32, argument: u32) -> bool:
    """Do a command of the identification and stand-by states."""
    if index == GO_IDLE:
        CARD.state = IDLE
        return _answer(0)
    if index == SEND_IF_COND:
        return _answer(argument & 0xFFF)
    if index == ALL_SEND_CID or index == SEND_CID:
        CARD.state = IDENTIFIED if index == ALL_SEND_CID else CARD.state
        return _long(0x004F_564D, 0x4F56_4D20, 0x1000_0000, 0x0001_0001)
    if index == SEND_ADDRESS:
        CARD.state = STANDBY
        return _answer(RELATIVE_ADDRESS | STANDBY << 9 | READY_FOR_DATA)
    if index == SELECT:
        CARD.state = TRANSFER if argument == RELATIVE_ADDRESS else STANDBY
        return _status()
    return index == SEND_CSD and _specific_data()


@fn
def _transfer(index: u32, argument: u32) -> bool:
    """Do a command of the transfer state."""
    if index == READ_SINGLE or index == READ_MULTIPLE or index == WRITE_SINGLE or index == WRITE_MULTIPLE:
        return _block_data(argument)
    if index == SWITCH:
        # No function but the default of each group.
        return _register_data(0, STATUS_BYTES)
    return (index == STOP or index == SEND_STATUS or index == SET_BLOCK_LENGTH) and _status()


@fn(inline=False)
def card_command(index: u32, argument: u32) -> bool:
    """Do a command; return False if the card doesn't answer."""
    CARD.most = 0
    if CARD.blocks == 0:
        return False
    if index == APPLICATION:
        CARD.application = 1
        return _status()
    application = CARD.application
    CARD.application = 0
    if application != 0 and _application_command(index):
        return True
    return _identify(index, argument) or (CARD.state == TRANSFER and _transfer(index, argument))
