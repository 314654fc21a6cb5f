# SPDX-License-Identifier: Apache-2.0
"""The pipeline in plain Python: what an instruction costs by the rules that the board's `issue/window.py` states."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.board.issue.rules import (
    ALU,
    CONDITIONAL,
    DRAINS,
    FLOATING,
    LAST,
    MULTIPLIER,
    NO_UNIT,
    TAKES_FORWARD,
    TRANSFER,
    Rule,
)

MOST_INSTRUCTIONS = 16
MOST_SLOTS = 255
FAR = 256
PAGE, LINE = 4096, 32


@dataclass
class Issued:
    """An instruction and the slot in which it is issued."""

    rule: Rule
    slot: int

    def ready(self, register: int, user: Rule) -> int:
        """Return the slot from which `user` can have a register that this one writes or updates; 0 if it does neither."""
        when = 0
        if self.rule.writes & register:
            forwarded, result, address = self.rule.times
            cycles = forwarded if user.kind & TAKES_FORWARD else result
            when = self.slot + 2 * (address if user.locates & register else cycles)
        if self.rule.updated & register:
            when = max(when, self.slot + 2)
        return when


def operands_ready(rule: Rule, before: Sequence[Issued]) -> int:
    """Return the slot at which all operands are there, each by its last writer, or by those before if that one may not write."""
    ready, wanted = 0, rule.reads | rule.locates
    while wanted:
        register = wanted & -wanted
        wanted &= ~register
        for each in reversed(before):
            ready = max(ready, each.ready(register, rule))
            if (each.rule.writes | each.rule.updated) & register and not each.rule.kind & CONDITIONAL:
                break
    return ready


def span(rules: Sequence[Rule], window: int) -> int:
    """Return the slots from the decoding of the first until all are done with their units."""
    before: list[Issued] = []
    free = {"multiplying ALU": 0, "ALU": 0, TRANSFER: 0, FLOATING: 0, "port": 0}
    decoded, end = 0, 0
    for number, rule in enumerate(rules):
        if number >= window:
            decoded = max(decoded, before[number - window].slot)
        busy = 2 * rule.busy
        if rule.kind & DRAINS:
            return max([decoded, *(each.slot + 2 * each.rule.busy for each in before)]) + busy
        slot = max(decoded, operands_ready(rule, before))
        if rule.unit in (ALU, MULTIPLIER):
            alone = rule.unit == MULTIPLIER or free["multiplying ALU"] < free["ALU"]
            unit = "multiplying ALU" if alone else "ALU"
            slot = max(slot, free[unit])
            # Others use it while this one waits for its operands.
            free[unit] = max(free[unit], decoded) + busy
        elif rule.unit != NO_UNIT:
            slot = max(slot, free[rule.unit], free["port"])
            free[rule.unit] = slot + busy
            free["port"] = max(free["port"], decoded) + 2
        before.append(Issued(rule, slot))
        end = max(end, slot + max(busy, 2) - 1)
        decoded += 1
    return end


def stretch(read: Callable[[int, int], tuple[Rule, int, int] | None], offset: int, state: int, reach: int) -> list[Rule]:
    """Return the instructions from an offset on, as they follow each other; `read` has rule, size and next ITSTATE of each."""
    found = read(offset, state)
    assert found is not None
    rules, at = [found[0]], offset
    end = offset + found[1]
    first, following = end, end
    while len(rules) < MOST_INSTRUCTIONS:
        state = found[2]
        if rules[-1].kind & LAST:
            onward = rules[-1].onward
            if onward == 0:
                break
            following = at + (onward if onward < 1 << 31 else onward - (1 << 32))
        if following == at or not -FAR <= following - first <= FAR or following // reach != (first - 2) // reach:
            break
        found = read(following, state)
        if found is None or (following + found[1] - 1) // reach != following // reach:
            break
        rules.append(found[0])
        at, following = following, following + found[1]
    return rules


def slots(rules: Sequence[Rule], window: int) -> int:
    """Return what the first of these instructions costs: the time of all less that of the others."""
    if window == 0:
        # All take their turn. What keeps an ALU longer is its result's time.
        return min(2 if rules[0].unit == ALU else rules[0].busy * 2, MOST_SLOTS)
    least = span(rules[1:], window) + 1
    return min(max(span(rules, window), least) + 1 - least, MOST_SLOTS)
