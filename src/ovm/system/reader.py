# SPDX-License-Identifier: Apache-2.0
"""Typed getters for a TOML table, which also find its unknown keys.

Each getter reports a wrong value and returns the default, so that reading continues to the next problem. `finish` reports keys
that no getter read: a misspelt key must never pass as a default.
"""

from collections.abc import Sequence
from typing import Any

from ovm.shipped import parse_size
from ovm.system.document import Document, suggestion
from ovm.system.locate import Path
from ovm.system.problems import Problems
from ovm.system.units import size_text

WORD_MAXIMUM = 0xFFFF_FFFF
TEXT_MAXIMUM = 1000


class Table:
    """One table of a document. `name` is its dotted name; `title` is its name in messages."""

    def __init__(
        self,
        document: Document,
        path: Path,
        values: dict[str, Any],
        name: str,
        problems: Problems,
        *,
        repeated: bool = False,
    ) -> None:
        self.document = document
        self.path = path
        self.name = name
        self.title = (f"[[{name}]]" if repeated else f"[{name}]") if name else "the file"
        self.problems = problems
        self._values = values
        self._asked: list[str] = []

    def has(self, key: str) -> bool:
        """Return whether the table has `key`, which counts as read."""
        self._asked.append(key)
        return key in self._values

    def at(self, key: str) -> Path:
        """Return the path of `key`."""
        return (*self.path, key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; it must not be empty. Without a default the key is required."""
        value = self._take(key, default is None)
        if isinstance(value, str):
            return value if self._can_be_meant(key, value) else default or ""
        self._wrong_type(key, value, "a string")
        return default or ""

    def choice(self, key: str, words: Sequence[str], default: str | None = None) -> str:
        """Return one of `words`."""
        value = self.text(key, default)
        if value in words or (not value and key not in self._values):
            return value or next(iter(words), "")
        meant = suggestion(value, words)
        self.problems.add(
            self.document.problem(
                "S105",
                self.at(key),
                f"{self.title} has no such {key}: '{value}'",
                expected=_alternatives(words),
                fix=f"write '{meant}'" if meant else f"choose {_alternatives(words)}" if words else f"leave '{key}' out",
            )
        )
        return words[0] if words else ""

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, False)
        if isinstance(value, bool):
            return value
        self._wrong_type(key, value, "true or false")
        return default

    def integer(
        self, key: str, default: int | None = None, minimum: int = 0, maximum: int = WORD_MAXIMUM, multiple: int = 1
    ) -> int:
        """Return a whole number between the limits, inclusive, that is a multiple of `multiple`."""
        value = self._take(key, default is None)
        fallback = minimum if default is None else default
        if value is None or isinstance(value, bool) or not isinstance(value, int):
            self._wrong_type(key, value, "a whole number")
            return fallback
        if not self._in_range(self.at(key), key, value, minimum, maximum):
            return fallback
        return value if self._is_aligned(self.at(key), key, value, multiple) else fallback

    def size(self, key: str, default: int | None = None, multiple: int = 1, minimum: int = 1) -> int:
        """Return a number of bytes, as `4096` or `"16MiB"`, that is a multiple of `multiple`."""
        value = self._take(key, default is None)
        fallback = default or 0
        if isinstance(value, str):
            count = parse_size(value)
            if count is None:
                self.problems.add(
                    self.document.problem(
                        "S106",
                        self.at(key),
                        f"'{key}' is not a size",
                        found=f"'{value}'",
                        expected="a number with B, KiB, MiB or GiB, such as '16MiB'",
                        fix="write the size in one of these units",
                    )
                )
                return fallback
            value = count
        if value is None or isinstance(value, bool) or not isinstance(value, int):
            self._wrong_type(key, value, "a size such as '16MiB'")
            return fallback
        if not self._in_range(self.at(key), key, value, minimum, WORD_MAXIMUM):
            return fallback
        return value if self._is_multiple(key, value, multiple) else fallback

    def words(self, key: str, most: int, maximum: int = WORD_MAXIMUM, multiple: int = 1) -> tuple[int, ...]:
        """Return a list of at most `most` numbers up to `maximum`, each a multiple of `multiple`."""
        value = self._take(key, False)
        if not isinstance(value, list):
            self._wrong_type(key, value, "a list of whole numbers")
            return ()
        if len(value) > most:
            self.problems.add(
                self.document.problem(
                    "S107", self.at(key), f"'{key}' holds too many words", found=str(len(value)),
                    expected=f"at most {most}", fix="put the rest into a [[guest.file]]",
                )
            )  # fmt: skip
            return ()
        for index, item in enumerate(value):
            if isinstance(item, bool) or not isinstance(item, int):
                self._wrong_type(key, item, "a whole number", (*self.at(key), index))
                return ()
            if not self._in_range((*self.at(key), index), key, item, 0, maximum):
                return ()
            if not self._is_aligned((*self.at(key), index), key, item, multiple):
                return ()
        return tuple(value)

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._take(key, False)
        if isinstance(value, list):
            for index, item in enumerate(value):
                if not isinstance(item, str):
                    self._wrong_type(key, item, "a string", (*self.at(key), index))
                    return ()
            return tuple(value)
        self._wrong_type(key, value, "a list of strings")
        return ()

    def table(self, key: str, required: bool = False) -> "Table | None":
        """Return a table within this one."""
        value = self._take(key, required)
        if isinstance(value, dict):
            return Table(self.document, self.at(key), value, self._child(key), self.problems)
        self._wrong_type(key, value, f"a table [{self._child(key)}]")
        return None

    def tables(self, key: str) -> list["Table"]:
        """Return an array of tables, empty when it isn't there."""
        value = self._take(key, False)
        name = self._child(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong_type(key, value, f"tables [[{name}]]")
            return []
        return [
            Table(self.document, (*self.at(key), index), item, name, self.problems, repeated=True)
            for index, item in enumerate(value)
        ]

    def keys(self) -> list[str]:
        """Return every key of the table, for tables whose keys are names."""
        return list(self._values)

    def raw(self, key: str) -> Any:
        """Return the value of `key` as TOML gave it."""
        return self._take(key, False)

    def finish(self) -> None:
        """Report every key that no getter read."""
        for key in self._values:
            if key in self._asked:
                continue
            meant = suggestion(key, self._asked)
            self.problems.add(
                self.document.problem(
                    "S102",
                    self.at(key),
                    f"unknown key '{key}' in {self.title}",
                    key=True,
                    expected=f"one of: {', '.join(sorted(set(self._asked)))}",
                    fix=f"did you mean '{meant}'?" if meant else "remove it",
                )
            )

    def _take(self, key: str, required: bool) -> Any:
        self._asked.append(key)
        if required and key not in self._values:
            self.problems.add(
                self.document.problem(
                    "S103", self.path, f"{self.title} lacks the key '{key}'", fix=f"add '{key} = ...' to this table"
                )
            )
        return self._values.get(key)

    def _wrong_type(self, key: str, value: Any, expected: str, path: Path = ()) -> None:
        """Report a value of the wrong type, but not a missing key."""
        if value is None:
            return
        self.problems.add(
            self.document.problem(
                "S104",
                path or self.at(key),
                f"'{key}' of {self.title} has the wrong type",
                found=_type_name(value),
                expected=expected,
                fix=f"write {expected}",
            )
        )

    def _can_be_meant(self, key: str, value: str) -> bool:
        """Return whether a text can be a name, path or word; report one that can't."""
        wrong = "" if value else "is empty"
        if len(value) > TEXT_MAXIMUM:
            wrong = f"has {len(value)} characters"
        elif not value.isprintable():
            wrong = "holds control characters"
        if wrong:
            self.problems.add(
                self.document.problem(
                    "S116", self.at(key), f"'{key}' of {self.title} {wrong}",
                    expected=f"1 to {TEXT_MAXIMUM} characters that can be printed", fix=f"correct '{key}'",
                )
            )  # fmt: skip
        return not wrong

    def _in_range(self, path: Path, key: str, value: int, minimum: int, maximum: int) -> bool:
        if minimum <= value <= maximum:
            return True
        self.problems.add(
            self.document.problem(
                "S107", path, f"'{key}' is out of range", found=str(value), expected=f"{minimum} to {maximum}",
                fix=f"write a number from {minimum} to {maximum}",
            )
        )  # fmt: skip
        return False

    def _is_aligned(self, path: Path, key: str, value: int, multiple: int) -> bool:
        if value % multiple == 0:
            return True
        self.problems.add(
            self.document.problem(
                "S108", path, f"'{key}' of {self.title} is not aligned", found=f"{value:#x}",
                expected=f"a multiple of {multiple:#x}", fix=f"write {value // multiple * multiple:#x}",
            )
        )  # fmt: skip
        return False

    def _is_multiple(self, key: str, value: int, multiple: int) -> bool:
        if value % multiple == 0:
            return True
        up = -(-value // multiple) * multiple
        self.problems.add(
            self.document.problem(
                "S108",
                self.at(key),
                f"'{key}' of {self.title} is not aligned",
                found=f"{size_text(value)} = {value // multiple} x {size_text(multiple)} + {value % multiple} bytes",
                expected=f"a multiple of {size_text(multiple)}",
                fix=f"write {size_text(up)}",
            )
        )
        return False

    def _child(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


def _alternatives(words: Sequence[str]) -> str:
    return f"one of: {', '.join(words)}" if words else "none: nothing is there to choose from"


def _type_name(value: Any) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number with a fraction", str: "a string"}
    names |= {list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")
