# SPDX-License-Identifier: Apache-2.0
"""The long comparison with Unicorn: millions of cases, in parts that a second call goes on from.

    PYTHONPATH=src python -m tests.board.long_run --cases 20000000 --seed 1 --log /tmp/isa.log

Each part has a seed of its own, which is all that it takes to run it again: `--seed N --cases 1`. With `--blocks` random
programs are run by blocks, by the interpreter and by Unicorn instead, `--cases` of each instruction set.
"""

import argparse
import json
import time
from pathlib import Path

from tests.board.batches import SETS, Batches, compare
from tests.board.blocks.pool import Pool
from tests.board.blocks.programs import RAM, build
from tests.board.blocks.sides import Hot, Unicorn, difference
from tests.board.processor import Processor

PART = 250_000


def finished(log: Path) -> dict[tuple[str, int], int]:
    """Return the parts that a log names, with their cases."""
    lines = log.read_text().splitlines() if log.exists() else []
    parts = (json.loads(line) for line in lines)
    return {(part["set"], part["seed"]): part["compared"] for part in parts}


def run_part(batches: Batches, name: str, seed: int, cases: int) -> dict[str, object]:
    """Return one part, as a line of the log."""
    began = time.monotonic()
    batches.restart(seed)
    tally = compare(batches, cases)
    counts = {key: value for key, value in vars(tally).items() if isinstance(value, int)}
    names = {"set": name, "seed": seed, "encodings": len(tally.rows)}
    return {**names, **counts, "seconds": round(time.monotonic() - began, 1), "failures": tally.failures}


def run_programs(first: int, count: int) -> int:
    """Programs of both instruction sets, each named if it differs; how many did."""
    hot, theirs, wrong = Hot(), Unicorn(), 0
    hot.core.map(RAM)
    for thumb in (False, True):
        pool = Pool(hot.core, thumb, first)
        for seed in range(first, first + count):
            found = difference(hot, theirs, build(pool, thumb, seed))
            if found:
                wrong += 1
                print(f"{'t32' if thumb else 'a32'}, pool {first}, program {seed}: differs from {found}", flush=True)
        hot.core.reset()
        hot.core.map(RAM)
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the core with Unicorn's Cortex-A9, at length.")
    parser.add_argument("--cases", type=int, default=20_000_000, help="instructions in all, over both instruction sets")
    parser.add_argument("--seed", type=int, default=1, help="of the first part; each part takes the next")
    parser.add_argument("--log", type=Path, default=Path("isa-long.log"), help="one line for each part; read to go on")
    parser.add_argument("--blocks", action="store_true", help="programs by blocks; nothing is logged")
    options = parser.parse_args()
    if options.blocks:
        print(run_programs(options.seed, options.cases), "differences")
        return
    done = finished(options.log)
    total, seed, wrong = sum(done.values()), options.seed, 0
    processor = Processor()
    sides = {name: Batches(name, options.seed, processor) for name in SETS}
    while total < options.cases:
        for name, batches in sides.items():
            if (name, seed) in done or total >= options.cases:
                continue
            part = run_part(batches, name, seed, min(PART, options.cases - total))
            total += batches.tally.compared
            wrong += len(batches.tally.failures)
            with options.log.open("a") as log:
                log.write(json.dumps(part) + "\n")
            print(f"{total:,} cases, {wrong} differences; {name} seed {seed}: {part['seconds']} s", flush=True)
        seed += 1


if __name__ == "__main__":
    main()
