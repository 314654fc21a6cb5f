# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn(export="metal_panic")
def stop(code: u32) -> u32:
    return code
