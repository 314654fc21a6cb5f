# SPDX-License-Identifier: Apache-2.0
from ovm.metal import naked, wfi


@naked
def f() -> None:
    wfi()
