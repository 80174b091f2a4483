"""What becomes of it with 1, 10, 100 … articles: ``python -m tests.benchmarks.growth [sizes]``.

For each size: the build (processor seconds of its stages, memory), the start of a server over what was built, a write, and each
named question, asked of Shimoda without its cache and of its peers in turn, over HTTP. An answer that differs from
ours says so, and has no time.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from tests.benchmarks import articles, peers
from tests.benchmarks.mix import JSON, WRITE
from tests.benchmarks.soak import sample
from tests.engine.stores import VIRTUOSO, Address
from tests.processes.killing import HEADERS
from tests.serving import serving, writable

from shimoda import paths
from shimoda.dataset import snapshot
from shimoda.questions import catalogue

ROUNDS = 3
PATIENCE = 5.0
"""Seconds after which an answer counts as none."""
CLIENT = httpx.Client(timeout=PATIENCE, headers={"Accept": JSON})
LATE, GIVEN_UP = "not in time", 3
"""Who is late more often than that is asked no more."""
SMALL = 10
"""Articles that Virtuoso and rdflib-endpoint are still asked about: with more they load for hours."""
BUILDING = """
import json, resource, sys, time
from collections import defaultdict
from shimoda.dataset import snapshot
stages = [("start", time.process_time())]
store = snapshot.load(lambda stage: stages.append((stage, time.process_time())), fresh=True)
stages.append(("end", time.process_time()))
took = defaultdict(float)  # by the first word, for the rest of a stage may be a number
for (stage, at), (_, after) in zip(stages, stages[1:]):
    took[stage.replace(":", " ").split()[0] + " views" * ("views" in stage)] += after - at
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"quads": len(store), "memory": memory, "stages": took}))
"""


def folder_of(size: int) -> Path:
    """Return the data folder of so many articles, made if it is missing."""
    folder = paths.built() / "articles" / str(size)
    if not (folder / ".whole").exists():
        articles.write(size, folder)
        (folder / ".whole").touch()
    return folder


@contextmanager
def data(folder: Path) -> Iterator[None]:
    """Have Shimoda, here and in what is started, read its data from a folder."""
    os.environ["SHIMODA_DATA"] = str(folder)
    try:
        yield
    finally:
        del os.environ["SHIMODA_DATA"]


def build() -> dict[str, Any]:
    """Build the dataset in a process of its own: quads, MiB, processor seconds by stage."""
    command = [sys.executable, "-c", BUILDING]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def start() -> dict[str, float]:
    """Start a server in memory, and one on a store that is there: seconds until ready, MiB; and the median of ten writes."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stored = ("--store", f"{name}/store", "--log-format", "none")
        for kind, options in (
            ("memory", ()),
            ("new store", (*writable(folder), *stored)),
            ("store", stored),
        ):
            begun = time.monotonic()
            with serving(folder, *options, patience=600) as server:
                found[f"ready, {kind}"] = time.monotonic() - begun
                found[f"MiB, {kind}"] = sample(server.process.pid, folder)["all"]
                if kind == "new store":
                    url = server.url + "/update"
                    times = [write(url, number) for number in range(10)]
                    found["write"] = statistics.median(times)
    return found


def write(url: str, number: int) -> float:
    answer = httpx.post(url, data={"update": WRITE.format(number)}, headers=HEADERS, timeout=60)
    answer.raise_for_status()
    return answer.elapsed.total_seconds()


def address(url: str, query: str) -> str:
    """Return the address of a query at an endpoint, whose own address may have parameters."""
    return f"{url}{'&' if '?' in url else '?'}query={quote(query)}"


def ask(url: str, query: str) -> tuple[float, str]:
    """Ask a query; return the seconds, and what the answer comes to: its rows, in no order, without the names of blank nodes."""
    try:
        answer = CLIENT.get(address(url, query))
    except httpx.TimeoutException:
        return PATIENCE, LATE
    if not answer.is_success:
        return PATIENCE, f"status {answer.status_code}"
    seconds = answer.elapsed.total_seconds()
    members = answer.json()
    rows = members.get("results", {}).get("bindings", [members.get("boolean")])
    return seconds, f"{len(rows)} rows, of digest {hash(tuple(sorted(map(plain, rows))))}"


def plain(row: Any) -> str:
    """Write a row in one way, however a store spells JSON."""
    if not isinstance(row, dict):
        return str(row)
    terms = {
        name: "blank" if term["type"] == "bnode" else term["value"] for name, term in row.items()
    }
    return json.dumps(terms, sort_keys=True)


def questions(stores: list[Address]) -> dict[str, dict[str, Any]]:
    """Ask each question that has rows of each store in turn; milliseconds (medians) by store, or in what the answer differs from the first's."""
    found: dict[str, dict[str, Any]] = {}
    late: Counter[str] = Counter()
    for question in catalogue.read_all():
        if "federation" in question.tags or not question.columns:
            continue
        query, row = question.bind(), found.setdefault(question.name, {})
        times: dict[str, list[float]] = {store.name: [] for store in stores}
        due = ""
        for _ in range(ROUNDS):
            for store in stores:
                if isinstance(row.get(store.name), str) or late[store.name] > GIVEN_UP:
                    continue
                seconds, said = ask(store.url, query)
                due = due or said
                times[store.name].append(seconds * 1000)
                late[store.name] += said == LATE
                if said != due:
                    row[store.name] = said.partition(", of digest")[0]
        for store in stores:
            asked = times[store.name]
            row.setdefault(store.name, statistics.median(asked) if asked else "not asked")
    return found


@contextmanager
def contestants(folder: Path, *, all_of_them: bool) -> Iterator[list[Address]]:
    """Run Shimoda, without its cache, and its peers over the dataset that was built."""
    file = snapshot.place()
    with ExitStack() as stack:
        options = ("--cache", "0", "--log-format", "none", "--timeout", str(PATIENCE + 1))
        ours = stack.enter_context(serving(folder, *options, patience=600))
        stores = [Address("Shimoda", ours.url + "/sparql", "")]
        stores.append(stack.enter_context(peers.oxigraph(folder, file)))
        stores.append(stack.enter_context(peers.oxigraph(folder, file, disk=True)))
        if all_of_them:
            if VIRTUOSO:
                stores.append(stack.enter_context(peers.virtuoso_over(folder, file)))
            stores.append(stack.enter_context(peers.rdflib_endpoint(folder, file)))
        yield stores


def measure(size: int, *, alone: bool = False) -> dict[str, Any]:
    """Measure one size; ``alone`` with the native server as the only peer."""
    with data(folder_of(size)), tempfile.TemporaryDirectory() as name:
        found: dict[str, Any] = {"build": build(), "start": start()}
        with contestants(Path(name), all_of_them=size <= SMALL and not alone) as stores:
            found["questions"] = questions(stores)
        return found


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or ("1", "10", "100")):
        print(json.dumps({"articles": size, **measure(size)}), flush=True)  # noqa: T201
