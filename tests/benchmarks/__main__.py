"""``make bench``: growth, the mix beside peers, and the rest; ``make bench-smoke``: the least of it, to see that it works."""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
from tests.benchmarks import (
    bystander,
    finding,
    growth,
    http,
    kills,
    latency,
    mix,
    pages,
    peers,
    reasoning,
    report,
    soak,
)
from tests.engine.stores import VIRTUOSO, Address
from tests.processes.killing import HEADERS
from tests.serving import serving, writable

from shimoda import paths
from shimoda.dataset import snapshot

OTHERS = (reasoning, http, pages, latency, finding, bystander, kills, soak)


def compare_mixes(
    size: int, seconds: int, runs: int, *, smoke: bool
) -> dict[str, list[mix.Figures]]:
    """Ask Shimoda, on disk, and its peers the mix in turn, while somebody writes once a second."""
    found: dict[str, list[mix.Figures]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(growth.data(growth.folder_of(size)))
        store, file = snapshot.load(), snapshot.place()
        options = (*writable(folder), "--store", str(folder / "store"), "--log-format", "none")
        ours = stack.enter_context(serving(folder, *options, patience=600))
        stores = [Address("Shimoda", f"{ours.url}/sparql", f"{ours.url}/update")]
        stores.append(stack.enter_context(peers.oxigraph(folder, file)))
        if not smoke:
            stores.append(stack.enter_context(peers.oxigraph(folder, file, disk=True)))
            if VIRTUOSO:
                stores.append(stack.enter_context(peers.virtuoso_over(folder, file)))
            stores.append(stack.enter_context(peers.rdflib_endpoint(folder, file)))
        asked = [*mix.queries(store, 2000)]
        for run in range(runs):
            for one in stores:
                with httpx.Client(timeout=60, headers=HEADERS) as client:
                    update = partial(send, client, one.update_url)
                    with mix.Writer(update):
                        figures = mix.measure(one.url, asked, folder, seconds, start=run * 10**6)
                found.setdefault(one.name, []).append(figures)
                print(one.name, figures, flush=True)
    return found


def send(client: httpx.Client, url: str, text: str) -> httpx.Response:
    """Send an update."""
    return client.post(url, data={"update": text})


def main() -> None:
    """Measure, and write the report."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100])
    options.add_argument("--smoke", action="store_true", help="see that it works, in a minute")
    options.add_argument("--keep", action="store_true", help="keep the report in docs/")
    chosen = options.parse_args()
    sizes = [1] if chosen.smoke else chosen.sizes
    results = {
        "versions": peers.versions(),
        "growth": {size: growth.measure(size, alone=chosen.smoke) for size in sizes},
        "mix": compare_mixes(1, *((2, 1) if chosen.smoke else (20, 5)), smoke=chosen.smoke),
    }
    folder = paths.built() / "benchmarks"
    file = report.write(results, folder)
    (folder / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(f"The report is {file}.", flush=True)
    if chosen.keep:
        report.keep(folder, paths.CHECKOUT / "docs")
    for other in () if chosen.smoke else OTHERS:
        print(f"\n{(other.__doc__ or '').partition(': ')[0]}", flush=True)
        other.main()


if __name__ == "__main__":
    main()
