"""What reasoning asks of a store: answers to SELECT, and updates. Any SPARQL 1.1 store can give both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Protocol

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    Store,
    Triple,
)

Node = NamedNode | BlankNode | Literal | Triple
Row = tuple[Node | None, ...]
"""The values of a solution, in the order of the query's variables."""
BATCH = 5000
MANY = 10_000
"""From how many quads on they are loaded at once, and no longer in one transaction."""


class RuleStore(Protocol):
    """A store that rules run on.

    ``view`` names a graph that is added to the default graph for one query. ``update`` is whole or not at all.
    """

    def select(self, query: str, view: NamedNode | None = None) -> Iterator[Row]:
        """Answer a SELECT query."""

    def update(self, text: str) -> None:
        """Carry out an update."""


class LocalStore:
    """A pyoxigraph store in this process; ``note`` is told of the quads that reasoning puts in or takes out."""

    def __init__(
        self, store: Store, note: Callable[[Iterable[Quad]], None] = lambda _: None
    ) -> None:
        self.store, self.note = store, note

    def select(self, query: str, view: NamedNode | None = None) -> Iterator[Row]:
        """Answer a SELECT query."""
        graphs: Sequence[NamedNode | DefaultGraph] | None = [DefaultGraph(), view] if view else None
        solutions = self.store.query(query, default_graph=list(graphs) if graphs else None)
        assert isinstance(solutions, QuerySolutions)
        return (tuple(solution) for solution in solutions)

    def update(self, text: str) -> None:
        """Carry out an update."""
        self.store.update(text)


def local(store: Store | RuleStore) -> RuleStore:
    """Return a store that rules run on; a pyoxigraph store becomes one."""
    return LocalStore(store) if isinstance(store, Store) else store


def read(store: RuleStore, graph: NamedNode | None) -> Iterator[Triple]:
    """Yield the triples of a graph, or of the default graph."""
    if isinstance(store, LocalStore):
        quads = store.store.quads_for_pattern(None, None, None, graph or DefaultGraph())
        return (quad.triple for quad in quads)
    pattern = f"GRAPH {graph} {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
    rows = store.select(f"SELECT ?s ?p ?o WHERE {{ {pattern} }}")
    return (Triple(*row) for row in rows)  # type: ignore[arg-type]


def write(store: RuleStore, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
    """Add and remove quads. Across a network none has a blank node, as no update can name one."""
    if not isinstance(store, LocalStore):
        for verb, quads in (("DELETE", removed), ("INSERT", added)):
            named = [
                quad for quad in quads if BlankNode not in (type(quad.subject), type(quad.object))
            ]
            for start in range(0, len(named), BATCH):
                text = " ".join(map(pattern_of, named[start : start + BATCH]))
                store.update(f"{verb} DATA {{ {text} }}")
        return
    old, rest = list(removed), iter(added)
    first = list(islice(rest, MANY))
    store.note(chain(old, first))
    for quad in old:
        store.store.remove(quad)
    if len(first) < MANY:
        if first:
            store.store.extend(first)
    else:
        store.store.bulk_extend(chain(first, rest))


def placed(triple: Triple, graph: NamedNode | DefaultGraph) -> Quad:
    """Put a triple into a graph."""
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def pattern_of(quad: Quad) -> str:
    """Write a quad in an update."""
    text = f"{quad.subject} {quad.predicate} {quad.object} ."
    return (
        text
        if isinstance(quad.graph_name, DefaultGraph)
        else f"GRAPH {quad.graph_name} {{ {text} }}"
    )
