# SPDX-License-Identifier: Apache-2.0
"""Images that can't be a guest's are refused with their reason, however broken they are."""

import io
import signal
import struct
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.metal.build.elf import Elf
from ovm.metal.diagnostics import MetalError
from ovm.system import images
from ovm.system.boot_elf import Load, boot_elf
from ovm.system.build import checked
from ovm.system.images import Image, build_image
from ovm.system.made_for import BELOW_HRT, HRT_ONLY, made_for
from ovm.system.plan import plan
from ovm.system.problems import DescriptionError

BASE = 0x1000_8000
DESCRIPTION = '[system]\nname = "t"\nboard = "vexpress-a9"\n[[guest]]\nname = "a"\nlevel = "nrt"\n'


def elf(*loads: tuple[int, int, int], entry: int = BASE) -> bytes:
    return boot_elf([Load("x", start, bytes(length), memory) for start, length, memory in loads], entry)


def image(folder: Path, content: bytes, more: str = 'memory = "1MiB"\n') -> Image:
    (folder / "a.elf").write_bytes(content)
    (folder / "t.toml").write_text(DESCRIPTION + 'image = "a.elf"\n' + more)
    system, draft = checked(folder / "t.toml", "t.toml")
    return build_image(system, draft.guests[0])


def refusal(folder: Path, content: bytes, more: str = 'memory = "1MiB"\n') -> str:
    with pytest.raises(DescriptionError) as caught:
        image(folder, content, more)
    return str(caught.value)


def test_a_good_image(tmp_path: Path) -> None:
    found = image(tmp_path, elf((BASE, 64, 64), (BASE + 0x1000, 16, 0x2000)))
    assert (found.entry, found.bytes_from(0x1000_0000)) == (BASE, 0xB000)


def test_not_elf(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"MZ\x90\x00 and so on") == (
        "error[S141]: t.toml:7:9: the image of guest 'a' is not a whole ELF file\n"
        '    image = "a.elf"\n'
        "            ^^^^^^^\n"
        "  found:    14 bytes starting with 4d 5a 90 00\n"
        "  expected: 7f 45 4c 46, a valid header and every segment it lists\n"
        "  fix:      link the guest to a static ELF executable"
    )
    assert "found:    0 bytes starting with nothing" in refusal(tmp_path, b"")


def test_cut_off(tmp_path: Path) -> None:
    content = elf((BASE, 64, 64))
    (offset,) = struct.unpack_from("<I", content, 52 + 4)
    assert "error[S141]" in refusal(tmp_path, content[: offset + 63])
    assert "error[S141]" in refusal(tmp_path, content[:60])


def test_another_machine(tmp_path: Path) -> None:
    content = bytearray(elf((BASE, 64, 64)))
    struct.pack_into("<H", content, 18, 62)
    assert "found:    EM_X86_64, linked to fixed addresses, 1 loadable segments" in refusal(tmp_path, bytes(content))


def test_not_linked(tmp_path: Path) -> None:
    content = bytearray(elf((BASE, 64, 64)))
    struct.pack_into("<H", content, 16, 1)
    assert "error[S142]" in refusal(tmp_path, bytes(content))
    assert "0 loadable segments" in refusal(tmp_path, elf())


def test_too_large(tmp_path: Path) -> None:
    text = refusal(tmp_path, elf((BASE, 64, 0x10_0000)))
    assert "error[S143]" in text
    assert "found:    a segment at 0x1000_8000-0x1010_7fff" in text
    assert "expected: within 0x1000_0000-0x100f_ffff, 1 MiB" in text
    assert "other:    memory = 1 MiB (t.toml:8:10)" in text
    assert "fix:      write memory = '2MiB'" in text


def test_on_the_shared_page(tmp_path: Path) -> None:
    text = refusal(tmp_path, elf((0x1000_0000, 64, 64), entry=0x1000_0000))
    assert "linked below where its image may start" in text
    assert "fix:      link the guest at 0x1000_8000" in text


def test_entry_outside(tmp_path: Path) -> None:
    assert "found:    entry at 0x1000_8040" in refusal(tmp_path, elf((BASE, 64, 128), entry=BASE + 64))
    assert image(tmp_path, elf((BASE, 64, 128), entry=BASE + 61)).entry == BASE + 61


