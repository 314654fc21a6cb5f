// SPDX-License-Identifier: Apache-2.0
// Floating point as compilers emit it: single and double arithmetic, conversions, vectorised loops, NEON intrinsics.
#include <arm_neon.h>

typedef unsigned int u32;
typedef unsigned long long u64;

u32 result[16];
static float a[16][16], b[16][16], c[16][16];
static double series[64];
static unsigned char bytes[256], mixed[256];
static short samples[128], taps[16];
static int filtered[128];

static u32 state = 12345;
static u32 draw(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static u32 hash(const void *data, u32 size)
{
    const unsigned char *at = data;
    u32 value = 2166136261u;
    for (u32 i = 0; i < size; i++)
        value = (value ^ at[i]) * 16777619u;
    return value;
}

static double exponential(double x)
{
    double sum = 1.0, term = 1.0;
    for (int n = 1; n < 30; n++) {
        term = term * x / n;
        sum += term;
    }
    return sum;
}

static double sine(double x)
{
    double sum = x, term = x;
    for (int n = 1; n < 16; n++) {
        term = -term * x * x / ((2 * n) * (2 * n + 1));
        sum += term;
    }
    return sum;
}

static double logarithm(double x)
{
    double y = 0.0;
    for (int n = 0; n < 20; n++) {
        double e = exponential(y);
        y = y + 2.0 * (x - e) / (x + e);
    }
    return y;
}

static void matrices(void)
{
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++) {
            a[i][j] = (float)(int)(draw() & 0xFFFF) / 256.0f - 128.0f;
            b[i][j] = (float)draw() * 1.5e-5f;
            c[i][j] = 0.0f;
        }
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++) {
            float sum = 0.0f;
            for (int k = 0; k < 16; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
    result[0] = hash(c, sizeof c);
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j += 4) {
            float32x4_t sum = vdupq_n_f32(0.25f);
            for (int k = 0; k < 16; k++)
                sum = vmlaq_n_f32(sum, vld1q_f32(&b[k][j]), a[i][k]);
            float32x4_t guess = vrecpeq_f32(sum);
            guess = vmulq_f32(guess, vrecpsq_f32(sum, guess));
            vst1q_f32(&c[i][j], vbslq_f32(vcgtq_f32(sum, vdupq_n_f32(0.0f)), guess, vnegq_f32(sum)));
        }
    result[1] = hash(c, sizeof c);
}

static void numbers(void)
{
    for (int i = 0; i < 64; i++) {
        double x = (double)draw() / 16777216.0 * 4.0 + 0.01;
        series[i] = exponential(x) + sine(x) * logarithm(x) - __builtin_sqrt(x) + (float)x;
    }
    result[2] = hash(series, sizeof series);
    u32 total = 0;
    for (int i = 0; i < 64; i++) {
        total = total * 31 + (u32)(int)series[i] + (u32)(series[i] * 1000.0);
        total += series[i] > 10.0 ? 1 : series[i] < 1.0 ? 2 : 3;
        series[i] = __builtin_fabs(-series[i]) * (double)(long long)i;
    }
    result[3] = total;
    result[4] = hash(series, sizeof series);
}

static void vectors(void)
{
    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)draw();
    for (int i = 0; i < 128; i++)
        samples[i] = (short)draw();
    for (int i = 0; i < 16; i++)
        taps[i] = (short)draw();
    for (int i = 0; i < 240; i += 8) {
        uint8x8x2_t two = vld2_u8(bytes + (i & ~15));
        uint16x8_t sum = vaddl_u8(two.val[0], two.val[1]);
        sum = vmlal_u8(sum, two.val[0], vld1_u8(bytes + i));
        vst1_u8(mixed + i, vqshrn_n_u16(sum, 4));
        vst1_u8(mixed + 240, vtbl2_u8(((uint8x8x2_t){{two.val[1], two.val[0]}}), vand_u8(two.val[0], vdup_n_u8(15))));
    }
    result[5] = hash(mixed, sizeof mixed);
    for (int i = 0; i < 112; i += 4) {
        int32x4_t sum = vdupq_n_s32(0);
        for (int k = 0; k < 12; k++)
            sum = vqdmlal_lane_s16(sum, vld1_s16(samples + i + k), vld1_s16(taps + k), 0);
        vst1q_s32(filtered + i, vrshrq_n_s32(sum, 3));
    }
    result[6] = hash(filtered, sizeof filtered);
    int16x8_t low = vdupq_n_s16(32767);
    for (int i = 0; i < 128; i += 8)
        low = vminq_s16(low, vabdq_s16(vld1q_s16(samples + i), vrev64q_s16(vld1q_s16(samples + (i ^ 8)))));
    int16x4_t least = vpmin_s16(vget_low_s16(low), vget_high_s16(low));
    result[7] = (u32)vget_lane_s32(vpaddl_s16(least), 1);
    uint8x16_t ones = vcntq_u8(vld1q_u8(bytes));
    uint64x2_t wide = vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(ones)));
    result[8] = (u32)(vgetq_lane_u64(wide, 0) + vgetq_lane_u64(wide, 1));
    u32 plain = 0;
    for (int i = 0; i < 256; i++)
        plain += (u32)bytes[i] * mixed[i];
    result[9] = plain;
    for (int i = 0; i < 128; i++)
        filtered[i] = samples[i] > 0 ? samples[i] << 3 : -samples[i];
    result[10] = hash(filtered, sizeof filtered);
}

void run(void)
{
    matrices();
    numbers();
    vectors();
    u32 flags;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(flags));
    result[11] = flags;
    u32 total = 0;
    for (int i = 0; i < 12; i++)
        total = total * 33 + result[i];
    result[12] = total;
}

__attribute__((naked, section(".start"))) void start(void)
{
    __asm__("mov r0, #0xF00000\n"
            "mcr p15, 0, r0, c1, c0, 2\n"
            "isb\n"
            "mov r0, #0x40000000\n"
            "vmsr fpexc, r0\n"
            "mov r0, #0x300000\n"
            "mov sp, r0\n"
            "bl run\n"
            "movw r12, #:lower16:result\n"
            "movt r12, #:upper16:result\n"
            "ldm r12, {r0-r11}\n"
            "wfi\n");
}
