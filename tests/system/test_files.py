# SPDX-License-Identifier: Apache-2.0
"""Reading ends whatever a path leads to: in bytes, or in an error that says what is there instead."""

import os
from pathlib import Path

import pytest

from ovm.system.build import checked
from ovm.system.document import Document
from ovm.system.files import NotPlainError, is_plain, read_plain
from ovm.system.problems import DescriptionError

GUEST = '[system]\nname = "x"\n[[guest]]\nname = "a"\nlevel = "nrt"\nimage = "metal:ovm.guests.hello"\nmemory = "1MiB"\n'


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_only_regular_files_of_a_sensible_size(tmp_path: Path, pipe: Path) -> None:
    (tmp_path / "text").write_bytes(b"12345")
    assert read_plain(tmp_path / "text", 5) == b"12345"
    with pytest.raises(NotPlainError, match="more than 4 bytes"):
        read_plain(tmp_path / "text", 4)
    for other, what in ((pipe, "a pipe"), (tmp_path, "a folder"), (Path("/dev/zero"), "a character device")):
        with pytest.raises(NotPlainError, match=f"{what}, no regular file"):
            read_plain(other, 5)
        assert not is_plain(other)
    with pytest.raises(FileNotFoundError):
        read_plain(tmp_path / "none", 5)
    assert not is_plain(Path("a\0b")) and not is_plain(Path("x" * 5000))


def test_no_description_is_waited_for(pipe: Path) -> None:
    for file, what in ((pipe, "a pipe"), (Path("/dev/zero"), "a character device"), (pipe.parent, "a folder")):
        with pytest.raises(DescriptionError, match=f"cannot read the description: this is {what}"):
            Document.read(file)


@pytest.mark.parametrize(
    "text",
    [
        GUEST.replace("metal:ovm.guests.hello", "pipe"),
        GUEST + '[[guest.file]]\npath = "pipe"\n',
        GUEST + '[guest.expect]\nconsole = "pipe"\n',
        GUEST.replace('"x"', '"x"\nboard = "./pipe.toml"'),
    ],
)
def test_nothing_that_a_description_names_is_waited_for(tmp_path: Path, pipe: Path, text: str) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(DescriptionError, match="S140|S109"):
        checked(tmp_path / "x.toml")


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{x=" * 50_000, "a." * 100_000, "a = " + "9" * 200_000])
def test_excess_is_refused_before_it_is_parsed(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(DescriptionError, match="S117"):
        Document.read(tmp_path / "x.toml")
    (tmp_path / "x.toml").write_bytes(b"#" * 300_000)
    with pytest.raises(DescriptionError, match="more than 256 KiB"):
        Document.read(tmp_path / "x.toml")


def test_brackets_in_texts_and_comments_nest_nothing(tmp_path: Path) -> None:
    text = f"a = '{'[' * 99}' # {'[' * 99}\nb = \"\"\"{'{' * 99}\\\"\"\"\"\nc = '''{'.' * 99}'''\nd = \"{'9' * 99}\"\n"
    (tmp_path / "x.toml").write_text(text)
    assert list(Document.read(tmp_path / "x.toml").values) == ["a", "b", "c", "d"]
