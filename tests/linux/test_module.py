# SPDX-License-Identifier: Apache-2.0
"""Modules made by clang, alone and in an initramfs: what changes in them, what stays, and their signatures."""

import gzip
import io
import lzma
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from elftools.elf.elffile import ELFFile

from ovm.linux.errors import LinuxError
from ovm.linux.initramfs import entries, patch_initramfs
from ovm.linux.module import patch_module, without_signature
from ovm.linux.sensitive import Table
from ovm.metal.build.objects import Source, compile_source
from tests.tools import find_tool

CODE = """
.syntax unified
.arm
.text
locked: cpsid i
    mrc p15, 0, r1, c13, c0, 4
    ldr r0, =0xF10C0080
    ldr r2, =0xEE1D1F90
    bx lr
.ltorg
restore: msr cpsr_c, r4
    bx lr
.section .init.text, "ax"
    mrs r3, cpsr
    bx lr
.section .data
    .word 0xF10C0080
"""
HARMLESS = ".syntax unified\n.arm\n.text\nadd r0, r0, r1\nbx lr\n"
MARK = b"~Module signature appended~\n"


def module(tmp_path: Path, text: str = CODE) -> bytes:
    file = tmp_path / "module.S"
    file.write_text(text)
    return compile_source(Source(file, tmp_path))


def signed(content: bytes) -> bytes:
    signature = b"0\x82 a PKCS#7 message"
    return content + signature + struct.pack(">5B3xI", 0, 0, 2, 0, 0, len(signature)) + MARK


def section(file: bytes, name: str) -> tuple[int, ...]:
    data = ELFFile(io.BytesIO(file)).get_section_by_name(name).data()
    return struct.unpack(f"<{len(data) // 4}I", data)


def test_code_changes_and_literals_do_not(tmp_path: Path) -> None:
    table = Table([0xF108_0080])
    before = module(tmp_path)
    done = patch_module(before, table, swap_thread_registers=True)
    assert table.words == (0xF108_0080, 0xF10C_0080, 0xE121_F004, 0xE10F_3000)
    text = section(before, ".text")
    assert section(done.file, ".text") == (0xEF56_0001, 0xEE1D_1F50, *text[2:7], 0xEF56_0002, text[8])
    assert text[5:7] == (0xF10C_0080, 0xEE1D_1F90)
    assert section(done.file, ".init.text")[0] == 0xEF56_0003
    assert section(done.file, ".data") == (0xF10C_0080,)
    assert [(site.span, site.address) for site in done.sites] == [(".text", 0), (".text", 28), (".init.text", 0)]
    assert done.thread_swaps == 1


def test_a_changed_module_loses_its_signature_and_another_keeps_it(tmp_path: Path) -> None:
    changed = patch_module(signed(module(tmp_path)), Table())
    assert changed.signature_removed
    assert changed.file == patch_module(module(tmp_path), Table()).file
    harmless = signed(module(tmp_path, HARMLESS))
    kept = patch_module(harmless, Table())
    assert kept.file == harmless and not kept.signature_removed and not kept.changed


def test_damaged_signatures_are_refused() -> None:
    with pytest.raises(LinuxError, match="signature is longer than the module"):
        without_signature(struct.pack(">5B3xI", 0, 0, 2, 0, 0, 1000) + MARK)
    with pytest.raises(LinuxError, match="signature is cut off"):
        without_signature(MARK)


@pytest.mark.parametrize(
    ("pack", "unpack"),
    [(lzma.compress, lzma.decompress), (gzip.compress, gzip.decompress), (zstandard.compress, zstandard.decompress)],
)
def test_a_compressed_module_stays_compressed(
    tmp_path: Path, pack: Callable[[bytes], bytes], unpack: Callable[[bytes], bytes]
) -> None:
    plain = module(tmp_path)
    done = patch_module(pack(plain), Table())
    assert unpack(done.file) == patch_module(plain, Table()).file


