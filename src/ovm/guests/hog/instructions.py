# SPDX-License-Identifier: Apache-2.0
"""Instructions that trap, and vectors that go on behind whatever did."""

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
    """Be the virtual vectors: skip what was undefined or refused; acknowledge an interrupt. The stack is `vectors_use`'s."""
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
    """STM^ of 15 registers: emulated, since it means the virtual User bank."""
    asm_block("""
        .inst 0xE8C07FFF
        bx lr
    """)


@naked
def undefined_instructions() -> None:
    """Be undefined, eight times (ARM A5.4)."""
    asm_block("""
        .rept 8
        udf #0
        .endr
        bx lr
    """)


@naked
def invalidate_instructions() -> None:
    """ICIALLU: this CPU's whole instruction cache."""
    asm_block("""
        mcr p15, 0, r0, c7, c5, 0
        bx lr
    """)


@naked
def touch_device(address: u32) -> None:
    """Read what isn't ours."""
    asm_block("""
        ldr r0, [r0]
        bx lr
    """)
