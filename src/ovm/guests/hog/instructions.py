# SPDX-License-Identifier: Apache-2.0
"""Instructions that trap, and vectors that continue behind the instruction."""

from typing import Final, Never

from ovm.abi.hypercalls import INTERRUPT_ACKNOWLEDGE
from ovm.abi.vcpu_page import BANK_IRQ
from ovm.arm.assembly import symbol_address
from ovm.guests.lib.vcpu import use_vectors, vcpu_page
from ovm.metal import Array, VirtAddr, address, array, asm_block, asm_value, fn, naked, static, symbol, u32

STACK_WORDS: Final = 8
STACK: Array[u32] = static(array(u32, STACK_WORDS))


@naked
def vectors() -> Never:
    """Lay out the virtual vectors: skip an undefined or refused instruction; acknowledge an interrupt.

    `vectors_use` sets the stack.
    """
    asm_block(f"""
        .balign 32
        b .
        movs pc, lr
        b .
        b .
        subs pc, lr, #4
        b .
        b 6f
        b .
    6:  push {{r0-r3, r12, lr}}
        ldr r0, ={INTERRUPT_ACKNOWLEDGE:#x}
        svc #0
        pop {{r0-r3, r12, lr}}
        subs pc, lr, #4
        .ltorg
    """)


VECTORS_ADDRESS: Final = symbol_address(symbol(vectors))


@fn
def vectors_use() -> None:
    """Take exceptions from here on, with a stack for virtual IRQ mode."""
    vcpu_page().sp[BANK_IRQ] = u32(address(STACK)) + STACK_WORDS * 4
    use_vectors(asm_value(VirtAddr, VECTORS_ADDRESS))


@naked
def store_user_registers(place: u32) -> None:
    """Execute STM^ of 15 registers: OVM emulates it, since it means the virtual User bank."""
    asm_block("""
        .inst 0xE8C07FFF
        bx lr
    """)


@naked
def undefined_instructions() -> None:
    """Execute eight undefined instructions (ARM A5.4)."""
    asm_block("""
        .rept 8
        udf #0
        .endr
        bx lr
    """)


@naked
def invalidate_instructions() -> None:
    """Invalidate this CPU's whole instruction cache (ICIALLU)."""
    asm_block("""
        mcr p15, 0, r0, c7, c5, 0
        bx lr
    """)


@naked
def touch_device(address: u32) -> None:
    """Read a device that the guest doesn't have."""
    asm_block("""
        ldr r0, [r0]
        bx lr
    """)
