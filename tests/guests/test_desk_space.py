# SPDX-License-Identifier: Apache-2.0
"""Address spaces of `desk` under CPython: random histories against a model of what memory must hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ovm.guests.desk.frames import POOL, frames_initialise, words_at
from ovm.guests.desk.layout import PAGE, POOL_FRAMES, SECTION, USER_CODE, USER_INFO
from ovm.guests.desk.space import (
    AreaKind,
    Space,
    area_add,
    area_move,
    area_of,
    area_remove,
    large_add,
    level1_of,
    section_add,
    space_create,
    space_destroy,
    space_fault,
    space_fork,
)
from ovm.guests.desk.tables import COPY_PAGE, DATA_PAGE, find_slot, place_of, read_slot, rights_of
from ovm.metal import GuestPhysAddr, VirtAddr, static, u32
from ovm.metal.simulate import simulate
from tests.guests.metal_image import GUESTS

RAM = 0x8000_0000
BASE = 0x0200_0000 - 2 * PAGE
SPACES = static(Space), static(Space)
CALL = "ovm.guests.lib.call.call"


@pytest.fixture(autouse=True)
def machine() -> Iterator[None]:
    with simulate(functions={CALL: lambda *_: 0}):
        frames_initialise(GuestPhysAddr(RAM))
        assert space_create(SPACES[0], u32(1), GuestPhysAddr(RAM), u32(PAGE))
        yield


@dataclass
class Model:
    """The memory that a process may use, and what it last wrote there."""

    areas: dict[int, int] = field(default_factory=dict)
    words: dict[int, int] = field(default_factory=dict)

    def owns(self, page: int) -> bool:
        return any(start <= page < start + pages for start, pages in self.areas.items())

    def is_free(self, start: int, pages: int) -> bool:
        return len(self.areas) < 6 and not any(self.owns(page) for page in range(start, start + pages))


def place(page: int) -> VirtAddr:
    return VirtAddr(BASE + page * PAGE)


def access(space: Space, page: int, value: int | None) -> int | None:
    """Do what a program's load (or store) does; None when it is killed."""
    for _ in range(3):
        slot = find_slot(level1_of(space), place(page))
        entry = read_slot(slot) if slot != 0 else u32(0)
        usable = (DATA_PAGE,) if value is not None else (DATA_PAGE, COPY_PAGE)
        if entry != 0 and rights_of(entry) in usable:
            words = words_at(place_of(entry))
            if value is not None:
                words[7] = u32(value)
            return int(words[7])
        if not space_fault(space, place(page), value is not None):
            return None
    raise AssertionError("the fault comes again and again")


PAGES = st.integers(0, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), PAGES, st.integers(1, 4)),
        st.tuples(st.just("remove"), PAGES, st.just(0)),
        st.tuples(st.just("move"), PAGES, PAGES),
        st.tuples(st.just("store"), PAGES, st.integers(1, 1 << 32 - 1)),
        st.tuples(st.just("load"), PAGES, st.just(0)),
        st.tuples(st.just("fork"), PAGES, st.integers(1, 1 << 31)),
    ),
    min_size=5,
    max_size=25,
)


def step(model: Model, what: str, page: int, number: int) -> None:
    space = SPACES[0]
    match what:
        case "add":
            fits = model.is_free(page, number)
            assert area_add(space, place(page), u32(number)) == fits
            if fits:
                model.areas[page] = number
        case "remove":
            assert area_remove(space, place(page)) == (page in model.areas)
            for gone in range(page, page + model.areas.pop(page, 0)):
                model.words.pop(gone, None)
        case "move":
            move(model, page, number)
        case "fork":
            fork(model, page, number)
        case _:
            value = number if what == "store" else None
            wanted = (model.words.get(page, 0) if value is None else value) if model.owns(page) else None
            assert access(space, page, value) == wanted
            if value is not None and wanted is not None:
                model.words[page] = value


