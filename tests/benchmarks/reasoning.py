"""Reasoning at 1, 10 … articles, and after a write, next to others: ``python -m tests.benchmarks.reasoning [sizes]``.

The way of a write to the article on disk is shown by its parts (:func:`measure_parts`). Each other measurement is a
process of its own, timed in processor seconds, as other work on the machine is none of it. Peers get the same triples
(dates as HermiT can read them; no keys, which not all of them know), and only their reasoning is timed.
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, Triple, parse
from tests.benchmarks import articles
from tests.reasoning import test_soundness as sound

from shimoda.dataset import snapshot
from shimoda.dataset.assembly import default_graph, files, read
from shimoda.engine.interface import Update
from shimoda.engine.local import LocalEngine
from shimoda.engine.protection import effect_of, follow
from shimoda.namespaces import BASE, PREFIXES
from shimoda.processes.generations import Generations
from shimoda.reasoning import Reasoner, Upkeep, hermit
from shimoda.reasoning.maintenance import LINKS, RULES
from shimoda.reasoning.rules import read_rules
from shimoda.reasoning.stores import placed

SIZES = (1, 10, 100)
PATIENCE, SHORT = 1800, 60
MEMORY = 14 * 2**30
EDTF = NamedNode("http://id.loc.gov/datatypes/edtf/EDTF")
EVENT = PREFIXES[""]["Event"]


def write_articles(file: Path, count: int, *, projected: bool) -> None:
    """Write as N-Triples the default graph, as stated, of so many articles."""
    store = Store()
    store.bulk_extend(quad for quad in read(files()) if quad.graph_name != LINKS)
    for article in articles.draw(count)[1:]:
        store.bulk_extend(quad for _, quad in article.quads())
    triples: Iterable[Triple] = (quad.triple for quad in default_graph(store))
    triples = (one for one in triples if one.predicate != PREFIXES["owl"]["hasKey"])
    with file.open("w", encoding="utf-8") as out:
        for triple in hermit.project(triples) if projected else triples:
            out.write(f"{triple} .\n")


def shimoda(file: Path) -> dict[str, float]:
    """Infer with our rules, those of the files too, from reading on."""
    begun = time.process_time()
    reasoner = Reasoner((quad.triple for quad in parse(path=file)), rules=read_rules(RULES))
    seconds = time.process_time() - begun
    return {"stated": len(reasoner.given), "inferred": len(reasoner.written), "seconds": seconds}


def write(file: Path) -> dict[str, float]:
    """Follow one triple added, one deleted, and a date changed, in a store on disk; the medians of ten."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        store.bulk_load(path=file, format=RdfFormat.N_TRIPLES)
        begun = time.process_time()
        upkeep = Upkeep(store)
        anew = time.process_time() - begun
        taken: dict[str, list[float]] = {"added": [], "deleted": [], "date": []}
        event = next(
            triple.subject
            for triple in upkeep.reasoner.triples(upkeep.reasoner.given)
            if triple.object == EVENT
        )
        for number in range(10):
            new = NamedNode(f"{BASE}id/event/new-{number}")
            part = Triple(new, PREFIXES[""]["partOf"], event)
            dates = [
                Triple(new, PREFIXES[""]["date"], Literal(f"2011-0{month}", datatype=EDTF))
                for month in (1, 2)
            ]
            for kind, more, less in (
                ("added", [part], []),
                ("", [dates[0]], []),
                ("date", [dates[1]], [dates[0]]),
                ("deleted", [], [part]),
            ):
                store.extend(placed(triple, DefaultGraph()) for triple in more)
                for triple in less:
                    store.remove(placed(triple, DefaultGraph()))
                begun = time.process_time()
                upkeep.change(more, less)
                taken.setdefault(kind, []).append(time.process_time() - begun)
    found = {kind: sorted(times)[5] for kind, times in taken.items() if kind}
    return {"inferred": upkeep.outcome.triples, "seconds": anew, **found}


def measure_numbers() -> None:
    """Print what great numbers in one expression take: cardinalities, enumerations, choices."""
    for name, text in {**sound.SIZES, "more than a hundred": sound.MORE_THAN_A_HUNDRED}.items():
        begun = time.process_time()
        contradiction = next(sound.reason(text).clashes(), None)
        seconds = time.process_time() - begun
        print(f"{name:>28}  {seconds:.2f} s{', a contradiction' * bool(contradiction)}")


WRITES = {
    "added": "INSERT DATA { event:new-{n} :partOf event:earthquake-2011 }",
    "": 'INSERT DATA { event:new-{n} :date "2011-01"^^edtf:EDTF }',
    "date": """DELETE { event:new-{n} :date ?date } INSERT { event:new-{n} :date "2011-02"^^edtf:EDTF }
        WHERE { event:new-{n} :date ?date }""",
    "deleted": "DELETE DATA { event:new-{n} :partOf event:earthquake-2011 }",
}
Parts = dict[str, Callable[[], object]]
"""The parts of a write's way by name, in their order."""


