"""A hundred ``kill -9`` while somebody writes: ``python -m tests.benchmarks.kills [times]``."""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.processes.killing import Author, kill_one, written
from tests.serving import serving, writable


def main(times: int = 100) -> None:
    choose = random.Random(1855)
    with tempfile.TemporaryDirectory() as name:
        options = ("--empty", *writable(Path(name)), "--store", f"{name}/store")
        with serving(Path(name), *options, "--log-format", "none") as server:
            away = []
            with Author(server) as author:
                for _ in range(times):
                    time.sleep(choose.uniform(0, 0.5))
                    away.append(kill_one(server, choose))
            first, second = written(server)
    lost = set(author.acknowledged) - first
    print(
        f"{times} kills, {len(author.acknowledged)} of {author.number} writes acknowledged: {len(lost)} lost, "
        f"{len(first ^ second)} half applied; away {max(away):.2f} s at most, median {median(away):.2f} s"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
