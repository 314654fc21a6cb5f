/* SPDX-License-Identifier: Apache-2.0 */
/* Table look-ups, sorting, products, 64-bit arithmetic: what compilers make of ordinary code. */

typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned char u8;
typedef short i16;

static u32 table[256];
static u8 data[1024];
static i16 halves[64];
static u32 values[64];

static void prepare(void)
{
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (u32 i = 0; i < 1024; i++)
        data[i] = (u8)(i * 7 + (i >> 3));
    for (u32 i = 0; i < 64; i++) {
        halves[i] = (i16)(i * 997);
        values[i] = i * 2654435761u;
    }
}

static u32 crc(u32 c)
{
    for (u32 i = 0; i < 1024; i++)
        c = table[(c ^ data[i]) & 255] ^ (c >> 8);
    return ~c;
}

static void sort(void)
{
    for (int i = 1; i < 64; i++) {
        u32 v = values[i];
        int j = i - 1;
        for (; j >= 0 && values[j] > v; j--)
            values[j + 1] = values[j];
        values[j + 1] = v;
    }
}

static u64 products(u64 sum)
{
    for (int i = 0; i < 64; i++) {
        sum += (u64)values[i] * (u32)halves[63 - i];
        sum = (sum << 7) | (sum >> 57);
        if ((long long)sum < 0)
            sum ^= values[i & 31];
    }
    return sum;
}

__attribute__((noinline, used)) static u64 work(void)
{
    u64 total = 0;
    prepare();
    for (u32 turn = 0; turn < 20; turn++) {
        sort();
        total += products(crc(turn) + total);
        values[turn] ^= (u32)(total >> 32);
    }
    return total;
}

__attribute__((naked, section(".start"), used)) void start(void)
{
    __asm__("mov r0, #0x200000\n mov sp, r0\n bl work\n wfi\n 1: b 1b");
}
