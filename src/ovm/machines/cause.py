# SPDX-License-Identifier: Apache-2.0
"""The reason why a guest was stopped, from OVM's `stopped` record: the exception, the instruction, and the exception's cause.

A status of 0 means an Undefined Instruction exception, which has no status; any other is a fault status of DFSR or IFSR (ARM
B3.13.3).
"""

from collections.abc import Mapping
from typing import Final

from capstone import CS_ARCH_ARM, CS_MODE_ARM, CS_MODE_THUMB, Cs, arm

from ovm.abi.hypercalls import EXIT
from ovm.arm import faults
from ovm.arm.psr import MODE_USR

_PSR_THUMB: Final = 0x20
_PSR_MODE: Final = 0x1F
_CPACR_CP10: Final = 20
_CPACR_ALL: Final = 3
_FPEXC_ENABLE: Final = 1 << 30
_STATUS_BITS: Final = 0x40F
# Vectors below their base (ARM B1.8.1).
VECTORS: Final = {
    4: "an Undefined Instruction",
    8: "an SVC",
    0xC: "a Prefetch Abort",
    0x10: "a Data Abort",
    0x18: "an IRQ",
    0x1C: "an FIQ",
}
REASONS: Final = {
    "no-vectors": "it has no vectors that could take its exception",
    "external-abort": "an external abort",
    "memory": "its memory can't be given to it",
    "manager": "a manager asked for it",
    "watchdog": "it let its private watchdog expire, which resets its CPU",
    "gate": "an HRT guest has changed the page that exceptions go through, or the tables that lead there",
}
# Reasons without an exception of the guest.
WITHOUT_EXCEPTION: Final = ("manager", "gate", "watchdog")
_FAULTS: Final = {
    faults.FS_ALIGNMENT: "the address is not aligned",
    faults.FS_DEBUG: "a breakpoint",
    faults.FS_TRANSLATION_SECTION: "nothing is mapped there",
    faults.FS_TRANSLATION_PAGE: "nothing is mapped there",
    faults.FS_PERMISSION_SECTION: "its tables forbid it",
    faults.FS_PERMISSION_PAGE: "its tables forbid it",
    faults.FS_DOMAIN_SECTION: "its DACR closes the domain",
    faults.FS_DOMAIN_PAGE: "its DACR closes the domain",
    faults.FS_EXTERNAL: "it has no memory and no device there",
    faults.FS_EXTERNAL_WALK_SECTION: "its translation table lies where it has no memory",
    faults.FS_EXTERNAL_WALK_PAGE: "its translation table lies where it has no memory",
}
Fields = Mapping[str, int | str]


def first_cause(stopped: Fields) -> str:
    """Return a sentence, without its full stop, about the first thing that went wrong."""
    why, pc, status = str(stopped.get("why", "unknown")), _number(stopped, "pc"), _number(stopped, "status")
    reason = REASONS.get(why, why)
    if why in WITHOUT_EXCEPTION:
        return reason
    address = _number(stopped, "address")
    if status and address == pc:
        taken = f"it took {VECTORS[pc]} by its vector" if pc in VECTORS else "Prefetch Abort"
        return f"{taken} at {pc:#x}: {_fault(status)} ({reason}){_call(stopped)}"
    shown = instruction_text(_number(stopped, "instruction"), pc, bool(_number(stopped, "psr") & _PSR_THUMB))
    what, cause = _exception(stopped, status)
    where = "" if address == pc else f" of {address:#x}"
    return f"{what} at {pc:#x}, {shown}{where}: {cause} ({reason})"


def _call(stopped: Fields) -> str:
    """Return a text about the SVC that went to the guest's own vectors, and why it was no hypercall; empty if none did."""
    if "svc" not in stopped:
        return ""
    place, psr, number = (_number(stopped, key) for key in ("svc", "svc_psr", "svc_r0"))
    shown = instruction_text(_number(stopped, "svc_instruction"), place, bool(psr & _PSR_THUMB))
    if psr & _PSR_MODE == MODE_USR:
        why = "in User mode every SVC is one of the guest's own, for a kernel with vectors"
    else:
        why = f"r0 = {number:#x} is no hypercall's number; those begin with 0x84 or 0x86, as {EXIT:#x} (EXIT)"
    return f"; the SVC is {shown} at {place:#x}: {why}"


def _exception(stopped: Fields, status: int) -> tuple[str, str]:
    """Return the exception's name and its cause."""
    if stopped.get("why") == "external-abort":
        return "External abort", "no memory or device that the guest may use answers there"
    if status == 0:
        return "Undefined Instruction", _undefined(stopped)
    return "Data Abort", _fault(status)


def _fault(status: int) -> str:
    return _FAULTS.get(status & _STATUS_BITS, f"fault status {status & _STATUS_BITS:#x}")


def _undefined(stopped: Fields) -> str:
    word, psr = _number(stopped, "instruction"), _number(stopped, "psr")
    if word == 0:
        return "there is no instruction, only zeros"
    engine = _engine(bool(psr & _PSR_THUMB))
    engine.detail = True
    found = next(engine.disasm(word.to_bytes(4, "little"), 0, 1), None)
    if found is None:
        return "this is no instruction of ARMv7-A"
    if found.id in (arm.ARM_INS_UDF, arm.ARM_INS_TRAP):
        return "it is Undefined on purpose; compilers put it where a program must not come"
    floating = {arm.ARM_GRP_VFP2, arm.ARM_GRP_VFP3, arm.ARM_GRP_VFP4, arm.ARM_GRP_NEON, arm.ARM_GRP_DPVFP}
    if floating & set(found.groups):
        return _disabled(stopped, psr) or "Cortex-A9 doesn't have it"
    return "Cortex-A9 doesn't have it, or not in this mode"


def _disabled(stopped: Fields, psr: int) -> str:
    """Return why floating point is off, if it is; both switches are off after reset (ARM B4.1.40, B4.1.58)."""
    granted = _number(stopped, "cpacr") >> _CPACR_CP10 & 3
    if "cpacr" in stopped and granted != _CPACR_ALL and not (granted == 1 and psr & _PSR_MODE != MODE_USR):
        return "floating point while CPACR denies it; set CPACR[23:20] first, then FPEXC.EN"
    if "fpexc" in stopped and not _number(stopped, "fpexc") & _FPEXC_ENABLE:
        return "floating point while FPEXC.EN = 0; set it first: vmsr fpexc, r0 with r0 = 0x40000000"
    return ""


def instruction_text(word: int, address: int, thumb: bool) -> str:
    """Return one instruction as its number and its text."""
    found = next(_engine(thumb).disasm(word.to_bytes(4, "little"), address, 1), None)
    return f"{word:#010x}  {found.mnemonic} {found.op_str}".rstrip() if found else f"{word:#010x}  (not an instruction)"


def _engine(thumb: bool) -> Cs:
    return Cs(CS_ARCH_ARM, CS_MODE_THUMB if thumb else CS_MODE_ARM)


def _number(fields: Fields, key: str) -> int:
    value = fields.get(key, 0)
    return value if isinstance(value, int) else 0
