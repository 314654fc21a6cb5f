/* SPDX-License-Identifier: Apache-2.0 */
/* Compress region 0 into region 1 as one LZ4 frame, the way the Python package of the same version does.
 *
 * argument[0] is the compression level (default 9). It is one of the levels of LZ4HC: their output doesn't depend on the
 * word size of the machine, while the fast levels hash with 64 bits where they can. The options are those of
 * `lz4.frame.compress(data, compression_level=...)`: linked blocks, content size stored, no checksums. */
#include "guest.h"
#include "lz4frame.h"

enum { DEFAULT_LEVEL = 9, NO_REGIONS = 2, FAILED = 1 };

static int explain(const char *what) {
    print(what);
    print("\n");
    return FAILED;
}

int guest_main(struct ovm_vcpu_page *page) {
    LZ4F_preferences_t preferences = LZ4F_INIT_PREFERENCES;
    if (page->region_count < NO_REGIONS) {
        return explain("press needs two regions: its input and its output");
    }
    uint32_t length = page->region_bytes[0];
    print("compressing ");
    print_unsigned(length);
    print(" bytes with LZ4\n");

    preferences.compressionLevel = page->argument[0] != 0 ? (int)page->argument[0] : DEFAULT_LEVEL;
    preferences.frameInfo.contentSize = length;
    uint64_t start = ovm_time();
    size_t written = LZ4F_compressFrame((void *)page->region_base[1], page->region_bytes[1],
                                        (const void *)page->region_base[0], length, &preferences);
    if (LZ4F_isError(written)) {
        return explain(LZ4F_getErrorName(written));
    }
    uint32_t milliseconds = (uint32_t)((ovm_time() - start) / page->ticks_per_us / 1000);
    ovm_report(OVM_REPORT_BYTES_IN, length);
    ovm_report(OVM_REPORT_BYTES_OUT, written);
    print("wrote ");
    print_unsigned(written);
    print(" bytes in ");
    print_unsigned(milliseconds);
    print(" ms\n");
    return 0;
}