def test_entry_between_two_instructions(tmp_path: Path) -> None:
    text = refusal(tmp_path, elf((BASE, 64, 128), entry=BASE + 2))
    assert "error[S156]: t.toml:7:9: guest 'a' would start between two instructions" in text
    assert image(tmp_path, elf((BASE, 64, 128), entry=BASE + 3)).entry == BASE + 3


def test_segments_that_overlap(tmp_path: Path) -> None:
    content = bytearray(elf((BASE, 64, 64), (BASE + 0x1000, 64, 64)))
    second = content.index(struct.pack("<II", BASE + 0x1000, BASE + 0x1000))
    content[second : second + 8] = struct.pack("<II", BASE + 32, BASE + 32)
    text = refusal(tmp_path, bytes(content))
    assert "error[S121]" in text
    assert "found:    0x1000_8000-0x1000_803f and 0x1000_8020-0x1000_805f" in text


HARD, BELOW = "ovm.guests.lib.hrt.write_line", "ovm.guests.lib.vcpu.wait"


@pytest.mark.parametrize(
    ("names", "level"),
    [
        ([HARD, "main"], HRT_ONLY), ([BELOW], BELOW_HRT), ([HARD, BELOW], ""), (["main"], ""), ([], ""),
        (["guest_start", "guest_main"], BELOW_HRT), (["guest_start", "ovm_conduit_smc"], ""), (["ovm_conduit_smc"], HRT_ONLY),
    ],
)  # fmt: skip
def test_what_was_linked_tells_the_level(names: list[str], level: str) -> None:
    assert made_for(names) == level


def test_an_image_without_symbols_says_so(tmp_path: Path) -> None:
    assert not image(tmp_path, elf((BASE, 64, 64))).has_symbols
    (tmp_path / "t.toml").write_text(DESCRIPTION + 'image = "metal:ovm.guests.hello"\nmemory = "1MiB"\n')
    system, draft = checked(tmp_path / "t.toml", "t.toml")
    assert build_image(system, draft.guests[0]).has_symbols


def test_every_sample_guest_at_another_level_is_refused(tmp_path: Path) -> None:
    """Compiled, so that the names are those that a build sees."""
    wrong = {"pulse": 'level = "nrt"', "hello": 'level = "hrt"'}
    for name, level in wrong.items():
        text = DESCRIPTION.replace('level = "nrt"', level) + f'image = "metal:ovm.guests.{name}"\nmemory = "1MiB"\n'
        (tmp_path / "t.toml").write_text(text)
        system, draft = checked(tmp_path / "t.toml", "t.toml")
        with pytest.raises(DescriptionError, match="S155"):
            build_image(system, draft.guests[0])


def test_a_guest_in_c_at_another_level_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "main.c").write_text('#include "guest.h"\nint guest_main(struct ovm_vcpu_page *page) { return !page; }\n')
    for level, refused in (("hrt", True), ("nrt", False)):
        text = DESCRIPTION.replace('level = "nrt"', f'level = "{level}"') + 'image = "c"\nmemory = "1MiB"\n'
        (tmp_path / "t.toml").write_text(text)
        system, draft = checked(tmp_path / "t.toml", "t.toml")
        with pytest.raises(DescriptionError, match="S155") if refused else nullcontext():
            build_image(system, draft.guests[0])


