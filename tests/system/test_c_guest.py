# SPDX-License-Identifier: Apache-2.0
"""Guests in C: what is built, that it doesn't depend on the place, and what is refused with which words."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from ovm.metal.build.elf import Elf
from ovm.metal.build.errors import BuildError
from ovm.system.c_guest import build_c_guest
from ovm.system.codes import CODES
from ovm.system.manifest import read_manifest
from ovm.system.pypi import SourcePackage, fetch, unpack

BASE = 0x1000_8000
MAIN = '#include "guest.h"\nint guest_main(struct ovm_vcpu_page *page) { return (int)page->argument[0] / 7; }\n'
SOURCE = '[source]\npackage = "lz4"\nversion = "4.4.5"\nsha256 = "' + "0" * 64 + '"\nfiles = ["a.c"]\n'


def folder_with(place: Path, **files: str) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / name.replace("_", ".")).write_text(text)
    return place


def archive(place: Path, name: str, version: str, **files: str) -> SourcePackage:
    """Put a source distribution where the cache keeps them."""
    target = place / "pypi" / f"{name}-{version}.tar.gz"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz") as made:
        for file, text in files.items():
            info = tarfile.TarInfo(f"{name}-{version}/{file.replace('_', '.')}")
            info.size = len(text)
            made.addfile(info, io.BytesIO(text.encode()))
    return SourcePackage(name, version, hashlib.sha256(target.read_bytes()).hexdigest())


def test_the_image_starts_at_its_base(tmp_path: Path) -> None:
    elf = Elf(build_c_guest(folder_with(tmp_path / "a", main_c=MAIN), BASE))
    assert elf.entry == BASE
    assert elf.address_of("__stack_top") - elf.address_of("__stack_bottom") == 0x8000
    assert "guest_main" in elf.symbols and "__aeabi_uidiv" not in elf.undefined


def test_the_place_of_the_folder_leaves_no_trace(tmp_path: Path) -> None:
    first = build_c_guest(folder_with(tmp_path / "a", main_c=MAIN), BASE)
    second = build_c_guest(folder_with(tmp_path / "elsewhere" / "b", main_c=MAIN), BASE)
    assert first == second
    assert str(tmp_path).encode() not in first


def test_a_start_of_its_own_wins(tmp_path: Path) -> None:
    own = '.arm\n.section .text.start, "ax"\n.global _start\n_start: b _start\n'
    elf = Elf(build_c_guest(folder_with(tmp_path / "a", main_c=MAIN, start_S=own), BASE))
    data = next(each for each in elf.segments if each.virtual <= elf.entry < each.virtual + len(each.data))
    assert data.data[elf.entry - data.virtual :][:4] == b"\xfe\xff\xff\xea"


def test_manifest_stack_and_definitions(tmp_path: Path) -> None:
    text = '#include "guest.h"\nint guest_main(struct ovm_vcpu_page *page) { (void)page; return ANSWER; }\n'
    folder = folder_with(tmp_path / "a", main_c=text, guest_toml="stack_bytes = 4096\n[define]\nANSWER = 42\n")
    elf = Elf(build_c_guest(folder, BASE))
    assert elf.address_of("__stack_top") - elf.address_of("__stack_bottom") == 4096


def test_sources_of_a_package_are_compiled_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVM_CACHE", str(tmp_path / "cache"))
    package = archive(tmp_path / "cache", "sums", "1.0", sum_c="int seven(void) { return 7; }", sum_h="int seven(void);")
    text = '#include "guest.h"\n#include "sum.h"\nint guest_main(struct ovm_vcpu_page *p) { (void)p; return seven(); }\n'
    toml = f'[source]\npackage = "sums"\nversion = "1.0"\nsha256 = "{package.sha256}"\nfiles = ["sum.c"]\n'
    elf = Elf(build_c_guest(folder_with(tmp_path / "a", main_c=text, guest_toml=toml), BASE))
    assert "seven" in elf.symbols
    wrong = folder_with(tmp_path / "b", main_c=text, guest_toml=toml.replace("sum.c", "../../main.c"))
    with pytest.raises(BuildError, match="sums==1.0 holds no file ../../main.c"):
        build_c_guest(wrong, BASE)


def test_an_archive_writes_nothing_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVM_CACHE", str(tmp_path))
    package = archive(tmp_path, "stray", "1", **{"../../out.c": "int x;"})
    with pytest.raises(BuildError, match="S148"):
        unpack(package, tmp_path / "deep" / "target")
    assert not list(tmp_path.rglob("out.c"))


def test_a_changed_archive_is_not_used(tmp_path: Path) -> None:
    package = archive(tmp_path, "no-such-package-of-ovm", "1.0", a_c="int a;")
    kept = fetch(package, tmp_path)
    kept.write_bytes(kept.read_bytes() + b"\0")
    with pytest.raises(BuildError) as refused:
        fetch(package, tmp_path)
    assert refused.value.diagnostics[0].code == "S149"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stack = 1\n", "unknown key 'stack'"),
        ("= 1\n", "not TOML"),
        ('stack_bytes = "big"\n', "'stack_bytes' is 'big'"),
        ("stack_bytes = 100\n", "'stack_bytes' is 100"),
        (SOURCE.replace("version", "versoin"), "unknown key 'versoin' of [source]"),
        (SOURCE.replace('version = "4.4.5"\n', ""), "[source] lacks 'version'"),
        (SOURCE.replace("0" * 64, "abc"), "'sha256' isn't 64 hexadecimal digits"),
        (SOURCE.replace('"lz4"', '"-r lz4"'), "no package '-r lz4'"),
        (SOURCE.replace('["a.c"]', '"a.c"'), "'files' of [source] is 'a.c'"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "guest.toml"
    file.write_text(text)
    with pytest.raises(BuildError) as refused:
        read_manifest(file)
    assert words in str(refused.value)
    assert refused.value.diagnostics[0].code == "S146"


def test_refusals_of_sources(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no C sources"):
        build_c_guest(folder_with(tmp_path / "empty"), BASE)
    with pytest.raises(BuildError, match="main.c:1"):
        build_c_guest(folder_with(tmp_path / "broken", main_c="int x = ;\n"), BASE)
    with pytest.raises(BuildError, match="guest_main"):
        build_c_guest(folder_with(tmp_path / "nothing", main_c="int unused;\n"), BASE)


def test_every_code_is_explained() -> None:
    assert {"S145", "S146", "S147", "S148", "S149"} <= set(CODES)


def test_a_mistake_in_c_names_the_guests_folder(tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    folder.mkdir()
    (folder / "main.c").write_text("int guest_main( {\n")
    with pytest.raises(BuildError) as refused:
        build_c_guest(folder, 0x1000_8000)
    assert refused.value.code == "B003"
    assert "guest/main.c:1:17: error" in str(refused.value)
    assert f"guest/ above is the folder {folder}" in str(refused.value)
