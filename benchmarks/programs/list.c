/* SPDX-License-Identifier: Apache-2.0 */
/* Pointers: a list of 4096 records in random order (128 KiB: far beyond L1, within L2), searched, relinked, summed. */
#include "program.h"

#define COUNT 4096
struct record {
    struct record *following;
    u32 key, visits;
    u32 payload[5];
};
static struct record records[COUNT];
static u16 order[COUNT];

static struct record *link(u32 *state)
{
    for (u32 i = 0; i < COUNT; i++)
        order[i] = (u16)i;
    for (u32 i = COUNT - 1; i > 0; i--) {
        u32 j = next(state) & (COUNT - 1);
        u16 other = order[i];
        order[i] = order[j];
        order[j] = other;
    }
    for (u32 i = 0; i < COUNT; i++) {
        struct record *record = &records[order[i]];
        record->following = i + 1 < COUNT ? &records[order[i + 1]] : 0;
        record->key = next(state) >> 8;
    }
    return &records[order[0]];
}

u32 work(void)
{
    u32 state = 5, sum = 0;
    struct record *head = link(&state);
    for (u32 turn = 0; turn < TURNS; turn++) {
        struct record *best = head, *before = 0, *before_best = 0;
        for (struct record *record = head; record; before = record, record = record->following) {
            record->visits++;
            sum += record->key ^ record->payload[turn & 3];
            if (record->key > best->key)
                best = record, before_best = before;
        }
        /* The largest goes to the front, with a new key. */
        if (before_best) {
            before_best->following = best->following;
            best->following = head;
            head = best;
        }
        head->key = next(&state) >> 8;
        head->payload[turn & 3] += sum;
    }
    return sum;
}
