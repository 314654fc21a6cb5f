/* SPDX-License-Identifier: Apache-2.0 */
/* A first-stage loader, as small as one can be: the BootROM puts it at 0 in on-chip memory; it reads the boot image from
   the card, block by block, puts its segments where they belong and goes to the entry. LIKE says what it does on the way
   and leaves behind: 0 what U-Boot's SPL does (instruction cache), 1 U-Boot (MMU and data cache on, OVM's
   memory cleaned, other lines still dirty), 2 Xilinx's FSBL (transfers by ADMA2, System mode, A and I clear, SLCR open, L2 set up its way, SMP). */

typedef unsigned int word;
typedef volatile word *place;

#define IMAGE 0x30000000u
#define TABLE 0x38000000u
#define LIST 0x38004000u
#define SD 0xE0100000u
#define AT(address) (*(place)(address))
#define HALF(address) (*(volatile unsigned short *)(address))
#define BYTE(address) (*(volatile unsigned char *)(address))
#define CP15(value, how) __asm__ volatile("mcr p15, " how ::"r"(value) : "memory")
#define SYNC() __asm__ volatile("dsb\n\tisb" ::: "memory")
enum { NO_ANSWER, LONG, SHORT, BUSY, DATA = 0x20 };
enum { BLOCK = 512, COMMAND_DONE = 1, TRANSFER_DONE = 2, READ_READY = 0x20 };

/* Written over by the test: LIKE; where on the card the image lies and its length, in blocks, the length in units of 64. */
__attribute__((section(".parameters"))) volatile word parameters[3];

__attribute__((naked, section(".start"))) void start(void) {
    __asm__ volatile("ldr sp, =0x20000\n\tb run\n\t.ltorg");
}

static void command(word index, word argument, word kind) {
    AT(SD + 0x30) = 0xFFFFFFFF;
    AT(SD + 0x08) = argument;
    HALF(SD + 0x0E) = index << 8 | kind;
    while ((AT(SD + 0x30) & COMMAND_DONE) == 0) {
    }
}

static void card_open(void) {
    BYTE(SD + 0x2F) = 1;
    HALF(SD + 0x2C) = 1;
    while ((HALF(SD + 0x2C) & 2) == 0) {
    }
    HALF(SD + 0x2C) = 5;
    BYTE(SD + 0x29) = 0x0F;
    AT(SD + 0x34) = 0xFFFFFFFF;
    command(0, 0, NO_ANSWER);
    command(8, 0x1AA, SHORT);
    do {
        command(55, 0, SHORT);
        command(41, 0x40300000, SHORT);
    } while (AT(SD + 0x10) >> 31 == 0);
    command(2, 0, LONG);
    command(3, 0, SHORT);
    command(7, AT(SD + 0x10) & 0xFFFF0000, BUSY);
    command(16, BLOCK, SHORT);
}

static void card_read(word block, word count, word *target) {
    word by_list = parameters[0] == 2;
    AT(SD + 0x04) = count << 16 | BLOCK;
    HALF(SD + 0x0C) = 0x32 | by_list;
    if (by_list) {
        /* One descriptor for each 32 KiB. */
        for (word index = 0; index < count / 64; index++) {
            AT(LIST + 8 * index) = 32768u << 16 | 0x21;
            AT(LIST + 8 * index + 4) = (word)target + 32768 * index;
        }
        AT(LIST + 8 * (count / 64 - 1)) |= 2;
        BYTE(SD + 0x28) = 2 << 3;
        AT(SD + 0x58) = LIST;
        SYNC();
    }
    command(18, block, SHORT | DATA);
    while (!by_list && count-- != 0) {
        while ((AT(SD + 0x30) & READ_READY) == 0) {
        }
        AT(SD + 0x30) = READ_READY;
        for (word index = 0; index < BLOCK / 4; index++) {
            *target++ = AT(SD + 0x20);
        }
    }
    while ((AT(SD + 0x30) & TRANSFER_DONE) == 0) {
    }
    command(12, 0, BUSY);
}

/* MMU and caches on, over a flat map: DDR is write-back memory, all the rest a device; on-chip memory at 0 too is memory. */
static void caches_on(void) {
    for (word set = 0; set < 256; set++) {
        for (word way = 0; way < 4; way++) {
            CP15(way << 30 | set << 5, "0, %0, c7, c6, 2");
        }
    }
    for (word section = 0; section < 4096; section++) {
        AT(TABLE + 4 * section) = section << 20 | (section < 1024 ? 0x1C0E : 0x0C06);
    }
    SYNC();
    CP15(TABLE | 0x59, "0, %0, c2, c0, 0");
    CP15(0x55555555u, "0, %0, c3, c0, 0");
    CP15(0, "0, %0, c8, c7, 0");
    SYNC();
    CP15(0x08C5187Du, "0, %0, c1, c0, 0");
    SYNC();
}

static void clean(word from, word end) {
    for (from &= ~31u; from < end; from += 32) {
        CP15(from, "0, %0, c7, c14, 1");
    }
    CP15(0, "0, %0, c7, c5, 0");
    SYNC();
}

/* Zeros first, so that bytes of the last segment are still in the data cache at the end. */
static void segments_load(const word *file) {
    for (word pass = 0; pass < 2; pass++) {
        const word *header = file + file[7] / 4;
        for (word left = file[11] & 0xFFFF; left != 0; left--, header += 8) {
            const word *from = file + header[1] / 4;
            word at = header[3], bytes = header[4];
            word first = pass == 0 ? bytes : 0, end = pass == 0 ? header[5] : bytes;
            for (word offset = first; offset < end; offset += 4) {
                AT(at + offset) = pass == 0 ? 0 : from[offset / 4];
            }
            /* OVM's own megabyte. U-Boot cleans all that it loads; OVM asks for no more than this. */
            if (parameters[0] == 1 && at >> 20 == file[6] >> 20) {
                clean(at, at + header[5]);
            }
        }
    }
}

/* What the FSBL leaves, as it was seen on the virtual board. */
static void leave_like_fsbl(void) {
    CP15(0x47u, "0, %0, c1, c0, 1");
    CP15(0xF00000u, "0, %0, c1, c0, 2");
    CP15(0xFFFFFFFFu, "0, %0, c3, c0, 0");
    AT(0xF8F02104) = 0x72360000;
    AT(0xF8F02108) = 0x111;
    AT(0xF8F0210C) = 0x121;
    AT(0xF8000008) = 0xDF0D;
    __asm__ volatile("cpsie ai, #0x1F" ::: "memory");
}

void run(void) {
    const word *file = (const word *)IMAGE;
    card_open();
    if (parameters[0] == 1) {
        caches_on();
    } else {
        CP15(parameters[0] == 2 ? 0x08C50078u : 0x08C5187Au, "0, %0, c1, c0, 0");
    }
    card_read(parameters[1], parameters[2], (word *)IMAGE);
    segments_load(file);
    if (parameters[0] == 2) {
        leave_like_fsbl();
    }
    ((void (*)(void))file[6])();
}
