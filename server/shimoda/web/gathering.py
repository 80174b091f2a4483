"""What a page tells of an IRI, gathered by the queries of ``queries/pages/``, so that any engine can tell it."""

import json
from dataclasses import dataclass
from functools import cache

from pyoxigraph import NamedNode

from shimoda import paths
from shimoda.engine.interface import Answer, Engine, Query
from shimoda.questions import catalogue

THIS = "this"


@dataclass(frozen=True, slots=True)
class Cell:
    """A term in an answer: its kind (``uri``, ``literal``, ``bnode``), its value and its language."""

    type: str
    value: str
    language: str = ""

    def __str__(self) -> str:
        return self.value


Row = dict[str, Cell]


class Gathering:
    """Questions about one IRI, put to an engine; remembers whether all answers may be cached."""

    def __init__(
        self,
        engine: Engine,
        iri: str,
        graphs: tuple[str, ...] | None = None,
        view: str | None = None,
    ) -> None:
        """Ask about ``iri``, of the default graph or of these graphs, in a view; ValueError when that is no IRI."""
        self.engine, self.iri, self.graphs, self.view = engine, NamedNode(iri).value, graphs, view
        self.cacheable = True

    def put(self, name: str, graph_type: str = "application/n-triples") -> Answer:
        """Put the question of that name."""
        query = question(name)
        text = query.bind({THIS: self.iri} if query.parameters else {})
        answer = self.engine.query(
            Query(text, graph_type=graph_type, default_graphs=self.graphs, view=self.view)
        )
        self.cacheable &= answer.cacheable
        return answer

    def rows(self, name: str) -> list[Row]:
        """Return the solutions of a SELECT, each with what is bound in it."""
        bindings = json.loads(self.put(name).content())["results"]["bindings"]
        return [
            {
                key: Cell(term["type"], term["value"], term.get("xml:lang", ""))
                for key, term in row.items()
            }
            for row in bindings
        ]

    def exists(self) -> bool:
        """Tell whether anything is said of the IRI, or in a graph of that name."""
        return bool(json.loads(self.put("exists").content())["boolean"])


@cache
def question(name: str) -> catalogue.NamedQuery:
    """Return the page query of that name."""
    return catalogue.read(paths.data("queries") / "pages" / f"{name}.rq")
