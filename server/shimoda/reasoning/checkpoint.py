"""What a reasoner holds, in a folder: who starts again goes on from it, and need not read a store and infer all anew.

``terms.nt`` has the terms in the order of their numbers, each as the object of a triple; ``pairs.npy`` the pairs of all
facts, one table after the other; ``tables.npy`` of each table the number of its set, its predicate and its length;
``worlds.json`` the names of the worlds, and how many terms and pairs there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from shimoda.reasoning.facts import EMPTY, HALF, Columns, Facts, Table, unpack, without
from shimoda.reasoning.reasoner import Reasoner, State, World, triples_of
from shimoda.reasoning.terms import Terms

TERM = NamedNode("urn:x-shimoda:term")


def save(reasoner: Reasoner, folder: Path) -> None:
    """Write what a reasoner holds into a folder, which is made."""
    folder.mkdir()
    state = reasoner.state()
    pairs = [
        (first << HALF) | member for first, clique in state.cliques.items() for member in clique
    ]
    sets = [state.given, state.dated, state.supposed, state.facts, state.written]
    sets += [reasoner.numbered(axioms).facts() for axioms in (state.axioms, state.found_axioms)]
    sets.append(Facts({0: Table(np.array(pairs, dtype=np.int64))}))
    worlds = []
    for name, world in state.worlds.items():
        sets += [world.claimed, world.shown, world.apart or Facts()]
        worlds.append([name.value, world.apart is not None, world.is_alike])
    tables = [(place, *table) for place, facts in enumerate(sets) for table in facts.rows()]
    sizes = [(place, predicate, len(pairs)) for place, predicate, pairs in tables]
    np.save(folder / "tables.npy", np.array(sizes, dtype=np.int64).reshape(-1, 3))
    np.save(folder / "pairs.npy", np.concatenate([EMPTY, *(pairs for _, _, pairs in tables)]))
    sums = {"terms": len(state.terms), "pairs": sum(map(len, sets)), "worlds": worlds}
    (folder / "worlds.json").write_text(json.dumps(sums), encoding="utf-8")
    terms = (Triple(TERM, TERM, node) for node in state.terms.nodes)
    serialize(terms, folder / "terms.nt", RdfFormat.N_TRIPLES)


def restore(folder: Path) -> State:
    """Return what a reasoner held.

    Raises:
        OSError, EOFError, ValueError, SyntaxError: something is missing, or is not what was saved.
    """
    terms = Terms()
    for quad in parse(path=folder / "terms.nt", format=RdfFormat.N_TRIPLES, lenient=True):
        terms.number(quad.object)
    sums = json.loads((folder / "worlds.json").read_bytes())
    pairs = np.load(folder / "pairs.npy")
    if sums["terms"] != len(terms) or sums["pairs"] != len(pairs):
        raise ValueError(f"{folder} has not all that was saved.")
    sets = saved(folder, pairs)
    given, dated, supposed, facts, written = (next(sets) for _ in range(5))
    axioms, found_axioms = (set(triples_of(terms, next(sets))) for _ in range(2))
    cliques: dict[int, list[int]] = {}
    for first, member in zip(*(side.tolist() for side in unpack(next(sets).pairs(0))), strict=True):
        cliques.setdefault(first, []).append(member)
    worlds = {}
    for name, is_known, is_alike in sums["worlds"]:
        claimed, shown, apart = next(sets), next(sets), next(sets)
        told = list(triples_of(terms, claimed))
        own = without(claimed, given)
        worlds[NamedNode(name)] = World(
            own, claimed, told, shown, apart if is_known else None, is_alike
        )
    return State(
        terms, axioms, found_axioms, given, dated, supposed, facts, written, cliques, worlds
    )


def saved(folder: Path, pairs: Columns) -> Iterator[Facts]:
    """Yield the sets of facts that were saved."""
    tables = np.load(folder / "tables.npy")
    ends = np.cumsum(tables[:, 2])
    starts = ends - tables[:, 2]
    for place in count():
        first, last = np.searchsorted(tables[:, 0], [place, place + 1])
        rows = range(first, last)
        yield Facts({int(tables[row, 1]): Table(pairs[starts[row] : ends[row]]) for row in rows})