def move(model: Model, source: int, target: int) -> None:
    pages = model.areas.get(source, 0)
    fits = pages > 0 and model.is_free(target, pages)
    if pages:
        assert area_move(SPACES[0], place(source), place(target)) == fits
    if fits:
        model.areas[target] = model.areas.pop(source)
        moved = {target + number: model.words.pop(source + number, 0) for number in range(pages)}
        model.words.update(moved)


def fork(model: Model, page: int, value: int) -> None:
    """Fork: a child sees all; parent and child write a page each and see their own; the child goes."""
    child = SPACES[1]
    assert space_create(child, u32(2), GuestPhysAddr(RAM), u32(PAGE))
    assert space_fork(SPACES[0], child)
    for number in range(10):
        wanted = model.words.get(number, 0) if model.owns(number) else None
        assert access(child, number, None) == wanted
    if model.owns(page):
        before = model.words.get(page, 0)
        assert access(SPACES[0], page, value + 1) == value + 1
        assert access(child, page, None) == before
        assert access(child, page, value) == value
        assert access(SPACES[0], page, None) == value + 1
        model.words[page] = value + 1
    space_destroy(child)


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_random_histories(steps: list[tuple[str, int, int]]) -> None:
    with simulate(functions={CALL: lambda *_: 0}):
        frames_initialise(GuestPhysAddr(RAM))
        assert space_create(SPACES[0], u32(1), GuestPhysAddr(RAM), u32(PAGE))
        model = Model()
        step(model, "add", 1, 4)
        for what, page, number in steps:
            step(model, what, page, number)
        for page in range(10):
            assert access(SPACES[0], page, None) == (model.words.get(page, 0) if model.owns(page) else None)
        space_destroy(SPACES[0])
        assert POOL.free == POOL_FRAMES
        assert all(POOL.references[frame] == 0 for frame in range(POOL_FRAMES))


def test_code_and_info_are_there_and_stay_as_they_are() -> None:
    for start in (USER_CODE, USER_INFO):
        assert not space_fault(SPACES[0], VirtAddr(start), True)
        assert read_slot(find_slot(level1_of(SPACES[0]), VirtAddr(start))) != 0


def test_a_section_takes_the_place_of_an_empty_table_only() -> None:
    space, start = SPACES[0], VirtAddr(5 * SECTION)
    assert area_add(space, start, u32(1)) and space_fault(space, start, True)
    assert not section_add(space, start)
    assert area_remove(space, start) and section_add(space, start)
    assert space.areas[area_of(space, start)].kind == AreaKind.SECTION
    assert not section_add(space, VirtAddr(6 * SECTION))
    assert area_remove(space, start) and section_add(space, VirtAddr(6 * SECTION))


def test_large_pages_run_out_and_come_back() -> None:
    space = SPACES[0]
    starts = [VirtAddr(0x0400_0000 + index * 0x1_0000) for index in range(5)]
    assert all(large_add(space, start) for start in starts)
    assert not large_add(space, starts[0])
    assert POOL.large_used == 0b11111
    assert area_remove(space, starts[2]) and POOL.large_used == 0b11011
    space_destroy(space)
    assert POOL.large_used == 0 and POOL.free == POOL_FRAMES


@pytest.mark.parametrize("start", [0x1000_0000, 0xFFFF_F000, 0x0FFF_F000 + 4, 0x0FFF_F000])
def test_areas_end_where_the_user_space_ends(start: int) -> None:
    assert not area_add(SPACES[0], VirtAddr(start), u32(2))
    assert not large_add(SPACES[0], VirtAddr(start))
    assert not section_add(SPACES[0], VirtAddr(start))


def test_the_folder_explains_itself() -> None:
    text = (GUESTS / "desk/README.md").read_text()
    assert all(f"`{file.name}`" in text for file in (GUESTS / "desk").glob("*.py") if file.stem not in ("__init__", "layout"))
