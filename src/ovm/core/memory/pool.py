# SPDX-License-Identifier: Apache-2.0
"""The pool of frames for NRT guests.

Frames that were never used come in scattered order, so that no code ever relies on neighbouring frames: a step of about
0.6 of the pool, without a common divisor, reaches each frame once. Frames that came back are noted in a stack in OVM's
own memory, which no guest of any level can write, and are given out first, the last one before all others. A frame is zeroed
when it is given, and the zeros are cleaned to where fetches see them: the longest step of a fill. So one stay in OVM does a
part of it, and less when an interrupt waits; the frame is kept here with its progress, and the next request continues with it.
"""

from typing import Final

from ovm.abi.config import FRAME_BYTES, KEY_FREE
from ovm.core.clock import alarm_waits
from ovm.core.config import CONFIG
from ovm.core.guard import GUARD_FREE, GUARD_RETURNED, guard
from ovm.core.memory.fetch import fetches_forget, lines_clean
from ovm.core.memory.frames import FRAME_SHIFT, frame_give, frame_key
from ovm.metal import PhysAddr, Ptr, Struct, VirtAddr, bound, dsb, fn, pointer, static, u8, u32, unroll

_MOST_ROUNDS: Final = 66  # of the list of frames that one step goes
_MOST_STEPS: Final = 64  # odd numbers in a row, of which one suits
# Steps of Euclid's algorithm on numbers of 32 bits: at most 48, by Lamé's theorem.
_MOST_REMAINDERS: Final = 50
# No frame: not an address of a frame.
NO_FRAME: Final = 0xFFFF_FFFF
# Neither is this: there is a frame, but it isn't zero yet.
LATER: Final = 0xFFFF_FFFE
# Bytes that are zeroed between two checks for an interrupt, steps of one stay, and words that are stored in a turn.
STEP_BYTES: Final = 512
STEPS: Final = 2
_ZERO_WORDS: Final = 8


class Pool(Struct):
    """State of the pool."""

    frames: u32
    # Frames never used: their number, the next one, and the step from one to the next.
    unused: u32
    cursor: u32
    step: u32
    # The number of returned frames.
    returned: u32
    # The frame to be given next, or NO_FRAME; the number of its bytes that are zero already.
    next: PhysAddr
    zeroed: u32
    # Instruction fetches may still see the content of returned frames.
    fetched: bool


POOL = static(Pool)


@fn(inline=True)
def _returned() -> Ptr[u32]:
    # SAFETY: the build reserves a word for each frame of the pool at this place, in OVM's own memory.
    return pointer(u32, VirtAddr(u32(CONFIG.returned_phys)))


@fn
def _common_divisor(larger: u32, smaller: u32) -> u32:
    a = larger
    b = smaller
    while b != 0:
        bound(_MOST_REMAINDERS)
        rest = a % b
        a = b
        b = rest
    return a


@fn
def pool_initialise() -> None:
    """Set the order in which frames are given. At boot only."""
    POOL.frames = CONFIG.pool_bytes >> FRAME_SHIFT
    POOL.unused = POOL.frames
    POOL.cursor = 0
    POOL.returned = 0
    POOL.next = PhysAddr(NO_FRAME)
    POOL.fetched = False
    step = (POOL.frames >> 3) * 5 | 1
    # Among 64 odd numbers in a row one has no divisor in common with a number below 2**20.
    while POOL.frames > 1 and _common_divisor(POOL.frames, step) != 1:
        bound(_MOST_STEPS)
        step += 2
    POOL.step = step


@fn
def memory_zero(phys: PhysAddr, length: u32) -> None:
    """Fill a part of a frame with zeros, whole lines."""
    # SAFETY: RAM of one frame, which the flat map reaches with the guests' own attributes.
    words = pointer(u32, VirtAddr(u32(phys)))
    for index in u32.range(0, length // 4, _ZERO_WORDS, bound=FRAME_BYTES // 4):
        for place in unroll(range(_ZERO_WORDS)):
            words[index + place] = 0


@fn
def _choose() -> PhysAddr:
    """Take a frame out and return it; NO_FRAME when the pool is empty."""
    frame = PhysAddr(NO_FRAME)
    if POOL.returned != 0:
        POOL.returned -= 1
        frame = PhysAddr(_returned()[POOL.returned] << FRAME_SHIFT)
    elif POOL.unused != 0:
        frame = CONFIG.pool_phys + (POOL.cursor << FRAME_SHIFT)
        POOL.unused -= 1
        POOL.cursor += POOL.step
        while POOL.cursor >= POOL.frames:
            # The step is at most twice the number of frames.
            bound(_MOST_ROUNDS)
            POOL.cursor -= POOL.frames
    return frame


@fn
def _zero_next() -> bool:
    """Zero a part of the next frame; return False if some is left. At least one step is done in any case."""
    for step in u32.range(STEPS):
        if POOL.zeroed == FRAME_BYTES or (step != 0 and alarm_waits()):
            break
        memory_zero(POOL.next + POOL.zeroed, STEP_BYTES)
        lines_clean(POOL.next + POOL.zeroed, STEP_BYTES)
        POOL.zeroed += STEP_BYTES
    if POOL.zeroed != FRAME_BYTES:
        return False
    # ORDER: every line is clean before a mapping leads to it.
    dsb()
    return True


@fn
def pool_take(key: u8) -> PhysAddr:
    """Give a zeroed frame to the holder of `key` and return it; NO_FRAME when the pool is empty.

    The result may be LATER: the caller then admits the interrupt and asks again.
    """
    if POOL.next == NO_FRAME:
        POOL.next = _choose()
        POOL.zeroed = 0
    frame = POOL.next
    if frame == NO_FRAME:
        return frame
    guard(frame_key(frame) == KEY_FREE, GUARD_FREE)
    if not _zero_next():
        return PhysAddr(LATER)
    if POOL.fetched:
        fetches_forget()
        POOL.fetched = False
    POOL.next = PhysAddr(NO_FRAME)
    frame_give(frame, key)
    return frame


@fn
def pool_return(frame: PhysAddr) -> None:
    """Take a frame back. Every mapping of it must be gone; its instructions are invalidated before any frame is given again."""
    guard(pool_owns(frame) and POOL.returned < POOL.frames, GUARD_RETURNED)
    frame_give(frame, KEY_FREE)
    POOL.fetched = True
    _returned()[POOL.returned] = u32(frame) >> FRAME_SHIFT
    POOL.returned += 1


@fn
def pool_owns(frame: PhysAddr) -> bool:
    """Return whether a frame lies in the pool's range."""
    return frame - CONFIG.pool_phys < CONFIG.pool_bytes
