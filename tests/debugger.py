# SPDX-License-Identifier: Apache-2.0
"""GDB on a machine that QEMU emulates."""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def halted_machine(arguments: Sequence[str]) -> Iterator[Path]:
    """QEMU, started by `arguments` and halted before the first instruction; the path of its debugger's socket."""
    with tempfile.TemporaryDirectory(prefix="ovm-gdb-") as folder:  # the path of a socket has to be short
        socket = Path(folder) / "socket"
        chardev = f"socket,id=debugger,path={socket},server=on,wait=off"
        process = subprocess.Popen(
            [*arguments, "-S", "-chardev", chardev, "-gdb", "chardev:debugger"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + 30
            while not socket.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            yield socket
        finally:
            process.kill()
            process.wait()


def run_gdb(program: str, folder: Path, commands: list[str]) -> list[str]:
    """Return what GDB prints, line by line, for a script of commands."""
    script = folder / "commands.gdb"
    script.write_text("\n".join(["set pagination off", "set confirm off", *commands]) + "\n")
    done = subprocess.run([program, "-nx", "-batch", "-x", str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]
