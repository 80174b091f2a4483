"""What every engine answers: the requests, the answers, and the interface between web and store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "GRAPH"]


@dataclass(frozen=True, slots=True)
class Query:
    """A query operation (SPARQL 1.1 Protocol section 2.1).

    ``default_graphs`` and ``named_graphs`` are the protocol's dataset; both None leaves the query's own. ``view``
    adds that view's graph to the query's default graph. A query is answered in ``results_type`` (SELECT, ASK) or
    ``graph_type`` (CONSTRUCT, DESCRIBE), whichever its form needs; None there means that no type was acceptable.
    """

    text: str
    results_type: str | None = "application/sparql-results+json"
    graph_type: str | None = "text/turtle"
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    view: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """An update operation (SPARQL 1.1 Protocol section 2.2), whole or not at all."""

    text: str
    using_graphs: tuple[str, ...] | None = None
    using_named_graphs: tuple[str, ...] | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class GraphWrite:
    """A Graph Store operation that writes; ``graph`` None is the default graph."""

    method: Literal["PUT", "POST", "DELETE"]
    graph: str | None
    body: bytes = b""
    media_type: str = "text/turtle"
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, in memory or in a file that whoever sends it deletes; never a part of one."""

    form: Form
    media_type: str
    body: bytes | Path
    rows: int
    cacheable: bool = True

    def content(self) -> bytes:
        """Return the body; a file that it came in is deleted."""
        if isinstance(self.body, bytes):
            return self.body
        body = self.body.read_bytes()
        self.body.unlink()
        return body


class Engine(Protocol):
    """A store that answers queries. Every method may raise any :class:`shimoda.errors.ShimodaError`."""

    @property
    def version(self) -> int:
        """The dataset's version: raised before a write is acknowledged."""

    def ready(self) -> bool:
        """Tell whether it can answer now."""

    def query(self, query: Query) -> Answer:
        """Answer a query."""

    def update(self, update: Update) -> None:
        """Carry out an update; when it returns, the change is on disk and every reader sees it."""

    def read_graph(self, graph: str | None, media_type: str) -> Answer:
        """Return a graph whole; UnknownName when there is no such graph."""

    def write_graph(self, write: GraphWrite) -> bool:
        """Carry out a write; tell whether it made a new graph."""
