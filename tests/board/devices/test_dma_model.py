# SPDX-License-Identifier: Apache-2.0
"""Random programs of the DMA controller's channels in both worlds, beside channels in plain Python."""

import copy
import random
import struct

import pytest

from ovm.board.ram.storage import DDR_HOST
from tests.board.devices.bench import DISTRIBUTOR, SLCR, Devices
from tests.board.devices.dma_model import Channel, Memory, Shared

SECURE, NORMAL = 0xF800_3000, 0xF800_4000
# Half a segment of 64 MiB that is open to the Non-secure world, and the beginning of one that isn't.
START, BOUNDARY, SIZE = 0x0BFF_F000, 0x0C00_0000, 0x2000
PROGRAM, NOWHERE = START + 0x800, 0x5000_0000
RUNS = 300
LINES = (46, 47, 48, 49, 72, 73, 74, 75)  # of events 0 to 7; 45 is of faults (UG585 7.2.3)


@pytest.fixture(scope="module")
def devices() -> Devices:
    return Devices()


def control(source: random.Random, ns: int) -> int:
    """CCR: beats of 1 to 16 bytes, and now and then of a size that there isn't; the world that a thread may ask for."""
    value = 0
    for shift in (0, 14):
        size = source.choice((0, 1, 2, 3, 4, 5))
        asks = ns if source.random() < 0.9 else source.randrange(2)
        value |= (
            (source.randrange(4) != 0) << shift
            | size << shift + 1
            | source.choice((0, 1, 3, 15)) << shift + 4
            | asks << shift + 9
        )
    return value | source.getrandbits(1) << 8


def move(source: random.Random, ns: int) -> bytes:
    which = source.choice((0, 0, 1, 2, 2)) if source.random() < 0.97 else source.randrange(3, 8)
    if which == 1:
        return struct.pack("<BBI", 0xBC, 1, control(source, ns))
    near = source.choice((START + 0x100, START + 0x400, BOUNDARY - 0x40, BOUNDARY + 0x200, START + SIZE - 40))
    address = near + source.randrange(32) if source.random() < 0.97 else NOWHERE
    return struct.pack("<BBI", 0xBC, which, address)


def instruction(source: random.Random, ns: int) -> bytes:
    choice = source.random()
    if choice < 0.25:
        return move(source, ns)
    if choice < 0.7:
        opcode = source.choice((4, 4, 4, 8, 8, 8, 0x0C, 0x05, 0x07, 0x09, 0x0B, 0x25, 0x27, 0x29, 0x2B))
        return bytes([opcode, source.getrandbits(8)]) if opcode & 0x20 else bytes([opcode])
    if choice < 0.8:
        return (
            struct.pack("<BH", source.choice((0x54, 0x56)), source.randrange(64))
            if source.random() < 0.5
            else struct.pack("<BH", source.choice((0x5C, 0x5E)), 0x10000 - source.randrange(1, 32))
        )
    if choice < 0.9:
        return bytes([source.choice((0x34, 0x34, 0x36)), source.randrange(source.choice((4, 16, 18))) << 3])
    if choice < 0.97:
        return bytes([source.choice((0x12, 0x13, 0x18))]) if source.random() < 0.7 else bytes([0x35, 0x10])
    return source.choice(
        (bytes([0]), bytes([1]), bytes([0x30 | source.randrange(4), 8]), bytes([0xFF]), bytes([0x40]), bytes([0x60]))
    )


def program(source: random.Random, ns: int) -> bytes:
    """Instructions with loops around some of them."""
    code = struct.pack("<BBIBBIBBI", 0xBC, 0, START + 0x100, 0xBC, 2, START + 0x400, 0xBC, 1, control(source, ns))
    for _ in range(source.randrange(1, 10)):
        body = b"".join(instruction(source, ns) for _ in range(source.randrange(1, 4)))
        if source.random() < 0.3:
            counter = source.randrange(2)
            code += (
                bytes([0x20 | counter << 1, source.randrange(5)])
                + body
                + bytes([0x38 | counter << 2 | source.choice((0, 0, 3)), len(body)])
            )
        else:
            code += body
    return code + b"\x00"


