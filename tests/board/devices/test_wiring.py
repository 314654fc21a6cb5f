# SPDX-License-Identifier: Apache-2.0
"""The machine has what the board file says: memory, cores, clocks, addresses and interrupts of other boards."""

from pathlib import Path

import pytest

from ovm.board.api import Board
from ovm.board.api.errors import BoardError
from ovm.board.api.wiring import faults, read_values, wired
from ovm.board.state import Cpu
from ovm.metal.lang.kinds import ArrayType
from ovm.shipped import BOARDS, merged
from tests.board.devices.bench import DISTRIBUTOR, SLCR, Devices

ZC702, PYNQ, MINIZED = (read_values(BOARDS / f"{name}.toml") for name in ("zc702", "pynq-z2", "minized"))
HALF = 512 << 20
SCU_CONFIGURATION = 0xF8F0_0004


def on(values: dict[str, object]) -> Devices:
    return Devices(machine=wired(values))


def test_memory_ends_where_the_board_file_says() -> None:
    for values, answers in ((ZC702, True), (PYNQ, False)):
        machine = on(values)
        assert machine.read(HALF - 4) is not None
        assert (machine.read(HALF) is not None) == answers
        assert machine.write(HALF, 1) == answers
        assert machine.read((1 << 30) - 4) == (0 if answers else None)
        assert machine.read(1 << 30) is None


def test_registers_count_the_cores() -> None:
    for values, cores in ((ZC702, 2), (MINIZED, 1)):
        machine = on(values)
        assert (machine.read(SCU_CONFIGURATION) or 0) & 3 == cores - 1
        assert (machine.read(DISTRIBUTOR + 4) or 0) >> 5 & 7 == cores - 1
        machine.write(DISTRIBUTOR + 0x800 + 52, 3, 1)
        assert machine.read(DISTRIBUTOR + 0x800 + 52, 1) == (1 << cores) - 1


def test_a_core_that_is_not_there_never_runs() -> None:
    board = Board(described=MINIZED)
    assert [core.number for core in board.cores] == [0]
    code = b"".join(
        word.to_bytes(4, "little")
        for word in (
            0xE3A0_04F8, 0xE30D_1F0D, 0xE580_1008,  # unlock the SLCR
            0xE3A0_1000, 0xE580_1244,  # let CPU 1 out of reset, its clock too
            0xE320_F004, 0xEAFF_FFFE,  # sev; b .
        )
    )  # fmt: skip
    board.write(0x10_0000, code)
    board.start(0x10_0000)
    board.run(cycles=100_000)
    assert board.now >= 100_000
    assert board.static("state.CORES", ArrayType(Cpu, 2)).get(1, "instructions") == 0
    with pytest.raises(BoardError, match="no such core"):
        board.step(1)


def test_the_console_is_as_the_boot_loader_leaves_it() -> None:
    """115,200 baud: the generator counts 62 of 50 MHz, or 124 of 100 MHz, to a seventh of a bit; the other UART is reset."""
    for values, console, generator in ((ZC702, 1, 62), (PYNQ, 0, 124), (MINIZED, 1, 124)):
        machine = on(values)
        assert machine.read(0xE000_0018 + console * 0x1000) == generator
        assert machine.read(0xE000_1018 - console * 0x1000) == 0x28B


@pytest.mark.parametrize(("values", "cycles"), [(ZC702, 62 * 7 * 10 * 40 // 3), (PYNQ, 124 * 7 * 10 * 13 // 2), (MINIZED, 57866)])
def test_a_byte_takes_the_time_of_the_boards_clocks(values: dict[str, object], cycles: int) -> None:
    """650 MHz are 6.5 of 100 MHz; 666.67 MHz are 6.667 of 100 MHz and 13.33 of 50 MHz."""
    machine = Devices(machine=wired(values), parameters={"uart_timed": 1})
    machine.reset(uart_timed=1)
    base = 0xE000_0000 + 0x1000 * int(wired(values).words["console"])
    machine.write(base + 0x30, ord("x"))
    machine.now = cycles - 1
    assert (machine.read(base + 0x2C) or 0) >> 11 & 1
    machine.now = cycles
    assert not (machine.read(base + 0x2C) or 0) >> 11 & 1


def test_registers_of_the_slcr_are_the_boards() -> None:
    for values, pll, code in ((ZC702, 40, 7), (PYNQ, 26, 7), (MINIZED, 40, 3)):
        machine = on(values)
        assert (machine.read(SLCR + 0x100) or 0) >> 12 & 0x7F == pll
        assert (machine.read(SLCR + 0x530) or 0) >> 12 & 0x1F == code


def test_a_device_answers_where_the_board_file_says() -> None:
    moved = merged(ZC702, {"device": {"uart1": {"address": 0xE020_5000}, "ttc0": {"irq": [60, 61, 62]}}})
    machine = on(moved)
    assert machine.read(0xE020_5018) == 62
    assert machine.read(0xE000_1018) == 0
    machine.write(DISTRIBUTOR + 0x104, 0xFFFF_FFFF)
    for offset, value in ((0x24, 10), (0x60, 1), (0x0C, 2)):  # interval, its interrupt, on
        machine.write(0xF800_1000 + offset, value)
    machine.now = 10_000
    assert (machine.read(DISTRIBUTOR + 0x204) or 0) >> (60 - 32) & 1
    assert not (machine.read(DISTRIBUTOR + 0x204) or 0) >> (42 - 32) & 1


def test_what_the_machine_cannot_be_is_said_with_its_place() -> None:
    wrong = merged(
        ZC702,
        {
            "slcr": {"arm_pll_ctl": 1},
            "core": {"uart": "uart7"},
            "board": {"cpu_hz": 0},
            "ram": {"bytes": "2GiB"},
            "on_chip": {"bytes": "64KiB"},
        },
    )
    found = {path: error.code for path, error in faults(wrong)}
    assert found == {
        ("slcr", "arm_pll_ctl"): "R218", ("core", "uart"): "R219", ("board",): "R219", ("ram",): "R219", ("on_chip",): "R219",
    }  # fmt: skip
    with pytest.raises(BoardError, match="write 'arm_pll_ctrl'"):
        wired(wrong)


def test_a_file_with_a_value_missing_is_refused() -> None:
    for table, key in (("on_chip", "scu_filter"), ("device", "private"), ("core", "level2_filter"), ("slcr", "io_pll_ctrl")):
        left = {**ZC702, table: {name: value for name, value in ZC702[table].items() if name != key}}
        with pytest.raises(BoardError, match="R219"):
            wired(left)
    for table in ("slcr", "on_chip", "ram", "board", "core", "device"):
        with pytest.raises(BoardError, match="R219"):
            wired({name: value for name, value in ZC702.items() if name != table})


def test_a_board_file_stands_on_another(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[board]\nbase = "pynq-z2"\ncpus = 1\n')
    assert wired(read_values(tmp_path / "own.toml")).cores == 1
    (tmp_path / "own.toml").write_text('[board]\nbase = "nothing"\n')
    with pytest.raises(BoardError, match="stands on 'nothing'"):
        read_values(tmp_path / "own.toml")
