# SPDX-License-Identifier: Apache-2.0
"""What goes wrong while building: the compiler's own kind of error, mostly without a place in the source."""

from dataclasses import dataclass

from ovm.metal.diagnostics import Diagnostic, MetalError


@dataclass(frozen=True)
class BuildDiagnostic(Diagnostic):
    """A complaint that need not belong to a line of source."""

    def render(self) -> str:
        """Return it as text; the place is left out where there is none."""
        if self.file:
            return super().render()
        lines = [f"error[{self.code}]: {self.message}"]
        lines += [
            f"  {label + ':':10}{text}"
            for label, text in (("found", self.found), ("expected", self.expected), ("fix", self.fix))
            if text
        ]
        return "\n".join(lines)


class BuildError(MetalError):
    """A build step that cannot go on."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        found: str = "",
        expected: str = "",
        fix: str = "",
        file: str = "",
        line: int = 0,
    ) -> None:
        self.code = code
        diagnostic = BuildDiagnostic(code, message, file, line, 1, found=found, expected=expected, fix=fix)
        super().__init__([diagnostic])
