# SPDX-License-Identifier: Apache-2.0
"""Messages about kernels that can't be used."""


class LinuxError(Exception):
    """A kernel, module, archive or device tree that can't be used, with what a user can do about it."""

    def __init__(self, problem: str, fix: str = "") -> None:
        self.problem = problem
        self.fix = fix
        super().__init__(f"{problem}\n  fix: {fix}" if fix else problem)
