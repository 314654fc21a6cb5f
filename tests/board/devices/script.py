# SPDX-License-Identifier: Apache-2.0
"""Scripts of register accesses to private devices, run on ours and on QEMU's; random ones for interrupt controllers.

On QEMU's vexpress-a9 a small program reads the script from memory, obeys it in the state that each step names, and leaves
what it read behind it; QMP fetches that.
"""

import json
import random
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.board.devices.bench import DISTRIBUTOR, INTERFACE, Devices

END, WRITE, READ, WRITE_BYTE, END_LAST, DELAY = range(6)
DELAY_CYCLES = 100_000  # longer than any interval that is to end, as on QEMU 2^15 instructions are
RAM = 0x6000_0000
_SCRIPT, _RESULTS, _DONE = RAM + 0x1_0000, RAM + 0x8_0000, RAM + 0x7_0000
_PRIVATE = 0x1E00_0000  # of the vexpress-a9
_PRIVATE_NUMBERS = 0xF800_FFFF  # QEMU has interrupts 16 to 26, which the Cortex-A9 has not
_NUMBERS = [*range(4), *range(60, 72)]

# r0 script, r1 where it came from; SVC mode, Secure at first. SCR.NS is set here, and cleared again by an SMC.
_PROGRAM = [
    0xE59F_0098,  # ldr r0, script
    0xE59F_4098,  # ldr r4, results
    0xE59F_1098,  # ldr r1, vectors
    0xEE0C_1F30,  # mcr p15, 0, r1, c12, c0, 1    MVBAR
    # loop:
    0xE8B0_000E,  # ldmia r0!, {r1, r2, r3}
    0xE201_600F,  # and r6, r1, #15
    0xE311_0010,  # tst r1, #16
    0x13A0_7001,  # movne r7, #1
    0x1E01_7F11,  # mcrne p15, 0, r7, c1, c1, 0   Non-secure from here
    0xE356_0001,  # cmp r6, #1
    0x0582_3000,  # streq r3, [r2]
    0xE356_0003,  # cmp r6, #3
    0x05C2_3000,  # strbeq r3, [r2]
    0xE356_0004,  # cmp r6, #4
    0x0582_5000,  # streq r5, [r2]
    0xE356_0002,  # cmp r6, #2
    0x0592_3000,  # ldreq r3, [r2]
    0x0484_3004,  # streq r3, [r4], #4
    0xE356_0005,  # cmp r6, #5
    0x1A00_0002,  # bne to the smc
    0xE3A0_3901,  # mov r3, #0x4000
    0xE253_3001,  # subs r3, r3, #1
    0x1AFF_FFFD,  # bne to the subs
    0xE160_0070,  # smc #0                        Secure again
    0xE356_0002,  # cmp r6, #2
    0x0202_60FF,  # andeq r6, r2, #255
    0x0356_000C,  # cmpeq r6, #12
    0x01A0_5003,  # moveq r5, r3                  what ICCIAR gave
    0xE201_600F,  # and r6, r1, #15
    0xE356_0000,  # cmp r6, #0
    0x1AFF_FFE4,  # bne loop
    0xE59F_1028,  # ldr r1, done
    0xE3A0_2001,  # mov r2, #1
    0xE581_2000,  # str r2, [r1]
    0xE320_F003,  # wfi
    0xEAFF_FFFD,  # b wfi
]


@dataclass(frozen=True)
class Step:
    """One access; END_LAST writes what ICCIAR gave last."""

    what: int
    address: int
    value: int
    ns: int


def make(seed: int, length: int) -> list[Step]:
    """Return a script that begins with everything enabled and stays where both manuals and both models are defined."""
    source = random.Random(seed)
    groups = private = source.getrandbits(32) & _PRIVATE_NUMBERS
    steps = [Step(WRITE, DISTRIBUTOR, 3, 0), Step(WRITE, INTERFACE, 0xB, 0), Step(WRITE, INTERFACE + 4, 0xF8, 0)]
    point = source.randrange(2, 7)
    steps += [Step(WRITE, INTERFACE + 8, point, 0), Step(WRITE, INTERFACE + 0x1C, point + 1, 0)]
    for word in (0, 4, 8):
        groups = source.getrandbits(32) if word else groups
        steps.append(Step(WRITE, DISTRIBUTOR + 0x80 + word, groups, 0))
        steps.append(Step(WRITE, DISTRIBUTOR + 0x100 + word, 0xFFFF_FFFF if word else _PRIVATE_NUMBERS, 0))
    for number in _NUMBERS:
        steps.append(Step(WRITE_BYTE, DISTRIBUTOR + 0x400 + number, source.getrandbits(8), 0))
        if number >= 32:
            steps.append(Step(WRITE_BYTE, DISTRIBUTOR + 0x800 + number, 1, 0))
    steps += [_step(source, private) for _ in range(length)]
    return steps


