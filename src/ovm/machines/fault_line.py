# SPDX-License-Identifier: Apache-2.0
"""The line of the description that led to a guest's end, if there is one: memory, a limit, a device left out."""

from ovm.abi.config import Level
from ovm.machines.result import GuestResult
from ovm.system.check_limits import GUEST_BASE
from ovm.system.model import Guest, System
from ovm.system.units import MIB, size_text

# An address up to this far behind a guest's RAM is taken for one of its RAM.
_BEHIND = 16 * MIB


def line_at_fault(system: System, guest: Guest, found: GuestResult) -> str:
    """Return a clause with the line's place; empty if no line is to blame, as far as can be seen."""
    if any(each.get("kind") == "exhausted" for each in found.refusals):
        key = "limit" if "limit" in system.document.values["guest"][guest.index] else "memory"
        return _clause(system, guest, key, f"it holds as much as its {key} = {size_text(guest.limit)} allows")
    address = (found.stopped or {}).get("address")
    if not isinstance(address, int):
        return ""
    if guest.level is Level.HRT:
        for device in system.board.devices.values():
            if device.range.start <= address < device.range.end and device.name not in guest.devices:
                return _clause(system, guest, "devices", f"its devices leave out '{device.name}'")
        return ""
    end = (GUEST_BASE if guest.address is None else guest.address) + guest.memory
    if end <= address < end + _BEHIND:
        return _clause(system, guest, "memory", f"that is just behind its memory = {size_text(guest.memory)}")
    return ""


def _clause(system: System, guest: Guest, key: str, text: str) -> str:
    return f"; {system.document.note(text, (*guest.path, key))}"
