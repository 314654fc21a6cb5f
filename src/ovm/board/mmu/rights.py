# SPDX-License-Identifier: Apache-2.0
"""Rights to a page: domains, access permissions, execute-never (ARM B3.7).

Rights are judged at each access from the bits of the entry and the present registers: DACR and SCTLR.AFE are not part of a TLB
entry, so writing them changes the rights of cached translations.
"""

from typing import Final

from ovm.arm.control import SCTLR_AFE
from ovm.arm.descriptors import DOMAIN_CLIENT, DOMAIN_MANAGER, LOCK_SIZE_LARGE, LOCK_SIZE_PAGE
from ovm.arm.faults import FS_DOMAIN_SECTION, FS_PAGE, FS_PERMISSION_SECTION, FSR_DOMAIN_SHIFT
from ovm.board.mapping import ACCESS_FETCH, ACCESS_WRITE
from ovm.board.mmu.entry import ATTRIBUTE_DOMAIN, ATTRIBUTE_XN, PHYSICAL_ACCESS, PHYSICAL_SIZE
from ovm.board.state import CPU
from ovm.metal import fn, u32

_READ: Final = u32(1)
_WRITE: Final = u32(2)
_USER: Final = 2  # shift from the rights of privileged modes to those of User mode
# By AP[2:0] (ARM table B3-8): rights of privileged modes, of User mode. 0b100 is reserved and allows nothing.
_RIGHTS: Final = ((0, 0), (3, 0), (3, 1), (3, 3), (0, 0), (1, 0), (1, 1), (1, 1))
RIGHTS: Final = sum((high | low << _USER) << 4 * access for access, (high, low) in enumerate(_RIGHTS))


@fn
def denied(physical: u32, attributes: u32, access: u32, user: bool, world: u32) -> u32:
    """Return the fault status of an access to the page of an entry; 0 when it is allowed."""
    domain = (attributes >> ATTRIBUTE_DOMAIN) & 15
    size = (physical >> PHYSICAL_SIZE) & 3
    about = domain << FSR_DOMAIN_SHIFT
    if size == LOCK_SIZE_PAGE or size == LOCK_SIZE_LARGE:
        about |= FS_PAGE
    allowed = (CPU.world[world].dacr >> (domain * 2)) & 3
    if allowed == DOMAIN_MANAGER:
        return 0
    if allowed != DOMAIN_CLIENT:
        return about | FS_DOMAIN_SECTION
    permission = (physical >> PHYSICAL_ACCESS) & 7
    if CPU.world[world].sctlr & SCTLR_AFE != 0:
        permission |= 1  # AP[0] is the access flag (ARM B3.7.1, table B3-7)
    rights = RIGHTS >> (permission * 4)
    if user:
        rights >>= _USER
    needed = _WRITE if access & ACCESS_WRITE != 0 else _READ
    if rights & needed == 0 or (access & ACCESS_FETCH != 0 and attributes & ATTRIBUTE_XN != 0):
        return about | FS_PERMISSION_SECTION
    return 0
