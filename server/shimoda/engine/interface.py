"""What every engine answers: the requests, and the interface between those who ask and the store."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Literal, TypeVar
from weakref import WeakKeyDictionary

from pyoxigraph import NamedNode

from shimoda.errors import Outdated, ShimodaError, UnknownName
from shimoda.namespaces import VIEWS
from shimoda.sparql.formats import GRAPH_TYPES, JSON, TSV, TURTLE
from shimoda.sparql.results import Results, Row, Term

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """A query operation (SPARQL 1.1 Protocol section 2.1).

    ``default_graphs`` and ``named_graphs`` are the protocol's dataset; both None leaves the query's own. ``view``
    adds that view's graph to the query's default graph. A query is answered in ``results_type`` (SELECT, ASK) or
    ``graph_type`` (CONSTRUCT, DESCRIBE), whichever its form needs; None there means that no type was acceptable.
    ``seconds`` is how long it may take, where an engine can end it and allows as much.
    """

    text: str
    results_type: str | None = JSON
    graph_type: str | None = TURTLE
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    view: str | None = None
    base: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """An update operation (SPARQL 1.1 Protocol section 2.2), whole or not at all."""

    text: str
    using_graphs: tuple[str, ...] | None = None
    using_named_graphs: tuple[str, ...] | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class GraphRead:
    """A Graph Store operation that reads; ``graph`` None is the default graph. ``whole`` reads every graph instead."""

    graph: str | None = None
    media_type: str = TURTLE
    whole: bool = False


@dataclass(frozen=True, slots=True)
class GraphWrite:
    """A Graph Store operation that writes; ``graph`` None is the default graph.

    With ``tags``, it is for the graph as one of these entity tags has it, or, with ``*``, for any that there is.
    """

    method: Literal["PUT", "POST", "DELETE"]
    graph: str | None = None
    body: bytes = b""
    media_type: str = TURTLE
    base: str | None = None
    tags: tuple[str, ...] | None = None


class Engine(ABC):
    """A store that answers. Every method may raise any :class:`shimoda.errors.ShimodaError`."""

    rows_type = TSV
    """The format in which it is asked for rows: it is written and read in half the time that JSON takes."""

    @property
    @abstractmethod
    def version(self) -> int:
        """The dataset's version: raised before a write is acknowledged."""

    @property
    def default_graph_version(self) -> int:
        """The version since which the default graph surely is as it is."""
        return self.version

    @property
    def changed(self) -> float | None:
        """When the dataset was last changed, in seconds since 1970; None if nobody knows."""
        return None

    @abstractmethod
    def query(self, query: Query) -> Results:
        """Answer a query."""

    def query_each(self, queries: list[Query]) -> list[Results]:
        """Answer several queries, at the same time if the engine can."""
        return [self.query(query) for query in queries]

    @abstractmethod
    def update(self, update: Update) -> None:
        """Carry out an update; when it returns, the change is kept and every reader sees it."""

    @abstractmethod
    def read_graph(self, read: GraphRead) -> Results:
        """Return a graph whole; UnknownName when there is no such graph."""

    @abstractmethod
    def write_graph(self, write: GraphWrite) -> bool:
        """Carry out a write; tell whether it made a new graph."""

    def require_known(self, write: GraphWrite) -> None:
        """Raise Outdated if a graph is not as the client has it who writes (RFC 9110 section 13.1.1), in any syntax."""
        if write.tags is None:
            return
        found = set()
        with suppress(UnknownName):
            graphs = (
                self.read_graph(GraphRead(write.graph, form)) for form in {*GRAPH_TYPES.values()}
            )
            found = {"*", *(graph.tag() for graph in graphs)}
        if found.isdisjoint(write.tags):
            raise Outdated("The graph is not as the ETag in If-Match has it: read it again first.")

    async def query_async(self, query: Query) -> Results:
        """Answer a query without holding the event loop."""
        import asyncio  # long to import, and only who has a loop does

        return await asyncio.to_thread(self.query, query)

    def is_ready(self) -> bool:
        """Tell whether queries are answered now."""
        try:
            return self.ask("ASK {}")
        except ShimodaError:
            return False

    def ask(self, text: str) -> bool:
        """Answer an ASK."""
        return self.query(Query(text)).boolean

    def rows(self, text: str, view: str | None = None) -> list[Row]:
        """Answer a SELECT."""
        return self.query(Query(text, self.rows_type, view=view)).rows()


def once_a_version(make: "Callable[[Engine], T]") -> "Callable[[Engine], T]":
    """Keep what a function makes of an engine's dataset until the dataset's version changes."""
    kept: WeakKeyDictionary[Engine, tuple[int, T]] = WeakKeyDictionary()
    lock = Lock()

    @wraps(make)
    def get(engine: Engine) -> T:
        version = engine.version
        with lock:
            found = kept.get(engine)
            if found is None or found[0] != version:
                found = kept[engine] = version, make(engine)
        return found[1]

    return get


class EngineStore:
    """An engine as rules and proofs ask for it (:class:`shimoda.reasoning.RuleStore`)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def select(
        self, query: str, view: NamedNode | None = None
    ) -> Iterator[tuple[Term | None, ...]]:
        """Answer a SELECT query."""
        name = view.value.removeprefix(VIEWS) if view else None
        solutions = self.engine.query(Query(query, view=name)).solutions()
        return (tuple(solution) for solution in solutions)

    def update(self, text: str) -> None:
        """Carry out an update."""
        self.engine.update(Update(text))
