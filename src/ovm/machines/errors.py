# SPDX-License-Identifier: Apache-2.0
"""The error of a machine that runs an image."""


class MachineError(Exception):
    """A machine that can't run the image, or that ended by itself."""

    def __init__(self, code: str, message: str, *, found: str = "", expected: str = "", fix: str = "") -> None:
        self.code = code
        facts = (("found", found), ("expected", expected), ("fix", fix))
        lines = [f"error[{code}]: {message}"]
        lines += [f"  {title + ':':10}{text}" for title, text in facts if text]
        super().__init__("\n".join(lines))
