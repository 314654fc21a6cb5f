# SPDX-License-Identifier: Apache-2.0
"""Nothing overlaps whatever the guests, everything is aligned for the MMU, and planning twice agrees."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.abi.config import Level
from ovm.system.boards import load_board
from ovm.system.document import Document
from ovm.system.load import load
from ovm.system.model import Board, Guest, Range, Region, Reserved, System
from ovm.system.plan import OVM_GUEST_BYTES, OVM_IMAGE_BYTES, Plan, plan
from ovm.system.problems import DescriptionError
from ovm.system.units import MIB

ROOT = Path(__file__).parents[2]
(LEAST,) = load(ROOT / "systems" / "hello.toml").guests
BOARDS = {file.stem: load_board(file) for file in sorted((ROOT / "boards").glob("*.toml"))}


def guest(index: int, level: Level, memory: int, **changes: object) -> Guest:
    """Return a guest; what no test here is about is as in the smallest description."""
    values: dict[str, object] = {
        "index": index, "name": f"g{index}", "level": level, "cpu": 1 if level is Level.HRT else 0,
        "memory": memory, "limit": memory, "budget_us": 100, "period_us": 1000, "path": ("guest", index),
    }  # fmt: skip
    return replace(LEAST, **{**values, **changes})  # type: ignore[arg-type]


def system(board: Board, guests: tuple[Guest, ...], pool: int | None = None) -> System:
    text = '[system]\nname = "t"\n' + "[[guest]]\nmemory = 1\n" * len(guests)
    return System(Document("t.toml", text), Path(), "t", board, 1.0, 1000, pool, 16, 512, guests)


def region(index: int, length: int) -> Region:
    return Region(f"r{index}", length, True, None, "", ("guest",))


@st.composite
def systems(draw: st.DrawFn) -> System:
    board = BOARDS[draw(st.sampled_from(sorted(BOARDS)))]
    guests = []
    for index in range(draw(st.integers(1, 7))):
        level = draw(st.sampled_from(list(Level)))
        if level is Level.SRT:
            memory = draw(st.sampled_from([1, 2, 16, 32])) * MIB
        else:
            memory = draw(st.integers(1, 20)) * (MIB if level is Level.HRT else 5 * 4096)
        lengths = draw(st.lists(st.integers(1, 3 * MIB), max_size=2)) if level is not Level.HRT else []
        regions = tuple(region(number, length) for number, length in enumerate(lengths))
        guests.append(guest(index, level, memory, regions=regions))
    return system(board, tuple(guests))


def check_plan(found: Plan) -> None:
    board = found.system.board
    top = [each for each in found.placements if not each.part_of_other]
    for index, each in enumerate(top):
        assert board.ram.contains(each.range), each
        assert not any(each.range.overlaps(reserved.range) for reserved in board.reserved), each
        for other in top[:index]:
            assert not each.range.overlaps(other.range), (each, other)
            if each.secure != other.secure:
                granule = board.secure_granule
                assert each.range.start // granule != (other.range.end - 1) // granule, (each, other)
    assert found.ovm.start % MIB == 0
    assert found.ovm.contains(found.frame_table)
    assert found.frame_table.length >= board.ram.length // 4096
    assert found.level1.start % 0x4000 == 0
    for place in found.guests:
        level = place.guest.level
        assert place.table_phys % 0x4000 == 0
        if level is Level.HRT:
            assert place.ram_gpa == place.ram_phys
        if level is not Level.NRT:
            assert place.ram_phys % (place.section_bytes or MIB) == 0
        else:
            assert place.image_phys % 4096 == 0
        if level is Level.SRT:
            assert place.ram_gpa % place.section_bytes == 0
        gpas = [(place.ram_gpa, place.guest.memory)] + [(each.gpa, each.mapped) for each in place.regions]
        for (start, length), (after, _) in zip(gpas, gpas[1:], strict=False):
            assert start + length <= after


@settings(max_examples=200, deadline=None)
@given(systems())
def test_nothing_overlaps(described: System) -> None:
    draft = plan(described)
    images = {each.name: min(each.memory, 64 * 1024) for each in described.guests}
    final = plan(described, images)
    check_plan(final)
    for before, after in zip(draft.guests, final.guests, strict=True):
        assert before.link_base == after.link_base
        assert before.ram_phys == after.ram_phys


def test_what_isolation_rests_on_is_secure() -> None:
    """Frame table, frame maps and the pool's stack lie in OVM's own memory, also where they don't fit its first megabyte."""
    guests = tuple(guest(index, Level.NRT, 100 * MIB) for index in range(4))
    found = plan(system(BOARDS["zc702"], guests))
    tables = [found.frame_table, found.returned_frames]
    tables += [Range(each.frame_map_phys, 100 * MIB // 1024) for each in found.guests]
    for index, table in enumerate(tables):
        assert found.ovm.contains(table) and table.start >= found.ovm_limit
        assert not any(table.overlaps(other) for other in tables[:index])
    assert found.ovm.length > MIB
    assert found.ovm_limit >= found.ovm.start + OVM_IMAGE_BYTES + 4 * OVM_GUEST_BYTES


@pytest.mark.parametrize("own", [100, 300, 1024])
def test_tables_begin_behind_what_ovm_needs(own: int) -> None:
    found = plan(system(BOARDS["zc702"], (guest(0, Level.NRT, 100 * MIB),)), ovm_bytes=own * 1024)
    tables = [found.frame_table, found.returned_frames, Range(found.guests[0].frame_map_phys, 100 * MIB // 1024)]
    inside = [each for each in tables if each.start < found.ovm.start + MIB]
    assert found.ovm_limit - found.ovm.start >= own * 1024
    assert len(inside) == {100: 3, 300: 3, 1024: 0}[own]


def reserve(board: Board, *ranges: tuple[int, int, bool]) -> Board:
    made = tuple(Reserved(Range(start, length), "test", ("ram",), opened) for start, length, opened in ranges)
    return replace(board, reserved=made)


def test_ovm_pushed_into_a_granule_keeps_both_ends_of_it() -> None:
    board = reserve(BOARDS["zc702"], (0, 65 * MIB, False), (66 * MIB, 4 * MIB, False))
    found = plan(system(board, (guest(0, Level.HRT, MIB), guest(1, Level.NRT, 400 * MIB))))
    assert found.ovm.start == 70 * MIB
    check_plan(found)


def test_ovm_keeps_off_a_granule_that_must_be_open() -> None:
    board = reserve(BOARDS["zc702"], (8 * MIB, MIB, True))
    found = plan(system(board, (guest(0, Level.HRT, MIB),)))
    assert found.ovm.start == 64 * MIB
    check_plan(found)


def test_granules_are_counted_from_address_zero() -> None:
    board = replace(BOARDS["zc702"], ram=Range(60 * MIB, 500 * MIB), reserved=())
    found = plan(system(board, (guest(0, Level.HRT, MIB),)))
    assert (found.ovm.start, found.gate.start) == (60 * MIB, 64 * MIB)


def refused(board: Board, *guests: Guest) -> str:
    with pytest.raises(DescriptionError) as caught:
        plan(system(board, guests))
    return str(caught.value)


def test_no_granule_for_ovm_names_who_has_it() -> None:
    board = replace(reserve(BOARDS["zc702"], (8 * MIB, MIB, True)), ram=Range(0, 64 * MIB))
    text = refused(board, guest(0, Level.HRT, MIB))
    assert "error[S128]" in text and "must be open: test at 0x0080_0000-0x008f_ffff" in text


def test_no_room_beside_ovms_granule_names_it() -> None:
    text = refused(replace(BOARDS["zc702"], ram=Range(0, 64 * MIB)), guest(0, Level.HRT, MIB))
    assert "error[S122]" in text and "the rest of OVM's secure granule at 0x0020_0000-0x03ff_ffff" in text


def test_pool_is_the_sum_of_limits() -> None:
    found = plan(system(BOARDS["vexpress-a9"], (guest(0, Level.NRT, 3 * MIB), guest(1, Level.NRT, 2 * MIB))))
    assert found.pool.length == 5 * MIB


def test_a_system_that_does_not_fit_is_refused() -> None:
    large = tuple(guest(index, Level.HRT, 100 * MIB) for index in range(3))
    try:
        plan(system(BOARDS["vexpress-a9"], large))
    except DescriptionError as error:
        assert error.diagnostics[0].code == "S122"
    else:
        raise AssertionError("300 MiB fit into 256 MiB")


def test_ovm_leaves_the_granule_that_a_description_gives_to_a_guest() -> None:
    """A program for a bare chip is linked at 1 MiB, where OVM would lie (0x10_0000)."""
    found = plan(system(BOARDS["zc702"], (guest(0, Level.HRT, 2 * MIB, address=MIB), guest(1, Level.NRT, MIB))))
    check_plan(found)
    assert found.guests[0].ram_phys == MIB
    assert found.ovm.start == 64 * MIB


def test_a_guest_without_a_page_has_its_whole_ram() -> None:
    """OVM keeps the page in its own memory; a guest that knows OVM has it at the start of its RAM."""
    found = plan(system(BOARDS["zc702"], (guest(0, Level.HRT, 2 * MIB, address=MIB, plain=True),)))
    (place,) = found.guests
    assert place.link_base == place.ram_gpa == MIB
    assert found.ovm.contains(Range(place.page_gpa, 8192))
    assert place.page_gpa >= found.ovm_limit and not Range(place.page_gpa, 8192).overlaps(found.frame_table)
    (knowing,) = plan(system(BOARDS["zc702"], (guest(0, Level.HRT, 2 * MIB, address=MIB),))).guests
    assert knowing.page_gpa == knowing.ram_gpa and knowing.link_base > knowing.ram_gpa
