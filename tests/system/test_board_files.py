# SPDX-License-Identifier: Apache-2.0
"""A board file may stand on another one: it says what differs, and diagnostics name the file that has the value."""

from pathlib import Path

import pytest

from ovm.shipped import BOARDS, known_boards, merged, names_in
from ovm.system.boards import load_board
from ovm.system.problems import DescriptionError

OWN = """
[board]
base = "zc702"
name = "own"
cpus = 1
[ram]
bytes = "256MiB"
[device.can0]
irq = [3, 4]
[[reserved]]
address = 0x10_0000
bytes = "1MiB"
why = "a test"
"""


def refused(file: Path) -> str:
    with pytest.raises(DescriptionError) as caught:
        load_board(file, file.name)
    return str(caught.value)


def test_a_file_says_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    own, base = load_board(file), load_board(BOARDS / "zc702.toml")
    assert (own.name, own.cpus, own.ram.length, own.timer_hz) == ("own", 1, 256 << 20, base.timer_hz)
    assert own.devices["can0"].irqs == (3, 4)
    assert own.devices["can0"].range == base.devices["can0"].range
    assert {name: each for name, each in own.devices.items() if name != "can0"}.keys() == base.devices.keys() - {"can0"}
    assert [each.why for each in own.reserved] == ["a test"]
    assert (own.parameters, own.security, own.registers) == (base.parameters, base.security, base.registers)


def test_tables_merge_and_all_else_replaces() -> None:
    base = {"a": {"b": 1, "c": {"d": 2}}, "l": [{"x": 1}, {"x": 2}], "t": {"u": 1}}
    own = {"a": {"c": {"e": 3}}, "l": [{"x": 3}], "t": 5}
    assert merged(base, own) == {"a": {"b": 1, "c": {"d": 2, "e": 3}}, "l": [{"x": 3}], "t": 5}


def test_a_diagnostic_names_the_file_that_has_the_value(tmp_path: Path) -> None:
    (tmp_path / "boards").mkdir()
    base = (BOARDS / "zc702.toml").read_text().replace('lockdown = true\n', 'lockdown = "yes"\n')
    (tmp_path / "boards" / "basis.toml").write_text(base)
    own = tmp_path / "boards" / "own.toml"
    own.write_text('[board]\nbase = "basis"\nname = "own"\ncpus = 9\n[ram]\nbytes = "1GiB"\nbites = 1\n')
    text = refused(own)
    assert f"error[S104]: boards/basis.toml:{base[: base.index('lockdown =')].count(chr(10)) + 1}:" in text
    assert "error[S107]: own.toml:4:8: 'cpus' is out of range" in text
    assert "error[S102]: own.toml:7:1: unknown key 'bites' in [ram]" in text


def test_a_file_may_have_the_name_of_what_it_stands_on(tmp_path: Path) -> None:
    (tmp_path / "boards").mkdir()
    own = tmp_path / "boards" / "zc702.toml"
    own.write_text('[board]\nbase = "zc702"\nname = "mine"\n')
    assert load_board(own).name == "mine"
    assert known_boards(tmp_path)["zc702"] == own
    assert known_boards(tmp_path, own)["zc702"] == BOARDS / "zc702.toml"


def test_a_base_is_a_board_or_a_path(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[board]\nbase = "zc703"\n')
    assert refused(own) == (
        "error[S109]: own.toml:2:8: unknown board 'zc703'\n"
        '    base = "zc703"\n'
        "           ^^^^^^^\n"
        f"  expected: one of: {', '.join(names_in(BOARDS))}, or the path of a board file\n"
        "  fix:      write 'zc702'"
    )
    (tmp_path / "other.toml").write_text('[board]\nbase = "zc702"\nname = "other"\n')
    own.write_text('[board]\nbase = "other.toml"\ncpus = 1\n')
    assert (load_board(own).name, load_board(own).cpus) == ("other", 1)


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c")])
def test_boards_do_not_stand_on_each_other(names: tuple[str, ...], tmp_path: Path) -> None:
    for name, base in zip(names, (*names[1:], names[0]), strict=True):
        (tmp_path / f"{name}.toml").write_text(f'[board]\nbase = "{base}.toml"\n')
    text = refused(tmp_path / "a.toml")
    assert "error[S119]" in text
    assert "the board 'a.toml' stands on this one, which stands on it" in text


def test_only_so_many_stand_on_one_another(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"b{number}.toml").write_text(f'[board]\nbase = "b{number + 1}.toml"\n')
    assert "error[S119]: " in refused(tmp_path / "b0.toml")
    assert "'b9.toml' would be the base of 9 boards, one on the other" in refused(tmp_path / "b0.toml")


def test_a_zynq_says_where_it_has_what_ovm_stops(tmp_path: Path) -> None:
    lines = (BOARDS / "zc702.toml").read_text().split("\n")
    gone = ("triple_timers =", "watchdog =", "configuration =")
    gone += ("[on_chip]", "address = 0xFFFC", 'bytes = "256KiB"', "scu_filter =")
    (tmp_path / "own.toml").write_text("\n".join(line for line in lines if not line.startswith(gone)))
    text = refused(tmp_path / "own.toml")
    assert "'triple_timers' of [core] names no two devices" in text
    assert "[core] lacks the key 'watchdog'" in text
    assert "[core] lacks the key 'configuration'" in text
    assert "the file lacks the key 'on_chip'" in text


def test_wrong_places_are_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[board]\nbase = "zc702"\n[core]\nlevel2_filter = [1, 2]\ntriple_timers = ["ttc7", "ttc1"]\n'
        '[device.uart0]\nirq = [1, 5000]\n[window.own]\naddress = 1\nbytes = "4KiB"\n'
    )
    text = refused(own)
    assert "error[S108]: own.toml:4:18: 'level2_filter' of [core] is not aligned" in text
    assert "error[S105]: own.toml:5:17: 'triple_timers' of [core] names no two devices" in text
    assert "error[S107]: own.toml:7:11: 'irq' is out of range" in text
    assert "error[S108]: own.toml:9:11: 'address' of [window.own] is not aligned" in text
