# SPDX-License-Identifier: Apache-2.0
"""A client for the part of QEMU's machine protocol that a run needs (QEMU, docs/interop/qmp-spec)."""

import json
import socket
import time
from pathlib import Path
from typing import Any

from ovm.machines.errors import MachineError

_ANSWER_SECONDS = 30.0
_CONNECT_SECONDS = 10.0


class Qmp:
    """A connection over a Unix socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_ANSWER_SECONDS)
        try:
            self._connect(path)
            self._lines = self._socket.makefile("rb")
            self._read()
            self.execute("qmp_capabilities")
        except OSError as error:
            self._socket.close()
            raise MachineError("R103", f"QEMU's control socket does not answer: {error}") from error

    def execute(self, command: str, **arguments: Any) -> Any:
        """Run one command and give what it returns."""
        message = {"execute": command, **({"arguments": arguments} if arguments else {})}
        self._socket.sendall(json.dumps(message).encode() + b"\n")
        while True:
            answer = self._read()
            if "error" in answer:
                raise MachineError("R103", f"QEMU refused '{command}': {answer['error'].get('desc', answer['error'])}")
            if "return" in answer:
                return answer["return"]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _connect(self, path: Path) -> None:
        """Connect; QEMU makes its socket a moment after it has started."""
        deadline = time.monotonic() + _CONNECT_SECONDS
        while True:
            try:
                self._socket.connect(str(path))
                return
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _read(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise MachineError("R103", "QEMU closed its control socket")
        value = json.loads(line)
        return value if isinstance(value, dict) else {}
