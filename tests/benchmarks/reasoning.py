"""The fixpoint at 1, 10, 100 … articles, next to other reasoners: ``python -m tests.benchmarks.reasoning [sizes]``.

Each measurement is a process of its own, timed in processor seconds, as other work on the machine is none of it. Peers
get the same triples, and only their reasoning is timed.
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pyoxigraph import DefaultGraph, RdfFormat, Store

from shimoda.dataset import snapshot
from shimoda.namespaces import BASE, graph
from shimoda.reasoning import hermit, infer

SIZES = (1, 10, 100)
PATIENCE, SHORT = 1800, 60
MEMORY = 14 * 2**30
OURS = rf"<{BASE}(?:id/\w+|assertion|source)/|^_:|(?<= )_:"
"""Where the name of a thing of one article begins."""


def write_articles(file: Path, count: int) -> None:
    """Write as N-Triples the default graph, as stated, of so many articles under one ontology."""
    store = snapshot.load()
    schema = {quad.triple for quad in store.quads_for_pattern(None, None, None, graph("ontology"))}
    triples = list(hermit.stated(store))
    axioms, told = (
        "".join(
            f"{triple} .\n" for triple in hermit.project(triples) if (triple in schema) == wanted
        )
        for wanted in (True, False)
    )
    with file.open("w", encoding="utf-8") as out:
        out.write(axioms)
        for number in range(count):
            out.write(re.sub(OURS, rf"\g<0>n{number}x", told, flags=re.MULTILINE))


def shimoda(file: Path) -> dict[str, float]:
    """Infer with our rules, labels and all."""
    store = Store()
    store.bulk_load(path=file, format=RdfFormat.N_TRIPLES)
    stated, begun = len(store), time.process_time()
    infer(store)
    seconds = time.process_time() - begun
    inferred = sum(1 for _ in store.quads_for_pattern(None, None, None, DefaultGraph())) - stated
    return {"stated": stated, "inferred": inferred, "seconds": seconds}


def reasonable(file: Path) -> dict[str, float]:
    """Infer with reasonable: OWL 2 RL without chains, in Rust."""
    from reasonable import PyReasoner

    reasoner = PyReasoner()
    reasoner.load_file(str(file))
    begun = time.process_time()
    inferred = reasoner.reason()
    return {"inferred": len(inferred), "seconds": time.process_time() - begun}


def types_by_hermit(file: Path) -> dict[str, float]:
    """Find the types with HermiT; it ends itself, as Java would outlive this process."""
    hermit.run(file.read_text(encoding="utf-8"), values=False, megabytes=4000, seconds=SHORT)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"inferred": 0, "seconds": used.ru_utime + used.ru_stime}


CONTESTANTS = {"shimoda": shimoda, "reasonable": reasonable, "HermiT (types)": types_by_hermit}


def measure(name: str, file: Path, seconds: float) -> dict[str, float] | None:
    """Run a contestant in a process of its own, under limits; None if it does not finish."""
    code = f"import tests.benchmarks.reasoning as b; b.compete({name!r}, {str(file)!r})"
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return None
    return found


def compete(name: str, file: str) -> None:
    """Print the outcome of one contestant, with its memory."""
    if name != "HermiT (types)":  # Java reserves addresses that it never uses
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    outcome = CONTESTANTS[name](Path(file))
    kilobytes = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps(outcome | {"megabytes": kilobytes / 1024}))


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Measure every contestant at every size; a contestant that did not finish is not asked for more."""
    first: float | None = None
    finished = set(CONTESTANTS)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            file = Path(folder) / f"{size}.ttl"  # N-Triples, under the name that reasonable wants
            write_articles(file, size)
            own: float | None = None
            for name in [one for one in CONTESTANTS if one in finished]:
                patience = max(SHORT + 10, 20 * own) if own else PATIENCE
                found = measure(name, file, patience)
                if found is None:
                    finished.discard(name)
                    print(
                        f"{size:>5} articles  {name:<16} does not finish in {patience:.0f} s and {MEMORY // 2**30} GiB"
                    )
                    continue
                if name == "shimoda":
                    own = found["seconds"]
                    first = first or own / size
                    note = f"{found['stated']:,.0f} stated; {own / size / first:.2f} times one article's time an article"
                else:
                    note = f"{found['seconds'] / own:.1f} times ours" if own else ""
                print(
                    f"{size:>5} articles  {name:<16} {found['seconds']:8.2f} s {found['megabytes']:7.0f} MB "
                    f"{found['inferred']:>12,.0f} inferred  {note}",
                    flush=True,
                )


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