def test_xz_has_the_check_that_kernels_know(tmp_path: Path) -> None:
    done = patch_module(lzma.compress(module(tmp_path)), Table())
    reader = lzma.LZMADecompressor()
    reader.decompress(done.file)
    assert reader.check == lzma.CHECK_CRC32


def test_what_is_no_module_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LinuxError, match="this is no kernel module"):
        patch_module(b"\x7fELF" + bytes(100), Table())
    with pytest.raises(LinuxError, match=r"a module has RFE in \.text\+0x0"):
        patch_module(module(tmp_path, ".arm\n.text\n.inst 0xF8BD0A00\n"), Table())
    with pytest.raises(LinuxError, match=r"code in \.text without mapping symbols"):
        patch_module(module(tmp_path, ".arm\n.text\nbx lr\n").replace(b"$a", b"$x"), Table())


def test_thumb_code_is_left_alone(tmp_path: Path) -> None:
    text = ".syntax unified\n.thumb\n.text\n.short 0x0080, 0xF10C\nbx lr\nnop\n"
    file = module(tmp_path, text)
    assert patch_module(file, Table()).file == file


def archive(folder: Path, files: dict[str, bytes], form: str = "newc") -> bytes:
    """Make an archive by cpio itself."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    names = "\n".join(files).encode()
    made = subprocess.run(
        [find_tool("cpio"), "-o", "-H", form, "--quiet"], cwd=folder, input=names, capture_output=True, check=True
    )
    return made.stdout


def listed(content: bytes, tmp_path: Path) -> dict[str, bytes]:
    """Return what cpio finds in an archive."""
    target = tmp_path / "listed"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    subprocess.run([find_tool("cpio"), "-i", "-d", "--quiet"], cwd=target, input=content, capture_output=True, check=True)
    return {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", ["newc", "crc"])
def test_modules_of_an_initramfs(tmp_path: Path, form: str) -> None:
    plain, harmless = module(tmp_path), signed(module(tmp_path, HARMLESS))
    files = {"lib/a.ko": signed(plain), "lib/b.ko.xz": lzma.compress(harmless), "init": b"#!/bin/sh\n", "odd": b"x" * 7}
    table = Table()
    done = patch_initramfs(gzip.compress(archive(tmp_path / "in", files, form)), table)
    expected = {**files, "lib/a.ko": patch_module(plain, Table()).file}
    assert listed(done.archive, tmp_path) == expected
    assert (list(done.modules), done.unchanged) == (["lib/a.ko"], 1)
    assert done.modules["lib/a.ko"].signature_removed
    assert len(table.words) == 3


def test_archives_one_behind_the_other(tmp_path: Path) -> None:
    first = archive(tmp_path / "one", {"early": b"1"})
    second = archive(tmp_path / "two", {"late": b"2"})
    file = first + bytes(512) + zstandard.compress(second)
    done = patch_initramfs(file, Table())
    names = [entry.name for entry in entries(done.archive)]
    assert names == [b"early", b"TRAILER!!!", b"late", b"TRAILER!!!"]
    assert (done.archive.index(b"late") - 110) % 4 == 0


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    good = archive(tmp_path / "in", {"early": b"1" * 400})
    with pytest.raises(LinuxError, match="is cut off in the entry at 0x0"):
        patch_initramfs(good[:200], Table())
    with pytest.raises(LinuxError, match="is damaged or cut off at "):
        patch_initramfs(good[: good.index(b"TRAILER") - 110], Table())
    with pytest.raises(LinuxError, match="damaged header at 0x0"):
        patch_initramfs(good.replace(b"070701", b"070701x", 1), Table())
    with pytest.raises(LinuxError, match="where an archive"):
        patch_initramfs(b"no archive", Table())
    with pytest.raises(LinuxError, match="bad.ko of the initramfs: this is no kernel module"):
        patch_initramfs(archive(tmp_path / "bad", {"bad.ko": b"text"}), Table())
