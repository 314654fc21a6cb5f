# SPDX-License-Identifier: Apache-2.0
"""Patches of made-up kernels: each class at each place, nothing else, and refusals with their places."""

import struct

import pytest

from ovm.linux.errors import LinuxError
from ovm.linux.image import unpack
from ovm.linux.patch import Options, patch
from ovm.linux.sensitive import Kind
from tests.linux.made_up import BASE, INIT, INIT_END, LAYOUTS, NOP, TEXT, TEXT_END, MadeUp, function, zimage

CPSID_I = 0xF10C_0080
MRS_R3_CPSR = 0xE10F_3000
MSR_CPSR_C_R4 = 0xE121_F004
WFI_NE = 0x1320_F003
SUBS_PC_LR_4 = 0xE25E_F004
STM_USER = 0xE940_6000
MRC_TPIDRPRW = 0xEE1D_1F90
MCR_TPIDRURW_EQ = 0x0E0D_2F50

PLACES = {
    BASE + 0x40: CPSID_I,
    function(4) + 4: MRS_R3_CPSR,
    function(4) + 8: CPSID_I,
    function(6) + 4: MSR_CPSR_C_R4,
    INIT - 0x80: SUBS_PC_LR_4,
    INIT + 8: WFI_NE,
    INIT_END - 4: STM_USER,
}


def word(image: bytes, address: int) -> int:
    return int(struct.unpack_from("<I", image, address - BASE)[0])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_exactly_the_sensitive_words_change(layout: str) -> None:
    image = MadeUp(layout, words=PLACES).image()
    done = patch(image)
    assert {site.address: site.sensitive.word for site in done.sites} == PLACES
    changed = {BASE + at for at in range(0, len(image), 4) if image[at : at + 4] != done.image[at : at + 4]}
    assert changed == set(PLACES)
    assert len(done.image) == len(image)


def test_a_site_says_all_that_a_stub_needs() -> None:
    done = patch(MadeUp(words=PLACES).image())
    sites = {site.address: site for site in done.sites}
    load = sites[function(4) + 4]
    assert (load.function, load.span) == ("function_4", "text")
    assert (load.sensitive.kind, load.sensitive.registers) == (Kind.MRS_CPSR, (3,))
    store = sites[function(6) + 4].sensitive
    assert (store.kind, store.registers, store.fields) == (Kind.MSR_CPSR, (4,), 1)
    assert (sites[INIT + 8].sensitive.condition, sites[INIT + 8].span) == (1, "init")
    assert (sites[INIT - 0x80].span, sites[INIT - 0x80].sensitive.immediate) == ("vectors", 4)
    assert sites[BASE + 0x40].span == "head"
    assert done.by_kind[Kind.CPS] == 2


def test_the_replacement_is_svc_with_the_index_under_the_same_condition() -> None:
    done = patch(MadeUp(words=PLACES).image())
    assert done.table == (CPSID_I, MRS_R3_CPSR, MSR_CPSR_C_R4, SUBS_PC_LR_4, WFI_NE, STM_USER)
    assert word(done.image, BASE + 0x40) == word(done.image, function(4) + 8) == 0xEF56_0000
    assert word(done.image, function(4) + 4) == 0xEF56_0001
    assert word(done.image, INIT + 8) == 0x1F56_0004


def test_data_behind_the_code_is_left_alone() -> None:
    image = MadeUp().image() + struct.pack("<I", CPSID_I) * 4
    assert patch(image).image == image


def test_the_padding_is_the_room_at_the_end_of_the_text() -> None:
    padding = patch(MadeUp().image()).padding
    assert (padding.start, padding.end) == (function(700), TEXT_END)


def test_thread_registers_change_places_on_request() -> None:
    image = MadeUp(words={function(8) + 4: MRC_TPIDRPRW, function(8) + 8: MCR_TPIDRURW_EQ}).image()
    assert patch(image).image == image
    done = patch(image, Options(swap_thread_registers=True))
    assert done.thread_swaps == 2
    assert word(done.image, function(8) + 4) == 0xEE1D_1F50
    assert word(done.image, function(8) + 8) == 0x0E0D_2F90
    back = patch(done.image, Options(swap_thread_registers=True))
    assert back.image == image


@pytest.mark.parametrize(
    ("unknown", "reason"),
    [
        (0xF8BD_0A00, "RFE"),
        (0xF96D_0513, "SRS"),
        (0xE8D0_8001, "LDM with ^"),
        (0xE8C0_6000, "STM with ^"),
        (0xE1B0_F00D, "a data-processing instruction that writes PC and PSR"),
        (0x010F_0000, "a conditional MRS or MSR"),
        (0xC361_F004, "a conditional MRS or MSR"),
    ],
)
def test_a_sensitive_word_outside_the_table_is_refused(unknown: int, reason: str) -> None:
    with pytest.raises(LinuxError) as refusal:
        patch(MadeUp(words={function(3) + 8: unknown}).image())
    assert str(refusal.value) == (
        "1 words of this kernel's code are sensitive and not in the table of patches:\n"
        f"  {function(3) + 8:#x} in function_3: {unknown:08x}, {reason}\n"
        "  fix: report this kernel's version; another version of the same distribution may be known"
    )


@pytest.mark.parametrize("literal", [0xC121_F004, 0xC16B_F000])
def test_addresses_of_the_kernel_in_literal_pools_are_no_instructions(literal: int) -> None:
    """An address such as 0xC121F004 has the bits of MSR under GT, also one behind the Image, where zeroed data lies."""
    assert patch(MadeUp(words={function(3) + 8: literal}).image()).sites == ()


def test_code_whose_branches_lead_nowhere_is_refused() -> None:
    words = {function(number): 0xEB00_0001 for number in range(700)}
    with pytest.raises(LinuxError, match="no link address makes this kernel's branches lead to its functions"):
        patch(MadeUp(words=words).image())


def test_code_without_branches_is_refused() -> None:
    words = {function(number): NOP for number in range(700)}
    with pytest.raises(LinuxError, match="no link address"):
        patch(MadeUp(words=words).image())


def test_a_zimage_is_patched_as_its_image() -> None:
    image = MadeUp(words=PLACES).image()
    assert patch(unpack(zimage(image))).image == patch(image).image


def test_text_that_ends_behind_init_is_refused() -> None:
    kernel = MadeUp()
    image = bytearray(kernel.image())
    symbols = kernel.symbols()
    # The offset of _etext among the offsets in front of the names; all that lie behind must not fall.
    number = [name for _, name in symbols].index("T_etext")
    first = image.index(struct.pack("<I", 0) + struct.pack("<I", 0), INIT_END - BASE)
    struct.pack_into("<I", image, first + number * 4, INIT + 0x10 - TEXT)
    struct.pack_into("<I", image, first + (number + 1) * 4, INIT + 0x10 - TEXT)
    with pytest.raises(LinuxError, match="code does not lie as known kernels' does"):
        patch(bytes(image))
