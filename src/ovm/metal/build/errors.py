# SPDX-License-Identifier: Apache-2.0
"""Errors of a build: the compiler's own kind of error, mostly without a place in the source."""

from dataclasses import dataclass
from typing import Final

from ovm.metal.diagnostics import Diagnostic, MetalError
from ovm.metal.shown import plain

# The meaning of each code, for `ovm explain`: a title and a remedy.
CODES: Final[dict[str, tuple[str, str]]] = {
    "B001": (
        "no compiler",
        "OVM compiles with the clang and lld of the Python package `ziglang`. Install it into the environment that\n"
        "runs `ovm`: pip install ziglang",
    ),
    "B002": ("the compiler doesn't start", "The binary of the package `ziglang` is damaged or for another machine."),
    "B003": (
        "a build tool failed",
        "Clang, the assembler or the linker refused its input; its own words follow. For a guest in C they name\n"
        "the file and line. An undefined symbol is a function that no source of the image has.",
    ),
    "B004": ("this machine can't run compiled metal", "Tests that run metal natively need 64-bit Linux on x86 or Arm."),
    "B005": ("a source file is missing", "The file that a guest's folder or description names isn't there."),
    "B006": ("a symbol that the image must have is missing", "Nothing that went into the image defines it."),
    "B007": (
        "the assembler refuses an instruction",
        "The line of an `asm_block`, `asm` or `asm_value` is not an instruction of ARMv7-A as LLVM's assembler writes it.",
    ),
    "B010": ("not an ELF file", "An image handed to OVM is not what a linker makes."),
    "B011": ("no such symbol", "The program has no function or static of this name, or nothing in it uses it."),
    "B012": ("too many arguments", "The host loader passes up to 12 arguments to a function."),
    "B013": ("an undeclared function", "Compiled code refers to something that its IR doesn't declare as a function."),
    "B015": ("an address outside the image", "The image has no bytes there."),
    "B020": ("no such entry", "A stack was to be bounded for a function that isn't in the image."),
    "B021": (
        "a stack is too small",
        "The deepest path from this entry needs more than its stack has. The message lists the path, with each\n"
        "function's frame and the sum so far: shrink the largest frames, or enlarge the stack.",
    ),
    "B022": ("recursion", "A function reaches itself, so its stack has no bound. Metal has no recursion."),
    "B023": (
        "an unknown indirect call",
        "Code that isn't metal calls through a register. Its targets have to be named for a bound to hold.",
    ),
    "B024": ("assembly without a declared stack", "A naked function's use of the stack must be declared in bytes."),
    "B025": ("a function without a frame size", "Its object file doesn't say how much stack it uses; declare it."),
}


@dataclass(frozen=True)
class BuildDiagnostic(Diagnostic):
    """A complaint that need not belong to a line of source."""

    def render(self) -> str:
        """Return the diagnostic as text; the place is left out where there is none."""
        if self.file:
            return super().render().replace(f"{plain(self.file)}:0:0:", f"{plain(self.file)}:", 1)
        lines = [plain(f"error[{self.code}]: {self.message}")]
        lines += [
            f"  {label + ':':10}{plain(text)}"
            for label, text in (("found", self.found), ("expected", self.expected), ("fix", self.fix))
            if text
        ]
        return "\n".join(lines)


class BuildError(MetalError):
    """A build step that failed."""

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
