# SPDX-License-Identifier: Apache-2.0
"""A run on QEMU, stopped at each exception of a guest."""

import struct
import subprocess
import time
from contextlib import closing
from pathlib import Path

from tests.board.lockstep.remote import Remote
from tests.board.lockstep.watch import FRAME_BYTES, LINK, PROGRAM_COUNTER, STACK_POINTER, Places, Trace

_FIRST_SECONDS = 20.0


def watch(command: list[str], folder: Path, places: Places, most: int) -> Trace:
    """Run up to `most` exceptions. `command` starts QEMU with everything but its stub for GDB."""
    path = folder / "gdb"
    stub = ["-S", "-chardev", f"socket,path={path},server=on,wait=off,id=gdb", "-gdb", "chardev:gdb"]
    with (folder / "qemu.log").open("w") as log:
        process = subprocess.Popen([*command, *stub], stdout=log, stderr=log)
    try:
        _wait_for(path)
        with closing(Remote(path)) as remote:
            return _Watch(remote, places).run(most)
    finally:
        process.kill()
        process.wait()


def _wait_for(path: Path) -> None:
    end = time.monotonic() + _FIRST_SECONDS
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)


class _Watch:
    def __init__(self, remote: Remote, places: Places) -> None:
        self.remote, self.places, self.trace = remote, places, Trace()
        for place in (places.reset_call, places.guest_stored, places.interrupt):
            remote.stop_at(place)

    def _registers(self) -> list[int]:
        raw = self.remote.ask("g")
        return [*struct.unpack("<16I", bytes.fromhex(raw[:128])), int.from_bytes(bytes.fromhex(raw[-8:]), "little")]

    def run(self, most: int) -> Trace:
        while self.trace.exceptions < most:
            thread = self.remote.go_on()
            registers = self._registers()
            self._note(thread, registers)
            self.remote.step(thread)
        return self.trace

    def _note(self, thread: str, registers: list[int]) -> None:
        places, trace, pc = self.places, self.trace, registers[PROGRAM_COUNTER]
        if pc == places.interrupt:
            trace.interrupts += 1
        elif pc == places.reset_call:
            trace.reset[str(int(thread, 16) - 1)] = registers
        elif pc == places.leaving:
            guest = f"{registers[0]:#x}"
            trace.times.setdefault(guest, []).append(list(struct.unpack("<2I", self.remote.read(registers[0] + 4, 8))))
            self.remote.pass_by(places.leaving)
        else:
            if not trace.memory:
                first, size = places.memory
                trace.memory = self.remote.read(first, size).hex()
            guest_place = registers[STACK_POINTER]
            entry = trace.add(guest_place, registers[LINK], self.remote.read(guest_place, FRAME_BYTES))
            if entry[0] in places.call_links and entry[1] == places.time_call:
                self.remote.stop_at(places.leaving)
