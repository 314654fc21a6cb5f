/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: words are copied, compared, hashed and searched byte by byte; what a small text tool does. */
#include "program.h"

#define WORDS 512
#define LONGEST 16
#define BUCKETS 128
static char words_of[WORDS][LONGEST], text[WORDS * LONGEST];
static u16 buckets[BUCKETS], chain[WORDS];

static u32 copy(char *to, const char *from)
{
    u32 length = 0;
    while ((to[length] = from[length]))
        length++;
    return length;
}

static i32 compare(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (i32)(u8)*a - (i32)(u8)*b;
}

static u32 hash(const char *word)
{
    u32 value = 2166136261u;
    for (; *word; word++)
        value = (value ^ (u8)*word) * 16777619u;
    return value ^ value >> 15;
}

static u32 find(const char *word)
{
    u32 at = buckets[hash(word) % BUCKETS];
    while (at && compare(words_of[at - 1], word))
        at = chain[at - 1];
    return at;
}

u32 work(void)
{
    u32 state = 11, sum = 0;
    for (u32 i = 0; i < WORDS; i++) {
        u32 length = 3 + (next(&state) >> 8) % 12;
        for (u32 j = 0; j < length; j++)
            words_of[i][j] = (char)('a' + ((next(&state) >> 16) & 7));
        u32 bucket = hash(words_of[i]) % BUCKETS;
        chain[i] = buckets[bucket];
        buckets[bucket] = (u16)(i + 1);
    }
    for (u32 turn = 0; turn < TURNS; turn++) {
        u32 end = 0;
        for (u32 i = 0; i < WORDS; i++) {
            end += copy(text + end, words_of[(i * 5 + turn) % WORDS]);
            text[end++] = 0;
        }
        for (u32 at = 0; at < end;) {
            sum = sum * 3 + find(text + at);
            while (text[at++])
                ;
        }
    }
    return sum;
}
