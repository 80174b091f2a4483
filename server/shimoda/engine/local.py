"""Answering on a store that this process holds, with no guard but the size of the answer."""

import re
from functools import cached_property, partial

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryTriples,
    Store,
    Triple,
)

from shimoda import namespaces as vocabulary
from shimoda.engine.interface import Answer, Form, Query
from shimoda.errors import UnknownName
from shimoda.processes.messages import GraphRead
from shimoda.sparql.federation import repeatable
from shimoda.sparql.results import Limits, write_results, write_triples
from shimoda.sparql.syntax import Functions, explained, tolerate

ASSERTIONS = str(vocabulary.PREFIXES["assertion"])
VIEWS = str(vocabulary.PREFIXES["view"])
REIFIES = vocabulary.PREFIXES["rdf"]["reifies"]
RDF12, NEUTRAL = vocabulary.RDF12.value, vocabulary.NEUTRAL.value
Graph = NamedNode | BlankNode | DefaultGraph


class Dataset:
    """A store, the views on it, and how many rows and bytes an answer from it may have."""

    def __init__(self, store: Store, max_rows: int, max_bytes: int) -> None:
        self.store, self.max_rows, self.max_bytes = store, max_rows, max_bytes

    @cached_property
    def reified(self) -> Store:
        """The store of the view rdf12, made when it is first asked for.

        A second store costs 300 bytes a triple; a graph in the first one would show in every ``GRAPH ?g``.
        """
        store = Store()
        store.bulk_extend(self.store)
        store.bulk_extend(
            Quad(
                quad.graph_name,
                REIFIES,
                Triple(quad.subject, quad.predicate, quad.object),
                DefaultGraph(),
            )
            for quad in self.store
            if isinstance(quad.graph_name, NamedNode)
            and quad.graph_name.value.startswith(ASSERTIONS)
        )
        return store

    def query(self, query: Query) -> Answer:
        """Answer a query."""
        return tolerate(partial(self.evaluate, query))

    def evaluate(self, query: Query, functions: Functions) -> Answer:
        """Answer a query whose functions are known."""
        default, named = self.graphs(query)
        store = self.reified if query.view and VIEWS + query.view == RDF12 else self.store
        limits = Limits(self.max_rows, self.max_bytes)
        with explained(query.text):
            results = store.query(
                query.text,
                base_iri=query.base,
                default_graph=default,
                named_graphs=named,  # type: ignore[arg-type]
                custom_functions=functions,
            )
            if isinstance(results, QueryTriples):
                form, media_type = graph_form(query.text), query.graph_type
                body = write_triples(results, media_type, limits)
            else:
                form, media_type = result_form(results), query.results_type
                body = write_results(results, media_type, limits)
        return Answer(form, str(media_type), body, limits.counted, repeatable(query.text))

    def graphs(self, query: Query) -> tuple[list[Graph] | None, list[NamedNode] | None]:
        """Return the default and the named graphs; None where the query's own stand."""
        default: list[Graph] | None = None
        named: list[NamedNode] | None = None
        with explained():
            if query.default_graphs is not None or query.named_graphs is not None:
                # what the protocol names is the whole dataset (SPARQL 1.1 Protocol section 2.1.4)
                default = [NamedNode(iri) for iri in query.default_graphs or ()]
                named = [NamedNode(iri) for iri in query.named_graphs or ()]
            if query.view:
                default = [DefaultGraph()] if default is None else default
                default += self.view(VIEWS + query.view)
        return default, named

    def view(self, iri: str) -> list[NamedNode]:
        """Return the graph that a view adds, if it adds one; UnknownName names the views there are."""
        if iri in (RDF12, NEUTRAL):
            return []
        if self.store.contains_named_graph(NamedNode(iri)):
            return [NamedNode(iri)]
        graphs = [RDF12, NEUTRAL, *(graph.value for graph in self.store.named_graphs())]
        known = sorted({graph.removeprefix(VIEWS) for graph in graphs if graph.startswith(VIEWS)})
        raise UnknownName(
            f"There is no such view; the views are {', '.join(known)}.", nearest=known
        )

    def read_graph(self, read: GraphRead) -> Answer:
        """Return a graph whole."""
        with explained():
            graph = NamedNode(read.graph) if read.graph else DefaultGraph()
        if isinstance(graph, NamedNode) and not self.store.contains_named_graph(graph):
            raise UnknownName(f"There is no graph <{graph.value}>.")
        limits = Limits(self.max_rows, self.max_bytes)
        quads = self.store.quads_for_pattern(None, None, None, graph)
        with explained():
            body = write_triples((quad.triple for quad in quads), read.media_type, limits)
        return Answer("GRAPH", read.media_type, body, limits.counted)


def result_form(results: object) -> Form:
    """Return the form of a query with these results."""
    return "ASK" if isinstance(results, QueryBoolean) else "SELECT"


def graph_form(text: str) -> Form:
    """Return the form of a query whose answer is a graph: both words are only in a query that constructs."""
    return "CONSTRUCT" if re.search("construct", text, re.IGNORECASE) else "DESCRIBE"
