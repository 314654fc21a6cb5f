# SPDX-License-Identifier: Apache-2.0
"""Files that hold what a test expects, with one switch for all: UPDATE_EXPECTED=1 writes them anew.

Look at the difference before committing it.
"""

import os
from pathlib import Path

UPDATES = bool(os.environ.get("UPDATE_EXPECTED"))


def compare_file(path: Path, text: str) -> None:
    """Hold a text to what a file says, or write the file."""
    if UPDATES:
        path.write_text(text)
    assert path.is_file(), f"{path.name} is missing: UPDATE_EXPECTED=1 writes it"
    assert text == path.read_text(), f"{path.name} says something else; UPDATE_EXPECTED=1 writes it anew"