HELLO = (Path(__file__).parents[2] / "src" / "ovm" / "guests" / "hello" / "guest.py").read_text()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("leaves", HELLO + "\nexit(3)\n", "SystemExit: 3 (FILE:LAST)"),
        ("stops", HELLO + "\nraise KeyboardInterrupt\n", "KeyboardInterrupt (FILE:LAST)"),
        ("empty", "from ovm.metal import array, static, u32\n\n\nA = static(array(u32, 0))\n", "not 0 (FILE:LAST)"),
        ("number", HELLO.replace("(start, on_panic)", "5"), "ROOTS of number.guest is no tuple of functions"),
        ("large", "ROOTS = 10**6000\n", "found:    int, which can't be shown"),
        ("rude", "class R:\n    def __repr__(self):\n        1 / 0\n\n\nROOTS = R()\n", "found:    R, which"),
        ("pathless", "import sys\n\nsys.path.clear()\nROOTS = ()\n", "lists no function exported as '_start'"),
        ("nothing", "ROOTS = ()\n", "lists no function exported as '_start'"),
        ("later", HELLO.replace("    use_page(page)", "    use_page(page)\n    y = u32(1) + exit(3)"), "SystemExit: 3"),
    ],
)
def test_whatever_a_guests_module_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str
) -> None:
    """Named with the guest's own line, also where the exception came up in OVM."""
    monkeypatch.setattr(signal, "getsignal", lambda number: None)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("")
    file = tmp_path / name / "guest.py"
    file.write_text(text)
    (tmp_path / "t.toml").write_text(DESCRIPTION + f'image = "metal:{name}"\nmemory = "1MiB"\n')
    system, draft = checked(tmp_path / "t.toml", "t.toml")
    with pytest.raises(MetalError if name == "later" else DescriptionError) as caught:
        build_image(system, draft.guests[0])
    lines = len(text.rstrip().split("\n"))
    assert said.replace("FILE", str(file)).replace("LAST", str(lines)) in str(caught.value)


