# SPDX-License-Identifier: Apache-2.0
"""An image of streams on QEMU and on the board."""

import struct
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

from ovm.board.api import Board
from ovm.machines.qmp import Qmp
from tests.board.streams.image import FINISHED, RECORD_BYTES, RESULTS, Left, read, symbol

_SECONDS = 120.0
_MOST_CYCLES = 20_000_000_000


def on_qemu(image: bytes, count: int) -> list[Left]:
    """Run on QEMU's Zynq, whose memory is where the board has it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "image.elf").write_bytes(image)
        command = ["qemu-system-arm", "-M", "xilinx-zynq-a9", "-m", "64M", "-display", "none", "-serial", "none"]
        command += ["-kernel", str(folder / "image.elf"), "-qmp", f"unix:{folder / 'qmp'},server=on,wait=off"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with closing(Qmp(folder / "qmp")) as control:
                _wait(control, folder, symbol(image, "finished"))
                return read(_dump(control, folder, RESULTS, count * RECORD_BYTES))
        finally:
            process.kill()
            process.wait()


def _dump(control: Qmp, folder: Path, place: int, size: int) -> bytes:
    control.execute("pmemsave", val=place, size=size, filename=str(folder / "dump"))
    return (folder / "dump").read_bytes()


def _wait(control: Qmp, folder: Path, finished: int) -> None:
    end = time.monotonic() + _SECONDS
    while struct.unpack("<I", _dump(control, folder, finished, 4))[0] != FINISHED:
        if time.monotonic() > end:
            raise TimeoutError("QEMU has not come to the end of the streams")
        time.sleep(0.02)


class OnBoard:
    """The board, used for one image after the other."""

    def __init__(self) -> None:
        self.board = Board()

    def run(self, image: bytes, count: int) -> list[Left]:
        """Run an image; what it left. An instruction that is UNPREDICTABLE stops the run with its place."""
        board = self.board
        board.reset()
        board.start(board.load(image))
        at = board.breakpoints.add(symbol(image, "finish"))
        stop = board.run(cycles=_MOST_CYCLES)
        board.breakpoints.remove(at)
        if stop.reason != "breakpoint":
            raise Stopped(stop.reason, stop.pc)
        return read(board.read(RESULTS, count * RECORD_BYTES))


class Stopped(Exception):
    """The board doesn't go on: an instruction is UNPREDICTABLE."""

    def __init__(self, reason: str, pc: int) -> None:
        super().__init__(f"{reason} at {pc:#x}")
        self.reason, self.pc = reason, pc
