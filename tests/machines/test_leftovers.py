# SPDX-License-Identifier: Apache-2.0
"""Guests do the same whatever a boot loader left behind: one state after the other, and in random combinations."""

import functools

import pytest

from ovm.abi.config import Level
from ovm.board.devices.private_timer import Countdown
from ovm.board.devices.signal import HELD_CLOCK, Signals
from ovm.machines.broken import leftover_text, refusal_text
from ovm.machines.stream import Record, parse_line
from ovm.metal.build.elf import Elf
from tests.machines.leftover_registers import registers
from tests.machines.leftover_states import STATES
from tests.machines.leftovers import Trial, combinations, what_shows

COMBINATIONS, SEED = 24, 7
# A place in the board's array of countdowns.
WATCHDOG_1 = 3
MOST_SECONDS = 100


@functools.cache
def trial() -> Trial:
    return Trial()


@functools.cache
def undisturbed() -> list[str]:
    lines = trial().run([])
    # It is no run in which nothing worked: every guest printed, and OVM came to its end.
    assert any(line.startswith("[pulse]") for line in lines)
    assert any(line.startswith("\x1eguest name=beat") and " svc=" in line for line in lines)
    assert any(line.startswith("\x1eexit guest=hello status=0") for line in lines)
    assert any(line.startswith("\x1eend reason=time") for line in lines)
    return lines


@functools.cache
def undisturbed_registers() -> dict[str, int]:
    trial().run([])
    return registers(trial().board)


@pytest.mark.parametrize("state", STATES)
def test_nothing_shows_of_what_a_loader_left(state: str) -> None:
    expected, shown = undisturbed_registers(), undisturbed()
    assert what_shows(trial().run([state]), shown) == []
    assert registers(trial().board) == expected


@pytest.mark.parametrize("chosen", list(combinations(COMBINATIONS, SEED)), ids=lambda chosen: f"{len(chosen)} states")
def test_nothing_shows_of_several_at_once(chosen: list[str]) -> None:
    expected, shown = undisturbed_registers(), undisturbed()
    assert what_shows(trial().run(chosen), shown) == [], chosen
    assert registers(trial().board) == expected, chosen


def test_a_loaders_abort_is_said_to_be_the_loaders() -> None:
    lines = trial().run(["an external abort pending"])
    found = [parse_line(line.encode()) for line in lines if line.startswith("\x1eloader")]
    assert [each.fields for each in found if isinstance(each, Record)] == [{"left": "abort", "status": 0x406}]
    assert "0x406" in leftover_text({"left": "abort", "status": 0x406})


def test_an_scu_that_shuts_ovm_out_is_refused() -> None:
    lines = trial().run(["SCU closed to CPU 0"])
    assert [line for line in lines if line.startswith("\x1ebroken")] == ["\x1ebroken why=scu"]
    said = refusal_text({"why": "scu"})
    assert said is not None
    assert "loader" in said
    # Nothing of a guest.
    assert not [line for line in lines if line.startswith("[")]


def broken(lines: list[str]) -> str:
    """Return what OVM said instead of beginning; no guest has run."""
    found = [parse_line(line.encode()) for line in lines if line.startswith("\x1ebroken")]
    assert len(found) == 1
    assert not [line for line in lines if line.startswith("[")]
    assert isinstance(found[0], Record)
    return refusal_text(found[0].fields) or ""


def test_a_second_cpu_that_does_not_come_is_said_within_50_ms() -> None:
    held = {}

    def begin(trial: Trial) -> None:
        trial.enter([])
        # OVM lets CPU 1 out of its reset; then nothing clocks it any more, whatever OVM has still to write for that.
        while trial.board.cores[1].pc > 0xFFFF_0000:
            trial.board.run(cycles=1000)
        held["at"] = trial.board.now
        for _ in range(10):
            trial.board.static("devices.signal.SIGNALS", Signals).set(HELD_CLOCK, "held", 1)
            trial.board.run(cycles=1000)

    said = broken(trial().lines(begin, 60))
    assert "CPU 1 did not come to OVM" in said
    waited = (trial().board.now - held["at"]) / trial().board.hz
    assert 0.050 <= waited < 0.060


def seconds_of_waiting() -> int:
    """Let CPU 1 wait, with its clock turned forward to the end of each second, until it stops; return the seconds."""
    board, hz = trial().board, trial().archive.plan.system.board.timer_hz
    before = trial().text.count(b"\x1ebroken")
    for waited in range(MOST_SECONDS):
        assert board.run(cycles=50_000).reason == "budget"
        if trial().text.count(b"\x1ebroken") > before:
            return waited
        watchdog = board.static("devices.private_timer.COUNTDOWNS", Countdown)
        assert watchdog.get(WATCHDOG_1, "load") == hz
        watchdog.set(0, WATCHDOG_1, "count")
    raise AssertionError("CPU 1 waits for ever")


def test_cpu_1_stops_waiting_where_cpu_0_gives_up() -> None:
    broken(trial().run(["a CPU clock divided by 3"]))
    # By the arithmetic of core.boot_hard: 1 GiB of words, 32 ticks each, and the rest of a second.
    assert seconds_of_waiting() == (1 << 28) * 32 // 333_333_333 + 1
    assert trial().text.endswith(b"\x1ebroken why=cpu0\n")
    core = trial().board.cores[1]
    before = core.instructions
    trial().board.run(cycles=1_000_000)
    assert core.mode == "mon"
    assert core.instructions == before


def test_cpu_1_says_that_cpu_0_stands_still() -> None:
    def begin(trial: Trial) -> None:
        trial.enter([])
        while trial.board.cores[1].pc > 0xFFFF_0000:
            trial.board.run(cycles=1000)
        trial.board.static("devices.signal.SIGNALS", Signals).set(HELD_CLOCK, "held", 0)
        trial.board.run(cycles=1_000_000)
        seconds_of_waiting()

    assert "CPU 0 has not prepared its guest" in broken(trial().lines(begin))


def test_a_clock_that_is_not_the_described_one_is_refused() -> None:
    said = broken(trial().run(["a CPU clock divided by 3"]))
    # 33.33 MHz x 40 / 3, and half of that.
    assert "at 222222200 Hz" in said
    assert "timer_hz = 333333333" in said


@pytest.mark.parametrize("guest", ["pulse", "beat", "hello"])
def test_an_image_with_one_bit_wrong_is_refused(guest: str) -> None:
    place = next(each for each in trial().archive.plan.guests if each.guest.name == guest)
    start = place.image_phys if place.guest.level is Level.NRT else place.ram_phys
    length = len(trial().archive.images[guest].loaded_from(place.ram_gpa))
    for address in (start, start + length - 1):
        assert f"{guest} is not in memory as it was built ({start:#010x}, {length} bytes)" in broken(trial().run([], address))


@pytest.mark.parametrize("section", [".text", ".rodata"])
def test_an_ovm_with_one_bit_wrong_at_its_end_is_refused(section: str) -> None:
    core = Elf(trial().archive.core.content)
    (loaded,) = (each for each in core.segments if each.data)
    found = core.sections[section]
    said = broken(trial().run([], found.address + found.size - 1))
    assert f"OVM is not in memory as it was built ({loaded.physical:#010x}, {len(loaded.data)} bytes)" in said


def test_the_boot_record_says_which_build_it_is() -> None:
    lines = trial().run([])
    record = parse_line(next(line for line in lines if line.startswith("\x1eboot")).encode())
    assert isinstance(record, Record)
    assert record.number("build") == int(trial().archive.core.build, 16) != 0
    # A loader's last line may lack its end.
    assert lines[0] == ""
