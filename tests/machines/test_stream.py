# SPDX-License-Identifier: Apache-2.0
"""Lines of the UART become events; nothing that a guest or noise can send raises."""

from hypothesis import given
from hypothesis import strategies as st

from ovm.machines.stream import PORT_LINE, ConsoleLine, OtherLine, Port, Record, parse_line


def test_console_lines() -> None:
    assert parse_line(b"[desk-a] hello [x]  world") == ConsoleLine("desk-a", "hello [x]  world")
    assert parse_line(b"[desk] ") == ConsoleLine("desk", "")
    assert parse_line(b"[desk]") == ConsoleLine("desk", "")
    assert parse_line(b"[desk]   indented") == ConsoleLine("desk", "  indented")


def test_records() -> None:
    assert parse_line(b"\x1eend reason=time ticks=0x1f4") == Record("end", {"reason": "time", "ticks": 500})
    record = parse_line(b"\x1erefusal guest=rogue pc=0x10 address=16 owner=desk")
    assert isinstance(record, Record)
    assert (record.number("pc"), record.number("address"), record.word("owner")) == (16, 16, "desk")
    assert record.number("owner") == 0
    assert record.word("missing") == ""


def test_what_is_neither() -> None:
    assert parse_line(b"Uncompressing...") == OtherLine("Uncompressing...")
    assert parse_line(b"[Desk] x") == OtherLine("[Desk] x")
    assert parse_line(b"\x1e") == OtherLine("")
    assert parse_line(b"\x1eend reason") == OtherLine("end reason")
    assert parse_line(b" \x1eend reason=time") == OtherLine(" \x1eend reason=time")


@given(st.binary(max_size=80).filter(lambda line: b"\n" not in line))
def test_any_line_is_an_event(line: bytes) -> None:
    event = parse_line(line)
    assert isinstance(event, Record) == (line.startswith(b"\x1e") and not isinstance(event, OtherLine))


def test_console_bytes_are_utf_8() -> None:
    assert parse_line("[desk] größer 時".encode()) == ConsoleLine("desk", "größer 時")
    assert parse_line(b"[desk] \xff\xe9.") == ConsoleLine("desk", "\\xff\\xe9.")


def test_a_port_of_a_guest_is_its_console() -> None:
    """Whole lines, whatever a record looks like; nothing that a terminal would obey; no line without end."""
    heard: list[ConsoleLine] = []
    port = Port("a", heard.append)
    port.hear(b"one\r\ntw")
    port.hear(b"o\n\x1eend reason=time\n[b] x\n\x1b[2J\xff\n")
    assert [line.text for line in heard] == ["one", "two", "\\x1eend reason=time", "[b] x", "\\x1b[2J\\xff"]
    assert {line.guest for line in heard} == {"a"}
    port.hear(b"x" * PORT_LINE)
    assert heard[-1].text == "x" * PORT_LINE
    port.hear(b"rest")
    port.flush()
    port.flush()
    assert [line.text for line in heard[-2:]] == ["x" * PORT_LINE, "rest"]
    port.hear(b"gone")
    port.forget()
    port.flush()
    assert heard[-1].text == "rest"
