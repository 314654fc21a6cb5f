# SPDX-License-Identifier: Apache-2.0
"""Hypercall numbers, arguments and results.

Function identifiers follow Arm's SMC Calling Convention (DEN0028): fast calls, 32-bit, owner 6 (vendor
specific hypervisor service) and owner 4 (standard secure service: PSCI, DEN0022). The identifier is in r0, arguments are in
r1-r7, results in r0-r3; r4-r11, sp and lr are preserved. The conduit is `SVC #0` from the
virtual privileged modes of an SRT or NRT guest and `SMC #0` from an HRT guest. An identifier that
OVM doesn't know returns NOT_SUPPORTED; an argument out of range returns INVALID_PARAMETER.
"""

from typing import Final

FAST_CALL: Final = 0x8000_0000
OWNER_STANDARD: Final = 0x0400_0000
OWNER_HYPERVISOR: Final = 0x0600_0000
OWNER_MASK: Final = 0x3F00_0000
_OVM: Final = FAST_CALL | OWNER_HYPERVISOR
_PSCI: Final = FAST_CALL | OWNER_STANDARD

# Does nothing; r0 = SUCCESS. Measures the cost of a round trip.
NULL: Final = _OVM | 0x00
# r1 = number of bytes (0..24), r2-r7 = the bytes, first byte lowest.
CONSOLE_WRITE: Final = _OVM | 0x01
# r0 = SUCCESS, r1 = low word, r2 = high word of the time since start, in timer ticks; r3 = ticks a microsecond.
TIME: Final = _OVM | 0x02
# r1 = low, r2 = high word of the time at which the timer interrupt becomes pending; all ones: never.
TIMER_SET: Final = _OVM | 0x03
# r0 = SUCCESS, r1 = the virtual interrupts that were pending and enabled (a bit each); they are pending no more.
INTERRUPT_ACKNOWLEDGE: Final = _OVM | 0x04
# Yields the CPU until a virtual interrupt is pending and enabled, masked or not.
WAIT: Final = _OVM | 0x05
# Yields the rest of this turn.
YIELD: Final = _OVM | 0x06
# r1 = status, 0 is success. The guest never runs again. Does not return.
EXIT: Final = _OVM | 0x07
# Virtual exception return: r0 = VcpuPage.return_r0, pc = VcpuPage.return_pc, CPSR = VcpuPage.spsr of the
# current virtual mode; every other register stays. Does not return to the caller.
RETURN: Final = _OVM | 0x08
# r1 = TTBR0, r2 = CONTEXTIDR, r3 = DACR: changes all three at once.
CONTEXT_SET: Final = _OVM | 0x09
# r1 = TLB_ALL, TLB_ADDRESS (r2 = virtual address | ASID) or TLB_ASID (r2 = ASID).
TLB_INVALIDATE: Final = _OVM | 0x0A
# r1 = guest-physical address, r2 = pages, at most 256: their frames go back to the pool; the next touch finds zeroes.
BALLOON_RELEASE: Final = _OVM | 0x0B
# r1 = key (REPORT_*), r2 = value: a figure for the run's summary; the last value of a key stands.
REPORT: Final = _OVM | 0x0C
# r1 = a channel, as its number among the regions that the vCPU page lists: raises the doorbell interrupt of the guests
# at its other ends.
DOORBELL: Final = _OVM | 0x0D
# r1 = guest index; for a guest that may manage, otherwise DENIED.
GUEST_START: Final = _OVM | 0x0E
GUEST_STOP: Final = _OVM | 0x0F
# r1 = guest index; r1 = GuestState, r2 = exit status.
GUEST_STATUS: Final = _OVM | 0x10
# r1 = register (VIRTUAL_*), r2 = value: writes a virtual CP15 register.
REGISTER_WRITE: Final = _OVM | 0x11
# r1 = most bytes (0..8); r1 = how many there are, r2-r3 = the bytes, first byte lowest. NOT_SUPPORTED in systems where no guest
# has `input = true`.
CONSOLE_READ: Final = _OVM | 0x100
# Number of calls that OVM knows; the UID; r0 = major, r1 = minor revision (DEN0028 §6).
CALL_COUNT: Final = _OVM | 0xFF00
CALL_UID: Final = _OVM | 0xFF01
REVISION: Final = _OVM | 0xFF03
PSCI_VERSION: Final = _PSCI | 0x00
PSCI_CPU_OFF: Final = _PSCI | 0x02
PSCI_SYSTEM_OFF: Final = _PSCI | 0x08
PSCI_SYSTEM_RESET: Final = _PSCI | 0x09
PSCI_FEATURES: Final = _PSCI | 0x0A

# Results (DEN0028 §7.1; DENIED is PSCI's, DEN0022 §5.2.2), as two's complement words.
SUCCESS: Final = 0
NOT_SUPPORTED: Final = 0xFFFF_FFFF
INVALID_PARAMETER: Final = 0xFFFF_FFFD
DENIED: Final = 0xFFFF_FFFC

TLB_ALL: Final = 0
TLB_ADDRESS: Final = 1
TLB_ASID: Final = 2

VIRTUAL_SCTLR: Final = 0
VIRTUAL_VBAR: Final = 1
VIRTUAL_TTBCR: Final = 2
VIRTUAL_TTBR1: Final = 3

# Virtual interrupts: bit numbers in VcpuPage.irq_pending and irq_enabled.
INTERRUPT_TIMER: Final = 0
INTERRUPT_DOORBELL: Final = 1
INTERRUPT_STOP: Final = 2
# Input has come for a guest whose buffer was empty.
INTERRUPT_CONSOLE: Final = 3

# Keys of REPORT.
REPORT_ACTIVATIONS: Final = 0
REPORT_DEADLINES_MET: Final = 1
REPORT_DEADLINES_MISSED: Final = 2
REPORT_JITTER_MIN_NS: Final = 3
REPORT_JITTER_MAX_NS: Final = 4
REPORT_JITTER_MEAN_NS: Final = 5
REPORT_CHECKS_PASSED: Final = 6
REPORT_CHECKS_FAILED: Final = 7
REPORT_ATTEMPTS: Final = 8
REPORT_ESCAPES: Final = 9
REPORT_NULL_CALL_NS: Final = 10
REPORT_FILL_NS: Final = 11
REPORT_BYTES_IN: Final = 12
REPORT_BYTES_OUT: Final = 13
REPORT_ROUNDS: Final = 14
REPORT_KEYS: Final = 16
