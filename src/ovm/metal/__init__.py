# SPDX-License-Identifier: Apache-2.0
"""metal: a statically typed subset of Python for programs without a runtime.

These are the public names of the language, described in `docs/guide/metal.md`. Importing them imports neither the
compiler nor any tool.
"""

from ovm.metal.lang.addresses import GuestPhysAddr, PhysAddr, VirtAddr
from ovm.metal.lang.bits import Bits, field, flag
from ovm.metal.lang.enums import Enum
from ovm.metal.lang.functions import extern, fn, function_table, naked, symbol
from ovm.metal.lang.integers import i8, i16, i32, i64, u8, u16, u32, u64
from ovm.metal.lang.loops import bound, forever, unroll
from ovm.metal.lang.machine import (
    Cp15,
    asm,
    asm_block,
    asm_value,
    call_code,
    clrex,
    cp15_read,
    cp15_write,
    dmb,
    dsb,
    isb,
    panic,
    sev,
    wfe,
    wfi,
)
from ovm.metal.lang.operations import byte_swap, clz, ctz, rotate_right
from ovm.metal.lang.references import (
    Array,
    Ptr,
    array,
    first,
    pointer,
    volatile_load,
    volatile_store,
)
from ovm.metal.lang.storage import Var, param, static, table, text
from ovm.metal.lang.structs import Struct, address, alignof, at, copy, offsetof, overlay, sizeof

__all__ = [
    "Array",
    "Bits",
    "Cp15",
    "Enum",
    "GuestPhysAddr",
    "PhysAddr",
    "Ptr",
    "Struct",
    "Var",
    "VirtAddr",
    "address",
    "alignof",
    "array",
    "asm",
    "asm_block",
    "asm_value",
    "at",
    "bound",
    "byte_swap",
    "call_code",
    "clrex",
    "clz",
    "copy",
    "cp15_read",
    "cp15_write",
    "ctz",
    "dmb",
    "dsb",
    "extern",
    "field",
    "first",
    "flag",
    "fn",
    "forever",
    "function_table",
    "i16",
    "i32",
    "i64",
    "i8",
    "isb",
    "naked",
    "offsetof",
    "overlay",
    "panic",
    "param",
    "pointer",
    "rotate_right",
    "sev",
    "sizeof",
    "static",
    "symbol",
    "table",
    "text",
    "u16",
    "u32",
    "u64",
    "u8",
    "unroll",
    "volatile_load",
    "volatile_store",
    "wfe",
    "wfi",
]
