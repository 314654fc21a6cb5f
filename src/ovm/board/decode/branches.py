# SPDX-License-Identifier: Apache-2.0
"""The fields of branches' records besides operands: their counter of the predictor, the short way to near targets."""

from typing import Final

from ovm.board.decode.pattern import PLACE
from ovm.board.execute import branch, multiple
from ovm.board.execute.row import DIRECT_BRANCH, NO_BRANCH
from ovm.board.execute.table import ROWS, number_of
from ovm.board.predictor import counter_of
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, table, u8, u16

LINK: Final = number_of(branch.branch_link)
LIST: Final = number_of(multiple.load_multiple)
NEAR_HANDLER = table(
    u16,
    [number_of(row.function, row.variant | branch.NEAR) if row.branch == DIRECT_BRANCH else 0 for row in ROWS],
)
MAY_BRANCH = table(u8, [int(row.branch != NO_BRANCH) for row in ROWS])


@fn
def settle_branch(record: Record) -> None:
    """Finish the record of a direct branch, which lies at PLACE: a target in the same page is a distance of records."""
    near = NEAR_HANDLER[record.handler]
    if near == 0:
        return
    if record.handler != LINK:
        record.aux = u16(counter_of(PLACE.value))
    if (PLACE.value & 0xFFF) + record.imm < 4096:
        record.handler = near
        record.imm = record.imm << CPU.page_shift


@fn
def may_branch(record: Record) -> bool:
    """Return whether an instruction would have been a predicted branch if its condition had held."""
    if MAY_BRANCH[record.handler] == 0:
        return False
    return record.handler != LIST or record.imm & multiple.PC != 0
