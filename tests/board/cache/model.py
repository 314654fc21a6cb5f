# SPDX-License-Identifier: Apache-2.0
"""Caches of both cores and level 2 in plain Python, by the board's `cache/README.md` and the TRMs.

Every access says what it waits for; nothing here takes a short way. DDR answers in one time, and no master waits for another.
"""

from tests.board.cache.model_parts import (
    ALLOCATED,
    BY_INDEX,
    BY_LIST,
    BY_OFFSET,
    DATA_HIT,
    DATA_READ,
    FETCH,
    FETCH_HIT,
    FROM_LEVEL2,
    FROM_MEMORY,
    LEVEL2_SETS,
    LEVEL2_WAYS,
    LINE,
    NOWHERE,
    PAGE,
    SETS,
    WAYS,
    WRITE,
    WRITE_HIT,
    Core,
    Level2,
    Line,
    Mapped,
    Name,
    Stream,
    on_chip,
)


class Caches:
    """All of it; `core` is the one that runs."""

    def __init__(self, times: dict[str, int]) -> None:
        self.times = times
        self.cores = [Core(number, times["random_seed"]) for number in range(2)]
        self.core = self.cores[0]
        self.level2 = Level2(times["random_seed"])
        self.memory: dict[int, int] = {}  # words that aren't zero
        self.wanted: tuple[Name, Stream] | None = None
        # Of the line that the access in progress brought: its source, its time alone, its place in level 2, when it comes.
        self.source, self.latency, self.arrives = NOWHERE, 0, 0
        self.brought: tuple[int, int] | None = None
        self.missed: Name | None = None

    @property
    def other(self) -> Core:
        return self.cores[1 - self.core.number]

    def stall(self, cycles: int) -> None:
        self.core.stalled += cycles

    # From behind level 1.

    def bring(self, name: Name, *, cached: bool, fetch: bool) -> int:
        """Return the time until a line comes from level 2 or memory."""
        core, level2, memory = self.core, self.level2, self.times["memory_read"]
        if on_chip(name):
            self.source = NOWHERE
            return self.times["on_chip_read"]
        self.brought = None
        if not cached or not level2.enabled:
            self.source, self.latency = FROM_MEMORY, memory
            return memory
        level2.note(FETCH if fetch else DATA_READ)
        hit = level2.hit_latency(self.times["level2_hit"])
        ways = (level2.fetch_ways if fetch else level2.data_ways)[core.number]
        place = level2.find(name)
        if place:
            self.source, self.brought = FROM_LEVEL2, place
            level2.note(FETCH_HIT if fetch else DATA_HIT)
            core.counts["level 2 hits"] += 1
            waits = max(hit, level2.arrives.get(place, 0) - core.now)
            self._look_ahead(name, ways, fetch, 0)
            return waits
        core.counts["level 2 misses"] += 1
        self.source, self.latency = FROM_MEMORY, hit + memory
        self.brought = level2.allocate(name, ways)
        if self.brought:
            level2.arrives[self.brought] = 0
        self._look_ahead(name, ways, fetch, hit + memory)
        return hit + memory

    def _look_ahead(self, name: Name, ways: int, fetch: bool, missed: int) -> None:
        """Level 2's double linefill and prefetch (L2C-310 TRM 2.5.7, 3.3.14)."""
        level2, (physical, ns) = self.level2, name
        if missed and level2.prefetch >> 30 & 1:
            self._take((physical ^ LINE, ns), ways, self.core.now + missed)
        if level2.prefetch >> (29 if fetch else 28) & 1:
            following = physical + ((level2.prefetch & 31) + 1) * LINE
            if following // PAGE == physical // PAGE:
                latency = level2.hit_latency(self.times["level2_hit"]) + self.times["memory_read"]
                self._take((following, ns), ways, self.core.now + latency)

    def _take(self, name: Name, ways: int, arrives: int) -> None:
        if self.level2.find(name) is None:
            place = self.level2.allocate(name, ways)
            if place:
                self.level2.under_way(place, arrives)

    def _write_back(self, core: Core, place: tuple[int, int]) -> None:
        """Send a dirty line through the eviction buffer to level 2, or to memory."""
        name, level2 = core.at(place).name, self.level2
        self.core.counts["write backs"] += 1
        if core.evicted > self.core.now:
            self.stall(core.evicted - self.core.now)
        core.evicted = self.core.now + self.times["write_back"]
        if not level2.enabled or on_chip(name):
            return
        level2.note(WRITE)
        known = core.came_from.get(place)
        held = known if level2.holds(known, name) else level2.find(name)
        if held:
            level2.note(WRITE_HIT)
        else:
            level2.note(ALLOCATED)
            held = level2.allocate(name, level2.data_ways[core.number])
        if held:
            level2.at(held).dirty = True

    # The data side.

    def _snoops(self, where: Mapped) -> bool:
        return where.shareable and self.core.coherent and self.other.coherent

    def _uses_level1(self, where: Mapped) -> bool:
        """Shareable memory is cached by coherent cores alone (A9 TRM 7.4.3)."""
        return where.cached and self.core.caches_data and (self.core.coherent or not where.shareable)

    def _empty(self, place: tuple[int, int]) -> None:
        line = self.core.data[place[0]][place[1]]
        if line and line.dirty:
            self._write_back(self.core, place)
        self.core.data[place[0]][place[1]] = None

    def _fill(self, where: Mapped, *, write: bool) -> tuple[int, int]:
        core, name = self.core, where.name
        place = core.victim(name)
        core.counts["data misses"] += 1
        self._empty(place)
        self.missed = name
        line, latency = Line(name), self.times["core_to_core"]
        held = self.other.find(name) if self._snoops(where) else None
        if held:
            self.source = NOWHERE
            theirs = self.other.at(held)
            if write or theirs.dirty:
                line.dirty = theirs.dirty
                self.other.data[held[0]][held[1]] = None
            else:
                line.shared = theirs.shared = True
        else:
            latency = self.bring(name, cached=True, fetch=False)
            core.came_from[place] = self.brought or (LEVEL2_SETS - 1, LEVEL2_WAYS - 1)
        core.data[place[0]][place[1]] = line
        if write:
            line.ahead = True
            self._store_misses(name, latency)
        else:
            self.stall(latency)
        if self.source == FROM_MEMORY and core.prefetches:
            self._watch_miss(name)
        return place

    def _ahead_comes(self, place: tuple[int, int], name: Name) -> int:
        """Return when a line comes that the prefetcher or a PLD has requested."""
        core = self.core
        known = core.came_from.get(place)
        moments = [self.level2.arrives.get(known, 0) if known and self.level2.holds(known, name) else 0]
        for stream in core.streams[: self.times["prefetch_streams"]]:
            if stream.ahead == name:
                self._want(stream, name)
                moments.append(stream.arrives)
                break
        moments += [arrives for line, arrives in core.preloads if line == name]
        return max(moments)

    def _read(self, where: Mapped) -> None:
        core = self.core
        place = core.find(where.name)
        if place is None:
            self._fill(where, write=False)
            return
        line = core.at(place)
        if line.ahead:
            self.missed, line.ahead = where.name, False
            stores = [done for name, done in core.stores if name == where.name]
            arrives = max([self._ahead_comes(place, where.name), *stores])
            if arrives > core.now:
                self.arrives = arrives
                self.stall(arrives - core.now)

    def _write(self, where: Mapped) -> None:
        core = self.core
        place = core.find(where.name)
        if place is None:
            place = self._fill(where, write=True)
        elif core.at(place).ahead and not core.at(place).dirty:
            arrives = self._ahead_comes(place, where.name)
            self._wait_for_a_buffer()
            if arrives > core.now:
                core.stores = [*core.stores[1:], (where.name, arrives)]
        line = core.at(place)
        if line.shared:
            held = self.other.find(where.name)
            if held and where.shareable and self.other.coherent:
                self.other.data[held[0]][held[1]] = None
                self.stall(self.times["core_to_core"])
        line.dirty, line.shared = True, False

    # Stores that miss.

    def _wait_for_a_buffer(self) -> None:
        if self.core.stores[0][1] > self.core.now:
            self.stall(self.core.stores[0][1] - self.core.now)

    def _store_misses(self, name: Name, latency: int) -> None:
        core = self.core
        last, done = core.stores[-1]
        neighbours = last is not None and last[1] == name[1] and abs(last[0] - name[0]) == LINE
        if neighbours and core.store_from_level2 and core.slots - core.store_begun >= 8:
            # A whole line was stored: it needs nothing from level 2.
            done = min(done, core.now)
            core.stores[-1] = (last, done)
        self._wait_for_a_buffer()
        core.store_begun, core.store_from_level2 = core.slots, self.source == FROM_LEVEL2
        comes = core.now + latency
        if self.source == FROM_MEMORY:
            comes = self._memory_pace(comes)
        core.stores = [*core.stores[1:], (name, max(comes, done + self.times["store_miss"]))]

    # The prefetcher.

    def stop_streams(self) -> None:
        for stream in self.core.streams:
            stream.last, stream.seen, stream.ahead = None, 0, None
        self.wanted = None

    def _want(self, stream: Stream, name: Name) -> None:
        stream.last, stream.ahead = name, None
        following = name[0] + stream.distance
        if stream.seen >= 2 and following // PAGE == name[0] // PAGE:
            self.wanted = ((following, name[1]), stream)

    def _watch_miss(self, name: Name) -> None:
        core, count = self.core, self.times["prefetch_streams"]
        if count == 0:
            return
        stream = self._stream_of(core.streams[:count], name)
        if stream is None:
            core.oldest = (core.oldest + 1) % count
            stream = core.streams[core.oldest]
            stream.last, stream.seen = name, 0
            return
        assert stream.last is not None
        distance = name[0] - stream.last[0]
        stream.seen = stream.seen + 1 if stream.seen and distance == stream.distance else 1
        stream.distance = distance
        self._want(stream, name)

    def _stream_of(self, streams: list[Stream], name: Name) -> Stream | None:
        known = [each for each in streams if each.last is not None and each.last[1] == name[1]]
        for each in known:
            assert each.last is not None
            if each.seen and name[0] - each.last[0] == each.distance:
                return each
        for each in known:
            assert each.last is not None
            distance = name[0] - each.last[0]
            if each.last[0] // PAGE == name[0] // PAGE and distance and -8 * LINE <= distance <= 8 * LINE:
                return each
        return None

    def _bring_ahead(self, name: Name, where: Mapped) -> int:
        core = self.core
        if core.find(name) or (self._snoops(where) and self.other.find(name)):
            return 0
        place = core.victim(name)
        self._empty(place)
        latency = self.bring(name, cached=True, fetch=False)
        core.came_from[place] = self.brought or (LEVEL2_SETS - 1, LEVEL2_WAYS - 1)
        core.data[place[0]][place[1]] = Line(name, ahead=True)
        return latency

    def _prefetch(self, where: Mapped, sent: int) -> None:
        if self.wanted is None:
            return
        (name, stream), self.wanted = self.wanted, None
        if (self.level2.enabled and self.level2.find(name)) or self.core.evicted > self.core.now:
            return
        latency = self._bring_ahead(name, where)
        if latency:
            stream.ahead, stream.arrives = name, self._memory_pace(sent + latency)
            self._came_ahead(stream.arrives)

    def _came_ahead(self, arrives: int) -> None:
        if self.source == FROM_MEMORY and self.brought:
            self.level2.under_way(self.brought, arrives)

    # Loads that wait at the same time.

    def _memory_pace(self, done: int) -> int:
        loads = self.core.loads
        loads.memory_line = max(done, loads.memory_line + self.times["memory_refill"])
        return loads.memory_line

    def _line_comes(self, done: int) -> int:
        loads, fills = self.core.loads, self.times["memory_fills"]
        if self.source == FROM_LEVEL2:
            loads.level2_line = max(done, loads.level2_line + self.times["level2_refill"])
            return loads.level2_line
        if self.source == NOWHERE:
            return done
        if fills == 0:
            return self._memory_pace(done)
        when = self._memory_pace(max(done, loads.fills[loads.next_fill] + self.latency))
        loads.fills[loads.next_fill] = when
        loads.next_fill = (loads.next_fill + 1) % min(fills, 4)
        return when

    def _points_near(self, name: Name, address: int) -> bool:
        words = (self.memory.get(name[0] + 4 * number, 0) for number in range(8))
        return any((word - address + PAGE) & 0xFFFF_FFFF < 2 * PAGE for word in words)

    def _address_ready(self, kind: int, rn: int, rm: int) -> int:
        core, loads = self.core, self.core.loads
        begun = core.slots // 2 + loads.stalled - loads.lead
        moments = [loads.ready.get(rn, 0)]
        for _, done, name in loads.misses:
            ready = done + self.times["level1_load"]
            if name and ready > begun and self._points_near(name, core.registers[rn % 16]):
                moments.append(ready)
        if kind == BY_INDEX:
            moments.append(loads.ready.get(rm, 0))
        return max(moments)

    def _overlap(self, kind: int, rd: int, rn: int, rm: int, stalled: int) -> None:
        """Take back what a load waited while others were under way before it."""
        core, loads, window = self.core, self.core.loads, self.times["miss_window"]
        waited, begun = core.stalled - stalled, core.slots // 2 + stalled
        sent = begun
        if kind and stalled == loads.stalled and core.slots - loads.last <= window:
            before = [loads.misses[0][1]]
            before += [done + (core.slots - at - window) // 2 for at, done, _ in loads.misses if core.slots - at > window]
            sent = min(begun, max(begun - loads.lead, *before, self._address_ready(kind, rn, rm)))
        done = max(self._line_comes(sent + waited), self.arrives, begun)
        core.stalled = stalled + done - begun
        loads.lead, loads.stalled, loads.sent, loads.last = done - sent, core.stalled, sent, core.slots
        loads.misses = [*loads.misses[1:], (core.slots, done, self.missed)]
        ready = done + self.times["level1_load"]
        targets = (
            [rd] if kind in (BY_OFFSET, BY_INDEX) else [each for each in range(15) if rd >> each & 1] if kind == BY_LIST else []
        )
        loads.ready |= dict.fromkeys(targets, ready)

    # What a test does.

    def _begin(self) -> int:
        self.source, self.arrives, self.missed = NOWHERE, 0, None
        return self.core.stalled

    def load(self, where: Mapped, kind: int = 0, rd: int = 0, rn: int = 0, rm: int = 0) -> int:
        """Load a word; the cycles that the core waits."""
        stalled = self._begin()
        if self._uses_level1(where):
            self._read(where)
        else:
            self.core.counts["uncached"] += 1
            if where.cached and self.level2.enabled and not on_chip(where.name):
                self.stall(self.bring(where.name, cached=True, fetch=False))
            else:
                self.stall(self.times["on_chip_read" if on_chip(where.name) else "memory_read"])
        waits = self.core.stalled != stalled
        if waits:
            self._overlap(kind, rd, rn, rm, stalled)
        self._prefetch(where, self.core.loads.sent if waits else self.core.now)
        return self.core.stalled - stalled

    def store(self, where: Mapped, value: int) -> int:
        stalled = self._begin()
        if self._uses_level1(where):
            self._write(where)
        else:
            self._write_behind(where)
        self._prefetch(where, self.core.now)
        self.memory[where.physical] = value
        return self.core.stalled - stalled

    def _write_behind(self, where: Mapped) -> None:
        """Send a store that level 1 doesn't cache to level 2 if that holds the line, else to memory."""
        self.core.counts["uncached"] += 1
        held = self.level2.find(where.name) if where.cached and self.level2.enabled and not on_chip(where.name) else None
        if held:
            self.stall(self.level2.hit_latency(self.times["level2_hit"]))
            self.level2.at(held).dirty = True
        else:
            self.stall(self.times["on_chip_read" if on_chip(where.name) else "memory_write"])

    def fetch(self, where: Mapped) -> int:
        core, name, stalled = self.core, where.name, self.core.stalled
        index = name[0] // LINE % SETS
        if not core.caches_code:
            # A buffer holds the line fetched last (A9 TRM 7.3).
            if core.fetched != name[0]:
                core.fetched = name[0]
                core.counts["uncached"] += 1
                self.stall(self.bring(name, cached=True, fetch=True))
            return core.stalled - stalled
        if name not in core.instructions[index]:
            core.counts["fetch misses"] += 1
            empty = [way for way, held in enumerate(core.instructions[index]) if held is None]
            if empty:
                way = empty[0]
            elif core.in_turn:
                way = core.turn = (core.turn + 1) % WAYS
            else:
                way = core.way()
            core.instructions[index][way] = name
            self.stall(self.bring(name, cached=True, fetch=True))
        return core.stalled - stalled

    def preload(self, where: Mapped) -> None:
        """PLD: the line comes behind the core, which waits for nothing."""
        core, stalled = self.core, self.core.stalled
        self.stop_streams()
        latency = self._bring_ahead(where.name, where) if self._uses_level1(where) else 0
        if latency:
            done = core.now + latency
            arrives = self._memory_pace(done) if self.source == FROM_MEMORY else done
            core.preloads = [*core.preloads[1:], (where.name, arrives)]
            self._came_ahead(arrives)
        core.stalled = stalled

    def maintain(self, core: Core, place: tuple[int, int], *, clean: bool, invalidate: bool) -> None:
        line = core.at(place)
        if clean and line.dirty:
            self._write_back(core, place)
            line.dirty = line.ahead = False
        if invalidate:
            core.data[place[0]][place[1]] = None

    @property
    def reaches_other(self) -> bool:
        """Tell whether operations are broadcast (A9 TRM 4.3.10)."""
        return self.core.broadcasts and self.core.coherent and self.other.coherent

    def maintain_line(self, where: Mapped, *, clean: bool, invalidate: bool) -> None:
        """By address: of shareable memory in the other core, too."""
        both = where.shareable and self.reaches_other
        for core in self.cores if both else (self.core,):
            place = core.find(where.name)
            if place:
                self.maintain(core, place, clean=clean, invalidate=invalidate)
