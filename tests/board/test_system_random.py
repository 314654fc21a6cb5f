# SPDX-License-Identifier: Apache-2.0
"""Instructions that reach other modes, single-stepped on Unicorn and on ours, with all banked registers compared.

MRS, MSR, CPS, SETEND, SRS, RFE, and LDM and STM with the registers of User mode, in all modes but Monitor.
"""

import ctypes
import os
import struct
from collections.abc import Mapping

import pytest

from ovm.arm.psr import MODE_USR, PSR_E
from ovm.board.decode.pattern import Encoding
from tests.board import batch, system_steps
from tests.board.batches import AFTER, ITSTATE, Batches

CASES = int(os.environ.get("OVM_ISA_CASES", "20000"))
SEED = int(os.environ.get("OVM_ISA_SEED", "1"))
COMPARED = frozenset({"mrs", "msr", "cps", "setend", "srs", "rfe", "ldm", "stm"})
# Reserved in PSRs: Unicorn keeps bit 20, which later architectures have.
RESERVED = 0x00F0_0000
# A, I, F, E and M as MRS reads them in User mode.
USER_UNKNOWN = 0x3DF
_BYTES = 4 * system_steps.ALL_BANKED


def _bank(number: int) -> dict[str, int]:
    """Return a stack in the window, a link, a saved PSR: flags, a mode that exists."""
    return {"R13": 0x1_2000 + number * 0x1000, "R14": 0x1_0001 * number, "SPSR": 0x1000_01D0 * number & 0xF800_0000 | 0x1D3}


BANKS: Mapping[int, Mapping[str, int]] = {
    0x1D1: {**{f"R{number}": 0x0F1F_0000 + number for number in range(8, 13)}, **_bank(1)},
    0x1D2: _bank(2),
    0x1D3: _bank(3),
    0x1D7: _bank(4),
    0x1DB: _bank(5),
    0x1D0: {f"R{number}": 0x0001_8000 + 0x404 * number for number in range(8, 15)},
}


class SystemBatches(Batches):
    """Batches of the instructions that the others leave out, with all banks."""

    banks = BANKS

    def restart(self, seed: int) -> None:
        super().restart(seed)
        values = [value for bank in BANKS.values() for value in bank.values()]
        place = self.ours.program.address_of("tests.board.system_steps.BANKS")
        self.ours.memory.write(place, struct.pack(f"<{len(values)}I", *values))
        self.after = self.host + self.ours.program.address_of("tests.board.system_steps.AFTER")

    def is_left_out(self, each: Encoding) -> bool:
        return each.name not in COMPARED

    def explained(self, case: bytes, values: bytes) -> bool:
        """Tell whether only what `excuses` names differs."""
        mine, theirs = struct.unpack_from("<17I", case, AFTER), struct.unpack("<17I", values)
        register, status = self.excuses(case)
        same = all((a ^ b) & ~register == 0 for a, b in zip(mine[:15], theirs[:15], strict=True))
        return same and mine[15] == theirs[15] and (mine[16] ^ theirs[16]) & ~status == 0

    def excuses(self, case: bytes) -> tuple[int, int]:
        """Bits of registers and of CPSR that may differ (disagreements.md)."""
        (before,), (row,) = struct.unpack_from("<I", case, 8), struct.unpack_from("<I", case, AFTER + 84)
        name = self.rows[row].name if row < len(self.rows) else ""
        user = before & 0x1F == MODE_USR
        status = RESERVED | (PSR_E if user and name == "msr" else 0) | (ITSTATE if name == "rfe" else 0)
        return USER_UNKNOWN if user and name == "mrs" else 0, status

    def execute(self, first: int, count: int) -> None:
        self.ours.call(system_steps.execute_system, first, count)

    def _expect(self, case: bytes, place: int, pc: int, done: int) -> None:
        known = len(self.tally.failures)
        super()._expect(case, place, pc, done)
        if len(self.tally.failures) > known or self.excuses(case)[0]:
            return
        number = (place - self.cases) // len(case)
        mine = ctypes.string_at(self.after + number * _BYTES, _BYTES)
        theirs = self.theirs.banked()
        names = [f"{name} of {psr:#x}" for psr, bank in BANKS.items() for name in bank]
        values = (struct.unpack(f"<{_BYTES // 4}I", raw) for raw in (mine, theirs))
        differing = [
            f"{name} {a:08x}/{b:08x}"
            for name, a, b in zip(names, *values, strict=True)
            if (a ^ b) & ~(RESERVED if name.startswith("SPSR") else 0)
        ]
        if differing:
            self._fail(case, "ours/theirs " + ", ".join(differing))


@pytest.mark.parametrize("world", [0, 1], ids=["secure", "non-secure"])
@pytest.mark.parametrize("name", ["a32", "t32"])
def test_banked_registers(name: str, world: int) -> None:
    batches = SystemBatches(name, SEED)
    batches.ours.set("scr", world)
    batches.theirs.set_world(world)
    while batches.tally.compared < CASES and len(batches.tally.failures) < 20:
        batches.run(batch.MOST_CASES, 1)
    tally = batches.tally
    print(name, tally.compared, "compared", tally.faulted, "with a fault", tally.unpredictable, "UNPREDICTABLE", dict(tally.rows))
    assert not tally.failures, "\n".join(tally.failures[:20])
    batches.ours.set("scr", 0)
    assert set(tally.rows) >= COMPARED
