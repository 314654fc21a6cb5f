# SPDX-License-Identifier: Apache-2.0
"""GDB's remote protocol, the few packets that watching a machine takes (GDB manual, appendix E)."""

import socket
from pathlib import Path


class Remote:
    """A connection to QEMU's stub."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._socket.settimeout(60)
        self._buffer = b""
        self.ask("QStartNoAckMode")
        self._socket.sendall(b"+")

    def ask(self, packet: str) -> str:
        """Send a packet and give the answer."""
        raw = packet.encode()
        self._socket.sendall(b"$" + raw + b"#%02x" % (sum(raw) & 0xFF))
        while True:
            start = self._buffer.find(b"$")
            end = self._buffer.find(b"#", start)
            if start >= 0 and end >= 0 and len(self._buffer) >= end + 3:
                answer = self._buffer[start + 1 : end].decode("latin-1")
                self._buffer = self._buffer[end + 3 :]
                return answer
            received = self._socket.recv(1 << 16)
            if not received:
                raise EOFError("QEMU ended")
            self._buffer += received

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def read(self, address: int, size: int) -> bytes:
        """Memory as the chosen CPU sees it."""
        parts = [self.ask(f"m{at:x},{min(1024, address + size - at):x}") for at in range(address, address + size, 1024)]
        return bytes.fromhex("".join(parts))

    def stop_at(self, address: int) -> None:
        """Insert a breakpoint on all CPUs."""
        if self.ask(f"Z0,{address:x},4") != "OK":
            raise ValueError(f"no breakpoint at {address:#x}")

    def pass_by(self, address: int) -> None:
        """Remove a breakpoint."""
        self.ask(f"z0,{address:x},4")

    def go_on(self) -> str:
        """Run to the next breakpoint; the result is the CPU that met it, which is the chosen one then."""
        stop = self.ask("vCont;c")
        thread = stop[stop.index("thread:") + 7 :].split(";")[0]
        self.ask(f"Hg{thread}")
        return thread

    def step(self, thread: str) -> None:
        """Let one CPU execute one instruction, whatever breakpoint it stands at."""
        self.ask(f"vCont;s:{thread}")