def _step(source: random.Random, groups: int) -> Step:
    sgi = source.randrange(4)
    # QEMU sends an SGI whatever its group is: send as that wants it.
    sgi |= (groups >> sgi & 1) << 15
    number, ns = source.choice(_NUMBERS), source.randrange(2)
    word, bit = number // 32 * 4, 1 << number % 32
    kinds = [
        (4, READ, INTERFACE + 0x0C, 0),
        (4, END_LAST, INTERFACE + 0x10, 0),
        (2, READ, INTERFACE + 0x14, 0),
        (1, READ, INTERFACE, 0),
        (1, READ, INTERFACE + 4, 0),
        (1, WRITE, INTERFACE, source.choice((0xB, 0xF, 0x1F, 0x3, 0x13))),
        (1, WRITE, INTERFACE + 4, source.choice((0xF8, 0xFF, 0xC0, 0x90, 0x40))),
        (1, READ, INTERFACE + 8, 0),
        (3, WRITE, DISTRIBUTOR + 0x200 + word, bit),
        (1, WRITE, DISTRIBUTOR + 0x280 + word, bit),
        (1, WRITE, DISTRIBUTOR + 0x100 + word, bit),
        (1, WRITE, DISTRIBUTOR + 0x180 + word, bit),
        (1, WRITE_BYTE, DISTRIBUTOR + 0x400 + number, source.getrandbits(8)),
        (1, WRITE, DISTRIBUTOR + 0xF00, 0x0001_0000 | sgi),
        (1, WRITE, DISTRIBUTOR + 0xF00, 0x0200_0000 | sgi),
        *((1, READ, DISTRIBUTOR + base + word, 0) for base in (0x80, 0x100, 0x180, 0x200, 0x280, 0x300)),
        (1, READ, DISTRIBUTOR + 0x400 + (number & ~3), 0),
        (1, READ, DISTRIBUTOR, 0),
    ]
    _, what, address, value = source.choices(kinds, [kind[0] for kind in kinds])[0]
    if address == DISTRIBUTOR + 0xF00:
        ns = 0
    return Step(what, address, value, ns)


def on_ours(devices: Devices, steps: list[Step]) -> list[int | None]:
    """Return what our controller gives."""
    results, last = [], 0
    for step in steps:
        if step.what == READ:
            value = devices.read(step.address, ns=step.ns)
            results.append(value)
            if step.address == INTERFACE + 0x0C:
                last = value or 0
        elif step.what == DELAY:
            devices.now += DELAY_CYCLES
        elif step.what == END_LAST:
            devices.write(step.address, last, ns=step.ns)
        else:
            devices.write(step.address, step.value, 4 if step.what == WRITE else 1, ns=step.ns)
    return results


def on_qemu(steps: list[Step]) -> list[int]:
    """Return what QEMU's gives."""
    count = sum(step.what == READ for step in steps)
    words = b"".join(
        struct.pack("<III", step.what | step.ns << 4, step.address - 0xF8F0_0000 + _PRIVATE, step.value) for step in steps
    )
    with tempfile.TemporaryDirectory() as folder:
        image, results = Path(folder, "image"), Path(folder, "results")
        code = struct.pack(f"<{len(_PROGRAM)}I", *_PROGRAM)
        code = code.ljust(0xA0, b"\0") + struct.pack("<IIII", _SCRIPT, _RESULTS, RAM + 0x200, _DONE)
        # Monitor vectors: an SMC clears SCR.NS and returns to the Secure state.
        monitor = struct.pack("<IIII", 0, 0, 0xE3A0_7000, 0xEE01_7F11) + struct.pack("<I", 0xE1B0_F00E)
        image.write_bytes(code.ljust(0x200, b"\0") + monitor.ljust(_SCRIPT - RAM - 0x200, b"\0") + words + bytes(12))
        _run(image, results, count * 4)
        return list(struct.unpack(f"<{count}I", results.read_bytes()))


def _run(image: Path, results: Path, size: int) -> None:
    command = ["qemu-system-arm", "-M", "vexpress-a9", "-m", "64M", "-smp", "1", "-display", "none", "-serial", "none"]
    command += ["-device", f"loader,file={image},addr={RAM:#x},force-raw=on", "-device", f"loader,addr={RAM:#x},cpu-num=0"]
    # Time by instructions, 16 ns each: what a delay is does not depend on this machine.
    command += ["-icount", "shift=4,sleep=off", "-qmp", "stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as qemu:
        assert qemu.stdin
        assert qemu.stdout
        qemu.stdout.readline()
        _ask(qemu, "qmp_capabilities")
        for _ in range(6000):
            time.sleep(0.01)
            _ask(qemu, "pmemsave", val=_DONE, size=4, filename=str(results))
            if results.read_bytes() == b"\1\0\0\0":
                break
        else:
            qemu.kill()
            raise AssertionError("QEMU did not come to the end of the script")
        _ask(qemu, "pmemsave", val=_RESULTS, size=size, filename=str(results))
        _ask(qemu, "quit")


def _ask(qemu: "subprocess.Popen[str]", command: str, **arguments: object) -> None:
    assert qemu.stdin
    assert qemu.stdout
    qemu.stdin.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    qemu.stdin.flush()
    while True:
        answer = json.loads(qemu.stdout.readline())
        assert "error" not in answer, answer
        if "return" in answer:
            return
