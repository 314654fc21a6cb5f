# SPDX-License-Identifier: Apache-2.0
"""What a user of the board can get wrong, said in the form that all of OVM's complaints have."""

from collections.abc import Iterable
from difflib import get_close_matches


class BoardError(Exception):
    """Something that the board can't do as asked. `code` is for `ovm explain`."""

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
    """The error for a name that nothing has, with the one that was probably meant."""
    names = list(known)
    meant = get_close_matches(name, names, 1)
    return BoardError(
        code,
        f"no {what} is called '{name}'",
        expected="one of: " + ", ".join(names),
        fix=f"write '{meant[0]}'" if meant else "",
    )
