# SPDX-License-Identifier: Apache-2.0
"""Stubs in Debian's own kernels: exact counts where they are known; what changed, and where it leads, as capstone reads it."""

import functools
import struct
from collections.abc import Iterator

import capstone
import pytest
from capstone import arm as names

from ovm.linux.patch import EVERYTHING, Patched, patch
from ovm.linux.sensitive import SVC_BASE, is_thread_access
from ovm.linux.stubs import Form
from tests.linux.debian import SUITES, kernel, unpatched
from tests.linux.test_debian import words

# Version: sites that trap, that call a shared stub, in pairs, with a stub of their own, in stubs of entry and return; bytes of
# stubs; calls of the tracer.
KNOWN = {
    "6.1.0-50-armmp": (177, 2404, 3318, 357, 13, 8808, 39757),
    "6.12.117+deb13-armmp": (169, 2529, 3562, 446, 13, 10308, 44199),
    "7.2.13+deb14-armmp": (175, 2560, 3746, 611, 13, 13000, 47266),
}
# Words that begin a stub of entry or return without being sensitive: they trap by themselves.
ENTRY_WORDS = {0xEE0D_AF70, 0xEE03_8F10, 0xEE11_7F10, 0xEE0D_7F70, 0xEE03_CF10, 0xEE0D_1F70}
STEPS = 400


@functools.cache
def stubbed(suite: str) -> Patched:
    return patch(unpatched(suite), EVERYTHING)


@functools.cache
def judge() -> capstone.Cs:
    made = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_ARM)
    made.detail = True
    return made


def instruction(image: bytes, base: int, address: int) -> capstone.CsInsn:
    (found,) = judge().disasm(image[address - base : address - base + 4], address)
    return found


def target(found: capstone.CsInsn) -> int:
    return int(found.operands[-1].imm) & 0xFFFF_FFFF


@pytest.mark.parametrize("suite", SUITES)
def test_counts(suite: str) -> None:
    name, done = kernel(suite).name, stubbed(suite)
    found = (*(done.by_form.get(form, 0) for form in Form), done.stub_bytes, done.untraced)
    if name not in KNOWN:
        pytest.skip(f"no counts of {name} are known; today: {found}")
    assert found == KNOWN[name]


@pytest.mark.parametrize("suite", SUITES)
def test_every_changed_word_is_accounted_for(suite: str) -> None:
    image, done = unpatched(suite), stubbed(suite)
    base, padding = done.layout.base, done.layout.padding
    before, after = words(image), words(done.image)
    changed = {base + number * 4 for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new}
    sites = {site.address for site in done.sites}
    stubs = set(range(padding.start, padding.start + done.stub_bytes, 4))
    rest = changed - sites - stubs
    swaps = {address for address in rest if is_thread_access(before[(address - base) // 4])}
    calls = {address for address in rest - swaps if after[(address - base) // 4] == 0xE8BD_4000}
    assert len(swaps) == done.thread_swaps and len(calls) == done.untraced
    entries = {address for address in rest - swaps - calls if before[(address - base) // 4] in ENTRY_WORDS}
    # A system call has two, four other entries have two each, two of those write DACR, and the return.
    assert len(entries) == 13
    for entry in entries:
        found = instruction(done.image, base, entry)
        assert found.mnemonic == "b" and target(found) in stubs
    # One word is left: ftrace_init returns at once.
    (start,) = rest - swaps - calls - entries
    assert after[(start - base) // 4] == 0xE12F_FF1E
    assert sites <= changed
    for call in calls:
        assert before[(call - base) // 4 - 1] in (0xE52D_E004, 0xE92D_4000)


@pytest.mark.parametrize("suite", SUITES)
def test_branches_lead_to_stubs_and_back(suite: str) -> None:
    done = stubbed(suite)
    base, first = done.layout.base, done.layout.padding.start
    stubs = range(first, first + done.stub_bytes, 4)
    own = {site.address for site in done.sites if site.form is Form.OWN}
    code = [instruction(done.image, base, address) for address in stubs]
    called = {target(each) for each in code if each.mnemonic == "bl"}
    back = {target(each) for each in code if each.mnemonic == "b" and target(each) not in stubs}
    # Those of entry and return go back behind or into their sequence; tests/linux/test_entry_code.py judges them.
    back = {address for address in back if not 0xC030_00AC <= address < 0xC030_1300 or address - 4 in own}
    expected = set()
    for site in done.sites:
        (word,) = struct.unpack_from("<I", done.image, site.address - base)
        found = instruction(done.image, base, site.address)
        match site.form:
            case Form.TRAP:
                assert word == site.sensitive.condition << 28 | SVC_BASE | site.index
            case Form.LINK:
                assert found.mnemonic == "bl" and target(found) in stubs
                called.add(target(found))
            case Form.OWN:
                assert found.mnemonic == "b" and target(found) in stubs
                expected.add(site.address + 4)
            case Form.PAIR if site.sensitive.word == 0xF10C_0080:
                assert found.mnemonic == "bl" and target(found) in stubs
                called.add(target(found))
            case Form.PAIR:
                register = judge().reg_name(names.ARM_REG_R0 + site.sensitive.registers[0])
                own = site.sensitive.registers[0] == 14
                assert (found.mnemonic, found.op_str) == (("nop", "") if own else ("mov", f"{register}, lr"))
    assert back == expected
    # What is called begins where the stub before it ends.
    ends = {first, *(each.address + 4 for each in code if each.mnemonic in ("bx", "b") or each.op_str.endswith("pc}"))}
    traps = {each.address + 4 for each in code if each.mnemonic == "svc"}
    assert called <= ends | traps


@pytest.mark.parametrize("suite", SUITES)
def test_link_is_dead_where_it_is_overwritten_as_capstone_reads_the_code(suite: str) -> None:
    image, done = unpatched(suite), stubbed(suite)
    base = done.layout.base
    for site in done.sites:
        if site.form is Form.LINK:
            for found in followed(image, base, site.address + 4):
                read, _ = found.regs_access()
                assert names.ARM_REG_LR not in read, (hex(site.address), hex(found.address))


def followed(image: bytes, base: int, start: int) -> Iterator[capstone.CsInsn]:
    """Yield every instruction from `start` on, on each way that a branch shows, up to one that writes LR or returns."""
    seen: set[int] = set()
    ways = [start]
    while ways:
        address = ways.pop()
        if address in seen:
            continue
        seen.add(address)
        assert len(seen) < STEPS
        found = instruction(image, base, address)
        yield found
        always = found.cc in (names.ARM_CC_AL, names.ARM_CC_INVALID)
        _, written = found.regs_access()
        if found.mnemonic == "b" or (found.mnemonic.startswith("b") and found.mnemonic[1:] in CONDITIONS):
            ways.append(target(found))
            if found.mnemonic == "b":
                continue
        elif always and (names.ARM_REG_LR in written or names.ARM_REG_PC in written or found.mnemonic in ("bl", "blx")):
            continue
        ways.append(address + 4)


CONDITIONS = ("eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le")


@pytest.mark.parametrize("suite", SUITES)
def test_nothing_outside_compiled_functions_has_a_stub(suite: str) -> None:
    done = stubbed(suite)
    sites = [site for site in done.sites if site.form is not Form.TRAP]
    assert {site.span for site in sites} == {"text", "init"}
    never = ("__hyp_stub", "secondary_", "cpu_resume", "cpu_init", "__fiq", "cpu_v7_")
    assert not [site.function for site in sites if site.function.startswith(never)]
