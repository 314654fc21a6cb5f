# SPDX-License-Identifier: Apache-2.0
"""Names of systems, guests, regions and channels."""

import re
from collections.abc import Sequence

from ovm.abi.config import NAME_BYTES
from ovm.system.reader import Table

# One byte of core's field ends it.
NAME_MAXIMUM = NAME_BYTES - 1
_NAME = re.compile(r"[a-z][a-z0-9-]*")


def read_name(table: Table, taken: Sequence[str] = ()) -> str:
    """Return a name that is valid in console prefixes, in file names and in core's field for names, and that isn't `taken`."""
    name = table.text("name")
    if name in taken:
        message, fix = f"'{name}' is the name of a file that a build makes for itself", "choose another name"
        table.problems.add(table.document.problem("S110", table.at("name"), message, expected="any other name", fix=fix))
    if name and not (_NAME.fullmatch(name) and len(name) <= NAME_MAXIMUM):
        table.problems.add(
            table.document.problem(
                "S110",
                table.at("name"),
                f"'{name}' can't be a name",
                expected=f"a lower-case letter, then letters, digits and '-', at most {NAME_MAXIMUM} in all",
                fix="choose a shorter or plainer name",
            )
        )
    return name
