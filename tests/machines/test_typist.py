# SPDX-License-Identifier: Apache-2.0
"""Typed bytes reach the guest in focus, in order, and never more at once than its buffer holds."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ovm.abi.uart import FIRST_NUMBER, SELECT
from ovm.machines.errors import MachineError
from ovm.machines.stream import Record
from ovm.machines.typist import Typist, typist_for
from ovm.system.load import load

ROOT = Path(__file__).parents[2]
GUESTS = {"one": 1, "two": 2}
BOOT = Record("boot", {})
SIZE = 8


class Ovm:
    """The other end, as `ovm.core.input` describes it: buffers of SIZE bytes, and records; guests take when told to."""

    def __init__(self, typist: Typist) -> None:
        self._typist = typist
        self._chosen = ""
        self._selects = False
        self.buffers: dict[str, deque[int]] = {name: deque() for name in GUESTS}
        self.got: dict[str, bytes] = dict.fromkeys(GUESTS, b"")
        self._given = dict.fromkeys(GUESTS, 0)
        typist.hear(BOOT)

    def send(self, data: bytes, most: int = 5) -> int:
        """Take at most so many bytes, as a UART does."""
        for byte in data[:most]:
            if self._selects and byte != SELECT:
                self._chosen = {1: "one", 2: "two"}[byte - FIRST_NUMBER]
                self._selects = False
                self._tell(self._chosen)
            elif byte == SELECT and not self._selects:
                self._selects = True
            else:
                self._selects = False
                self.buffers[self._chosen].append(byte)
                self._given[self._chosen] += 1
                assert len(self.buffers[self._chosen]) <= SIZE
        return min(len(data), most)

    def take(self, name: str, count: int) -> None:
        for _ in range(min(count, len(self.buffers[name]))):
            self.got[name] += bytes((self.buffers[name].popleft(),))
        if name == self._chosen:
            self._tell(name)

    def _tell(self, name: str) -> None:
        taken = self._given[name] - len(self.buffers[name])
        fields: dict[str, int | str] = {"guest": name, "size": SIZE, "given": self._given[name], "taken": taken, "lost": 0}
        self._typist.hear(Record("input", fields))


STEP = some.one_of(
    some.tuples(some.just("type"), some.binary(max_size=30)),
    some.tuples(some.just("choose"), some.sampled_from(list(GUESTS))),
    some.tuples(some.just("send"), some.integers(1, 70)),
    some.tuples(some.just("take"), some.tuples(some.sampled_from(list(GUESTS)), some.integers(1, 9))),
)


@settings(deadline=None, max_examples=200)
@given(some.lists(STEP, max_size=60))
def test_everything_arrives_in_order_and_within_the_room(steps: list[tuple[str, object]]) -> None:
    typist = Typist(GUESTS, "one")
    ovm = Ovm(typist)
    wanted = dict.fromkeys(GUESTS, b"")
    for what, value in steps:
        if what == "type" and isinstance(value, bytes):
            typist.type(value)
            wanted[typist.focus] += value
        elif what == "choose":
            typist.choose(str(value))
        elif what == "send" and isinstance(value, int):
            typist.send(lambda data, most=value: ovm.send(data, most))  # type: ignore[misc]
        elif isinstance(value, tuple):
            ovm.take(*value)
    for _ in range(2000):
        typist.send(ovm.send)
        for name in GUESTS:
            ovm.take(name, SIZE)
    assert ovm.got == wanted


def test_nothing_is_sent_before_ovm_has_booted() -> None:
    typist = Typist(GUESTS, "two")
    typist.type(b"x")
    sent: list[bytes] = []

    def send(data: bytes) -> int:
        sent.append(data)
        return len(data)

    typist.send(send)
    assert sent == []
    typist.hear(BOOT)
    typist.send(send)
    typist.send(send)
    assert sent == [bytes((SELECT, FIRST_NUMBER + 2))]


@pytest.mark.parametrize(
    ("name", "problem"), [("tick", "guest 'tick' has no input"), ("nobody", "no guest is called 'nobody'")]
)
def test_only_guests_with_input(name: str, problem: str) -> None:
    with pytest.raises(MachineError) as caught:
        typist_for(load(ROOT / "systems" / "chat.toml"), name)
    assert caught.value.code == "R114"
    assert str(caught.value).splitlines()[:2] == [f"error[R114]: {problem}", "  found:    guests with input: first, second"]
