"""Search and doctor over HTTP: medians and the slowest, each request a new one to the server.

``python -m tests.benchmarks.finding``. The names are the forty, the queries the fifty of tests/questions.
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import httpx
from tests.questions.test_doctor import HINTS, PROLOGUE
from tests.questions.test_search import NAMES
from tests.serving import serving

ROUNDS = 5


def times(client: httpx.Client, path: str, name: str, values: Iterable[str]) -> list[float]:
    """Ask for each value, and return the milliseconds that each answer took."""
    found = []
    for value in values:
        begun = time.perf_counter()
        assert client.get(path, params={name: value}).status_code == 200
        found.append((time.perf_counter() - begun) * 1e3)
    return found


def main() -> None:
    """Measure, the first answers apart, which make the index and load the parser."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), "--log-format", "none") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        queries = [PROLOGUE + query for _, query, _ in HINTS]
        for path, name, values in (
            ("/search.json", "q", [*NAMES]),
            ("/doctor.json", "query", queries),
        ):
            first = times(client, path, name, [values[0]])[0]
            found = [
                one
                for number in range(ROUNDS)
                for one in times(
                    client, path, name, [value + " " * (number + 1) for value in values]
                )
            ]
            middle, slowest = statistics.median(found), max(found)
            print(f"{path}: median {middle:.1f} ms, slowest {slowest:.0f} ms, first {first:.0f} ms")


if __name__ == "__main__":
    main()
