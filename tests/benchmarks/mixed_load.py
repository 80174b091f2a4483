"""Thirty-two clients that read and write: ``python -m tests.benchmarks.mixed_load [seconds]`` (600 is the full run)."""
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
from tests.processes import bombs
from tests.processes.conftest import TOKEN
from tests.processes.killing import HEADERS, descendants
from tests.serving import serving

CLIENTS = 32


def memory(pid: int) -> int:
    """Return the MiB that a service uses by itself: what its processes share counts once."""
    total = 0
    for one in (pid, *descendants(pid)):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total // 1024


def client(url: str, end: float, outcomes: Counter[object], times: list[float], seed: int) -> None:
    choose = random.Random(seed)
    with httpx.Client(timeout=60) as http:
        while time.monotonic() < end:
            number, begun = choose.randrange(1000), time.monotonic()
            if choose.random() < 0.05:
                mine = f"VALUES (?s ?p) {{ (<http://e/w{seed}> <http://e/value>) }}"
                change = f"DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p {number} }}"
                text = f"{change} WHERE {{ {mine} OPTIONAL {{ ?s ?p ?o }} }}"
                response = http.post(url + "/update", data={"update": text}, headers=HEADERS)
            elif choose.random() < 0.5:
                response = http.get(
                    url + "/sparql", params={"query": f"SELECT * {{ <http://e/{number}> ?p ?o }}"}
                )
            else:
                text = f"SELECT ?p (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER(?s != <http://e/{number}>) }} GROUP BY ?p"
                response = http.post(
                    url + "/sparql", data={"query": text}, headers={"Accept": "text/csv"}
                )
            times.append(time.monotonic() - begun)
            outcomes[response.status_code if response.is_success else response.text] += 1


def main(seconds: int = 60) -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "tokens").write_text(TOKEN)
        options = (
            "--empty",
            "--writable",
            "--token-file",
            f"{name}/tokens",
            "--store",
            f"{name}/store",
        )
        with serving(Path(name), *options, "--log-format", "none") as server:
            data = {"update": f"INSERT DATA {{ {bombs.DATA} }}"}
            httpx.post(server.url + "/update", data=data, headers=HEADERS).raise_for_status()
            outcomes: Counter[object] = Counter()
            times: list[float] = []
            end = time.monotonic() + seconds
            arguments = [(server.url, end, outcomes, times, seed) for seed in range(CLIENTS)]
            threads = [threading.Thread(target=client, args=one) for one in arguments]
            for thread in threads:
                thread.start()
            used = []
            while any(thread.is_alive() for thread in threads):
                time.sleep(seconds / 10)
                used.append(memory(server.process.pid))
    print(
        f"{CLIENTS} clients, {seconds} s: {dict(outcomes)}; {len(times) / seconds:.0f} requests a second, "
        f"p50 {statistics.median(times) * 1000:.0f} ms, p95 {statistics.quantiles(times, n=20)[-1] * 1000:.0f} ms"
    )
    print(f"memory over the run, MiB: {used}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
