# SPDX-License-Identifier: Apache-2.0
"""The automatic data prefetcher of the Cortex-A9 (A9 TRM 7.6.2), on with ACTLR bit 2.

It watches data misses that go to memory (7CPU: it takes nothing from level 2) for streams: lines in one page at one
distance, ascending or descending, of up to 8 lines. Behind the miss that shows the distance for the second time it brings the
next line to level 1, and another one each time the core comes to the line that it brought. It stops at a page's end (4 KB)
and with DSB and a change of context. This module decides which lines to bring; `data` brings them.
"""

from typing import Final

from ovm.board.parameters import PARAMETERS
from ovm.board.state import running
from ovm.metal import Struct, array, fn, static, u32, u64

MOST_STREAMS: Final = 8
MOST_DISTANCE: Final = 8 * 32
PAGE: Final = u32(4096)
STARTS: Final = 2  # number of times that a distance was seen
FAR: Final = u32(0xFFFF_FFFF)


class Stream(Struct):
    """Lines are named by their tags in level 1; 0 is none."""

    last: u32
    distance: u32
    seen: u32  # how often in a row
    ahead: u32  # the line that was brought
    arrives: u64


STREAMS = static(array(Stream, 2 * MOST_STREAMS))
OLDEST_STREAM = static(array(u32, 2))
# The request of the access in progress: a line, and its stream.
WANTED = static(u32)
WANTED_BY = static(u32)


@fn(inline=False)
def prefetch_stop(core: u32) -> None:
    """Drop a core's streams."""
    for number in u32.range(MOST_STREAMS):
        stream = STREAMS[core * MOST_STREAMS + number]
        stream.last = 0
        stream.seen = 0
        stream.ahead = 0
    WANTED.value = 0


@fn
def _want(number: u32, line: u32) -> None:
    """Request the line behind one of a stream."""
    stream = STREAMS[number]
    stream.last = line
    stream.ahead = 0
    following = line + stream.distance
    if stream.seen >= STARTS and (following ^ line) & ~(PAGE - 1) == 0:
        WANTED.value = following
        WANTED_BY.value = number


@fn
def _near(line: u32) -> u32:
    """Return the running core's stream to which a line may belong, else the oldest, begun anew."""
    core = running()
    best = FAR
    for each in u32.range(PARAMETERS.prefetch_streams, bound=MOST_STREAMS):
        stream = STREAMS[core * MOST_STREAMS + each]
        distance = line - stream.last
        if stream.last != 0 and stream.seen != 0 and distance == stream.distance:
            return core * MOST_STREAMS + each
        same_page = (line ^ stream.last) & ~(PAGE - 1) == 0
        if best == FAR and same_page and distance + MOST_DISTANCE <= 2 * MOST_DISTANCE and distance != 0:
            best = core * MOST_STREAMS + each
    if best != FAR:
        return best
    OLDEST_STREAM[core] = (OLDEST_STREAM[core] + 1) % max(PARAMETERS.prefetch_streams, 1)
    STREAMS[core * MOST_STREAMS + OLDEST_STREAM[core]].last = 0
    return core * MOST_STREAMS + OLDEST_STREAM[core]


@fn(inline=False)
def watch_miss(line: u32) -> None:
    """Learn from a miss of the running core, and request the next line."""
    if PARAMETERS.prefetch_streams == 0:
        return
    number = _near(line)
    stream = STREAMS[number]
    if stream.last == 0:
        stream.seen = 0
        stream.last = line
        return
    distance = line - stream.last
    stream.seen = stream.seen + 1 if stream.seen != 0 and distance == stream.distance else 1
    stream.distance = distance
    _want(number, line)


@fn(inline=False)
def watch_hit(line: u32) -> u64:
    """Note that the running core uses a line that was brought; return the time of its arrival, 0 if it's not known."""
    for each in u32.range(PARAMETERS.prefetch_streams, bound=MOST_STREAMS):
        number = running() * MOST_STREAMS + each
        if STREAMS[number].ahead == line:
            _want(number, line)
            return STREAMS[number].arrives
    return 0


@fn
def is_coming(line: u32, arrives: u64) -> None:
    """Note that the line requested last comes."""
    STREAMS[WANTED_BY.value].ahead = line
    STREAMS[WANTED_BY.value].arrives = arrives
