# SPDX-License-Identifier: Apache-2.0
"""The long comparison with QEMU: parts that a second call goes on from.

    PYTHONPATH=src python -m tests.board.streams.long_run --streams 1000000 --seed 1 --log /tmp/streams.log
"""

import argparse
import json
from pathlib import Path

from tests.board.streams.compare import run_part
from tests.board.streams.image import MOST
from tests.board.streams.sides import OnBoard


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the board with QEMU's Cortex-A9, at length.")
    parser.add_argument("--streams", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first part; each part takes the next")
    parser.add_argument("--log", type=Path, default=Path("streams-long.log"), help="one line for each part; read to go on")
    options = parser.parse_args()
    lines = options.log.read_text().splitlines() if options.log.exists() else []
    done = {part["seed"]: part for part in map(json.loads, lines)}
    total = sum(part["compared"] for part in done.values())
    wrong = sum(len(part["failures"]) for part in done.values())
    board, seed = OnBoard(), options.seed
    while total < options.streams:
        if seed not in done:
            part = run_part(board, seed, MOST)
            total, wrong = total + part.compared, wrong + len(part.failures)
            line = {"seed": seed, "compared": part.compared, "unpredictable": part.unpredictable, "failures": part.failures}
            with options.log.open("a") as log:
                log.write(json.dumps(line) + "\n")
            print(f"{total:,} streams, {wrong} differences; seed {seed}", *part.failures[:3], sep="\n", flush=True)
        seed += 1


if __name__ == "__main__":
    main()
