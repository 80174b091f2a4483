"""Thirty-two clients and one write a second: ``python -m tests.benchmarks.soak [seconds]`` (600 is the full run).

The clients ask the mix of the article's questions, on disk. Printed are the outcomes, the times, how open descriptors and
files grew, and how the memory grew that each kind of process has for itself (USS) or shares (its part of the PSS).
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import httpx
from tests.benchmarks import mix
from tests.processes.killing import HEADERS, descendants, read
from tests.serving import Server, serving, writable

from shimoda.dataset import snapshot

CLIENTS = 32
INTERVAL = 5.0
Sample = dict[str, float]


def sample(pid: int, folder: Path) -> Sample:
    """Return MiB by kind of process (``reader own``, ``worker all``, …), open descriptors and files."""
    found: Sample = defaultdict(float)
    kinds = {}
    for one in (pid, *descendants(pid)):
        parent = parent_of(one)
        command = read(Path(f"/proc/{one}/cmdline")).replace("\0", " ")
        kind = next((name for name in ("reader", "writer") if name in command), "http")
        kinds[one] = "supervisor" if one == pid else kind
        if kinds.get(parent) == "reader":
            kind = kinds[one] = "worker"
        elif one != pid and kinds.get(parent) == "http":
            kind = kinds[one] = "http worker"
        lines = read(Path(f"/proc/{one}/smaps_rollup")).splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
        found[f"{kinds[one]} own"] += sizes.get("Private_Dirty", 0) + sizes.get("Private_Clean", 0)
        found[f"{kinds[one]} all"] += sizes.get("Pss", 0)
        found["all"] += sizes.get("Pss", 0)
        if kinds[one] != "worker":
            found["descriptors"] += sum(1 for _ in Path(f"/proc/{one}/fd").glob("*"))
    found["files"] = sum(len(folders) + len(files) for _, folders, files in os.walk(folder))
    return found


def parent_of(pid: int) -> int:
    """Return the parent of a process; 0 if it has ended."""
    fields = read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return int(fields[1]) if fields else 0


class Load:
    """Clients that ask, and one that writes, until the time is up."""

    def __init__(self, server: Server, seconds: float) -> None:
        self.server, self.end = server, time.monotonic() + seconds
        self.outcomes: Counter[object] = Counter()
        self.reads: list[float] = []
        self.queries = [*mix.queries(snapshot.load(), 5000)]

    def run(self, folder: Path) -> tuple[list[Sample], list[float]]:
        """Run to the end; return what was measured now and then, and how long writes took."""
        threads = [threading.Thread(target=self.read, args=(seed,)) for seed in range(CLIENTS)]
        found = []
        with httpx.Client(timeout=60, headers=HEADERS) as http:
            url = self.server.url + "/update"
            with mix.Writer(lambda text: http.post(url, data={"update": text})) as writer:
                for thread in threads:
                    thread.start()
                while any(thread.is_alive() for thread in threads):
                    time.sleep(INTERVAL)
                    found.append(sample(self.server.process.pid, folder))
        return found, writer.times

    def read(self, seed: int) -> None:
        """Ask the mix."""
        choose = random.Random(seed)
        with httpx.Client(timeout=60) as http:
            while time.monotonic() < self.end:
                query = choose.choice(self.queries)
                if choose.random() < mix.NEW:
                    query += f"\n# {seed} {choose.random()}"
                answer = http.post(self.server.url + "/sparql", data={"query": query})
                self.reads.append(answer.elapsed.total_seconds())
                said = answer.status_code if answer.is_success else answer.json()["detail"]
                self.outcomes[said] += 1


def milliseconds(times: list[float]) -> str:
    """Say how long it took."""
    quantiles = statistics.quantiles(times, n=100)
    p50, p95, p99 = (quantiles[at] * 1000 for at in (49, 94, 98))
    return f"p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f}, most {max(times) * 1000:.0f} ms"


def slope(values: list[float]) -> float:
    """Return by how much values grow in a minute."""
    return 60 * statistics.linear_regression([n * INTERVAL for n in range(len(values))], values)[0]


def main(seconds: int = 60) -> None:
    """Run, and print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = (*writable(folder), "--store", f"{name}/store")
        with serving(folder, *options, "--log-format", "none") as server:
            load = Load(server, seconds)
            samples, writes = load.run(folder)
    print(f"{CLIENTS} clients, {seconds} s: {dict(load.outcomes)}")
    print(f"{len(load.reads) / seconds:.0f} reads a second: {milliseconds(load.reads)}")
    print(f"{len(writes)} writes: {milliseconds(writes)}")
    settled = samples[len(samples) // 4 :]
    for kind in sorted(settled[-1]):
        values = [one.get(kind, 0) for one in settled]
        print(f"{kind:>16}: {values[0]:8.1f} to {values[-1]:8.1f}, {slope(values):+.2f} a minute")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
