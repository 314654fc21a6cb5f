# SPDX-License-Identifier: Apache-2.0
"""A timeline as a file that the Perfetto UI opens (https://ui.perfetto.dev).

Packets go to the file in batches, so few are kept in memory. Names are written once and referred to by number, as
`track_event.proto` of the Perfetto project describes it. A cycle's time is given in nanoseconds.
"""

from collections.abc import Mapping
from typing import IO, Any

from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import TracePacket, TrackEvent
from perfetto.trace_builder.proto_builder import TraceProtoBuilder

from ovm.machines.trace_timeline import ADDRESSES, CPU, CPU_STRIDE, GUEST, INTERRUPT, SHARED, WALKS, Track

_SEQUENCE = 1
_BATCH = 4096  # packets that are kept in memory
_NANOSECONDS = 1_000_000_000
# Order of the groups in the UI, and their numbers as tracks.
_GROUPS = {CPU: (1, "CPUs"), WALKS: (1, "CPUs"), GUEST: (2, "guests"), INTERRUPT: (3, "interrupts")}
_KIND_NUMBERS = {CPU: 1, WALKS: 2, GUEST: 3, INTERRUPT: 4}


class TraceFile:
    """A writer of slices and instants. `written` counts the events, by the kind of their track."""

    def __init__(self, file: IO[bytes], hz: int, guests: tuple[str, ...]) -> None:
        self._file = file
        self._builder = TraceProtoBuilder()
        self._held = 0
        self._hz = hz
        self._guests = guests
        self._tracks: dict[Track, int] = {}
        self._groups: set[int] = set()
        self._names: dict[str, int] = {}
        self.written: dict[str, int] = dict.fromkeys(_KIND_NUMBERS, 0)
        self._packet().sequence_flags = TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
        for number in range(2):
            self._track((CPU, number))

    def begin(self, track: Track, cycle: int, name: str, facts: Mapping[str, int | str]) -> None:
        """Begin a slice."""
        self._event(track, cycle, TrackEvent.TYPE_SLICE_BEGIN, name, facts)

    def end(self, track: Track, cycle: int) -> None:
        """End the innermost slice."""
        self._event(track, cycle, TrackEvent.TYPE_SLICE_END, "", {})

    def instant(self, track: Track, cycle: int, name: str, facts: Mapping[str, int | str]) -> None:
        """Write an instant."""
        self._event(track, cycle, TrackEvent.TYPE_INSTANT, name, facts)

    def _event(self, track: Track, cycle: int, kind: int, name: str, facts: Mapping[str, int | str]) -> None:
        number = self._track(track)
        packet = self._packet()
        packet.timestamp = cycle * _NANOSECONDS // self._hz
        packet.sequence_flags = TracePacket.SEQ_NEEDS_INCREMENTAL_STATE
        event = packet.track_event
        event.type = kind
        event.track_uuid = number
        if name:
            event.name_iid = self._name(packet, name)
        for key, value in facts.items():
            if isinstance(value, str):
                event.debug_annotations.add(name=key, string_value=value)
            elif key in ADDRESSES:
                event.debug_annotations.add(name=key, pointer_value=value)
            else:
                event.debug_annotations.add(name=key, uint_value=value)
        self.written[track[0]] += 1

    def _name(self, packet: Any, name: str) -> int:
        """Return the number of a name; it is written with the first packet that uses it."""
        number = self._names.get(name)
        if number is None:
            number = self._names[name] = len(self._names) + 1
            packet.interned_data.event_names.add(iid=number, name=name)
        return number

    def _track(self, track: Track) -> int:
        number = self._tracks.get(track)
        if number is None:
            group, title = _GROUPS[track[0]]
            if group not in self._groups:
                self._groups.add(group)
                self._describe(group, 0, title, group)
            number = self._tracks[track] = (_KIND_NUMBERS[track[0]] << 16) + track[1] + 1
            self._describe(number, group, self._title(track), 2 * track[1] + (track[0] == WALKS))
        return number

    def _title(self, track: Track) -> str:
        kind, number = track
        if kind == GUEST:
            return self._guests[number]
        if kind == INTERRUPT:
            cpu, line = divmod(number, CPU_STRIDE)
            return f"interrupt {line}" + (f" of CPU {cpu}" if line < SHARED else "")
        return {CPU: f"CPU {number}", WALKS: f"CPU {number}: page walks"}[kind]

    def _describe(self, number: int, parent: int, name: str, rank: int) -> None:
        packet = self._packet()
        descriptor = packet.track_descriptor
        descriptor.uuid, descriptor.name = number, name
        descriptor.child_ordering = descriptor.EXPLICIT
        descriptor.sibling_order_rank = rank
        if parent:
            descriptor.parent_uuid = parent

    def _packet(self) -> Any:
        """Return a new packet, behind all others."""
        if self._held == _BATCH:
            self.flush()
        self._held += 1
        packet = self._builder.add_packet()
        packet.trusted_packet_sequence_id = _SEQUENCE
        return packet

    def flush(self) -> None:
        """Write the packets that are held; consecutive parts of a trace form a trace."""
        self._file.write(self._builder.serialize())
        self._builder, self._held = TraceProtoBuilder(), 0
