# SPDX-License-Identifier: Apache-2.0
"""Debian's own kernels, of the versions that its mirror has today: exact counts where they are known, judged by capstone.

Nothing of them is part of the repository.
"""

import random
import struct
from pathlib import Path

import capstone
import pytest

from ovm.linux.module import patch_module
from ovm.linux.sensitive import SVC_BASE, Kind, Table
from ovm.linux.source import module_files
from tests.linux.debian import SUITES, kernel, patched, unpatched
from tests.linux.test_sensitive import MNEMONICS

# Version: sites, different words, swaps of thread registers, layout of kallsyms.
KNOWN = {
    "5.10.0-32-armmp": (5249, 61, 2825, "offsets before names"),
    "6.1.0-47-armmp": (6263, 62, 3180, "offsets before names"),
    "6.1.0-50-armmp": (6269, 62, 3181, "offsets before names"),
    "6.12.95+deb12-armmp": (6701, 62, 3351, "offsets behind tokens"),
    "6.12.107+deb13-armmp": (6716, 62, 3359, "offsets behind tokens"),
    "6.12.117+deb13-armmp": (6719, 62, 3354, "offsets behind tokens"),
    "7.2.12+deb14-armmp": (7105, 62, 5795, "addresses behind tokens"),
    "7.2.13+deb14-armmp": (7105, 62, 5796, "addresses behind tokens"),
}
JUDGED = 1500


@pytest.mark.parametrize("suite", SUITES)
def test_counts(suite: str) -> None:
    name, done = kernel(suite).name, patched(suite)
    found = (len(done.sites), len(done.table), done.thread_swaps, done.symbol_layout)
    if name not in KNOWN:
        assert done.layout.base == 0xC020_8000 and len(done.table) <= 64
        pytest.skip(f"no counts of {name} are known; today: {found}")
    assert found == KNOWN[name]
    assert done.layout.base == 0xC020_8000


@pytest.mark.parametrize("suite", SUITES)
def test_only_sites_and_swaps_change(suite: str) -> None:
    image, done = unpatched(suite), patched(suite)
    changed = sum(before != after for before, after in zip(words(image), words(done.image), strict=True))
    assert changed == len(done.sites) + done.thread_swaps
    for site in done.sites:
        (word,) = struct.unpack_from("<I", done.image, site.address - done.layout.base)
        assert word == site.sensitive.condition << 28 | SVC_BASE | site.index


@pytest.mark.parametrize("suite", SUITES)
def test_capstone_agrees_on_sites_and_on_what_is_none(suite: str) -> None:
    image, done = unpatched(suite), patched(suite)
    judge = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_ARM)
    chosen = random.Random(suite)
    for site in chosen.sample(done.sites, JUDGED):
        at = site.address - done.layout.base
        (text,) = [each[2] for each in judge.disasm_lite(image[at : at + 4], site.address)]
        assert text.removesuffix("ne") in MNEMONICS[site.sensitive.kind], hex(site.address)
    sites = {site.address for site in done.sites}
    places = [chosen.randrange(span.start, span.end, 4) for span in done.layout.spans for _ in range(JUDGED)]
    for address in set(places) - sites:
        at = address - done.layout.base
        for _, _, name, operands in judge.disasm_lite(image[at : at + 4], address):
            is_sensitive = name in ("cpsid", "cpsie", "cps", "mrs", "wfi") or name.startswith(("rfe", "srs"))
            assert not is_sensitive and "^" not in operands, hex(address)


@pytest.mark.parametrize("suite", SUITES)
def test_classes_that_each_kernel_has(suite: str) -> None:
    done = patched(suite)
    assert set(done.by_kind) == set(Kind)
    assert {site.span for site in done.sites} == {"head", "text", "vectors", "init"}
    functions = {site.function for site in done.sites if site.sensitive.kind is Kind.LOAD_USER}
    assert functions == {"no_work_pending", "__fiq_usr"}


# Module of Linux 6.1: sites, swaps of thread registers.
MODULES = {
    "ext4": (87, 119),
    "jbd2": (0, 15),
    "virtio_blk": (1, 0),
    "virtio_console": (24, 0),
    "virtio_net": (9, 5),
    "virtio_mmio": (0, 0),
}


def test_modules() -> None:
    table = Table(patched("bookworm").table)
    known = len(table.words)
    found = {}
    for path, content in module_files(kernel("bookworm"), MODULES):
        done = patch_module(content, table, swap_thread_registers=True)
        assert done.signature_removed == done.changed
        found[Path(path).name.split(".")[0]] = (len(done.sites), done.thread_swaps)
    assert found == MODULES
    assert len(table.words) == known


def words(image: bytes) -> memoryview:
    return memoryview(image[: len(image) & -4]).cast("I")
