/* SPDX-License-Identifier: Apache-2.0 */
/* Turn on the MMU, both L1 caches, branch prediction, the SCU and the L2 cache, as a boot loader would.
 *
 * RAM from `RAM_BASE` on is Normal write-back, 16 MiB of it mapped by 4 KiB pages; with SECTIONS it is 256 MiB, mapped by
 * sections, as the start code of Xilinx's libraries has it. The two gigabytes from 0x8000_0000 on and, on
 * Versatile Express, the lowest 512 MiB are Device. Sequences: DDI0388 (Cortex-A9 TRM) 4.3, DDI0246 (L2C-310) 2.4. */
#ifndef PREFETCH
#define PREFETCH 0 /* ACTLR bit 2: prefetch data */
#endif
#include "program.h"

#define PAGE_TABLES 16

static u32 first_level[4096] __attribute__((aligned(16384)));
static u32 second_level[PAGE_TABLES][256] __attribute__((aligned(1024)));

static inline volatile u32 *reg(u32 address)
{
    return (volatile u32 *)address;
}

static void make_tables(void)
{
    for (u32 megabyte = 0; megabyte < 4096; megabyte++)
        first_level[megabyte] = 0;
    /* Device, no execute, privileged: TEX 000 C 0 B 1, XN, AP 01. */
    for (u32 megabyte = 0x800; megabyte < 0x1000; megabyte++)
        first_level[megabyte] = megabyte << 20 | 1 << 10 | 1 << 4 | 1 << 2 | 2;
    if (PERIPHERALS < 0x20000000u)
        for (u32 megabyte = 0; megabyte < 0x200; megabyte++)
            first_level[megabyte] = megabyte << 20 | 1 << 10 | 1 << 4 | 1 << 2 | 2;
#ifdef SECTIONS
    /* Write-back write-allocate, shareable, AP 11: TEX 001 C 1 B 1. */
    for (u32 megabyte = 0; megabyte < 256; megabyte++)
        first_level[(RAM_BASE >> 20) + megabyte] = RAM_BASE + (megabyte << 20) | 1 << 16 | 1 << 12 | 3 << 10 | 0xC | 2;
    return;
#endif
    for (u32 table = 0; table < PAGE_TABLES; table++) {
        first_level[(RAM_BASE >> 20) + table] = (u32)second_level[table] | 1;
        /* Small pages, write-back write-allocate, shareable, AP 11: TEX 001 C 1 B 1. */
        for (u32 page = 0; page < 256; page++)
            second_level[table][page] = (RAM_BASE + (table << 20) + (page << 12)) | 1 << 10 | 1 << 6 | 3 << 4 | 0xC | 2;
    }
}

static void invalidate_level1(void)
{
    for (u32 way = 0; way < 4; way++)
        for (u32 set = 0; set < 256; set++)
            __asm__ volatile("mcr p15, 0, %0, c7, c6, 2" ::"r"(way << 30 | set << 5));
    __asm__ volatile("mcr p15, 0, %0, c7, c5, 0\n mcr p15, 0, %0, c7, c5, 6\n mcr p15, 0, %0, c8, c7, 0\n dsb\n isb" ::"r"(0) : "memory");
}

static void level2_on(void)
{
    *reg(LEVEL2 + 0x100) = 0;
    *reg(LEVEL2 + 0x104) = 0x72360000; /* 8 ways of 64 KiB, prefetch, early response: the value that Xilinx's start code sets */
    *reg(LEVEL2 + 0x108) = 0x111;
    *reg(LEVEL2 + 0x10C) = 0x121;
    *reg(LEVEL2 + 0x77C) = 0xFF;
    while (*reg(LEVEL2 + 0x77C) & 0xFF)
        ;
    *reg(LEVEL2 + 0x730) = 0;
    *reg(LEVEL2 + 0x100) = 1;
}

void memory_on(void)
{
    make_tables();
    invalidate_level1();
    *reg(PERIPHERALS + 0x0C) = 0xFFFF;
    *reg(PERIPHERALS) |= 1;
    __asm__ volatile("mcr p15, 0, %0, c1, c0, 1" ::"r"(1 << 6 | PREFETCH << 2 | 1)); /* ACTLR: SMP, FW */
    level2_on();
    __asm__ volatile("mcr p15, 0, %0, c2, c0, 0" ::"r"((u32)first_level | 0x4A)); /* walks: inner and outer write-back, shareable */
    __asm__ volatile("mcr p15, 0, %0, c2, c0, 2" ::"r"(0));
    __asm__ volatile("mcr p15, 0, %0, c3, c0, 0" ::"r"(1));
    __asm__ volatile("dsb\n isb" ::: "memory");
    u32 control;
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(control));
    control = (control & ~2u) | 1 << 12 | 1 << 11 | 1 << 2 | 1;
    __asm__ volatile("mcr p15, 0, %0, c1, c0, 0\n dsb\n isb" ::"r"(control) : "memory");
}
