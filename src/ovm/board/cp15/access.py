# SPDX-License-Identifier: Apache-2.0
"""Rights to read and write coprocessor registers (ARM B3.15; A9 table 4-1 and on). A refusal is UNDEFINED."""

from typing import Final

from ovm.arm.psr import MODE_USR
from ovm.board.coprocessors import extra
from ovm.board.cp15.control import NSACR_SMP, NSACR_TL
from ovm.board.state import CPU
from ovm.board.worlds import secure
from ovm.metal import fn, u32

# Rules of a register; privileged modes unless USER is in the name.
READ: Final = 1 << 0
WRITE: Final = 1 << 1
USER_READ: Final = 1 << 2
USER_WRITE: Final = 1 << 3
SECURE: Final = 1 << 4  # no access in the Non-secure state
SECURE_WRITE: Final = 1 << 5  # the Non-secure state only reads
LOCKDOWN: Final = 1 << 6  # for the Non-secure state if NSACR.TL
SMP_WRITE: Final = 1 << 7  # the Non-secure state writes if NSACR.NS_SMP
MONITORS: Final = 1 << 8  # User mode too if PMUSERENR.EN
THUMB_EE: Final = 1 << 9  # User mode too unless TEECR.XED
REFETCH: Final = 1 << 10  # a write may change the source of instructions


@fn
def _by_user(rules: u32, write: bool) -> bool:
    if rules & MONITORS != 0:
        return extra().user & 1 != 0
    if rules & THUMB_EE != 0:
        return extra().teecr & 1 == 0
    return rules & (USER_WRITE if write else USER_READ) != 0


@fn
def allowed(rules: u32, write: bool) -> bool:
    """Return whether the core may access the register in its present mode and state."""
    if rules & (WRITE if write else READ) == 0:
        return False
    if CPU.mode == MODE_USR and not _by_user(rules, write):
        return False
    if secure():
        return True
    if rules & SECURE != 0 or (write and rules & SECURE_WRITE != 0):
        return False
    if rules & LOCKDOWN != 0 and CPU.nsacr & NSACR_TL == 0:
        return False
    return not write or rules & SMP_WRITE == 0 or CPU.nsacr & NSACR_SMP != 0
