# SPDX-License-Identifier: Apache-2.0
"""`hog`: the attacks are numbered as its list of names says."""

from ovm.guests.hog import attacks, spaces
from ovm.guests.hog.attacks import FREE
from ovm.guests.hog.guest import ARGUMENTS, ATTACKS, EVERYTHING, FIRST_SPACE, NAMES
from ovm.measure import attacks as measured
from tests.guests.metal_image import metal_image
from tests.guests.stand_in import RAM_BASE, StandIn

RAM_BYTES = 4 << 20


def test_names_are_those_of_the_functions() -> None:
    assert len(NAMES) == len(ATTACKS) == len(ARGUMENTS)
    assert [each.__name__ for each in ATTACKS] == list(NAMES)
    assert all(hasattr(spaces if number >= FIRST_SPACE else attacks, name) for number, name in enumerate(NAMES))


def test_every_attack_is_measured() -> None:
    assert (measured.NAMES, measured.EVERYTHING) == (NAMES, EVERYTHING)
    assert {each.name for each in measured.ATTACKS} == {*NAMES, "everything"}


def test_it_ends_with_every_page_held() -> None:
    guest = StandIn(metal_image("hog"), ram_bytes=RAM_BYTES, arguments=(NAMES.index("ends"),))
    assert guest.run().status == 0
    assert guest.outcome.console == "hog begins\n"
    for offset in range(FREE, RAM_BYTES, 4096):
        assert int.from_bytes(guest.uc.mem_read(RAM_BASE + offset, 4), "little") == offset