def registers(devices: Devices, interface: int, channel: int) -> list[int | None]:
    """FTR, CSR, CPC, SAR, DAR, CCR, LC0, LC1."""
    places = (
        0x40 + 4 * channel,
        0x100 + 8 * channel,
        0x104 + 8 * channel,
        *(0x400 + 32 * channel + 4 * index for index in range(5)),
    )
    return [devices.read(interface + place) for place in places]


def go(devices: Devices, channel: int, ns: int, at: int) -> None:
    devices.write(SECURE + 0xD08, (0xA0 | ns << 1) << 16 | channel << 24)
    devices.write(SECURE + 0xD0C, at)
    devices.write(SECURE + 0xD04, 0)


def begin(devices: Devices, source: random.Random) -> tuple[Memory, Shared]:
    devices.reset()
    devices.unlock()
    devices.write(SLCR + 0x430, 1 << (START >> 26))
    shared = Shared(enabled=source.getrandbits(16), open=source.getrandbits(16))
    devices.write(SLCR + 0x444, shared.open)
    devices.write(SLCR + 0x20C, 1)
    devices.write(SLCR + 0x20C, 0)
    devices.write(SECURE + 0x20, shared.enabled)
    memory = Memory(bytearray(source.randbytes(SIZE)), START, lambda address: address >= BOUNDARY)
    return memory, shared


def test_programs(devices: Devices) -> None:
    source = random.Random(4)
    outcomes: dict[int, int] = {}
    for number in range(RUNS):
        if number % 10 == 0:
            memory, shared = begin(devices, source)
        ns, channel = source.randrange(2), source.randrange(8)
        code = program(source, ns)
        at = PROGRAM if source.random() < 0.97 else NOWHERE
        memory.data[PROGRAM - START : PROGRAM - START + len(code)] = code
        model = Channel(copy.deepcopy(memory), copy.deepcopy(shared), at, ns)
        # Loop counters, addresses and what a channel waited for last stay.
        before = registers(devices, SECURE, channel)
        model.source, model.destination, model.control, *model.loops = (each or 0 for each in before[3:])
        model.event = (before[1] or 0) >> 4 & 31
        model.run()
        if model.memory.outside:
            continue
        devices.memory.write(DDR_HOST + START, bytes(memory.data))
        memory, shared = model.memory, model.shared
        outcomes[model.fault or -model.status] = outcomes.get(model.fault or -model.status, 0) + 1
        go(devices, channel, ns, at)
        devices.now += 40 * model.executed + 40 * model.moved + 20_000
        check(devices, model, channel, f"{number}: {code.hex()} {model.fault:x}")
        if model.status:
            devices.write(SECURE + 0xD08, 1 | channel << 8 | 1 << 16)  # DMAKILL by the debug interface
            devices.write(SECURE + 0xD04, 0)
        if source.random() < 0.3:
            cleared = source.getrandbits(16)
            devices.write((SECURE, NORMAL)[ns] + 0x2C, cleared)
            shared.interrupts &= ~(cleared & (shared.open if ns else 0xFFFF))
    assert {0, -4, -7, 1, 2, 1 << 5, 1 << 7, 1 << 12, 1 << 13, 1 << 16, 1 << 17, 1 << 18} <= set(outcomes), outcomes


def check(devices: Devices, model: Channel, channel: int, about: str) -> None:
    """Compare all that can be seen, by both interfaces: the Non-secure one shows Non-secure channels and events alone."""
    shared = model.shared
    status = model.status | model.event << 4 | model.ns << 21
    expected = [model.fault, status, model.pc, model.source, model.destination, model.control, *model.loops]
    assert registers(devices, SECURE, channel) == expected, about
    assert registers(devices, NORMAL, channel) == (expected if model.ns else [0] * 8), about
    assert devices.memory.read(DDR_HOST + START, SIZE) == bytes(model.memory.data), about
    faulting = (model.status == 15) << channel
    for interface, seen in ((SECURE, 0xFFFF), (NORMAL, shared.open)):
        found = [devices.read(interface + offset) for offset in (0x00, 0x04, 0x20, 0x24, 0x28, 0x30, 0x34, 0x38)]
        raised, waiting = shared.interrupts & seen, (shared.interrupts | shared.events) & seen
        assert found == [0, 0, shared.enabled & seen, waiting, raised, 0, faulting, 0], about
        fixed = [devices.read(interface + offset) for offset in (*range(0xE00, 0xE18, 4), *range(0xFE0, 0x1000, 4))]
        assert fixed == [0x001E_3071, 0x74, 0, 0, shared.open, 0x07FF_7F73, 0x30, 0x13, 0x24, 0, 0x0D, 0xF0, 5, 0xB1]
    levels = (devices.read(DISTRIBUTOR + 0xD04) or 0) | (devices.read(DISTRIBUTOR + 0xD08) or 0) << 32
    wanted = {line: bool(shared.interrupts >> event & 1) for event, line in enumerate(LINES)} | {45: bool(faulting)}
    assert {line: bool(levels >> line - 32 & 1) for line in wanted} == wanted, about


