"""Pages: milliseconds for one of each kind: ``python -m tests.benchmarks.pages``.

``cold`` is by the clock, from a server that keeps no answers; ``processor`` is what a page takes in one process after
a write, when nothing of the dataset's version is known yet; ``kept`` is what it takes once it is kept.
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep

import httpx
from tests.pages import KINDS
from tests.serving import serving

from shimoda.dataset import snapshot
from shimoda.engine.local import LocalEngine
from shimoda.settings import Settings
from shimoda.web.app import Application

TIMES = 9
HEADERS = {"Accept": "text/html"}
WARM = 5
"""Seconds after the start in which the server makes what first pages would wait for."""


def measure(get: Callable[[], object], clock: Callable[[], float]) -> float:
    """Return the median of some answers in milliseconds, after one that does not count."""
    times = []
    for _ in range(TIMES + 1):
        begun = clock()
        get()
        times.append(1000 * (clock() - begun))
    return median(times[1:])


def main() -> None:
    """Print a table."""
    engine = LocalEngine(snapshot.load())
    plain, keeping = (
        Application(engine, Settings(log_format="none", cache=room)).test_client()
        for room in (0, 64)
    )

    def after_a_write(path: str) -> None:
        engine.number += 1
        plain.get(path, headers=HEADERS)

    print(f"{'page':18} {'cold':>8} {'processor':>10} {'kept':>8}")
    with TemporaryDirectory() as folder, serving(Path(folder), "--cache", "0") as server:
        sleep(WARM)
        with httpx.Client(base_url=server.url, headers=HEADERS) as client:
            for name, path in KINDS.items():
                cold = measure(lambda path=path: client.get(path), perf_counter)
                processor = measure(lambda path=path: after_a_write(path), process_time)
                kept = measure(lambda path=path: keeping.get(path, headers=HEADERS), process_time)
                print(f"{name:18} {cold:8.1f} {processor:10.1f} {kept:8.2f}")


if __name__ == "__main__":
    main()
