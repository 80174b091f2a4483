"""The engine over a store that this process holds; its only guard is the size of an answer."""

import sys
from collections.abc import Sequence
from functools import cached_property, partial

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    parse,
)

from shimoda.engine.interface import Engine, GraphRead, GraphWrite, Query, Update
from shimoda.errors import Refused, Unavailable, UnknownName
from shimoda.namespaces import NEUTRAL, PREFIXES, RDF12, VIEWS
from shimoda.sparql.federation import LOADS
from shimoda.sparql.formats import rdf_format
from shimoda.sparql.results import Limits, Results, write_results, write_triples
from shimoda.sparql.syntax import Functions, explained, tolerate
from shimoda.sparql.text import Form, check_nesting, form_of, is_repeatable, with_using

ASSERTIONS = str(PREFIXES["assertion"])
REIFIES = PREFIXES["rdf"]["reifies"]


class LocalEngine(Engine):
    """A store, the views on it, and how many rows and bytes an answer may have."""

    def __init__(
        self, store: Store, max_rows: int = sys.maxsize, max_bytes: int = sys.maxsize
    ) -> None:
        self.store = store
        self.max_rows, self.max_bytes = max_rows, max_bytes
        self.number = 1

    @property
    def version(self) -> int:
        """One more than the number of writes that were carried out."""
        return self.number

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

    # Queries

    def query(self, query: Query) -> Results:
        """Answer a query."""
        return tolerate(partial(self.evaluate, query))

    def evaluate(self, query: Query, functions: Functions) -> Results:
        """Answer a query whose functions are known."""
        default, named = self.dataset(query)
        is_rdf12 = query.view is not None and VIEWS + query.view == RDF12.value
        store = self.reified if is_rdf12 else self.store
        limits = Limits(self.max_rows, self.max_bytes)
        with explained(query.text):
            results = store.query(
                query.text,
                base_iri=query.base,
                default_graph=default,
                named_graphs=named,
                custom_functions=functions,
            )
            if isinstance(results, QueryTriples):
                form, media_type = form_of(query.text), query.graph_type
                body = write_triples(results, media_type, limits)
            else:
                form, media_type = form_of_results(results), query.results_type
                body = write_results(results, media_type, limits)
        return Results(form, str(media_type), body, limits.counted, is_repeatable(query.text))

    def dataset(
        self, query: Query
    ) -> tuple[
        list[NamedNode | BlankNode | DefaultGraph] | None, list[NamedNode | BlankNode] | None
    ]:
        """Return the default and the named graphs; None where the query's own stand."""
        is_plain = query.default_graphs is None and query.named_graphs is None
        if is_plain and not query.view:
            return None, None
        default: list[NamedNode | BlankNode | DefaultGraph] = [DefaultGraph()]
        named: list[NamedNode | BlankNode] | None = None
        with explained():
            if not is_plain:
                # what the protocol names is the whole dataset (SPARQL 1.1 Protocol section 2.1.4)
                default = [NamedNode(iri) for iri in query.default_graphs or ()]
                named = [NamedNode(iri) for iri in query.named_graphs or ()]
            if query.view:
                default += self.view(VIEWS + query.view)
        return default, named

    def view(self, iri: str) -> Sequence[NamedNode]:
        """Return the graph that a view adds, if it adds one; UnknownName names the views there are."""
        if iri in (RDF12.value, NEUTRAL.value):
            return []
        if self.store.contains_named_graph(NamedNode(iri)):
            return [NamedNode(iri)]
        graphs = [RDF12.value, NEUTRAL.value, *(graph.value for graph in self.store.named_graphs())]
        known = sorted({graph.removeprefix(VIEWS) for graph in graphs if graph.startswith(VIEWS)})
        detail = f"There is no such view; the views are {', '.join(known)}."
        raise UnknownName(detail, nearest=known)

    def read_graph(self, read: GraphRead) -> Results:
        """Return a graph whole."""
        graph = name_of(read.graph)
        self.require(graph)
        limits = Limits(self.max_rows, self.max_bytes)
        quads = self.store.quads_for_pattern(None, None, None, graph)
        with explained():
            body = write_triples((quad.triple for quad in quads), read.media_type, limits)
        return Results("GRAPH", read.media_type, body, limits.counted)

    # Writes; one that fails may leave a part of it in the store

    def update(self, update: Update) -> None:
        """Carry out an update."""
        check_nesting(update.text)
        tolerate(partial(self.change, update))
        self.number += 1

    def change(self, update: Update, functions: Functions) -> None:
        """Carry out an update whose functions are known."""
        text = with_using(update.text, update.using_graphs, update.using_named_graphs)
        try:
            with explained(update.text):
                self.store.update(text, base_iri=update.base, custom_functions=functions)
        except Unavailable as error:
            # "IO error" is the engine's word for a disk that fails
            if LOADS.search(update.text) and "IO error" not in error.detail:
                detail = "LOAD may fetch only from the addresses that this server lists, in an update of its own."
                raise Refused(detail) from error
            raise

    def write_graph(self, write: GraphWrite) -> bool:
        """Carry out a Graph Store operation (SPARQL 1.1 Graph Store HTTP Protocol section 5)."""
        check_nesting(write.body.decode("latin-1"))
        graph = name_of(write.graph)
        is_new = not self.has(graph)
        with explained():
            if write.method == "DELETE":
                self.require(graph)
                self.store.remove_graph(graph)
            else:
                self.load(write, graph)
        self.number += 1
        return is_new

    def load(self, write: GraphWrite, graph: NamedNode | DefaultGraph) -> None:
        """Add to a graph, or replace it; it is there afterwards even if there was nothing to add."""
        form = rdf_format(write.media_type)
        if write.method == "PUT":
            for _ in parse(write.body, form, base_iri=write.base):  # what is broken clears nothing
                pass
            self.store.clear_graph(graph)
        self.store.load(write.body, form, base_iri=write.base, to_graph=graph)
        if isinstance(graph, NamedNode):
            self.store.add_graph(graph)

    def has(self, graph: NamedNode | DefaultGraph) -> bool:
        """Tell whether the store has a graph; the default graph it always has."""
        return isinstance(graph, DefaultGraph) or self.store.contains_named_graph(graph)

    def require(self, graph: NamedNode | DefaultGraph) -> None:
        """Raise UnknownName if the store has no such graph."""
        if not self.has(graph):
            raise UnknownName(f"There is no graph {graph}.")


def name_of(iri: str | None) -> NamedNode | DefaultGraph:
    """Return the graph of a Graph Store operation; InputError if its name is no IRI."""
    with explained():
        return DefaultGraph() if iri is None else NamedNode(iri)


def form_of_results(results: QuerySolutions | QueryBoolean) -> Form:
    """Return the form of a query with such results."""
    return "ASK" if isinstance(results, QueryBoolean) else "SELECT"
