# SPDX-License-Identifier: Apache-2.0
"""The allocation of the board's RAM, first fit; it refuses whatever doesn't fit or overlaps."""

from dataclasses import dataclass

from ovm.system.locate import Path
from ovm.system.model import Range, Reserved, System
from ovm.system.problems import DescriptionError, Note
from ovm.system.units import address_text, align_up, size_text


@dataclass(frozen=True)
class Placement:
    """A placed range. `secure` memory is out of every guest's reach."""

    name: str
    range: Range
    secure: bool = False
    path: Path = ()
    part_of_other: bool = False


class Room:
    """The RAM of one board."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._board = system.board
        self.placements: list[Placement] = []
        self._taken = [(each.range, f"reserved: {each.why}", each.path) for each in self._board.reserved]
        self._rest: list[tuple[Range, str]] = []
        self._fixed = self._planned_ranges(system)

    @staticmethod
    def _planned_ranges(system: System) -> list[Range]:
        """Return the ranges that the description itself gives to guests: first fit avoids these."""
        return [
            Range(guest.address, guest.memory)
            for guest in system.guests
            if guest.address is not None and guest.level_name == "hrt"
        ]

    def place(self, name: str, length: int, alignment: int, path: Path) -> Range:
        """Return the lowest free range of `length` bytes at a multiple of `alignment`."""
        if length <= 0:
            return Range(self.next_free(), 0)
        start = align_up(self._board.ram.start, alignment)
        while True:
            where = Range(start, length)
            if not self._board.ram.contains(where):
                raise self._no_room(name, length, alignment, path)
            blocker = next((taken for taken in self._blockers() if taken.overlaps(where)), None)
            if blocker is None:
                self._take(name, where, path, False)
                return where
            start = align_up(blocker.end, alignment)

    def place_secure(self, name: str, length: int, alignment: int, path: Path) -> Range:
        """Return the lowest free range whose secure granules hold nothing that must be open: no RAM that the description places.

        The rest of these granules stays unused.
        """
        opens = [each for each in self._board.reserved if each.non_secure]
        avoided = [*(each.range for each in opens), *self._fixed]
        start = align_up(self._board.ram.start, alignment)
        while True:
            where = Range(start, length)
            whole = self._granules(where)
            if not self._board.ram.contains(where):
                raise self._no_granule(name, where, path, opens)
            taken = next((each for each, _, _ in self._taken if each.overlaps(where)), None)
            shared = next((each for each in avoided if each.overlaps(whole)), None)
            if taken is None and shared is None:
                break
            start = align_up(taken.end, alignment) if taken else self._granules(shared or where).end
        self._take(name, where, path, True)
        self._leave(Range(whole.start, where.start - whole.start), f"the rest of {name}'s secure granule")
        self._leave(Range(where.end, whole.end - where.end), f"the rest of {name}'s secure granule")
        return where

    def _granules(self, where: Range) -> Range:
        """Return all of the board's secure granules that a range touches: multiples of their size, independent of RAM's start."""
        granule = self._board.secure_granule
        start = where.start // granule * granule
        return Range(start, align_up(where.end, granule) - start)

    def _leave(self, where: Range, why: str) -> None:
        if where.length:
            self._rest.append((where, why))
            self._taken.append((where, why, ()))

    def place_at(self, name: str, where: Range, path: Path) -> None:
        """Take exactly `where`, which the description asks for."""
        document = self._system.document
        if not self._board.ram.contains(where):
            raise DescriptionError(
                [
                    document.problem(
                        "S122", path, f"{name} lies outside the board's RAM", found=str(where),
                        expected=f"within {self._board.ram}",
                        notes=[self._board.document.note(f"RAM of {self._board.name}", ("ram",))],
                        fix="choose an address in RAM, or leave it out",
                    )
                ]
            )  # fmt: skip
        for taken, owner, _ in self._taken:
            if taken.overlaps(where):
                free = align_up(taken.end, 1 << 20)
                raise DescriptionError(
                    [
                        document.problem(
                            "S121", path, f"{name} overlaps {owner}", found=f"{name} at {where}",
                            notes=[Note(f"{owner} at {taken}")],
                            fix=f"choose an address from {address_text(free)} on, or leave it out",
                        )
                    ]
                )  # fmt: skip
        self._take(name, where, path, False)

    def note(self, name: str, where: Range, *, secure: bool) -> None:
        """List a part of a range that is placed already."""
        self.placements.append(Placement(name, where, secure, part_of_other=True))

    def next_free(self) -> int:
        """Return the end of the placed ranges."""
        return max(taken.end for taken, _, _ in self._taken)

    def _blockers(self) -> list[Range]:
        return [taken for taken, _, _ in self._taken] + self._fixed

    def _take(self, name: str, where: Range, path: Path, secure: bool) -> None:
        self._taken.append((where, name, path))
        if where in self._fixed:
            self._fixed.remove(where)
        self.placements.append(Placement(name, where, secure, path))

    def _no_granule(self, name: str, where: Range, path: Path, opens: list[Reserved]) -> DescriptionError:
        """Return the error that names what keeps a secure range from a granule of its own."""
        board = self._board
        notes = [board.document.note(f"must be open: {each.why} at {each.range}", each.path) for each in opens]
        notes += [board.document.note(f"reserved: {each.why} at {each.range}", each.path)
                  for each in board.reserved if not each.non_secure]  # fmt: skip
        return DescriptionError(
            [
                self._system.document.problem(
                    "S128", path, f"{board.name} has no memory for {name} that only the Secure world reaches",
                    found=f"{size_text(where.length)}, and TrustZone divides RAM by {size_text(board.secure_granule)}",
                    expected=f"{size_text(board.secure_granule)} of {board.ram} with nothing in it that must be open",
                    notes=[board.document.note(f"RAM of {board.name}", ("ram",)), *notes],
                    fix="give the board file more RAM, or move what is reserved there out of one of these granules",
                )
            ]
        )  # fmt: skip

    def _no_room(self, name: str, length: int, alignment: int, path: Path) -> DescriptionError:
        """Return the error that says how much RAM there is and what uses it."""
        ram = self._board.ram
        largest = sorted(
            (each for each in self.placements if not each.part_of_other), key=lambda each: -each.range.length
        )[:3]
        taken = sum(each.range.length for each in self.placements if not each.part_of_other)
        notes = [Note(f"{each.name} at {each.range} ({size_text(each.range.length)})") for each in largest]
        notes += [Note(f"{why} at {where}: the board's TrustZone can't open a part of it") for where, why in self._rest]
        return DescriptionError(
            [
                self._system.document.problem(
                    "S122", path, f"no room for {name} in the board's RAM",
                    found=f"{size_text(length)} at a multiple of {size_text(alignment)}",
                    expected=f"to fit into {size_text(ram.length)} at {ram}, of which {size_text(taken)} are taken",
                    notes=notes, fix="give the guests less memory, or lower the NRT limits",
                )
            ]
        )  # fmt: skip
