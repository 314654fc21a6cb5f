# SPDX-License-Identifier: Apache-2.0
"""Accounts of time: ledgers of each guest, and its interrupt latencies.

The hypervisor keeps the number of the guest that runs in a word of memory; the caller, who knows the hypervisor, gives its
physical address.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ovm.board.api.events import COUNTERS
from ovm.board.api.view import View
from ovm.board.processor import account
from ovm.metal import array

_P99 = 0.99


@dataclass(frozen=True)
class Ledger:
    """One owner's use in one place: cycles awake and asleep, instructions, entries and counters by name."""

    cycles: int
    asleep: int
    instructions: int
    entries: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Latency:
    """Interrupt latencies in cycles, from the rise of the line to the first instruction of the handler.

    `p99` is the upper end of a bucket: 4 cycles wide up to 2048, then 256.
    """

    count: int
    least: int
    mean: float
    p99: int
    most: int


class Machine(Protocol):
    """The interface of accounts to their board."""

    @property
    def cores(self) -> Sequence[Any]:
        """Return its cores."""
        ...

    def call(self, name: str, *arguments: int) -> int:
        """Call a function of the board by its dotted name below `ovm.board`."""
        ...

    def static(self, name: str, kind: object) -> View:
        """Return a static of the board."""
        ...


class Accounts:
    """The ledgers of a board. Off until `start`, and again after a reset."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._set = machine.static("processor.account.ACCOUNTS", account.Accounts)
        self._ledgers = machine.static("processor.account.LEDGERS", _array(account.Ledger, account.OWNERS * 2))
        self._latencies = machine.static("processor.account.LATENCIES", _array(account.Latency, account.OWNERS))

    def start(
        self,
        owner_words: Sequence[int | None],
        fixed_owners: Sequence[int] = (16, 16),
        mode_words: Mapping[int, int] | None = None,
    ) -> None:
        """Begin. `owner_words` are physical addresses of each core's word with the number of its guest, or None where
        `fixed_owners` has that number; `mode_words` those of guests' virtual modes.
        """
        for core, address in enumerate(owner_words):
            self._set.set(address or 0, "owner_word", core)
            self._set.set(fixed_owners[core], "fixed_owner", core)
        for owner, address in (mode_words or {}).items():
            self._set.set(address, "mode_word", owner)
        self._machine.call("processor.account.account_reset")

    def settle(self) -> None:
        """Book the time up to now."""
        for core in self._machine.cores:
            with core.running() as call:
                call("processor.account.book", core.number)

    def ledger(self, owner: int, monitor: bool = False) -> Ledger:
        """Return the use of a guest (16: no guest), its own or in the Secure state on its behalf."""
        index = owner * 2 + int(monitor)
        get = self._ledgers.get
        counts = {name: get(index, "of", number) for name, number in COUNTERS.items()}
        return Ledger(get(index, "cycles"), get(index, "asleep"), get(index, "instructions"), get(index, "entries"), counts)

    def latency(self, owner: int) -> Latency | None:
        """Return a guest's interrupt latencies; None while it has taken no interrupt."""
        get = self._latencies.get
        count = get(owner, "count")
        if not count:
            return None
        most = get(owner, "most")
        return Latency(count, get(owner, "least"), get(owner, "sum") / count, min(most, self._p99(owner, count)), most)

    def buckets(self, owner: int) -> Iterator[tuple[int, int]]:
        """Yield the distribution: the upper end and the count of each bucket that isn't empty."""
        for index in range(account.BUCKETS):
            count = self._latencies.get(owner, "bucket", index)
            if count:
                yield _upper(index), count

    def _p99(self, owner: int, count: int) -> int:
        seen = 0
        for upper, some in self.buckets(owner):
            seen += some
            if seen >= count * _P99:
                return upper
        return 0


def _upper(index: int) -> int:
    """Return the largest value that a bucket holds."""
    fine = account.FINE_BUCKETS * account.FINE_CYCLES
    if index < account.FINE_BUCKETS:
        return (index + 1) * account.FINE_CYCLES - 1
    return fine + (index - account.FINE_BUCKETS + 1) * account.COARSE_CYCLES - 1


def _array(kind: Any, length: int) -> Any:
    return array(kind, length).kind
