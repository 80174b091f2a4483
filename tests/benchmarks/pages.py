"""Pages: processor milliseconds of one of each kind, cold and kept: ``python -m tests.benchmarks.pages``."""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

from statistics import median
from time import process_time

from flask.testing import FlaskClient
from tests.pages import KINDS

from shimoda.dataset import snapshot
from shimoda.engine.local import LocalEngine
from shimoda.settings import Settings
from shimoda.web.app import Application

TIMES = 9


def measure(client: FlaskClient, path: str) -> float:
    """Return the median of some answers in milliseconds, after one that does not count."""
    times = []
    for _ in range(TIMES + 1):
        begun = process_time()
        client.get(path, headers={"Accept": "text/html"})
        times.append(1000 * (process_time() - begun))
    return median(times[1:])


def main() -> None:
    """Print a table."""
    engine = LocalEngine(snapshot.load())
    cold, kept = (
        Application(engine, Settings(log_format="none", cache=room)).test_client()
        for room in (0, 64)
    )
    print(f"{'page':12} {'cold':>8} {'kept':>8}")
    for name, path in KINDS.items():
        print(f"{name:12} {measure(cold, path):8.1f} {measure(kept, path):8.2f}")


if __name__ == "__main__":
    main()
