# SPDX-License-Identifier: Apache-2.0
"""The fields of branches' records besides operands: their counter of the predictor, the short way to near targets."""

from typing import Final

from ovm.board.decode.pattern import PLACE
from ovm.board.execute import branch, data, multiple, single
from ovm.board.execute.table import HANDLERS, number_of
from ovm.board.predictor import counter_of
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, table, u8, u16

_DIRECT: Final = (branch.branch, branch.branch_if, branch.branch_link, branch.compare_branch)
_INDIRECT: Final = (
    branch.branch_link_exchange,
    branch.branch_register,
    branch.branch_link_register,
    branch.table_branch,
    data.data_to_pc,
    single.load_to_pc,
    multiple.load_multiple,
)
LINK: Final = number_of(branch.branch_link)
LIST: Final = number_of(multiple.load_multiple)
NEAR_HANDLER = table(
    u16,
    [number_of(each.function, each.variant | branch.NEAR) if each.function in _DIRECT else 0 for each in HANDLERS],
)
MAY_BRANCH = table(u8, [int(each.function in (*_DIRECT, *_INDIRECT)) for each in HANDLERS])


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
