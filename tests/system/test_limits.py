# SPDX-License-Identifier: Apache-2.0
"""Limits of the hardware: with all that it has a system is planned, with one more the message says which register."""

from pathlib import Path

import pytest

from ovm.abi.config import Level
from ovm.arm.control import ASIDS
from ovm.arm.descriptors import DOMAINS
from ovm.system.checked import checked
from ovm.system.core_limits import core_limits
from ovm.system.hardware import DOMAINS_OF, domains_of, own_asid
from ovm.system.plan import Plan
from ovm.system.problems import DescriptionError

GUEST = """
[[guest]]
name = "{name}"
level = "{level}"
image = "metal:ovm.guests.hello"
memory = "1MiB"
"""
RESERVATION = "budget_us = 20\nperiod_us = 1000000\n"


def described(folder: Path, counts: dict[str, int], **system: object) -> Plan:
    """Return the plan of a system with so many guests of each level, for `system` keys as they are written in TOML."""
    text = '[system]\nname = "t"\n' + "".join(f"{key} = {value}\n" for key, value in system.items())
    for level, count in counts.items():
        for number in range(count):
            text += GUEST.format(name=f"{level}-{number}", level=level) + RESERVATION * (level == "srt")
    file = folder / "t.toml"
    file.write_text(text)
    return checked(file, "t.toml")[1]


def refused(folder: Path, counts: dict[str, int], **system: object) -> str:
    with pytest.raises(DescriptionError) as caught:
        described(folder, counts, **system)
    return str(caught.value)


@pytest.mark.parametrize("counts", [{"hrt": 1, "srt": 15}, {"srt": 13, "nrt": 1}, {"nrt": 7, "srt": 1}, {"hrt": 1, "nrt": 7}])
def test_guests_up_to_the_sixteen_domains_share_none(tmp_path: Path, counts: dict[str, int]) -> None:
    guests = described(tmp_path, counts).guests
    taken = [each.domain + view for each in guests for view in range(DOMAINS_OF[each.guest.level])]
    assert len(set(taken)) == len(taken) and 0 not in taken and max(taken) < DOMAINS


def test_one_guest_more_than_domains_names_the_register(tmp_path: Path) -> None:
    assert refused(tmp_path, {"hrt": 1, "srt": 14, "nrt": 1}) == (
        "error[S113]: t.toml:122:1: the MMU has too few domains for the SRT and NRT guests\n"
        "    [[guest]]\n"
        "    ^^^^^^^^^\n"
        "  found:    1 for the gate + 14 SRT guests x 1 + 1 NRT guests x 2 = 17 domains\n"
        "  expected: at most 16: the register DACR has 2 bits for each of 16 (ARM B4.1.43)\n"
        "  fix:      remove 'nrt-0' or another one, or write share_domains = true in [system]"
    )


@pytest.mark.parametrize("counts", [{"srt": 14, "nrt": 1}, {"nrt": 40}, {"srt": 40}, {"hrt": 1, "srt": 20, "nrt": 20}])
def test_guests_share_domains_within_their_level_alone(tmp_path: Path, counts: dict[str, int]) -> None:
    guests = [each.guest for each in described(tmp_path, counts, share_domains="true").guests]
    domains = domains_of(guests)
    soft = {domains[each.index] for each in guests if each.level is Level.SRT}
    paged = {domains[each.index] + view for each in guests if each.level is Level.NRT for view in (0, 1)}
    assert not soft & paged and soft | paged <= set(range(1, DOMAINS))
    assert DOMAINS - 1 - len(soft | paged) <= 1
    assert all(domains[each.index] == 0 for each in guests if each.level is Level.HRT)


def test_all_asids_and_one_more(tmp_path: Path) -> None:
    plan = described(tmp_path, {"srt": 1, "nrt": 5}, level1_tables=249)
    assert own_asid(plan.system.level1_tables, len(plan.guests) - 1) == ASIDS - 1
    assert refused(tmp_path, {"srt": 1, "nrt": 5}, level1_tables=250) == (
        "error[S114]: t.toml:3:17: there are too few ASIDs for the shadow spaces and guests\n"
        "    level1_tables = 250\n"
        "                    ^^^\n"
        "  found:    1 that nobody owns + 250 level-1 tables + 6 guests = 257 ASIDs\n"
        "  expected: at most 256: the register CONTEXTIDR has 8 bits for one (ARM B4.1.36)\n"
        "  fix:      write level1_tables = 249"
    )


@pytest.mark.parametrize("paged", [1, 4, 5, 50, 127])
def test_shadow_tables_that_nobody_asks_for_fit_the_asids(tmp_path: Path, paged: int) -> None:
    plan = described(tmp_path, {"nrt": paged}, share_domains="true")
    assert plan.system.level1_tables >= max(paged, min(16, 4 * paged))
    assert own_asid(plan.system.level1_tables, paged - 1) < ASIDS


def test_more_nrt_guests_than_asids(tmp_path: Path) -> None:
    text = refused(tmp_path, {"nrt": 128}, share_domains="true")
    assert text.startswith("error[S114]: t.toml:767:1:") and "+ 128 level-1 tables + 128 guests = 257 ASIDs" in text
    assert "fix:      remove 1 guests" in text


def test_all_keys_and_one_more(tmp_path: Path) -> None:
    plan = described(tmp_path, {"srt": 253}, share_domains="true")
    assert max(each.guest.key for each in plan.guests) == 253
    text = refused(tmp_path, {"srt": 254}, share_domains="true")
    assert "error[S112]" in text and "found:    1 for OVM + 254 guests + 0 channels = 255 keys" in text
    assert "expected: at most 254: the frame table has a byte for each frame" in text


def test_a_system_without_nrt_guests_has_no_shadow_tables(tmp_path: Path) -> None:
    plan = described(tmp_path, {"hrt": 1, "srt": 1})
    # A table for each CPU's gate, one for the private devices of the HRT guest's CPU.
    assert (plan.system.level1_tables, plan.system.level2_tables) == (0, 3)


def test_what_core_gets_is_what_the_system_has(tmp_path: Path) -> None:
    plan = described(tmp_path, {"hrt": 1, "srt": 2, "nrt": 3}, level1_tables=7, level2_tables=40)
    assert core_limits(plan, 6, 62) == {
        "MAX_GUESTS": 6, "MAX_PAGED": 3, "MAX_REGIONS": 1, "MAX_LOADS": 6, "MAX_CPUS": 2,
        "MAX_SECURITY": len(plan.system.board.security), "MAX_SPACES": 7, "MAX_TABLES": 40,
        "MAX_FRAMES": plan.system.board.ram.length // 4096 + 1, "MAX_TICKS": plan.system.board.timer_hz,
        "PATCHED_WORDS": 62,
    }  # fmt: skip
