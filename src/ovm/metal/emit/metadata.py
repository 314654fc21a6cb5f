# SPDX-License-Identifier: Apache-2.0
"""The numbered metadata nodes of a module."""

from __future__ import annotations


class Metadata:
    """The nodes, numbered in the order of their first use; equal texts are one node. Node 0 is empty."""

    def __init__(self) -> None:
        self._nodes: list[str] = ["!{}"]
        self._numbers: dict[str, int] = {}

    def add(self, text: str) -> int:
        """Return the number of a node with this text."""
        number = self._numbers.get(text)
        if number is None:
            self._nodes.append(text)
            number = self._numbers[text] = len(self._nodes) - 1
        return number

    def reserve(self) -> int:
        """Return the number of a node of its own, whose text `fill` gives later."""
        self._nodes.append("!{}")
        return len(self._nodes) - 1

    def fill(self, number: int, text: str) -> None:
        """Give a reserved node its text."""
        self._nodes[number] = text

    def lines(self) -> list[str]:
        """Return the definitions of all nodes."""
        return [f"!{number} = {text}" for number, text in enumerate(self._nodes)]
