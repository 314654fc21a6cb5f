# SPDX-License-Identifier: Apache-2.0
"""What goes wrong while building: one exception, with a code, the facts and the fix."""


class BuildError(Exception):
    """A build step that cannot go on."""

    def __init__(self, code: str, message: str, *, fix: str = "") -> None:
        self.code = code
        self.message = message
        self.fix = fix
        super().__init__(f"{code}: {message}" + (f"\n  fix: {fix}" if fix else ""))