def test_limit_below_the_image(tmp_path: Path) -> None:
    text = refusal(tmp_path, elf((BASE, 64, 0x8_0000)), 'memory = "1MiB"\nlimit = "256KiB"\n')
    assert "error[S124]" in text
    assert "expected: at least 544 KiB, which it owns from the start" in text


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_are_refused_or_good(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Cut off and overwritten at random places: never an exception of another kind."""
    content = bytearray(elf((BASE, 64, 64), (BASE + 0x1000, 16, 0x2000)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, 115))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    folder = tmp_path_factory.mktemp("elf")
    try:
        found = image(folder, bytes(content[:cut]))
    except DescriptionError as error:
        assert error.diagnostics[0].code in ("S121", "S124", "S141", "S142", "S143", "S156")
    else:
        assert found.segments


def metal_refusal(folder: Path, source: str, more: str = "") -> str:
    package = folder / f"own{abs(hash(folder.name + source)):x}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "guest.py").write_text(source)
    description = DESCRIPTION + f'image = "metal:{package.name}"\nmemory = "1MiB"\n{more}'
    (folder / "t.toml").write_text(description)
    system, draft = checked(folder / "t.toml", "t.toml")
    with pytest.raises(DescriptionError) as caught:
        build_image(system, draft.guests[0])
    return str(caught.value).replace(str(folder), "FOLDER").replace(package.name, "own")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def x(:\n", "SyntaxError: invalid syntax (FOLDER/own/guest.py:1)"),
        ("import no_such_thing\n", "ModuleNotFoundError: No module named 'no_such_thing' (FOLDER/own/guest.py:1)"),
        ("X = 1\nY = X // 0\n", "ZeroDivisionError: integer division or modulo by zero (FOLDER/own/guest.py:2)"),
    ],
)
def test_a_package_that_does_not_import(source: str, found: str, tmp_path: Path) -> None:
    assert metal_refusal(tmp_path, source) == (
        "error[S171]: t.toml:7:9: the package 'own' of guest 'a' can't be imported\n"
        '    image = "metal:own"\n'
        f"            {'^' * len(tmp_path_name(tmp_path, source))}\n"
        f"  found:    {found}\n"
        "  expected: a module that imports without an exception\n"
        "  fix:      python -c 'import own.guest' shows the whole story"
    )


def tmp_path_name(folder: Path, source: str) -> str:
    return f'"metal:own{abs(hash(folder.name + source)):x}"'


def test_constants_that_a_guest_does_not_have(tmp_path: Path) -> None:
    source = (Path(__file__).parents[2] / "src/ovm/guests/hello/guest.py").read_text()
    text = metal_refusal(tmp_path, source, 'constants = { "guest.NONE" = 3 }\n')
    assert "error[S172]: t.toml:9:15: guest 'a' has no parameter 'guest.NONE'" in text
    assert "expected: nothing: own has no parameters" in text
    source = source.replace("ROOTS: Final", "COUNT: Final = param(10)\nROOTS: Final").replace("fn, naked", "fn, naked, param")
    text = metal_refusal(tmp_path, source, 'constants = { "guest.COUN" = 3, "guest.COUNT" = true }\n')
    assert "fix:      did you mean 'guest.COUNT'?" in text
    assert "'guest.COUNT' of guest 'a' has the wrong type" in text


def test_the_boot_image_reads_back() -> None:
    loads = [Load("b", 0x6010_0004, b"abc", 8), Load("a", 0x6000_0000, b"x" * 5000, 5000)]
    found = Elf(boot_elf(loads, 0x6000_0010))
    assert found.entry == 0x6000_0010
    assert [(each.physical, each.data, each.memory_size) for each in found.segments] == [
        (0x6000_0000, b"x" * 5000, 5000),
        (0x6010_0004, b"abc", 8),
    ]
    with pytest.raises(ValueError, match="a and b overlap at 0x60000004"):
        boot_elf([Load("a", 0x6000_0000, b"", 8), Load("b", 0x6000_0004, b"", 8)], 0)


def test_the_boot_image_loads_by_sections_too() -> None:
    loads = [Load("b", 0x6010_0004, b"abc", 8), Load("empty", 0x6020_0000, b"", 64), Load("a", 0x6000_0000, b"x" * 5001, 5001)]
    content = boot_elf(loads, 0x6000_0010)
    file = ELFFile(io.BytesIO(content))
    # U-Boot reads headers where they lie, so they are aligned.
    assert file.header.e_shoff % 4 == 0
    # What U-Boot's `bootelf` and `bootm` copy: PROGBITS sections with SHF_ALLOC, an address and a size.
    found = [each for each in file.iter_sections() if each["sh_type"] == "SHT_PROGBITS" and each["sh_flags"] & 2]
    assert [(each.name, each["sh_addr"], each.data()) for each in found] == [
        ("a", 0x6000_0000, b"x" * 5001),
        ("b", 0x6010_0004, b"abc"),
    ]
    assert file.get_section(file.num_sections() - 1).name == ".shstrtab"


def test_images_decide_where_nrt_memory_goes(tmp_path: Path) -> None:
    found = image(tmp_path, elf((BASE, 64, 0x4000)))
    system, draft = checked(tmp_path / "t.toml")
    final = plan(system, {"a": found.bytes_from(draft.guests[0].ram_gpa)})
    assert final.guests[0].image_bytes == 0xC000
    assert final.guests[0].physical(BASE) == final.guests[0].image_phys + 0x8000


PLAIN = 'abi = "none"\naddress = 0x6800_0000\nmemory = "1MiB"\n'


def plain(folder: Path, content: bytes) -> Image:
    (folder / "a.elf").write_bytes(content)
    (folder / "t.toml").write_text(DESCRIPTION.replace("nrt", "hrt") + 'image = "a.elf"\n' + PLAIN)
    system, draft = checked(folder / "t.toml", "t.toml")
    return build_image(system, draft.guests[0])


def test_a_program_that_knows_nothing_of_ovm_begins_where_its_ram_does(tmp_path: Path) -> None:
    found = plain(tmp_path, elf((0x6800_0000, 64, 64), entry=0x6800_0000))
    assert found.loaded_from(0x6800_0000)[:64] == bytes(64)
    with pytest.raises(DescriptionError) as caught:
        plain(tmp_path, elf((0x6010_8000, 64, 64), entry=0x6010_8000))
    assert "expected: 0x6800_0000 or above: RAM starts at 0x6800_0000\n" in str(caught.value)
    assert "fix:      write address = 0x6010_0000" in str(caught.value)


def test_a_program_for_ovm_is_no_plain_one(tmp_path: Path) -> None:
    """It would wait for a page that doesn't come."""
    (tmp_path / "t.toml").write_text(DESCRIPTION.replace("nrt", "hrt") + 'image = "metal:ovm.guests.still"\n' + PLAIN)
    system, draft = checked(tmp_path / "t.toml", "t.toml")
    place = draft.guests[0]
    content = elf((0x6800_0000, 64, 64), entry=0x6800_0000)
    with pytest.raises(DescriptionError) as caught:
        images._Judge(system, place).judge(content, 0, frozenset({"ovm.guests.lib.hrt.use_page"}))
    assert "error[S155]" in str(caught.value) and "fix:      remove abi" in str(caught.value)
