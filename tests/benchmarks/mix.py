"""What users ask of an endpoint, and the figures of a server that is asked it, with one write a second.

Named questions and the values of their parameters are drawn by Zipf's law, in an order that comes from a seed; one query in
twenty was never asked before.
"""

from __future__ import annotations

import random
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pyoxigraph import Store

from shimoda.engine.local import LocalEngine
from shimoda.questions import catalogue
from shimoda.questions.parameters import picker

NEW = 0.05
JSON = "application/sparql-results+json"
WRITE = "INSERT DATA {{ GRAPH <http://e/written> {{ <http://e/{0}> <http://e/number> {0} }} }}"
SCRIPT = """
local paths, n = {{}}, {start}
for line in io.lines("{file}") do paths[#paths + 1] = line end
request = function()
  n = n + 1
  local path = paths[n % #paths + 1]
  if math.random() < {new} then path = path .. "%0A%23%20" .. n end
  return wrk.format("GET", "{path}" .. path, {{["Accept"] = "{accept}"}})
end
done = function(summary, latency)
  io.write(string.format("\\nfigures %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), summary.errors.status + summary.errors.read + summary.errors.timeout))
end
"""
Thing = TypeVar("Thing")


class Figures(NamedTuple):
    """Answers a second, the median and the 99th percentile in milliseconds, and answers that are errors."""

    rate: float
    p50: float
    p99: float
    errors: int


def queries(store: Store, count: int, seed: int = 1855) -> Iterator[str]:
    """Yield so many queries about a dataset; those that make a graph are left out, which have formats of their own."""
    choose, engine = random.Random(seed), LocalEngine(store)
    named = [one for one in catalogue.read_all() if one.columns and "federation" not in one.tags]
    choose.shuffle(named)

    @cache
    def values(kind: str) -> list[str]:
        found = sorted({row["value"].value for row in engine.rows(picker(kind))})
        choose.shuffle(found)
        return found

    for question in zipf(choose, named, count):
        given = {
            one.name: next(zipf(choose, values(one.kind), 1))
            for one in question.parameters
            if one.is_choice
        }
        yield question.bind(given)


def zipf(choose: random.Random, things: list[Thing], count: int) -> Iterator[Thing]:
    """Draw so many things, the n-th of them with a probability like 1/n."""
    weights = [1 / (place + 1) for place in range(len(things))]
    yield from choose.choices(things, weights, k=count)


def measure(
    url: str, asked: list[str], folder: Path, seconds: int, clients: int = 8, start: int = 0
) -> Figures:
    """Ask a server the queries, in turn and again from the first, as often as wrk can."""
    file, script = folder / "queries", folder / "mix.lua"
    joint = "&" if urlsplit(url).query else "?"
    file.write_text("".join(f"{joint}query={quote(query)}\n" for query in asked))
    path = "/" + url.split("/", 3)[3]
    script.write_text(
        SCRIPT.format(file=file, path=path.replace("%", "%%"), accept=JSON, new=NEW, start=start)
    )
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s"]
    said = subprocess.run(
        [*command, "-s", str(script), url], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"figures (\d+) (\d+) (\d+) (\d+) (\d+)", said)
    assert found, said
    number, duration, p50, p99, errors = map(int, found.groups())
    return Figures(1e6 * number / duration, p50 / 1000, p99 / 1000, errors)


class Writer(threading.Thread):
    """Writes one triple a second until it is stopped, and says how long each took."""

    def __init__(self, write: Callable[[str], httpx.Response]) -> None:
        super().__init__()
        self.write, self.ended, self.times = write, threading.Event(), list[float]()

    def run(self) -> None:
        while not self.ended.wait(max(0.0, 1 - sum(self.times[-1:]))):
            answer = self.write(WRITE.format(len(self.times)))
            answer.raise_for_status()
            self.times.append(answer.elapsed.total_seconds())

    def __enter__(self) -> Writer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.join()
