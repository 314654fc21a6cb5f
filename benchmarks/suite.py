# SPDX-License-Identifier: Apache-2.0
"""The bare programs that speed is measured with, and how much work each does.

About a hundred million instructions each, times `OVM_BENCH_SCALE`, by default 3: QEMU takes a tenth of a second to start,
which has to be little beside its work. `ordinary` programs are what the bars for speed speak of; `hard` ones leave the
fast paths all the time.
"""

import os
from dataclasses import replace

from benchmarks.bare import Bare

ORDINARY = (
    Bare("sort", "sort.c", {"TURNS": 25}),
    Bare("matrix", "matrix.c", {"TURNS": 18}),
    Bare("digest", "digest.c", {"TURNS": 200}),
    Bare("lookup", "lookup.c", {"TURNS": 320}),
    Bare("list", "list.c", {"TURNS": 2400}),
    Bare("strings", "strings.c", {"TURNS": 650}),
    Bare("numbers", "numbers.py", {"TURNS": 220}),
    Bare("sort-t32", "sort.c", {"TURNS": 25}, "thumb"),
    Bare("digest-t32", "digest.c", {"TURNS": 200}, "thumb"),
    Bare("strings-t32", "strings.c", {"TURNS": 650}, "thumb"),
)
HARD = (
    Bare("pages-24", "walk.c", {"PAGES": 24, "TURNS": 400_000}),
    Bare("pages-96", "walk.c", {"PAGES": 96, "TURNS": 50_000}),
    Bare("pages-400", "walk.c", {"PAGES": 400, "TURNS": 12_000}),
    Bare("calls", "calls.c", {"TURNS": 1_000_000}),
)
# Needs the Security Extensions: QEMU's Zynq has none, so there it is linked for another board; Unicorn gives SMC away.
MONITOR = Bare("monitor", "monitor.c", {"TURNS": 1_000_000})
NOTHING = Bare("nothing", "walk.c", {"PAGES": 1, "TURNS": 1})


def scaled(program: Bare) -> Bare:
    """Return a program with its work multiplied by `OVM_BENCH_SCALE`."""
    factor = float(os.environ.get("OVM_BENCH_SCALE", "3"))
    return replace(program, define={**program.define, "TURNS": max(1, int(program.define["TURNS"] * factor))})
