/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What metal code compiled for this machine leans on: a way in, a way out, and a door to Python.
 *
 * A panic, or an exception in a Python handler, must not unwind through compiled code that knows nothing of it: it
 * jumps back to the call that entered. Calls nest, since a handler may call compiled code again.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

enum request { CP15_READ, CP15_WRITE, BARRIER, ASSEMBLY, EXTERN };
enum outcome { RETURNED, PANICKED, FAILED };

#define MOST_ARGUMENTS 12

struct entrance {
    void *buffer[5];
    struct entrance *outer;
    u32 stack_pointer;
};

typedef u64 (*any_function)(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);
typedef u64 (*python_handler)(u32 request, u32 which, u64 *arguments, u32 count);

char *metal_memory_base;
u32 metal_stack_pointer;
u32 metal_panic_code;
u32 metal_handler_failed;
python_handler metal_handler;

static struct entrance *innermost;
static enum outcome reason;

static __attribute__((noinline, noreturn)) void leave(enum outcome why)
{
    reason = why;
    __builtin_longjmp(innermost->buffer, 1);
}

void metal_panic(u32 code)
{
    metal_panic_code = code;
    leave(PANICKED);
}

u64 metal_request(u32 request, u32 which, u64 *arguments, u32 count)
{
    u64 result = metal_handler(request, which, arguments, count);
    if (metal_handler_failed) {
        metal_handler_failed = 0;
        leave(FAILED);
    }
    return result;
}

u32 metal_cp15_read(u32 encoding)
{
    return (u32)metal_request(CP15_READ, encoding, 0, 0);
}

void metal_cp15_write(u32 encoding, u32 value)
{
    u64 argument = value;
    metal_request(CP15_WRITE, encoding, &argument, 1);
}

void metal_barrier(u32 kind)
{
    metal_request(BARRIER, kind, 0, 0);
}

u32 metal_asm(u32 template, u32 a, u32 b, u32 c, u32 d)
{
    u64 arguments[4] = {a, b, c, d};
    return (u32)metal_request(ASSEMBLY, template, arguments, 4);
}

/* `arguments` has MOST_ARGUMENTS words; a function that takes fewer never looks at the rest. */
__attribute__((noinline)) u32 metal_call(any_function function, const u64 *a, u64 *result)
{
    struct entrance here;
    here.outer = innermost;
    here.stack_pointer = metal_stack_pointer;
    innermost = &here;
    enum outcome how = RETURNED;
    if (__builtin_setjmp(here.buffer) == 0) {
        *result = function(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]);
    } else {
        how = reason;
    }
    metal_stack_pointer = innermost->stack_pointer;
    innermost = innermost->outer;
    return how;
}

/* What LLVM may call to copy and clear structs. */
void *memmove(void *target, const void *source, unsigned long count)
{
    char *to = target;
    const char *from = source;
    if (to <= from) {
        for (unsigned long i = 0; i < count; i++) {
            to[i] = from[i];
        }
    } else {
        while (count--) {
            to[count] = from[count];
        }
    }
    return target;
}

void *memcpy(void *target, const void *source, unsigned long count)
{
    return memmove(target, source, count);
}

void *memset(void *target, int value, unsigned long count)
{
    char *to = target;
    for (unsigned long i = 0; i < count; i++) {
        to[i] = (char)value;
    }
    return target;
}
