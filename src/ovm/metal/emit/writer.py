# SPDX-License-Identifier: Apache-2.0
"""The text of one function during its emission: instructions, temporaries, labels, debug locations."""

from __future__ import annotations


class Writer:
    """A collector of instructions; it numbers temporaries and labels in order, so equal input gives equal text."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.entry: list[str] = []
        self.debug = ""
        self.terminated = False
        self.block = "entry"
        self._values = 0
        self._labels = 0

    def value(self, instruction: str) -> str:
        """Write an instruction with a result and return the result's name."""
        self._values += 1
        name = f"%t{self._values}"
        self._write(f"{name} = {instruction}")
        return name

    def effect(self, instruction: str) -> None:
        """Write an instruction without a result."""
        self._write(instruction)

    def slot(self, name: str, kind: str, align: int = 0) -> str:
        """Reserve `kind` in the frame (in the entry block) and return its address."""
        aligned = f", align {align}" if align else ""
        self.entry.append(f"  {name} = alloca {kind}{aligned}")
        return name

    def label(self, stem: str) -> str:
        """Return a label that is not used yet."""
        self._labels += 1
        return f"{stem}.{self._labels}"

    def place(self, label: str) -> None:
        """Begin the block `label`, falling into it from the present one."""
        if not self.terminated:
            self.end(f"br label %{label}")
        self.lines.append(f"{label}:")
        self.block = label
        self.terminated = False

    def end(self, instruction: str) -> None:
        """Write a terminator; code behind it is unreachable until the next label."""
        self._write(instruction)
        self.terminated = True

    def jump(self, label: str) -> None:
        """End the block with a branch to `label`."""
        self.end(f"br label %{label}")

    def branch(self, condition: str, then: str, otherwise: str) -> None:
        """End the block with a branch on `condition`."""
        self.end(f"br i1 {condition}, label %{then}, label %{otherwise}")

    def _write(self, instruction: str) -> None:
        if self.terminated:
            self.block = self.label("dead")
            self.lines.append(f"{self.block}:")
            self.terminated = False
        self.lines.append(f"  {instruction}{self.debug}")
