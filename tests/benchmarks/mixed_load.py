"""Thirty-two clients and one write a second: ``python -m tests.benchmarks.mixed_load [seconds]`` (600 is the full run).

The clients ask the named queries of the article's dataset, on disk, one in twenty of them never asked before. Printed are
the outcomes, the times, how memory and open descriptors grew.
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
from tests.processes.killing import HEADERS, descendants
from tests.serving import Server, serving, writable

from shimoda.questions import catalogue

CLIENTS = 32
NEW = 0.05
INTERVAL = 5.0


def memory(pid: int) -> float:
    """Return the MiB that a service uses by itself: what its processes share counts once."""
    total = 0
    for one in (pid, *descendants(pid)):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def descriptors(pid: int) -> int:
    """Return how many descriptors the lasting processes of a service have open."""
    return sum(
        len(list(Path(f"/proc/{one}/fd").iterdir()))
        for one in (pid, *descendants(pid))
        if Path(f"/proc/{one}/fd").is_dir()
    )


class Load:
    """Clients that ask, and one that writes, until the time is up."""

    def __init__(self, server: Server, seconds: float) -> None:
        self.server, self.end = server, time.monotonic() + seconds
        self.outcomes: Counter[object] = Counter()
        self.reads: list[float] = []
        self.writes: list[float] = []
        named = [query for query in catalogue.read_all() if "federation" not in query.tags]
        self.queries = [query.bind() for query in named]

    def run(self) -> tuple[list[float], list[int]]:
        """Run to the end; return memory and descriptors, measured now and then."""
        threads = [threading.Thread(target=self.read, args=(seed,)) for seed in range(CLIENTS)]
        threads.append(threading.Thread(target=self.write))
        for thread in threads:
            thread.start()
        used, opened = [], []
        while any(thread.is_alive() for thread in threads):
            time.sleep(INTERVAL)
            used.append(memory(self.server.process.pid))
            opened.append(descriptors(self.server.process.pid))
        return used, opened

    def read(self, seed: int) -> None:
        """Ask named queries."""
        choose = random.Random(seed)
        with httpx.Client(timeout=60) as http:
            while time.monotonic() < self.end:
                query = choose.choice(self.queries)
                if choose.random() < NEW:
                    query += f"\n# {seed} {choose.random()}"
                begun = time.monotonic()
                answer = http.post(self.server.url + "/sparql", data={"query": query})
                self.reads.append(time.monotonic() - begun)
                self.note("read", answer)

    def write(self) -> None:
        """Write once a second."""
        number = 0
        with httpx.Client(timeout=60, headers=HEADERS) as http:
            while time.monotonic() < self.end:
                number += 1
                begun = time.monotonic()
                text = f"INSERT DATA {{ <http://e/{number}> <http://e/number> {number} }}"
                answer = http.post(self.server.url + "/update", data={"update": text})
                self.writes.append(time.monotonic() - begun)
                self.note("write", answer)
                time.sleep(max(0.0, 1 - self.writes[-1]))

    def note(self, kind: str, answer: httpx.Response) -> None:
        """Count an outcome."""
        said = answer.status_code if answer.is_success else answer.json()["detail"]
        self.outcomes[f"{kind} {said}"] += 1


def milliseconds(times: list[float]) -> str:
    """Say how long it took."""
    quantiles = statistics.quantiles(times, n=100)
    p50, p95, p99 = (quantiles[at] * 1000 for at in (49, 94, 98))
    return f"p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f}, most {max(times) * 1000:.0f} ms"


def main(seconds: int = 60) -> None:
    """Run, and print the figures."""
    with tempfile.TemporaryDirectory() as name:
        options = (*writable(Path(name)), "--store", f"{name}/store")
        with serving(Path(name), *options, "--log-format", "none") as server:
            load = Load(server, seconds)
            used, opened = load.run()
    settled = used[len(used) // 4 :]
    slope, _ = statistics.linear_regression([n * INTERVAL for n in range(len(settled))], settled)
    print(f"{CLIENTS} clients, {seconds} s: {dict(load.outcomes)}")
    print(f"{len(load.reads) / seconds:.0f} reads a second: {milliseconds(load.reads)}")
    print(f"writes: {milliseconds(load.writes)}")
    print(
        f"memory {min(settled):.0f} to {max(settled):.0f} MiB, slope {slope * 60:+.2f} MiB a minute; "
        f"descriptors {opened[0]} at first, {opened[-1]} at last"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
