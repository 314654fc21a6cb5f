# SPDX-License-Identifier: Apache-2.0
"""The machine's registers as GDB sees them: its numbering, and the description that it requests.

The `arm.core` and `arm.vfp` features are GDB's own ("ARM Features" in its manual). Banked and CP15 registers come in
features of ours, in the group `system`: `info registers system` shows them, `p/x $TTBR0_NS` reads one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CORE = (*(f"r{number}" for number in range(13)), "sp", "lr", "pc", "cpsr")
_VFP = tuple(f"d{number}" for number in range(32))
_WORD = 4
_DOUBLE = 8
_HEADER = '<?xml version="1.0"?>\n<!DOCTYPE target SYSTEM "gdb-target.dtd">\n<target version="1.0">\n'


@dataclass(frozen=True)
class Register:
    """One register: its number is its place in the list."""

    name: str
    size: int = _WORD
    type: str = "uint32"
    group: str = ""

    def as_xml(self, number: int) -> str:
        """Return the register's line of the description."""
        group = f' group="{self.group}" save-restore="no"' if self.group else ""
        return f'  <reg name="{self.name}" bitsize="{self.size * 8}" regnum="{number}" type="{self.type}"{group}/>\n'


class Registers:
    """All registers of one core, numbered."""

    def __init__(self, names: Iterable[str]) -> None:
        known = list(dict.fromkeys(names))
        self._features: list[tuple[str, list[Register]]] = [("org.gnu.gdb.arm.core", [_core(name) for name in CORE])]
        if all(name in known for name in (*_VFP, "fpscr")):
            vfp = [*(Register(name, _DOUBLE, "ieee_double") for name in _VFP), Register("fpscr", type="int", group="float")]
            self._features.append(("org.gnu.gdb.arm.vfp", vfp))
        # Where both worlds have a register, the name without a world would be a third name for one of the two.
        rest = [name for name in known if not _is_plain(name) and f"{name}_S" not in known]
        banked = [Register(name, group="system") for name in rest if name.islower()]
        coprocessor = [Register(name, group="system") for name in rest if not name.islower()]
        self._features += [("ovm.banked", banked), ("ovm.cp15", coprocessor)]
        self.all: list[Register] = [each for _, registers in self._features for each in registers]

    def description(self) -> str:
        """Return the XML that GDB reads as target.xml."""
        text, number = _HEADER + "<architecture>arm</architecture>\n", 0
        for name, registers in self._features:
            text += f'<feature name="{name}">\n'
            for each in registers:
                text += each.as_xml(number)
                number += 1
            text += "</feature>\n"
        return text + "</target>\n"


def _core(name: str) -> Register:
    types = {"sp": "data_ptr", "pc": "code_ptr"}
    return Register(name, type=types.get(name, "uint32"))


def _is_plain(name: str) -> bool:
    """Return whether GDB has the register without our features: core, VFP, or another name of such a register."""
    plain = name.lower()
    return plain in CORE or plain == "fpscr" or (plain[:1] in "rsdq" and plain[1:].isdigit())


def encode(value: int, size: int) -> str:
    """Return a value in the order of its bytes, as hexadecimal digits."""
    return (value & ((1 << (8 * size)) - 1)).to_bytes(size, "little").hex()


def decode(digits: str) -> int:
    """Return the value of such digits."""
    return int.from_bytes(bytes.fromhex(digits), "little")


def core_values(digits: str) -> Sequence[int]:
    """Return the values of a `G` packet."""
    data = bytes.fromhex(digits)
    return [int.from_bytes(data[at : at + _WORD], "little") for at in range(0, min(len(data), _WORD * len(CORE)), _WORD)]
