# SPDX-License-Identifier: Apache-2.0
"""The debugger's protocol on a machine that does almost nothing: answers, errors, garbage."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.machines.gdb.packets import INTERRUPT, MOST_BYTES, Arrived, Decoder, framed
from ovm.machines.gdb.server import Server, serve
from ovm.machines.gdb.session import Session
from tests.machines.gdb_target import CP15, VIRTUAL, FakeTarget


def session(target: FakeTarget | None = None) -> tuple[Session, FakeTarget]:
    target = target or FakeTarget()
    return Session(target, lambda: False), target


def ask(one: Session, *packets: str) -> list[str | None]:
    return [one.answer(packet.encode("latin-1")) for packet in packets]


def description(one: Session) -> ElementTree.Element:
    text = ""
    while not text.startswith("l"):
        offset = max(len(text) - 1, 0)
        (part,) = ask(one, f"qXfer:features:read:target.xml:{offset:x},400")
        assert part is not None and part[0] in "ml"
        text = part[0] + text[1:] + part[1:]
    return ElementTree.fromstring(text[1:].split("?>", 1)[1].split(">", 1)[1])


def numbers(one: Session) -> dict[str, int]:
    registers = [each for each in description(one).iter("reg")]
    assert [int(each.attrib["regnum"]) for each in registers] == list(range(len(registers)))
    return {each.attrib["name"]: int(each.attrib["regnum"]) for each in registers}


def test_the_description_names_every_register_once() -> None:
    one, target = session()
    found = numbers(one)
    assert set(target.register_names()) - set(found) == {"r13", "r14", "r15", "TTBR0"}
    features = [each.attrib["name"] for each in description(one).iter("feature")]
    assert features == ["org.gnu.gdb.arm.core", "org.gnu.gdb.arm.vfp", "ovm.banked", "ovm.cp15"]
    last = description(one).findall("feature")[-1]
    assert [each.attrib["name"] for each in last] == [name for name in CP15 if name != "TTBR0"]


def test_registers_of_each_core() -> None:
    one, target = session()
    number = numbers(one)
    changes = f"P{number['TTBR0_NS']:x}=78563412", f"P{number['d31']:x}=8877665544332211", "Pf=04800000"
    assert ask(one, "Hg2", *changes) == ["OK"] * 4
    assert target.registers[1] == {"TTBR0_NS": 0x12345678, "d31": 0x1122334455667788, "r15": 0x8004}
    assert ask(one, f"p{number['d31']:x}", "pf", "Hg1", "pf") == ["8877665544332211", "04800000", "OK", "00000000"]
    everything = "".join(f"{value:02x}000000" for value in range(17))
    assert ask(one, "G" + everything, "g") == ["OK", everything]
    assert target.registers[0]["cpsr"] == 16 and target.registers[0]["r13"] == 13


def test_memory_by_virtual_and_by_physical_address() -> None:
    one, target = session()
    target.memory[0x1000:0x1004] = b"\1\2\3\4"
    assert ask(one, f"m{VIRTUAL:x},4", f"m{VIRTUAL + 0xFFE:x},4") == ["01020304", "0000"]
    assert ask(one, f"m{VIRTUAL - 4:x},4", f"M{VIRTUAL + 0xFFE:x},4:01020304", "m1000,4") == ["E14", "E14", "01020304"]
    assert ask(one, f"M{VIRTUAL:x},2:aabb", "m1000,4") == ["OK", "aabb0304"]
    assert one.answer(b"X1000,4:$#}*") == "OK"
    assert target.memory[0x1000:0x1004] == b"$#}*"
    assert ask(one, "qqemu.PhyMemMode", "Qqemu.PhyMemMode:1", "qqemu.PhyMemMode", f"m{VIRTUAL:x},4") == ["0", "OK", "1", "E14"]


def test_running_and_stopping() -> None:
    one, target = session()
    assert ask(one, "?", "Z0,100,4", "c") == ["T05thread:1;core:0;", "OK", "T05thread:1;core:0;swbreak:;"]
    assert target.get(0, "pc") == 0x100
    assert ask(one, "z0,100,4", "z0,100,4", "vCont;s:2;c") == ["OK", "OK", "T05thread:2;core:1;"]
    assert ask(one, "vCont?", "vCont;c", "Hc1", "s") == ["vCont;c;C;s;S", "T02thread:1;core:0;", "OK", "T05thread:1;core:0;"]
    assert ask(one, "Z2,200,4", "vCont;c") == ["OK", "T05thread:2;core:1;watch:200;"]
    assert ask(one, "z2,200,4", "Z3,200,4", "vCont;c") == ["OK", "OK", "T05thread:2;core:1;rwatch:200;"]
    assert ask(one, "bs", "bc") == ["T05thread:2;core:1;", "T05thread:1;core:0;"]
    assert target.log[-2:] == ["back 1", "back None"]


@pytest.mark.parametrize(
    ("packet", "step"),
    [("vCont;s:0", 1), ("vCont;s:-1", 1), ("vCont;s", 1), ("vCont;s:1", 0), ("vCont;s:1;c", 0), ("vCont;c:2;s:1", 0)]
    + [("vCont;c:1;s", 1), ("vCont;c;s:1", 0), ("vCont;c:1;c:2;s", None)]
    + [("vCont;S05:2", 1), ("vCont;c:0", None), ("vCont;C05", None)],
)
def test_any_thread_is_the_present_one(packet: str, step: int | None) -> None:
    one, target = session()
    ask(one, "Hg2", packet)
    assert target.log == [f"resume {step}"]


def test_going_on_from_an_address() -> None:
    one, target = session()
    assert ask(one, "s200", "pf", "S05;300", "pf", "S05", "pf") == [
        *("T05thread:1;core:0;", "04020000", "T05thread:1;core:0;", "04030000", "T05thread:1;core:0;", "08030000"),
    ]
    target.set(0, "cpsr", 0x1F3)
    assert ask(one, "s202", "pf", "s203") == ["T05thread:1;core:0;", "06020000", "E01"]
    target.set(0, "cpsr", 0x1D3)
    assert ask(one, "Z0,404,4", "c400", "pf") == ["OK", "T05thread:1;core:0;swbreak:;", "04040000"]


def test_breakpoints_may_come_twice() -> None:
    one, target = session()
    assert ask(one, "Z0,102,2", "Z0,102,2", "Z1,102,3", "Z2,101,1", "Z2,101,1") == ["OK"] * 5
    assert len(target.breakpoints) == 2 and len(target.watchpoints) == 1
    assert ask(one, "z0,102,2", "z0,102,2", "z1,102,3", "z2,101,1", "z2,101,1") == ["OK"] * 5
    assert not target.breakpoints and not target.watchpoints


def test_only_a_reversible_machine_goes_back() -> None:
    one, _ = session(FakeTarget(reversible=False))
    assert ask(one, "bs", "bc") == ["", ""]
    assert "Reverse" not in str(ask(one, "qSupported")[0])


def test_threads_are_cores() -> None:
    one, _ = session()
    assert ask(one, "qfThreadInfo", "qsThreadInfo", "qC", "T2", "T3", "Hg3", "qAttached") == [
        *("m1,2", "l", "QC1", "OK", "E01", "E01", "1"),
    ]
    (extra,) = ask(one, "qThreadExtraInfo,2")
    assert extra is not None and bytes.fromhex(extra) == b"core 1 counts"


def monitor(one: Session, command: str) -> str:
    (answer,) = ask(one, "qRcmd," + command.encode().hex())
    assert answer is not None
    return bytes.fromhex(answer).decode()


def test_monitor_commands() -> None:
    one, target = session()
    target.memory[0x1000:0x1008] = bytes(range(0x41, 0x49))
    target.set(0, "TTBR0_S", 0x4000)
    assert monitor(one, "phys 0x1000 8") == "0x00001000  44434241 48474645                    ABCDEFGH\n"
    assert monitor(one, "translate 0x80000010") == "0x80000010 leads to 0x00001010\n"
    assert monitor(one, "translate 0x70000010") == "0x70000010 is not mapped\n"
    assert monitor(one, "cp15 TTBR0_S") == "TTBR0_S      0x00004000\n"
    assert monitor(one, "physical on") == "addresses are physical now\n"
    assert monitor(one, "hello") == "core 0 says hello\n"
    assert monitor(one, "cpu 1 hello") == "core 1 says hello\n"
    assert "not understood" in monitor(one, "cpu 2 hello")
    assert "hello" in monitor(one, "help") and "phys ADDRESS" in monitor(one, "help")
    assert "not understood" in monitor(one, "nonsense") and "not understood" in monitor(one, "phys here")
    assert "no memory" in monitor(one, "phys 0x70000000")
    assert "begins again" in monitor(one, "reset") and target.log[-1] == "reset"


@pytest.mark.parametrize(
    "packet",
    ["G00", "p", "pffff", "P1", "P1=00", "P1=zz", "m", "m1", "mzz,1", "M0,4:00", "M0,1:zz", "X0,9:1", "Hg9", "T", "Tzz", "Z0"]
    + ["Z0,zz,4", "vCont;x", "qXfer:features:read:target.xml:zz", "qThreadExtraInfo,9", "qRcmd,zz", "Z0,0"]
    # Numbers are hexadecimal digits, and nothing that Python takes for a number beside.
    + ["p-1", "p+1", "p0x1", "p1_0", "p 1", "P-1=00000000", "m-4,4", "m0,-1", "T-1", "T0", "Hg-2", "Hg", "Hx1", "Hcp1.1"]
    # Breakpoints: kinds 2, 3 and 4 of ARM, aligned; watchpoints within 32 bits.
    + ["Z0,101,2", "Z0,102,4", "Z1,101,3", "Z0,100,0", "Z0,100,99", "Z0,100000000,4", "Z2,100,0", "Z2,fffffffe,8", "z0,zz,4"]
    + ["vCont;", "vCont;c;s", "vCont;s:3", "vCont;s:", "vCont;s:p1.1", "vCont;s:-2", "vCont;t", "vCont;C", "vCont;C0:1"]
    + ["vCont;Czz", "vCont;r0,4:1", "c101", "c2", "s100000000", "czz", "C", "Czz", "S05;zz", "c-4"],
)
def test_nonsense_gets_an_error(packet: str) -> None:
    one, _ = session()
    (answer,) = ask(one, packet)
    assert answer is not None and answer.startswith("E")


@pytest.mark.parametrize("packet", ["", "vMustReplyEmpty", "qNothing", "Qnothing", "Z9,0,4", "z7,0,4", "A", "vRun;", "\xff", "R"])
def test_what_is_not_known_gets_the_empty_answer(packet: str) -> None:
    one, _ = session()
    assert ask(one, packet) == [""]


def test_full_of_breakpoints() -> None:
    one, _ = session()
    assert ask(one, *(f"Z0,{number:x},4" for number in range(0, 36, 4))) == ["OK"] * 8 + ["E14"]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=5), st.randoms(use_true_random=False))
def test_packets_survive_any_cutting(packets: list[bytes], chance: random.Random) -> None:
    stream = b"".join(framed(packet) for packet in packets) + INTERRUPT
    decoder = Decoder()
    found: list[Arrived] = []
    while stream:
        length = chance.randint(1, len(stream))
        found += decoder.feed(stream[:length])
        stream = stream[length:]
    assert [each.data for each in found if each.packet and each.good] == packets
    assert found[-1].data == INTERRUPT and not found[-1].packet


def test_a_packet_without_end_is_dropped() -> None:
    decoder = Decoder()
    found = list(decoder.feed(b"$" + b"x" * (3 * MOST_BYTES)))
    assert [each.good for each in found] == [False]
    assert [each.data for each in decoder.feed(framed(b"g"))] == [b"g"]


PIECES = st.one_of(
    st.sampled_from(["m", "M", "X", "Z0", "z2", "Hg", "Hc-1", "vCont;", "vCont;s:", "qXfer:", "qRcmd,", "P", "p", "G", "T", ":"]),
    st.sampled_from(["qSupported", "qXfer:features:read:target.xml:", "qqemu.PhyMemMode", ";c", ";s", "=", ",", "bs", "bc"]),
    st.integers(0, 1 << 40).map(lambda value: f"{value:x}"),
    st.text(st.characters(max_codepoint=255), max_size=6),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=6).map("".join), max_size=10))
def test_every_packet_is_survived(packets: list[str]) -> None:
    one, target = session()
    for packet in packets:
        one.answer(packet.encode("latin-1"))
        one.ended = ""
    assert ask(one, "qAttached", "?")[0] == "1"
    one.forget()
    assert not target.breakpoints and not target.watchpoints


@contextmanager
def connected(target: FakeTarget) -> Iterator[tuple[socket.socket, list[str]]]:
    ours, theirs = socket.socketpair()
    how: list[str] = []
    thread = threading.Thread(target=lambda: how.append(serve(target, theirs)))
    thread.start()
    ours.settimeout(20)
    try:
        yield ours, how
    finally:
        ours.close()
        thread.join(20)
        theirs.close()


def receive(connection: socket.socket, until: bytes) -> bytes:
    found = b""
    while not found.endswith(until):
        found += connection.recv(1)
    return found


def test_a_connection_is_served_through_noise() -> None:
    target = FakeTarget()
    with connected(target) as (link, how):
        link.sendall(b"noise$qAttached#00")
        assert receive(link, b"-") == b"-"
        link.sendall(b"$?#3")
        link.sendall(b"f" + framed(b"QStartNoAckMode"))
        assert receive(link, framed(b"OK")) == b"+" + framed(b"T05thread:1;core:0;") + b"+" + framed(b"OK")
        link.sendall(framed(b"Z0,4000,4") + framed(b"Z2,100,4") + framed(b"c") + b"\x03")
        assert receive(link, framed(b"T02thread:1;core:0;"))
        link.sendall(framed(b"D"))
        assert receive(link, framed(b"OK")) == framed(b"OK")
    assert how == ["detached"]
    assert not target.breakpoints and not target.watchpoints


def test_a_debugger_that_goes_without_a_word() -> None:
    target = FakeTarget()
    with connected(target) as (link, how):
        link.sendall(framed(b"Z0,4000,4") + b"$unfinished")
        receive(link, b"+" + framed(b"OK"))
    assert how == ["gone"]
    assert not target.breakpoints


def test_the_server_takes_one_debugger_after_another() -> None:
    server = Server(0)
    said: list[str] = []
    how: list[str] = []
    target = FakeTarget()
    thread = threading.Thread(target=lambda: how.append(server.serve(target, said.append)))
    thread.start()
    host, _, port = server.where.partition(":")
    for packet in (b"?", b"k"):
        with socket.create_connection((host, int(port)), 20) as link:
            link.sendall(framed(packet))
            receive(link, b"+")
    thread.join(20)
    server.close()
    assert how == ["killed"]
    assert len(said) == 4
