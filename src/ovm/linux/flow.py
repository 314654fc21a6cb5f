# SPDX-License-Identifier: Apache-2.0
"""Facts about a place in code: whether its link register is dead, and whether something may jump to it.

Both questions are answered on the safe side. `link_is_dead` follows every way from a place until LR is overwritten; a word that
it doesn't know by its class counts as a read of LR. Two tables of the kernel have ways that no instruction shows: where code goes
on after a fault (`__ex_table`), and where a NOP becomes a branch (`__jump_table`). Both name a place and next to it the target,
by address or by the distance from the word itself; `hidden_ways` takes everything outside the code that looks so. `jumped_to`
takes every word of the Image that may name a place for a jump there.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from ovm.linux.layout import Layout
from ovm.linux.sensitive import ALWAYS, Kind, decode

# For the number of a word, the numbers of words at which the code may go on, besides what the word says.
Ways = Mapping[int, Sequence[int]]

_LINK = 14
_PC = 15
_MOST_STEPS = 200
_UNCONDITIONAL = 15
# Data-processing operations that have no first operand (MOV, MVN), and comparisons, which have no result (ARM A5.2).
_WITHOUT_FIRST = (13, 15)
_COMPARISONS = (8, 9, 10, 11)


def branch_target(address: int, word: int) -> int:
    """Return the target of B or BL (ARM A8.8.18)."""
    offset = (word & 0xFF_FFFF ^ 0x80_0000) - 0x80_0000
    return address + 8 + offset * 4 & 0xFFFF_FFFF


def hidden_ways(words: "array[int]", layout: Layout) -> Ways:
    """Return the ways that the kernel's tables may hold, from each two words outside the code."""
    text = range(layout.spans[0].start, layout.spans[-1].end, 4)
    ways: dict[int, list[int]] = defaultdict(list)
    edges = [0, *((edge - layout.base) // 4 for span in layout.spans for edge in (span.start, span.end)), len(words)]
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        address = layout.base + first * 4
        before, before_far = 0, 0
        for word in words[first:last]:
            if before in text and word in text:
                ways[(before - layout.base) // 4].append((word - layout.base) // 4)
            far = word + address & 0xFFFF_FFFF
            if before_far in text and far in text:
                ways[(before_far - layout.base) // 4].append((far - layout.base) // 4)
            before, before_far = word, far
            address += 4
    return ways


def link_is_dead(words: "array[int]", number: int, hidden: Ways) -> bool:
    """Return whether nothing reads LR behind the word `number` before LR is overwritten, on any way."""
    seen: set[int] = set()
    ways = [number + 1]
    while ways:
        at = ways.pop()
        if at in seen:
            continue
        seen.add(at)
        if len(seen) > _MOST_STEPS or not 0 <= at < len(words):
            return False
        following = _following(words[at], at)
        if following is None:
            return False
        ways += following
        ways += hidden.get(at, ())
    return True


def _following(word: int, at: int) -> tuple[int, ...] | None:
    """Return the words that may be executed after `word` with the same LR; None where it may be read."""
    condition = word >> 28
    if condition == _UNCONDITIONAL:
        return (at + 1,) if _is_plain_unconditional(word) else None
    ways = (at + 1,) if condition != ALWAYS else ()
    kind = word >> 25 & 7
    if kind == 5:
        if word >> 24 & 1:  # BL writes LR, and so does the function that it calls.
            return ways
        return (*ways, branch_target(at * 4, word) // 4)
    if _is_status_access(word):
        return None if _names_link(word, 12, 0) else (at + 1,)
    if word & 0x0FFF_FFF0 == 0x012F_FF30:  # BLX register
        return None if word & 15 == _LINK else ways
    writes = _writes_link(word, kind)
    if writes is None:
        return None
    return ways if writes else (at + 1,)


def _is_plain_unconditional(word: int) -> bool:
    """Return whether an unconditional word is a barrier, CPS or a preload of data, and reads no LR."""
    if word & 0xFFFF_FF00 == 0xF57F_F000 or word & 0xFFF1_FE20 == 0xF100_0000:
        return True
    return word & 0xFF70_F000 == 0xF550_F000 and not _names_link(word, 16)


def _is_status_access(word: int) -> bool:
    what = decode(word)
    return what is not None and what.kind in (Kind.MRS_CPSR, Kind.MSR_CPSR) and what.immediate is None


def _names_link(word: int, *places: int) -> bool:
    return any(word >> place & 15 == _LINK for place in places)


def _writes_link(word: int, kind: int) -> bool | None:
    """Return whether a word of data processing, load or store overwrites LR, or ends the function; None where it may read LR."""
    match kind:
        case 0:
            return _processing(word) if word & 0x90 != 0x90 and word & 0x0190_0000 != 0x0100_0000 else _other(word)
        case 1:
            return _processing(word) if word & 0x0190_0000 != 0x0100_0000 else _wide_move(word)
        case 2:
            return _transfer(word)
        case 3 if not word & 0x10:
            return None if _names_link(word, 0) else _transfer(word)
        case 4:
            return _block(word)
        case 7 if word & 0x0F00_0010 == 0x0E00_0010:  # MRC, MCR
            return None if _names_link(word, 12) else False
    return _other(word)


def _processing(word: int) -> bool | None:
    """Judge data processing of an immediate, or of a register with a shift (ARM A5.2.1 to A5.2.3)."""
    operation, target = word >> 21 & 15, word >> 12 & 15
    reads = [] if operation in _WITHOUT_FIRST else [16]
    if not word >> 25 & 1:
        reads += [0, 8] if word & 0x10 else [0]
    if _names_link(word, *reads):
        return None
    if operation in _COMPARISONS:
        return False
    return None if target == _PC else target == _LINK


def _wide_move(word: int) -> bool | None:
    """Judge MOVW, MOVT, which leaves half of LR, and hints."""
    if word & 0x0FF0_0000 == 0x0300_0000:
        return None if word >> 12 & 15 == _PC else word >> 12 & 15 == _LINK
    if word & 0x0FF0_0000 == 0x0340_0000:
        return None if _names_link(word, 12) else False
    return False if word & 0x0FFF_FF00 == 0x0320_F000 else None


def _transfer(word: int) -> bool | None:
    """Judge LDR, LDRB, STR and STRB (ARM A5.3); the caller has looked at a register that is the offset."""
    if _names_link(word, 16):
        return None
    target = word >> 12 & 15
    if target == _PC:
        return True if word & 0x0FFF_FFFF == 0x049D_F004 else None  # POP {PC} returns
    if not word >> 20 & 1:
        return None if target == _LINK else False
    return target == _LINK


def _block(word: int) -> bool | None:
    """Judge LDM and STM. A load of PC from the stack returns, and who called doesn't read the LR that a function leaves."""
    if _names_link(word, 16) or word >> 22 & 1:
        return None
    if not word >> 20 & 1:
        return None if word >> _LINK & 1 else False
    if word >> _PC & 1:
        return True if word >> 16 & 15 in (11, 13) else None
    return bool(word >> _LINK & 1)


def _other(word: int) -> bool | None:
    """Judge every other word: it reads LR where one of its fields of four bits may name it."""
    return None if _names_link(word, 0, 8, 12, 16) or word >> 24 & 15 == 15 or word >> 12 & 15 == _PC else False


def jumped_to(words: "array[int]", base: int, places: Collection[int]) -> set[int]:
    """Return those of the addresses `places` to which something in the Image, whose words these are, may jump."""
    wanted = set(places)
    found = {word for word in words if word in wanted}
    for number, word in enumerate(words):
        address = base + number * 4
        if word >> 25 & 7 == 5:
            target = branch_target(address, word)
            if target in wanted:
                found.add(target)
        if word + address & 0xFFFF_FFFF in wanted:
            found.add(word + address & 0xFFFF_FFFF)
    return found
