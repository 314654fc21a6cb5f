# SPDX-License-Identifier: Apache-2.0
"""CPU time as the literature has it, in plain Python, a tick at a time: the judge of core's reservations, turns and choice.

Reservations are hard constant bandwidth servers (Abeni and Buttazzo, RTSS 1998; hard: a server whose budget is used up
waits for its deadline) under earliest deadline first. Nothing here knows how core computes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Server:
    """A reservation: `budget` ticks in each `period`."""

    budget: int
    period: int
    left: int = 0
    release: int = 0
    deadline: int = 0
    used_up: int = 0

    def tick(self) -> None:
        """Use a tick. The last one of a budget ends this period of the server: the next one begins at its deadline."""
        self.left -= 1
        if self.left <= 0:
            self.used_up += 1
            self.release, self.deadline, self.left = self.deadline, self.deadline + self.period, self.budget

    def wake(self, now: int) -> None:
        """Let it want the CPU again: what is left until the deadline may not be more than its bandwidth."""
        held = now < self.release
        if now >= self.deadline or (not held and self.left * self.period > (self.deadline - now) * self.budget):
            self.release, self.deadline, self.left = now, now + self.period, self.budget

    def may_run(self, now: int) -> bool:
        return now >= self.release


@dataclass
class Someone:
    """A guest: with a server, or (NRT) with its fair time."""

    server: Server | None = None
    ready: bool = False
    # Whether the choice has been made since it became ready.
    seen: bool = False
    fair: int = 0
    runtime: int = 0


@dataclass
class Oracle:
    """CPU 0 with all its guests."""

    guests: list[Someone]
    turn: int
    now: int = 0
    current: int | None = None
    turn_ends: int = 0
    idle: int = 0
    floor: int = 0
    chosen: list[int | None] = field(default_factory=list)

    def advance(self, ticks: int) -> None:
        """Let time pass for the guest that has the CPU."""
        for _ in range(ticks):
            self.now += 1
            if self.current is None:
                self.idle += 1
                continue
            guest = self.guests[self.current]
            guest.runtime += 1
            if guest.server:
                guest.server.tick()
            else:
                guest.fair += 1
                others = [each.fair for each in self.guests if not each.server and each.ready and each.seen]
                self.floor = max(self.floor, min([guest.fair, *others]))

    def choose(self) -> int | None:
        """Return who runs now."""
        for guest in self.guests:
            if guest.ready and not guest.seen:
                if guest.server:
                    guest.server.wake(self.now)
                else:
                    guest.fair = max(guest.fair, self.floor - self.turn)
            guest.seen = guest.ready
        chosen = self._choice()
        if chosen is not None and (chosen != self.current or self.now >= self.turn_ends):
            self.turn_ends = self.now + self.turn
        self.current = chosen
        return chosen

    def _choice(self) -> int | None:
        ready = [index for index, guest in enumerate(self.guests) if guest.ready]
        reserved = [(guest.server.deadline, index) for index in ready if (guest := self.guests[index]).server]
        reserved = [(deadline, index) for deadline, index in reserved if self.guests[index].server.may_run(self.now)]  # type: ignore[union-attr]
        if reserved:
            return min(reserved)[1]
        fair = [(self.guests[index].fair, index) for index in ready if not self.guests[index].server]
        if not fair:
            return None
        running = self.current is not None and self.current in [index for _, index in fair] and self.now < self.turn_ends
        return self.current if running else min(fair)[1]

    def next_event(self) -> int | None:
        """Return when the choice may change without anybody's doing: a budget's end, a release, a turn's end. None is never."""
        releases = [guest.server.release for guest in self.guests if guest.server and guest.ready]
        events = [each for each in releases if each > self.now]
        if self.current is not None:
            server = self.guests[self.current].server
            if server:
                events.append(self.now + server.left)
            elif sum(guest.ready for guest in self.guests if not guest.server) > 1:
                events.append(self.turn_ends)
        return min(events, default=None)
