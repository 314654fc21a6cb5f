# SPDX-License-Identifier: Apache-2.0
"""The server that waits for a debugger and serves it until it leaves."""

import select
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from ovm.machines.errors import MachineError
from ovm.machines.gdb.packets import ACCEPTED, INTERRUPT, REPEAT, Arrived, Decoder, framed
from ovm.machines.gdb.session import NO_SENSE, Session
from ovm.machines.gdb.target import Target

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 1234
_CHUNK = 1 << 16


@dataclass
class Link:
    """The connection: packets in, answers out, and whether the user pressed Ctrl-C."""

    connection: socket.socket
    _decoder: Decoder = field(default_factory=Decoder)
    _waiting: list[Arrived] = field(default_factory=list)
    closed: bool = False

    def next(self) -> Arrived | None:
        """Return the next thing that arrived; None when the debugger has gone."""
        while not self._waiting and not self.closed:
            self._receive()
        return self._waiting.pop(0) if self._waiting else None

    def interrupted(self) -> bool:
        """Return whether Ctrl-C has arrived, or the debugger has gone, while the machine runs."""
        while not self.closed and select.select([self.connection], [], [], 0)[0]:
            self._receive()
        found = [each for each in self._waiting if each.data == INTERRUPT and not each.packet]
        for each in found:
            self._waiting.remove(each)
        return bool(found) or self.closed

    def send(self, data: bytes) -> None:
        """Send bytes; a debugger that has gone is no error."""
        try:
            self.connection.sendall(data)
        except OSError:
            self.closed = True

    def _receive(self) -> None:
        try:
            data = self.connection.recv(_CHUNK)
        except OSError:
            data = b""
        self.closed = not data
        self._waiting += self._decoder.feed(data)


def serve(target: Target, connection: socket.socket) -> str:
    """Serve one debugger; return how it left: `detached`, `killed` or `gone`. Its breakpoints are removed."""
    link = Link(connection)
    session = Session(target, link.interrupted)
    last = b""
    try:
        while not session.ended:
            arrived = link.next()
            if arrived is None:
                break
            if not arrived.packet:
                if arrived.data == REPEAT and not session.quiet:
                    link.send(last)
                continue
            if not session.quiet:
                link.send(ACCEPTED if arrived.good else REPEAT)
            if arrived.good:
                last = _answer(session, arrived.data)
                link.send(last)
    finally:
        session.forget()
    return session.ended or "gone"


def _answer(session: Session, packet: bytes) -> bytes:
    try:
        answer = session.answer(packet)
    except Exception:  # noqa: BLE001 - a debugger gets an error as its answer, never a broken connection
        answer = NO_SENSE
    return b"" if answer is None else framed(answer.encode("latin-1"))


class Server:
    """A listening server. `where` is the argument for `target remote`."""

    def __init__(self, port: int = DEFAULT_PORT, host: str = DEFAULT_HOST) -> None:
        try:
            self._listener = socket.create_server((host, port), backlog=1)
        except OSError as error:
            raise MachineError(
                "R110",
                f"can't wait for a debugger at {host}:{port}",
                found=str(error),
                fix="choose another port: --gdb-port 0 takes any that is free",
            ) from error
        found = self._listener.getsockname()
        self.where = f"{found[0]}:{found[1]}"

    def serve(self, target: Target, said: Callable[[str], None] = lambda text: None) -> str:
        """Serve debuggers, one after another, until one detaches or kills; `said` hears of each."""
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            said("a debugger has connected")
            with connection:
                how = serve(target, connection)
            if how != "gone":
                said(f"the debugger has {'detached' if how == 'detached' else 'ended the run'}")
                return how
            said("the debugger has gone; the machine is halted and waits for another one")

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()
