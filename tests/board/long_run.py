# SPDX-License-Identifier: Apache-2.0
"""The long comparison with Unicorn: millions of cases, in parts that a second call goes on from.

    PYTHONPATH=src:tests python -m board.long_run --cases 20000000 --seed 1 --log /tmp/isa.log

Each part has a seed of its own, which is all that it takes to run it again: `--seed N --cases 1`.
"""

import argparse
import json
import time
from pathlib import Path

from board.batches import SETS, Batches, compare
from board.processor import Processor

PART = 250_000


def finished(log: Path) -> dict[tuple[str, int], int]:
    """The parts that a log names, with their cases."""
    lines = log.read_text().splitlines() if log.exists() else []
    parts = (json.loads(line) for line in lines)
    return {(part["set"], part["seed"]): part["compared"] for part in parts}


def run_part(batches: Batches, name: str, seed: int, cases: int) -> dict[str, object]:
    """One part, as a line of the log."""
    began = time.monotonic()
    batches.restart(seed)
    tally = compare(batches, cases)
    counts = {key: value for key, value in vars(tally).items() if isinstance(value, int)}
    names = {"set": name, "seed": seed, "encodings": len(tally.rows)}
    return {**names, **counts, "seconds": round(time.monotonic() - began, 1), "failures": tally.failures}


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the core with Unicorn's Cortex-A9, at length.")
    parser.add_argument("--cases", type=int, default=20_000_000, help="instructions in all, over both instruction sets")
    parser.add_argument("--seed", type=int, default=1, help="of the first part; each part takes the next")
    parser.add_argument("--log", type=Path, default=Path("isa-long.log"), help="one line for each part; read to go on")
    options = parser.parse_args()
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
