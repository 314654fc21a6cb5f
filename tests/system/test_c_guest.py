# SPDX-License-Identifier: Apache-2.0
"""Guests in C: what is built, that it doesn't depend on the place, and what is refused with which words."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from ovm.metal.build.elf import Elf
from ovm.metal.build.errors import BuildError
from ovm.metal.diagnostics import MetalError
from ovm.system.c_errors import told
from ovm.system.c_guest import build_c_guest
from ovm.system.codes import CODES
from ovm.system.manifest import read_manifest
from ovm.system.problems import DescriptionError
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


TREE = '[[tree]]\nfolder = "$OVM_TEST_TREE/kernel"\nfiles = ["src/sum.c"]\ninclude = ["api"]\n'
CALLER = '#include "guest.h"\n#include "sum.h"\nint guest_main(struct ovm_vcpu_page *p) { (void)p; return (int)half(seven()); }\n'


def tree_with(place: Path, text: str) -> None:
    for name, content in {
        "src/sum.c": text,
        "src/other.c": "#error",
        "api/sum.h": "int seven(void); float half(float x);",
    }.items():
        (place / "kernel" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "kernel" / name).write_text(content)


def test_sources_of_a_tree_are_compiled_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVM_TEST_TREE", str(tmp_path))
    text = '#include "sum.h"\nint seven(void) { return 7; }\nfloat half(float x) { return x * 0.5f; }\n'
    tree_with(tmp_path, text)
    images = {}
    for flag in ("true", "false"):
        folder = folder_with(tmp_path / flag, main_c=CALLER, guest_toml=f"floating_point = {flag}\n{TREE}")
        images[flag] = Elf(build_c_guest(folder, BASE))
    assert "seven" in images["true"].symbols
    # The compiler's own routine multiplies where it may not use the hardware's.
    assert ["__aeabi_fmul" in images[flag].symbols for flag in ("true", "false")] == [False, True]


def test_a_mistake_in_a_tree_has_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVM_TEST_TREE", str(tmp_path))
    tree_with(tmp_path, "int seven(void) { return x; }\n")
    with pytest.raises(MetalError, match=f"{tmp_path}/kernel/src/sum.c:1:26: use of undeclared identifier"):
        build_c_guest(folder_with(tmp_path / "a", main_c=CALLER, guest_toml=TREE), BASE)


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
        ("stack = 1\n", "S102: guest.toml:1:1: unknown key 'stack'"),
        ("= 1\n", "S101: guest.toml:1:1: not TOML"),
        ('stack_bytes = "big"\n', "S104: guest.toml:1:15: 'stack_bytes' of the file has the wrong type"),
        ("stack_bytes = 100\n", "S107: guest.toml:1:15: 'stack_bytes' is out of range"),
        ('[define]\n"a b" = 1\n', "S146: guest.toml:2:9: 'a b' can't be defined"),
        (SOURCE.replace("version", "versoin"), "S102: guest.toml:3:1: unknown key 'versoin' in [source]"),
        (SOURCE.replace('version = "4.4.5"\n', ""), "S103: guest.toml:1:1: [source] lacks the key 'version'"),
        (SOURCE.replace("0" * 64, "abc"), "S146: guest.toml:4:10: 'sha256' of [source] can't be 'abc'"),
        (SOURCE.replace('"lz4"', '"-r lz4"'), "S146: guest.toml:2:11: 'package' of [source] can't be '-r lz4'"),
        (SOURCE.replace('["a.c"]', '"a.c"'), "S104: guest.toml:5:9: 'files' of [source] has the wrong type"),
        ('port = "vxworks"\n', "S105: guest.toml:1:8: the file has no such port: 'vxworks'"),
        ("floating_point = 1\n", "S104: guest.toml:1:18: 'floating_point' of the file has the wrong type"),
        ("[[tree]]\n", "S103: guest.toml:1:1: [[tree]] lacks the key 'folder'"),
        ('[[tree]]\nfolder = "$NO_SUCH_TREE/x"\n', "S146: guest.toml:2:10: the variable NO_SUCH_TREE is not set"),
        ('[[tree]]\nfolder = "nowhere"\n', "S146: guest.toml:2:10: there is no folder nowhere"),
        ('[[tree]]\nfolder = "."\nfiles = ["a.c"]\n', "S146: guest.toml:3:9: . holds no file 'a.c'"),
        ('[[tree]]\nfolder = "."\nfiles = ["/etc/passwd"]\n', "S146: guest.toml:3:9: . holds no file '/etc/passwd'"),
        ('[[tree]]\nfolder = "."\ninclude = [".."]\n', "S146: guest.toml:3:11: . holds no folder '..'"),
        ('[[tree]]\nfolder = "."\nflies = []\n', "S102: guest.toml:3:1: unknown key 'flies' in [[tree]]"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("guest.toml").write_text(text)
    with pytest.raises(DescriptionError) as refused:
        read_manifest(Path("guest.toml"))
    said = [f"{each.code}: {each.file}:{each.line}:{each.column}: {each.message}" for each in refused.value.diagnostics]
    assert any(text.startswith(words) for text in said), said
    assert all(each.fix for each in refused.value.diagnostics)


def test_refusals_of_sources(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no C sources"):
        build_c_guest(folder_with(tmp_path / "empty"), BASE)


BROKEN = {
    "__thread int t;\nint guest_main(void *p) {\n  return t;\n}\n": "nothing: a guest has one thread, and no thread-local",
    '#include "main.c"\n': "main.c:1:10: #include nested too deeply",
    "int x;\n": "nothing: the guest has no function 'guest_main'",
    "int guest_main( {\n": "main.c:1:17: expected parameter declarator",
    "#include <stdio.h>\n": "main.c:1:10: 'stdio.h' file not found",
    "int f(void);\nint guest_main(void *p) {\n  return f();\n}\n": "main.c:3:3: nothing defines 'f'",
}


@pytest.mark.parametrize(("text", "words"), BROKEN.items())
def test_a_mistake_in_c_has_a_place_and_a_fix(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(MetalError) as refused:
        build_c_guest(folder_with(tmp_path / "nothing", main_c=text), BASE)
    assert words in str(refused.value) and "  fix: " in str(refused.value)
    assert not isinstance(refused.value, BuildError)


def test_what_is_not_recognised_stays_in_its_own_words(tmp_path: Path) -> None:
    error = told(BuildError("B003", "clang failed:\n  something new"), tmp_path)
    assert "something new" in str(error) and str(tmp_path) in str(error) and "  fix: " in str(error)


def test_a_folder_is_copied_in_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_with(tmp_path / "a", main_c=MAIN)
    (folder / "loop").symlink_to(folder)
    with pytest.raises(BuildError, match="lies too deep"):
        build_c_guest(folder, BASE)
    (folder / "loop").unlink()
    os.mkfifo(folder / "data")
    build_c_guest(folder, BASE)
    os.mkfifo(folder / "b.c")
    with pytest.raises(OSError, match="a pipe, no regular file"):
        build_c_guest(folder, BASE)
    (folder / "b.c").unlink()
    monkeypatch.setattr("ovm.system.c_guest.FOLDER_MOST", 10)
    with pytest.raises(OSError, match="more than 10 bytes"):
        build_c_guest(folder, BASE)


def test_every_code_is_explained() -> None:
    assert {"S145", "S146", "S147", "S148", "S149"} <= set(CODES)
