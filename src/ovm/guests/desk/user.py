# SPDX-License-Identifier: Apache-2.0
"""The programs: they run in virtual User mode, in address spaces of their own, and check all memory that they get.

This code is mapped at another address than it was linked to. So it uses only branches within itself, the stack and the
addresses of its own space: no statics, no texts, no tables (nor a choice among four, which compiles to one), and no
division, whose routines are the kernel's. A test checks the compiled code.
"""

from typing import Final, Never

from ovm.guests.desk.layout import (
    LARGE_PAGE,
    PAGE,
    SECTION,
    USER_CODE,
    USER_ELSEWHERE,
    USER_HEAP,
    USER_INFO,
    USER_LARGE,
    USER_SECTION,
    USER_STACK_TOP,
)
from ovm.guests.desk.services import (
    KILLED_DATA,
    KILLED_PREFETCH,
    KILLED_UNDEFINED,
    NO_PROCESS,
    ROLE_OFFENDER,
    Service,
)
from ovm.metal import VirtAddr, asm_block, fn, forever, naked, pointer, rotate_right, u32, volatile_load, volatile_store

MOST_PAGES: Final = 256  # that one call fills or checks
USER: Final = ".user"
HEAP_PAGES: Final = 24
HALF: Final = HEAP_PAGES // 2
# Words checked in each page.
WORDS: Final = 8
STEP: Final = PAGE // WORDS + 4
KERNEL_PLACE: Final = 0x1000_8000
NOWHERE: Final = 0x0900_0000
CHILD_SEED: Final = 0x5EED_0001
OFFENCES: Final = 6


@naked(section=USER)
def service(number: Service, first: u32, second: u32) -> u32:
    """Call the kernel."""
    asm_block("""
        svc #0
        bx lr
    """)


@naked(section=USER)
def jump(place: u32) -> None:
    """Jump to an address."""
    asm_block("bx r0")


@naked(section=USER)
def touch_control_register() -> None:
    """Write SCTLR, which programs may not."""
    asm_block("""
        mcr p15, 0, r0, c1, c0, 0
        bx lr
    """)


@fn(section=USER)
def leave(status: u32) -> Never:
    """End this process."""
    while forever():
        service(Service.EXIT, status, 0)


@fn(section=USER, inline=False)
def go_on() -> None:
    """End this process when the time is over."""
    if service(Service.KEEP_GOING, 0, 0) != 1:
        leave(0)


@fn(section=USER, inline=False)
def mix(seed: u32, offset: u32) -> u32:
    """Return the word that belongs at an offset in some memory."""
    return rotate_right(offset * 0x9E37_79B1 ^ seed, 11) + seed


@fn(section=USER, inline=False)
def fill(seed: u32, start: VirtAddr, begin: u32, end: u32) -> None:
    """Write words all over some of the pages from `start` on."""
    for page in u32.range(begin, end, bound=MOST_PAGES):
        for word in u32.range(WORDS):
            offset = page * PAGE + (word * STEP & (PAGE - 4))
            volatile_store(pointer(u32, start + offset), mix(seed, offset))


@fn(section=USER, inline=False)
def wrong(seed: u32, start: VirtAddr, begin: u32, end: u32) -> u32:
    """Return how many of the words that `fill` wrote are different."""
    count = u32(0)
    for page in u32.range(begin, end, bound=MOST_PAGES):
        for word in u32.range(WORDS):
            offset = page * PAGE + (word * STEP & (PAGE - 4))
            if volatile_load(pointer(u32, start + offset)) != mix(seed, offset):
                count += 1
    return count


@fn(section=USER, inline=False)
def stained(start: VirtAddr, pages: u32) -> u32:
    """Return how many of these words aren't zero."""
    count = u32(0)
    for page in u32.range(pages, bound=MOST_PAGES):
        for word in u32.range(WORDS):
            place = start + page * PAGE + (word * STEP & (PAGE - 4))
            if volatile_load(pointer(u32, place)) != 0:
                count += 1
    return count


@fn(section=USER, inline=False)
def expect(status: u32) -> u32:
    """Wait for the child; return 1 when its status is another one."""
    return u32(service(Service.WAIT_CHILD, 0, 0) != status)


@fn(section=USER, inline=False)
def inherit(seed: u32) -> Never:
    """Run the child: check the parent's memory, write over it, check its own."""
    failed = wrong(seed, VirtAddr(USER_HEAP), 0, HEAP_PAGES)
    service(Service.YIELD_TURN, 0, 0)
    fill(seed ^ CHILD_SEED, VirtAddr(USER_HEAP), 0, HEAP_PAGES)
    service(Service.YIELD_TURN, 0, 0)
    failed += wrong(seed ^ CHILD_SEED, VirtAddr(USER_HEAP), 0, HEAP_PAGES)
    leave(failed)


@fn(section=USER, inline=False)
def share(seed: u32) -> u32:
    """Fork, write half of the memory while the child writes all of it, and check that neither sees the other's words."""
    child = service(Service.FORK, 0, 0)
    if child == 0:
        inherit(seed)
    fill(seed + 1, VirtAddr(USER_HEAP), 0, HALF)
    failed = expect(0) if child != NO_PROCESS else u32(0)
    failed += wrong(seed + 1, VirtAddr(USER_HEAP), 0, HALF)
    failed += wrong(seed, VirtAddr(USER_HEAP), HALF, HEAP_PAGES)
    return failed


SHARE_CHECKS: Final = 1 + HEAP_PAGES * WORDS


