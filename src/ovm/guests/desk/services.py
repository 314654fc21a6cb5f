# SPDX-License-Identifier: Apache-2.0
"""The interface between the kernel and its programs: system calls, vectors in a status, roles."""

from typing import Final

from ovm.metal import Enum, u32


class Service(Enum, width=u32):
    """System calls: the number is in r0 at the SVC, arguments are in r1 and r2, the result comes in r0."""

    # r1 = status.
    EXIT = 0
    # The child's result is 0, the parent's its number or NO_PROCESS.
    FORK = 1
    # Waits for a child to end; gives its status.
    WAIT_CHILD = 2
    YIELD_TURN = 3
    # r1 = address, r2 = pages. All calls about memory return 1 when they succeed.
    AREA_ADD = 4
    # r1 = first address.
    AREA_REMOVE = 5
    # r1 = from, r2 = to.
    AREA_MOVE = 6
    # r1 = address.
    LARGE_ADD = 7
    SECTION_ADD = 8
    # 1 until the time is over.
    KEEP_GOING = 9
    # A round of work is over: r1 = checks made, r2 = checks failed.
    ROUND = 10


class Vector(Enum, width=u32):
    """Exceptions, by the number of their vector (ARM DDI0406C B1.8.1)."""

    UNDEFINED = 1
    SERVICE = 2
    PREFETCH_ABORT = 3
    DATA_ABORT = 4
    INTERRUPT = 6


# Status of a process that was killed: this plus the number of the vector.
KILLED: Final = 0x100
KILLED_UNDEFINED: Final = u32(KILLED + 1)
KILLED_PREFETCH: Final = u32(KILLED + 3)
KILLED_DATA: Final = u32(KILLED + 4)
NO_CHILD: Final = 0xFFFF_FFFF
NO_PROCESS: Final = u32(0xFFFF_FFFE)

# Programs, by the role that a process starts with.
ROLE_WORKER: Final = 0
ROLE_OFFENDER: Final = 1
