# SPDX-License-Identifier: Apache-2.0
"""One turn of each attack that needs no tables of its own. Each gets the argument that the description gives."""

from typing import Final

from ovm.abi.hypercalls import (
    BALLOON_RELEASE,
    DOORBELL,
    EXIT,
    GUEST_START,
    GUEST_STOP,
    INTERRUPT_TIMER,
    WAIT,
    YIELD,
)
from ovm.guests.hog.instructions import (
    invalidate_instructions,
    store_user_registers,
    touch_device,
    undefined_instructions,
)
from ovm.guests.lib.call import call
from ovm.guests.lib.console import say
from ovm.guests.lib.vcpu import acknowledge, mask, now, set_timer, unmask, use_vectors, vcpu_page
from ovm.metal import VirtAddr, fn, pointer, text, u32, u64

MOST_PAGES: Final = 1 << 16
PAGE_BYTES: Final = 4096
BALLOON_PAGES: Final = 256
# The start of memory that the guest doesn't use itself.
FREE: Final = 0x20_0000
SWEPT: Final = 1 << 20
# STM^ of 15 words that begins this far before the end of a page touches two pages.
ACROSS: Final = 28


@fn
def touch(offset: u32) -> None:
    """Write a word of the guest's memory."""
    # SAFETY: offsets lie in the guest's memory, above its image.
    pointer(u32, VirtAddr(vcpu_page().ram_base + offset))[0] = offset


@fn
def _release() -> None:
    call(BALLOON_RELEASE, vcpu_page().ram_base + FREE, BALLOON_PAGES, 0)


@fn
def spin(argument: u32) -> None:
    """Only use the CPU."""


@fn
def flood(argument: u32) -> None:
    """Print without end."""
    say(text("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"))


@fn
def balloon(argument: u32) -> None:
    """Touch pages and give them all back in one call."""
    for page in u32.range(BALLOON_PAGES):
        touch(FREE + page * PAGE_BYTES)
    _release()


@fn
def store_across(argument: u32) -> None:
    """Let OVM itself touch fresh pages: an emulated store across the border of two."""
    for pair in u32.range(BALLOON_PAGES // 2):
        store_user_registers(vcpu_page().ram_base + (FREE + pair * 2 * PAGE_BYTES + PAGE_BYTES - ACROSS))
    _release()


@fn
def refused(argument: u32) -> None:
    """Access a device: this causes an abort and a record of OVM."""
    touch_device(0xF8F0_0000)


@fn
def undefined(argument: u32) -> None:
    """Execute undefined instructions."""
    undefined_instructions()


@fn
def forget_code(argument: u32) -> None:
    """Empty the instruction cache."""
    invalidate_instructions()


@fn
def yields(argument: u32) -> None:
    """Yield the turn."""
    call(YIELD, 0, 0, 0)


@fn
def timers(argument: u32) -> None:
    """Set the timer to a near time, over and over."""
    set_timer(now() + u64(argument))


@fn
def sleeps(argument: u32) -> None:
    """Sleep for a very short time."""
    vcpu_page().irq_enabled = 1 << INTERRUPT_TIMER
    set_timer(now() + u64(argument))
    call(WAIT, 0, 0, 0)
    acknowledge()


@fn
def interrupts(argument: u32) -> None:
    """Have an interrupt delivered that becomes pending at once."""
    vcpu_page().irq_enabled = 1 << INTERRUPT_TIMER
    set_timer(0)
    unmask()
    mask()


@fn
def doorbells(argument: u32) -> None:
    """Ring the doorbell."""
    call(DOORBELL, argument, 0, 0)


@fn
def denied(argument: u32) -> None:
    """Make a call that only a manager may make: this causes a record of OVM."""
    call(GUEST_START, 0, 0, 0)


@fn
def restarts(argument: u32) -> None:
    """Stop and start another guest, which a manager may do."""
    call(GUEST_STOP, argument, 0, 0)
    call(GUEST_START, argument, 0, 0)


@fn
def sweep(argument: u32) -> None:
    """Write every line of a stretch that is twice the L2 cache: no other guest's line stays in it."""
    for offset in u32.range(FREE, FREE + SWEPT, 32):
        touch(offset)


@fn
def ends(argument: u32) -> None:
    """End with every page held."""
    for offset in u32.range(FREE, vcpu_page().ram_bytes, PAGE_BYTES, bound=MOST_PAGES):
        touch(offset)
    call(EXIT, 0, 0, 0)


@fn
def lost(argument: u32) -> None:
    """Let OVM stop this guest with every page held: there are no vectors, and an abort follows."""
    for offset in u32.range(FREE, vcpu_page().ram_bytes, PAGE_BYTES, bound=MOST_PAGES):
        touch(offset)
    use_vectors(VirtAddr(0x8000_0000))
    touch_device(0x9000_0000)
