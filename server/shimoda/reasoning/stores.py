"""What reasoning asks of a store: answers to SELECT, and updates. Any SPARQL 1.1 store can give both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, QuerySolutions, Store, Triple

__all__ = ["LocalStore", "Node", "Row", "RuleStore", "local"]

Node = NamedNode | BlankNode | Literal | Triple
Row = tuple[Node | None, ...]
"""The values of a solution, in the order of the query's variables."""


class RuleStore(Protocol):
    """A store that rules run on.

    ``view`` names a graph that is added to the default graph for one query. ``update`` is whole or not at all.
    """

    def select(self, query: str, view: NamedNode | None = None) -> Iterator[Row]:
        """Answer a SELECT query."""

    def update(self, text: str) -> None:
        """Carry out an update."""


class LocalStore:
    """A pyoxigraph store in this process."""

    def __init__(self, store: Store) -> None:
        self.store = store

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
