# SPDX-License-Identifier: Apache-2.0
"""The machine's events, delivered to subscribers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from struct import Struct as Layout

from ovm.board import events as source
from ovm.board.api.errors import unknown
from ovm.board.api.view import View
from ovm.metal import sizeof
from ovm.metal.build.host import HostProgram

KINDS: dict[str, int] = {
    name: getattr(source, name.upper())
    for name in (
        *("exception", "return", "walk", "tlb_fill", "fault", "interrupt", "acknowledge"),
        *("console", "hypercall", "bus_refused", "mark", "context", "unpredictable", "instruction"),
    )
}
COUNTERS: dict[str, int] = {
    name.removeprefix("COUNT_").lower(): value
    for name, value in vars(source).items()
    if name.startswith("COUNT_") and isinstance(value, int)
}
_NAMES = {number: name for name, number in KINDS.items()}
# A record of the ring: cycle, kind, core, nothing, first, second, nothing.
LAYOUT = Layout("<QBBHIII")


@dataclass(frozen=True)
class Event:
    """An event at `cycle` of `core`. `ovm.board.events` explains `first` and `second`."""

    cycle: int
    core: int
    kind: str
    first: int
    second: int


@dataclass(frozen=True)
class Subscription:
    """The handle for `unsubscribe`."""

    number: int
    kinds: frozenset[str]
    callback: Callable[[Event], None]


class Subscribers:
    """The ring of events, and its subscribers."""

    def __init__(self, program: HostProgram) -> None:
        self._memory = program.memory
        self._state = View(program.memory, source.Events, program.address_of("ovm.board.events.EVENTS"))
        self._ring = program.address_of("ovm.board.events.RING")
        self._subscriptions: dict[int, Subscription] = {}
        self._raw: dict[Subscription, Callable[[bytes], None]] = {}
        self._next = 0

    def add_raw(self, kinds: Iterable[str], callback: Callable[[bytes], None]) -> Subscription:
        """Give the ring's records (`LAYOUT`) to `callback` in bulk, for millions of events. Other kinds may be among them."""
        subscription = self.add(kinds, lambda event: None)
        del self._subscriptions[subscription.number]
        self._raw[subscription] = callback
        self._choose()
        return subscription

    def add(self, kinds: Iterable[str], callback: Callable[[Event], None]) -> Subscription:
        """Give events of these kinds to `callback` from now on, in their order, after each slice of a run."""
        wanted = frozenset(kinds)
        for kind in wanted:
            if kind not in KINDS:
                raise unknown("R205", "kind of event", kind, KINDS)
        self._next += 1
        subscription = Subscription(self._next, wanted, callback)
        self._subscriptions[self._next] = subscription
        self._choose()
        return subscription

    def remove(self, subscription: Subscription) -> None:
        """End a subscription; ending it twice is no error."""
        self._subscriptions.pop(subscription.number, None)
        self._raw.pop(subscription, None)
        self._choose()

    @property
    def lost(self) -> int:
        """Return the number of events without room: 0, unless one slice was far too long."""
        return self._state.get("lost")

    def renew(self) -> None:
        """Set the wanted kinds again, in a machine that has lost them."""
        self._choose()

    def _choose(self) -> None:
        mask = 0
        for subscription in (*self._subscriptions.values(), *self._raw):
            mask |= sum(1 << KINDS[kind] for kind in subscription.kinds)
        self._state.set(mask, "mask")

    def deliver(self) -> None:
        """Deliver all events in the ring."""
        head, tail = self._state.get("head"), self._state.get("tail")
        if head == tail:
            return
        records = self._records(tail % source.RING_EVENTS, (head - tail) & 0xFFFF_FFFF)
        self._state.set(head, "tail")
        for callback in tuple(self._raw.values()):
            callback(records)
        if self._subscriptions:
            self._deliver_each(records)

    def _records(self, first: int, count: int) -> bytes:
        """Return this many records from a place of the ring on, around its end."""
        size = sizeof(source.Event)
        straight = min(count, source.RING_EVENTS - first)
        records = bytes(self._memory.read(self._ring + first * size, straight * size))
        return records + bytes(self._memory.read(self._ring, (count - straight) * size)) if straight < count else records

    def _deliver_each(self, records: bytes) -> None:
        for cycle, kind, core, _, first, second, _ in LAYOUT.iter_unpack(records):
            event = Event(cycle, core, _NAMES.get(kind, str(kind)), first, second)
            for subscription in tuple(self._subscriptions.values()):
                if event.kind in subscription.kinds:
                    subscription.callback(event)
