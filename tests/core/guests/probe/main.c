/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that looks at its virtual CPU from inside: hypercalls by SVC and SMC in both instruction sets, emulated
 * instructions in IT blocks, floating-point registers beside other guests' ones, exceptions with its own vectors.
 *
 * argument[0] tells the copies of this guest apart. */
#include "guest.h"

uint32_t probe_svc_arm(uint32_t function);
uint32_t probe_svc_thumb(uint32_t function);
uint32_t probe_smc_arm(uint32_t function);
uint32_t probe_smc_thumb(uint32_t function);
uint32_t probe_it_block(uint32_t choose);
uint32_t probe_own_svc_thumb(uint32_t value);
uint32_t probe_undefined_thumb(void);
uint32_t probe_breakpoint(void);
uint32_t probe_system_mode(void);
uint32_t probe_fpu_denied(void);
uint32_t probe_fpu_identity(void);
uint32_t probe_alignment(const uint32_t *words);
uint32_t probe_swap(uint32_t *word);
uint32_t probe_byte_order(uint32_t *words);
void probe_fpu_on(void);
void probe_fpu_load(const uint64_t *words);
void probe_fpu_store(uint64_t *words);
extern char probe_vectors[];

enum { CPUID = 0x410FC090, CPUID_MASK = 0xFF0FFFF0, ROUNDS = 60, SPIN = 20000 };

static uint32_t passed, failed;

static void check(const char *what, int holds) {
    if (holds) {
        passed++;
    } else {
        failed++;
        print("failed: ");
        print(what);
        print("\n");
    }
}

static void calls(void) {
    check("svc, ARM", probe_svc_arm(OVM_NULL) == OVM_SUCCESS);
    check("svc, Thumb", probe_svc_thumb(OVM_NULL) == OVM_SUCCESS);
    check("smc, ARM", probe_smc_arm(OVM_NULL) == OVM_SUCCESS);
    check("smc, Thumb", probe_smc_thumb(OVM_NULL) == OVM_SUCCESS);
    check("unknown number", probe_smc_thumb(OVM_NULL + 0x77) == OVM_NOT_SUPPORTED);
}

static void exceptions(void) {
    check("own svc, Thumb", probe_own_svc_thumb(20) == 21);
    check("undefined, Thumb", probe_undefined_thumb() == 1);
    check("breakpoint", probe_breakpoint() == 2);
    check("system mode", probe_system_mode() == 0);
}

static void it_blocks(void) {
    check("emulated if chosen", (probe_it_block(1) & CPUID_MASK) == (CPUID & CPUID_MASK));
    check("not emulated otherwise", probe_it_block(0) == 7);
}

static uint64_t word(uint32_t seed, uint32_t index) {
    return (uint64_t)(seed + index) << 32 | (seed * 31 + index);
}

static void floating(uint32_t id) {
    uint64_t words[32];
    uint32_t wrong = 0;
    probe_fpu_on();
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t seed = id * 1000 + round;
        for (uint32_t index = 0; index < 32; index++) {
            words[index] = word(seed, index);
        }
        probe_fpu_load(words);
        for (volatile uint32_t spin = 0; spin < SPIN; spin++) {
        }
        ovm_yield();
        probe_fpu_store(words);
        for (uint32_t index = 0; index < 32; index++) {
            wrong += words[index] != word(seed, index);
        }
    }
    check("floating-point registers", wrong == 0);
}

static void control(void) {
    static uint32_t words[2] = {0x44332211, 0x88776655};
    check("CPACR denies from reset", probe_fpu_denied() == 1);
    probe_fpu_on();
    check("CPACR denies again", probe_fpu_denied() == 1);
    check("FPSID, MVFR0, MVFR1", probe_fpu_identity() >> 24 == 0x41);
    check("SCTLR.A", probe_alignment(words) == 0x55443322);
    check("SCTLR.SW", probe_swap(&words[1]) == 0x88776655 && words[1] == 5);
    check("byte order of user registers", probe_byte_order(words) == 0x11223344 && words[1] == words[0]);
}

int guest_main(struct ovm_vcpu_page *page) {
    ovm_register_write(OVM_VIRTUAL_VBAR, (uint32_t)probe_vectors);
    /* Stacks of the exception modes. */
    static uint64_t stacks[3][32];
    page->sp[2] = (uint32_t)&stacks[0][32];
    page->sp[3] = (uint32_t)&stacks[1][32];
    calls();
    exceptions();
    it_blocks();
    control();
    floating(page->argument[0]);
    ovm_report(OVM_REPORT_CHECKS_PASSED, passed);
    ovm_report(OVM_REPORT_CHECKS_FAILED, failed);
    print(failed == 0 ? "all checks passed\n" : "some checks failed\n");
    return failed != 0;
}
