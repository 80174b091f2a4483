"""Light queries beside heavy ones: ``python -m tests.benchmarks.latency [seconds]``.

One client asks light queries, none of them twice, first alone and then while others keep all workers but one at work with
heavy queries; the same is done to Oxigraph's native server in memory, in the same run.
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from tests.benchmarks.http import native
from tests.serving import serving

LIGHT = "SELECT * { <https://w3id.org/shimoda/id/state/japan> ?p ?o } #"
HEAVY = """SELECT (COUNT(*) AS ?n) { { SELECT * { ?a ?p ?b } LIMIT 1000 } { SELECT * { ?c ?q ?d } LIMIT 1000 }
FILTER(STRLEN(STR(?a)) > STRLEN(STR(?d))) } #"""
OTHERS = max(4, 2 * (os.cpu_count() or 2)) - 1
"""All workers but one."""
INTERVAL = 0.02


def ask(http: httpx.Client, url: str, query: str) -> float:
    """Ask a query that is like no other; return how long it took."""
    begun = time.monotonic()
    answer = http.get(url, params={"query": f"{query}{time.monotonic_ns()}"})
    answer.raise_for_status()
    return time.monotonic() - begun


def light(url: str, seconds: float) -> list[float]:
    """Ask light queries, one after the other."""
    end, times = time.monotonic() + seconds, []
    with httpx.Client(timeout=60) as http:
        while time.monotonic() < end:
            times.append(ask(http, url, LIGHT))
            time.sleep(INTERVAL)
    return times


@contextmanager
def busy(url: str) -> Iterator[list[float]]:
    """Keep all workers but one at work; yield the times that the heavy queries take."""
    stopped, times = threading.Event(), list[float]()

    def work() -> None:
        with httpx.Client(timeout=60) as http:
            while not stopped.is_set():
                times.append(ask(http, url, HEAVY))

    threads = [threading.Thread(target=work) for _ in range(OTHERS)]
    for thread in threads:
        thread.start()
    try:
        yield times
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def milliseconds(times: list[float]) -> str:
    """Say how long it took."""
    quantiles = statistics.quantiles(times, n=100)
    return f"p50 {quantiles[49] * 1000:.1f}, p99 {quantiles[98] * 1000:.1f} ms"


def main(seconds: float = 20) -> None:
    """Print the figures of both servers."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        theirs = stack.enter_context(native(folder))
        server = stack.enter_context(serving(folder, "--log-format", "none", "--timeout", "60"))
        for name, url in (("shimoda", server.url + "/sparql"), ("native", theirs)):
            light(url, 2)
            quiet = light(url, seconds)
            with busy(url) as heavy:
                time.sleep(1)
                beside = light(url, seconds)
            print(
                f"{name}: quiet {milliseconds(quiet)}; beside {OTHERS} heavy queries {milliseconds(beside)} "
                f"({len(heavy)} heavy ones, {statistics.median(heavy):.1f} s each)",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
