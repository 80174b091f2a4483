"""What is known of an IRI, asked by the queries of ``queries/pages/``, so that any engine can tell it."""

from functools import cache

from pyoxigraph import NamedNode

from shimoda import paths
from shimoda.engine.interface import Engine, Query
from shimoda.questions import catalogue
from shimoda.sparql.formats import N_TRIPLES
from shimoda.sparql.results import Results, Row

THIS = "this"


class Description:
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

    def query(self, name: str, graph_type: str = N_TRIPLES) -> Results:
        """Put the question of that name."""
        question = question_of(name)
        text = question.bind({THIS: self.iri} if question.parameters else {})
        query = Query(text, graph_type=graph_type, default_graphs=self.graphs, view=self.view)
        results = self.engine.query(query)
        self.cacheable &= results.cacheable
        return results

    def rows(self, name: str) -> list[Row]:
        """Return the solutions of a SELECT."""
        return self.query(name).rows()

    def exists(self) -> bool:
        """Tell whether anything is said of the IRI, or in a graph of that name."""
        return self.query("exists").boolean


@cache
def question_of(name: str) -> catalogue.Question:
    """Return the page query of that name."""
    return catalogue.read(paths.data("queries") / "pages" / f"{name}.rq")
