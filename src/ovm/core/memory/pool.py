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
from ovm.core.config import CONFIG, SCHEDULED_CPUS
from ovm.core.cpu import this_cpu_number
from ovm.core.guard import GUARD_FREE, GUARD_RETURNED, guard
from ovm.core.memory.fetch import fetches_forget, lines_clean
from ovm.core.memory.frames import FRAME_SHIFT, frame_give, frame_key
from ovm.metal import PhysAddr, Ptr, Struct, VirtAddr, array, bound, dsb, fn, pointer, static, u8, u32, unroll

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


POOLS = static(array(Pool, SCHEDULED_CPUS))


@fn(inline=True)
def _pool() -> Pool:
    """Return the pool of the CPU that executes."""
    return POOLS[this_cpu_number()]


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
    _pool().frames = CONFIG.pool_bytes >> FRAME_SHIFT
    _pool().unused = _pool().frames
    _pool().cursor = 0
    _pool().returned = 0
    _pool().next = PhysAddr(NO_FRAME)
    _pool().fetched = False
    step = (_pool().frames >> 3) * 5 | 1
    # Among 64 odd numbers in a row one has no divisor in common with a number below 2**20.
    while _pool().frames > 1 and _common_divisor(_pool().frames, step) != 1:
        bound(_MOST_STEPS)
        step += 2
    _pool().step = step


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
    if _pool().returned != 0:
        _pool().returned -= 1
        frame = PhysAddr(_returned()[_pool().returned] << FRAME_SHIFT)
    elif _pool().unused != 0:
        frame = CONFIG.pool_phys + (_pool().cursor << FRAME_SHIFT)
        _pool().unused -= 1
        _pool().cursor += _pool().step
        while _pool().cursor >= _pool().frames:
            # The step is at most twice the number of frames.
            bound(_MOST_ROUNDS)
            _pool().cursor -= _pool().frames
    return frame


@fn
def _zero_next() -> bool:
    """Zero a part of the next frame; return False if some is left. At least one step is done in any case."""
    for step in u32.range(STEPS):
        if _pool().zeroed == FRAME_BYTES or (step != 0 and alarm_waits()):
            break
        memory_zero(_pool().next + _pool().zeroed, STEP_BYTES)
        lines_clean(_pool().next + _pool().zeroed, STEP_BYTES)
        _pool().zeroed += STEP_BYTES
    if _pool().zeroed != FRAME_BYTES:
        return False
    # ORDER: every line is clean before a mapping leads to it.
    dsb()
    return True


@fn
def pool_take(key: u8) -> PhysAddr:
    """Give a zeroed frame to the holder of `key` and return it; NO_FRAME when the pool is empty.

    The result may be LATER: the caller then admits the interrupt and asks again.
    """
    if _pool().next == NO_FRAME:
        _pool().next = _choose()
        _pool().zeroed = 0
    frame = _pool().next
    if frame == NO_FRAME:
        return frame
    guard(frame_key(frame) == KEY_FREE, GUARD_FREE)
    if not _zero_next():
        return PhysAddr(LATER)
    if _pool().fetched:
        fetches_forget()
        _pool().fetched = False
    _pool().next = PhysAddr(NO_FRAME)
    frame_give(frame, key)
    return frame


@fn
def pool_return(frame: PhysAddr) -> None:
    """Take a frame back. Every mapping of it must be gone; its instructions are invalidated before any frame is given again."""
    guard(pool_owns(frame) and _pool().returned < _pool().frames, GUARD_RETURNED)
    frame_give(frame, KEY_FREE)
    _pool().fetched = True
    _returned()[_pool().returned] = u32(frame) >> FRAME_SHIFT
    _pool().returned += 1


@fn
def pool_owns(frame: PhysAddr) -> bool:
    """Return whether a frame lies in the pool's range."""
    return frame - CONFIG.pool_phys < CONFIG.pool_bytes