def test_an_instruction_takes_three_cycles(devices: Devices) -> None:
    """One of CPU_2x (UG585 25.3), sixteen at a time."""
    begin(devices, random.Random(1))
    devices.memory.write(DDR_HOST + PROGRAM, b"\x18" * 40 + b"\x00")
    go(devices, 2, 0, PROGRAM)
    begun = devices.now + 1
    for moment, pc in ((0, 0), (1, 16), (48, 16), (49, 32), (96, 32), (97, 41)):
        devices.now = begun - 1 + moment
        assert (devices.read(SECURE + 0x104 + 16) or 0) == PROGRAM + pc, moment


@pytest.mark.parametrize("manager_ns", range(2))
def test_orders_to_the_manager(devices: Devices, manager_ns: int) -> None:
    """DBGINST through both interfaces: DMAGO, DMAKILL, DMASEV and what there isn't (DDI0424 3.3.21); DBGCMD takes 0 alone."""
    source = random.Random(manager_ns)
    devices.reset()
    devices.unlock()
    devices.write(SLCR + 0x440, manager_ns)
    devices.write(SLCR + 0x444, 0x00F0)
    devices.write(SLCR + 0x20C, 1)
    devices.write(SLCR + 0x20C, 0)
    devices.memory.write(DDR_HOST + PROGRAM, b"\x36\x20")  # waits for event 4
    fault, events, interrupts, running = 0, 0, 0, dict[int, int]()
    devices.write(SECURE + 0x20, 0x0F0F)
    for step in range(300):
        ns, channel, command = source.randrange(2), source.randrange(8), source.choice((0, 0, 0, 0, 1, 3, 4))
        wants_ns, of_channel = source.randrange(2), source.random() < 0.3
        operation = source.choice((0xA0 | wants_ns << 1, 0x01, 0x34, 0x18))
        number = source.choice((0, 1, 6, 7, 8, 9))
        second = channel if operation >= 0xA0 else number << 3
        interface = (SECURE, NORMAL)[ns]
        devices.write(interface + 0xD08, of_channel | channel << 8 | operation << 16 | second << 24)
        devices.write(interface + 0xD0C, PROGRAM)
        devices.write(SLCR + 0x430, 1 << (START >> 26))
        devices.write(interface + 0xD04, command)
        obeyed = command & 3 == 0 and not (ns and not manager_ns)
        if obeyed and of_channel:
            if operation == 1 and (not ns or running.get(channel) == 1):
                running.pop(channel, None)
        elif obeyed and operation >= 0xA0:
            if manager_ns and not wants_ns:
                fault = 1 << 4
            elif channel not in running:
                running[channel] = wants_ns
        elif obeyed and operation == 1:
            fault = 0
        elif obeyed and operation == 0x34:
            bit = 1 << number & (0x00F0 if manager_ns else 0xFFFF)
            interrupts |= bit & 0x0F0F
            events |= bit & ~0x0F0F
        elif obeyed:
            fault = 1
        devices.now += 1000
        found = [devices.read(SECURE + offset) for offset in (0x00, 0x24, 0x28, 0x30, 0x38)]
        status = (15 if fault else 0) | manager_ns << 9
        assert found == [status, events | interrupts, interrupts, int(fault != 0), fault], (step, operation)
        lines = (devices.read(DISTRIBUTOR + 0xD04) or 0) >> 45 - 32 & 1
        assert lines == (fault != 0), step
        assert {each for each in range(8) if (devices.read(SECURE + 0x100 + 8 * each) or 0) & 15} == set(running), step
        if source.random() < 0.3:
            devices.write(SECURE + 0x2C, 0xFFFF)
            interrupts = 0
