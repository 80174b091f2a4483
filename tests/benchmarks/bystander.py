"""What a bystander notices of the bombs: ``python -m tests.benchmarks.bystander [seconds] [attackers]``.

Each bomb is thrown with the limit given; the time over the limit, and the 95th percentile of a bystander's uncached
reads and writes (quiet, and under fire), are printed.
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.processes import bombs
from tests.processes.conftest import Service
from tests.serving import serving, writable

LIMIT = 2.0
QUERIES = bombs.TOO_LONG | bombs.TOO_BIG | bombs.TOO_DEEP


def measure(service: Service, until: Callable[[], bool]) -> dict[str, list[float]]:
    """Read and write as a bystander does, and time it."""
    taken: dict[str, list[float]] = {"read": [], "write": []}
    number = 0
    while not until():
        number += 1
        begun = time.monotonic()
        service.ask(f"SELECT * {{ <http://e/{number % 999}> ?p ?o }} #{number}").raise_for_status()
        between = time.monotonic()
        service.update(f"INSERT DATA {{ <http://e/b> <http://e/n> {number} }}").raise_for_status()
        taken["read"].append(between - begun)
        taken["write"].append(time.monotonic() - between)
        time.sleep(0.05)
    return taken


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1000


def throw(service: Service, overrun: dict[str, float]) -> None:
    """Throw each bomb once, and note how long over its limit it took."""
    for name, query in QUERIES.items():
        begun = time.monotonic()
        status = service.ask(query, "text/csv, text/turtle").status_code
        assert status in (413, 503), (name, status)
        overrun[name] = max(overrun.get(name, 0), time.monotonic() - begun - LIMIT)


def main(seconds: float = 10, attackers: int = 2) -> None:
    with tempfile.TemporaryDirectory() as name:
        options = ("--empty", *writable(Path(name)), "--timeout", str(LIMIT))
        with serving(Path(name), *options, "--log-format", "none") as server:
            service = Service(server)
            service.update(f"INSERT DATA {{ {bombs.DATA} }}").raise_for_status()
            end = time.monotonic() + seconds
            quiet = measure(service, lambda: time.monotonic() > end)
            overrun: dict[str, float] = {}
            threads = [
                threading.Thread(target=throw, args=(service, overrun)) for _ in range(attackers)
            ]
            for thread in threads:
                thread.start()
            fire = measure(service, lambda: not any(thread.is_alive() for thread in threads))
    for kind in quiet:
        print(f"{kind}: p95 {p95(quiet[kind]):.1f} ms quiet, {p95(fire[kind]):.1f} ms under fire")
    worst = max(overrun, key=lambda one: overrun[one])
    late = overrun[worst] * 1000
    print(
        f"{len(overrun)} bombs, {attackers} attackers: at most {late:+.0f} ms over the limit ({worst})"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
