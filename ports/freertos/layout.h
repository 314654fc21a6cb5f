/* SPDX-License-Identifier: Apache-2.0 */
/* What switch.S knows of the structures of port.c and ovm_abi.h; port.c holds each number to the structure. */
#ifndef OVM_FREERTOS_LAYOUT_H
#define OVM_FREERTOS_LAYOUT_H

/* struct port */
#define PORT_PAGE 0
#define PORT_FLOATING 4
#define PORT_CRITICAL 8
#define PORT_DEPTH 12
#define PORT_YIELD 16
#define PORT_HANDLERS_FLOATING 20

/* struct ovm_vcpu_page */
#define PAGE_IRQ_MASKED 8
#define PAGE_IRQ_PENDING 12
#define PAGE_IRQ_ENABLED 16
#define PAGE_RETURN_R0 40
#define PAGE_RETURN_PC 44
#define PAGE_SPSR_USER 48
#define PAGE_SPSR_SVC 52
#define PAGE_SPSR_IRQ 64
#define PAGE_SP_USER 72
#define PAGE_SP_IRQ 88
#define PAGE_LR_USER 96

#define CALL_NULL 0x86000000
#define CALL_INTERRUPT_ACKNOWLEDGE 0x86000004
#define CALL_RETURN 0x86000008

/* Values of CPSR (ARM B1.3.3): System mode, IRQs open or masked. */
#define PSR_SYSTEM 0x1f
#define PSR_SYSTEM_MASKED 0x9f

/* Flags of a frame: an interrupt made it; it holds floating-point registers. */
#define FRAME_INTERRUPTED 1
#define FRAME_FLOATING 2

/* Words of a frame that a task makes itself, without floating point: flags, critical, r3-r11, pc. */
#define FRAME_WORDS 12
#define FRAME_R4 3
#define FRAME_R5 4
#define FRAME_PC 11
/* Words above them in a frame with floating point: FPSCR, one to fill, d8-d15. */
#define FRAME_FLOATING_WORDS 18

#endif
