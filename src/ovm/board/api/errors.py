# SPDX-License-Identifier: Apache-2.0
"""Errors of the board's user, in the form of all of OVM's messages."""

from collections.abc import Iterable
from difflib import get_close_matches


class BoardError(Exception):
    """A request that the board can't fulfil. `code` is for `ovm explain`."""

    def __init__(self, code: str, message: str, *, found: str = "", expected: str = "", fix: str = "") -> None:
        self.code = code
        self.message = message
        self.found = found
        self.expected = expected
        self.fix = fix
        facts = (("found", found), ("expected", expected), ("fix", fix))
        lines = [f"error[{code}]: {message}", *(f"  {title + ':':10}{text}" for title, text in facts if text)]
        super().__init__("\n".join(lines))


def unknown(code: str, what: str, name: str, known: Iterable[str]) -> BoardError:
    """Return the error for an unknown name, with the name that was probably meant."""
    names = list(known)
    meant = get_close_matches(name, names, 1)
    return BoardError(
        code,
        f"no {what} is called '{name}'",
        expected="one of: " + ", ".join(names),
        fix=f"write '{meant[0]}'" if meant else "",
    )
