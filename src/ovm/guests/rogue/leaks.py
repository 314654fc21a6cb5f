# SPDX-License-Identifier: Apache-2.0
"""A search for data of others: memory that OVM gives must be empty, also a page given back and taken again."""

from typing import Final

from ovm.abi.hypercalls import BALLOON_RELEASE, SUCCESS
from ovm.arm.assembly import symbol_address
from ovm.guests.lib.call import call
from ovm.guests.lib.vcpu import vcpu_page
from ovm.guests.rogue.tally import close_chapter, count
from ovm.guests.rogue.trap import LAST, real_mode
from ovm.metal import Ptr, VirtAddr, asm_value, bound, fn, pointer, text, u32

_PAGE_WORDS: Final = 1024
_PAGE_BYTES: Final = 4096
_MOST_PAGES: Final = 4096
_MARK: Final = 0x5EC2_E7C0


# The end of the image, on a page's border.
IMAGE_END: Final = symbol_address("__image_end")


@fn
def page_at(place: u32) -> Ptr[u32]:
    """Return a page as words."""
    # SAFETY: every caller passes a page between the image and the end of this guest's RAM.
    return pointer(u32, VirtAddr(place))


@fn
def is_empty(place: u32) -> bool:
    """Return whether a page holds only zeroes."""
    words = page_at(place)
    found = u32(0)
    for index in u32.range(_PAGE_WORDS):
        found |= words[index]
    return found == 0


@fn
def look_again(place: u32) -> None:
    """Mark a page, give it back, and check the page that comes. A guest with memory of its own has no balloon."""
    words = page_at(place)
    for index in u32.range(_PAGE_WORDS):
        words[index] = _MARK
    if call(BALLOON_RELEASE, place, 1, 0) == SUCCESS:
        count(not is_empty(place), text("page taken again"), place)


@fn
def look_for_leaks() -> None:
    """Check all memory that this guest hasn't used."""
    # The account needs the mode; nothing in this chapter changes it.
    LAST.real_mode = real_mode()
    place = asm_value(u32, IMAGE_END)
    end = vcpu_page().ram_base + vcpu_page().ram_bytes
    while place < end:
        bound(_MOST_PAGES)
        count(not is_empty(place), text("fresh page"), place)
        place += _PAGE_BYTES
    for index in u32.range(1, 17):
        look_again(end - index * _PAGE_BYTES)
    close_chapter(text("leaks"))