def measure_parts(repeats: int = 12) -> None:
    """Print what each part of a write's way takes, in ms of processor and (of the whole) of the clock: medians."""
    prefixes = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in ("", "event", "edtf"))
    with tempfile.TemporaryDirectory() as folder:
        generations = Generations(Path(folder))
        store = generations.checkout()
        store.bulk_extend(snapshot.load())
        engine = LocalEngine(store)
        begun = time.process_time()
        upkeep = follow(store)
        anew = (time.process_time() - begun) * 1000
        generations.publish(store, 1)
        taken: dict[str, list[dict[str, float]]] = {kind: [] for kind in WRITES}
        for number in range(repeats):
            for kind, text in WRITES.items():
                request = Update(prefixes + text.replace("{n}", str(number)))
                effect = effect_of(request, store)
                assert effect
                parts: Parts = {
                    "update": partial(engine.update, request),
                    "reasoning": lambda effect=effect: upkeep.change(*effect.on(store)),
                    "views": lambda: upkeep.show(upkeep.views),
                    "publishing": lambda: generations.publish(store, generations.next()),
                }
                taken[kind].append(timed(parts))
        for kind in ("added", "deleted", "date"):
            rows = taken[kind][2:]  # after the first, everything is warm
            medians = {name: sorted(row[name] for row in rows)[len(rows) // 2] for name in rows[0]}
            spent = sum(medians.values()) - medians["clock"]
            told = ", ".join(f"{name} {value:.1f}" for name, value in medians.items())
            print(f"{kind:>20}  {spent:.1f} ms ({told}); all anew {anew / spent:.0f} times that")


def timed(parts: Parts) -> dict[str, float]:
    """Carry out parts; return the processor time of each, and the time by the clock, in ms."""
    found, clock = {}, time.perf_counter()
    for name, part in parts.items():
        begun = time.process_time()
        part()
        found[name] = (time.process_time() - begun) * 1000
    return found | {"clock": (time.perf_counter() - clock) * 1000}


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


SHAPES = {"chain of 1,000": (1000, "p", "TransitiveProperty"), "clique of 300": (299, "", "")}


def write_shape(file: Path, name: str) -> None:
    """Write a chain of a transitive property, or things that are the same in a row."""
    length, relation, kind = SHAPES[name]
    owl, space = PREFIXES["owl"], "http://shape.example/"
    predicate = NamedNode(space + relation) if relation else owl["sameAs"]
    triples = [
        Triple(NamedNode(f"{space}{n}"), predicate, NamedNode(f"{space}{n + 1}"))
        for n in range(length)
    ]
    triples += [Triple(predicate, PREFIXES["rdf"]["type"], owl[kind])] if kind else []
    file.write_text("".join(f"{triple} .\n" for triple in triples), encoding="utf-8")


CONTESTANTS = {
    "shimoda": shimoda,
    "after a write": write,
    "reasonable": reasonable,
    "HermiT (types)": types_by_hermit,
}


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
    measure_parts()
    measure_numbers()
    with tempfile.TemporaryDirectory() as folder:
        for name in SHAPES:
            file = Path(folder) / "shape.ttl"
            write_shape(file, name)
            times = [measure(one, file, PATIENCE) for one in ("shimoda", "reasonable")]
            mine, theirs = (found["seconds"] if found else float("inf") for found in times)
            print(
                f"{name:>20}  shimoda {mine:.2f} s, reasonable {theirs:.2f} s: {theirs / mine:.1f} times ours",
                flush=True,
            )
    first: float | None = None
    finished = set(CONTESTANTS)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            files = {name: Path(folder) / f"{size}-{name}.ttl" for name in ("ours", "theirs")}
            for name, file in files.items():  # N-Triples, under the name that reasonable wants
                write_articles(file, size, projected=name == "theirs")
            own: float | None = None
            for name in [one for one in CONTESTANTS if one in finished]:
                patience = max(SHORT + 10, 20 * own) if own else PATIENCE
                file = files["ours" if name in ("shimoda", "after a write") else "theirs"]
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
                    note = f"{found['stated']:,.0f} stated; {own / size / first:.2f} times one article's time each"
                elif name == "after a write":
                    ways = ("added", "deleted", "date")
                    note = "; ".join(
                        f"{way} {found[way] * 1000:.1f} ms, 1/{found['seconds'] / found[way]:.0f}"
                        for way in ways
                    )
                else:
                    note = f"{found['seconds'] / own:.1f} times ours" if own else ""
                print(
                    f"{size:>5} articles  {name:<16} {found['seconds']:8.2f} s {found['megabytes']:7.0f} MB "
                    f"{found['inferred']:>12,.0f} inferred  {note}",
                    flush=True,
                )


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
