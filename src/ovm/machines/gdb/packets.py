# SPDX-License-Identifier: Apache-2.0
"""Packets of the GDB remote protocol: `$data#checksum`, with `}` before each escaped byte.

No input is an error: bytes outside packets are skipped, a wrong checksum is answered with `-`, a packet that
never ends is dropped when it is too long.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from string import hexdigits

MOST_BYTES = 0x4000
INTERRUPT = b"\x03"
ACCEPTED = b"+"
REPEAT = b"-"
_ESCAPE = 0x7D
_SPECIAL = frozenset(b"#$}*")


def number(text: str) -> int:
    """Return a number as packets have it: hexadecimal digits and nothing else; `ValueError` otherwise."""
    if not text or set(text) - set(hexdigits):
        raise ValueError(text)
    return int(text, 16)


def thread_number(text: str) -> int:
    """Return a thread: its number, 0 for any, -1 for all."""
    return -1 if text == "-1" else number(text)


def framed(data: bytes) -> bytes:
    """Return the packet that carries `data`."""
    escaped = bytearray()
    for byte in data:
        if byte in _SPECIAL:
            escaped += bytes((_ESCAPE, byte ^ 0x20))
        else:
            escaped.append(byte)
    return b"$" + bytes(escaped) + b"#%02x" % (sum(escaped) & 0xFF)


def unescaped(data: bytes) -> bytes:
    """Return the data of a packet that arrived."""
    plain = bytearray()
    index = 0
    while index < len(data):
        if data[index] == _ESCAPE and index + 1 < len(data):
            index += 1
            plain.append(data[index] ^ 0x20)
        else:
            plain.append(data[index])
        index += 1
    return bytes(plain)


@dataclass(frozen=True)
class Arrived:
    """One thing that arrived: a packet's data, or INTERRUPT, ACCEPTED, REPEAT; `good` is False for a wrong checksum."""

    data: bytes
    packet: bool = False
    good: bool = True


@dataclass
class Decoder:
    """A decoder that cuts a stream into packets, in whatever pieces the stream arrives."""

    _left: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[Arrived]:
        """Take bytes in; return all packets that are complete."""
        self._left += data
        while self._left:
            head = bytes(self._left[:1])
            if head == b"$":
                end = self._left.find(b"#")
                if end < 0 or len(self._left) < end + 3:
                    if len(self._left) > 2 * MOST_BYTES:
                        self._left.clear()
                        yield Arrived(b"", packet=True, good=False)
                    return
                body, digits = bytes(self._left[1:end]), bytes(self._left[end + 1 : end + 3])
                del self._left[: end + 3]
                yield Arrived(unescaped(body), packet=True, good=digits.lower() == b"%02x" % (sum(body) & 0xFF))
                continue
            del self._left[:1]
            if head in (INTERRUPT, ACCEPTED, REPEAT):
                yield Arrived(head)
