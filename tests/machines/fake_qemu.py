#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands in for QEMU: plays a recorded stream on standard output and answers on the control socket.

`FAKE_STREAM` names the recording, `FAKE_AFTER` what to do at its end: `wait` (as a machine whose CPUs are parked), `exit`,
or `fail`, which complains and fails before it prints anything.
"""

import json
import os
import socket
import sys
import threading
import time


def serve(path: str) -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)
    connection, _ = server.accept()
    lines = connection.makefile("rwb")
    lines.write(b'{"QMP": {}}\n')
    lines.flush()
    for line in lines:
        request = json.loads(line)
        if request["execute"] == "pmemsave":
            wanted = request["arguments"]
            if wanted["val"] == 0x13:
                answer = {"error": {"desc": "unlucky address"}}
            else:
                with open(wanted["filename"], "wb") as file:
                    file.write(bytes(index % 251 for index in range(wanted["size"])))
                answer = {"return": {}}
        else:
            answer = {"return": {}}
        lines.write(b'{"event": "SOMETHING"}\n' + json.dumps(answer).encode() + b"\n")
        lines.flush()


def main() -> int:
    after = os.environ.get("FAKE_AFTER", "wait")
    if after == "fail":
        print("fake-qemu: unsupported machine type\nUse -machine help", file=sys.stderr)
        return 1
    option = next(each for each in sys.argv if each.startswith("unix:"))
    threading.Thread(target=serve, args=(option[5:].split(",")[0],), daemon=True).start()
    with open(os.environ["FAKE_STREAM"], "rb") as file:
        for line in file:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
    if after == "wait":
        time.sleep(60)
    return 0


if __name__ == "__main__":
    sys.exit(main())