@fn(section=USER, inline=False)
def remap(seed: u32) -> u32:
    """Move the memory to another address; there it is unchanged, and fresh memory takes its place."""
    failed = u32(service(Service.AREA_MOVE, USER_HEAP, USER_ELSEWHERE) != 1)
    failed += wrong(seed + 1, VirtAddr(USER_ELSEWHERE), 0, HALF)
    failed += wrong(seed, VirtAddr(USER_ELSEWHERE), HALF, HEAP_PAGES)
    failed += u32(service(Service.AREA_ADD, USER_HEAP, HEAP_PAGES) != 1)
    failed += stained(VirtAddr(USER_HEAP), HEAP_PAGES)
    return failed


REMAP_CHECKS: Final = 2 + 2 * HEAP_PAGES * WORDS


@fn(section=USER, inline=False)
def enlarge(seed: u32, number: Service, start: VirtAddr, pages: u32) -> u32:
    """Use a large page or a section, when the kernel has one; small pages that follow it there are fresh."""
    if service(number, u32(start), 0) != 1:
        return 0
    failed = stained(start, pages)
    fill(seed, start, 0, pages)
    failed += wrong(seed, start, 0, pages)
    failed += u32(service(Service.AREA_REMOVE, u32(start), 0) != 1)
    failed += u32(service(Service.AREA_ADD, u32(start), FRESH_PAGES) != 1)
    failed += stained(start, FRESH_PAGES)
    failed += u32(service(Service.AREA_REMOVE, u32(start), 0) != 1)
    return failed


FRESH_PAGES: Final = LARGE_PAGE // PAGE
LARGE_CHECKS: Final = 3 + 3 * FRESH_PAGES * WORDS
SECTION_CHECKS: Final = 3 + (FRESH_PAGES + 2 * SECTION // PAGE) * WORDS


@fn(section=USER, inline=False)
def forgotten(start: VirtAddr) -> u32:
    """Return 1 when memory that was taken away can still be read."""
    child = service(Service.FORK, 0, 0)
    if child == 0:
        volatile_load(pointer(u32, start))
        leave(0)
    if child == NO_PROCESS:
        return 0
    return expect(KILLED_DATA)


@fn(section=USER, inline=False)
def work(identity: u32, seed: u32) -> None:
    """Do one round and report the result to the kernel."""
    failed = u32(service(Service.AREA_ADD, USER_HEAP, HEAP_PAGES) != 1)
    failed += stained(VirtAddr(USER_HEAP), HEAP_PAGES)
    fill(seed, VirtAddr(USER_HEAP), 0, HEAP_PAGES)
    failed += share(seed)
    failed += remap(seed)
    failed += u32(service(Service.AREA_REMOVE, USER_HEAP, 0) != 1)
    failed += u32(service(Service.AREA_REMOVE, USER_ELSEWHERE, 0) != 1)
    failed += enlarge(seed, Service.LARGE_ADD, VirtAddr(USER_LARGE), LARGE_PAGE // PAGE)
    failed += u32(volatile_load(pointer(u32, VirtAddr(USER_INFO))) != identity)
    service(Service.ROUND, WORK_CHECKS, failed)


WORK_CHECKS: Final = 4 + HEAP_PAGES * WORDS + SHARE_CHECKS + REMAP_CHECKS + LARGE_CHECKS


@fn(section=USER, inline=False)
def worker(seed: u32) -> Never:
    """Work round after round."""
    identity = volatile_load(pointer(u32, VirtAddr(USER_INFO)))
    value = seed
    while forever():
        go_on()
        value = value * 0x0019_660D + 0x3C6E_F35F
        work(identity, value)


@fn(section=USER, inline=False)
def offend_by_data(offence: u32) -> None:
    """Read or write memory that programs may not access."""
    if offence == 0:
        volatile_load(pointer(u32, VirtAddr(KERNEL_PLACE)))
    if offence == 1:
        volatile_store(pointer(u32, VirtAddr(USER_CODE)), u32(0))
    if offence == 2:
        volatile_store(pointer(u32, VirtAddr(USER_INFO)), u32(0))


@fn(section=USER, inline=False)
def offend_by_code(offence: u32) -> None:
    """Execute memory that programs may not execute."""
    if offence == 3:
        touch_control_register()
    if offence == 4:
        jump(KERNEL_PLACE)
    if offence == 5:
        jump(USER_STACK_TOP - PAGE)


@fn(section=USER, inline=False)
def punishment(offence: u32) -> u32:
    """Return the status with which a child must end."""
    if offence == 3:
        return KILLED_UNDEFINED
    if offence >= 4:
        return KILLED_PREFETCH
    return KILLED_DATA


@fn(section=USER, inline=False)
def offender(seed: u32) -> Never:
    """Let children offend, each of which must be killed, and use memory that was taken away."""
    while forever():
        go_on()
        failed = u32(0)
        for offence in u32.range(OFFENCES):
            child = service(Service.FORK, 0, 0)
            if child == 0:
                offend_by_data(offence)
                offend_by_code(offence)
                leave(0)
            if child != NO_PROCESS:
                failed += expect(punishment(offence))
        failed += enlarge(seed, Service.SECTION_ADD, VirtAddr(USER_SECTION), SECTION // PAGE)
        failed += forgotten(VirtAddr(USER_SECTION + 5 * PAGE))
        failed += enlarge(seed, Service.LARGE_ADD, VirtAddr(USER_LARGE), LARGE_PAGE // PAGE)
        failed += forgotten(VirtAddr(USER_LARGE + 9 * PAGE))
        failed += forgotten(VirtAddr(NOWHERE))
        service(Service.ROUND, OFFENDER_CHECKS, failed)


OFFENDER_CHECKS: Final = OFFENCES + 3 + LARGE_CHECKS + SECTION_CHECKS


@fn(section=USER, inline=False)
def program(role: u32, seed: u32) -> Never:
    """Start a process."""
    if role == ROLE_OFFENDER:
        offender(seed)
    worker(seed)
