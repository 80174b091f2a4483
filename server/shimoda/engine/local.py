"""The engine over a store that this process holds; its only guard is the size of an answer."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import IO, Any, TypeVar, cast

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

from shimoda.engine.interface import Engine, GraphRead, GraphWrite, Query, Update
from shimoda.errors import InputError, Refused, TooLarge, Unavailable, UnknownName
from shimoda.namespaces import NEUTRAL, PREDEFINED, PREFIXES, RDF12, VIEWS
from shimoda.sparql.formats import rdf_format, results_format
from shimoda.sparql.results import Results, compacted, renamed
from shimoda.sparql.syntax import sentence, syntax_problem
from shimoda.sparql.text import (
    LOADS,
    Form,
    check_entities,
    check_nesting,
    create_silently,
    form_of,
    is_repeatable,
    makes_nodes,
    reads_default_graph_only,
    with_using,
)

ASSERTIONS = str(PREFIXES["assertion"])
REIFIES = PREFIXES["rdf"]["reifies"]
Result = TypeVar("Result")
Functions = dict[NamedNode, Callable[..., Any]]
CALLED = re.compile(r"service\s*(?:silent\s*)?(<[^<>\s]*>|[?$]\w+)", re.IGNORECASE)
NEXT_ROW = re.compile(rb'\},\{"[^,}]')
"""Between two rows in JSON: where a string ends in },{ a comma or a brace follows its quote."""
UNKNOWN_FUNCTION = re.compile(r"The custom function <(.*)> is not supported")


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

    def answer(self, request: object) -> Results:
        """Answer a query, or read a graph."""
        if isinstance(request, GraphRead):
            return self.read_graph(request)
        assert isinstance(request, Query)
        return self.query(request)

    def query(self, query: Query) -> Results:
        """Answer a query."""
        return tolerate(partial(self.evaluate, query))

    def evaluate(self, query: Query, functions: Functions) -> Results:
        """Answer a query whose functions are known."""
        default, named = self.dataset(query)
        is_rdf12 = query.view is not None and VIEWS + query.view == RDF12.value
        store = self.reified if is_rdf12 else self.store
        limits = Limits(self.max_rows, self.max_bytes)
        with explained(query.text, is_query=True):
            results = with_prefixes(
                partial(
                    store.query,
                    query.text,
                    base_iri=query.base,
                    default_graph=default,
                    named_graphs=named,
                    custom_functions=functions,
                )
            )
            if isinstance(results, QueryTriples):
                form, media_type = form_of(query.text), query.graph_type
                is_new = form == "CONSTRUCT" and makes_nodes(query.text)
                triples = renamed(results) if is_new else results
                body = write_triples(triples, media_type, limits)
            else:
                form, media_type = form_of_results(results), query.results_type
                body = write_results(results, media_type, limits)
        is_plain = default is None and named is None
        return Results(
            form,
            str(media_type),
            body,
            limits.counted,
            cacheable=is_repeatable(query.text),
            default_graph_only=is_plain and reads_default_graph_only(query.text),
        )

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
        detail = (
            f"There is no such view; the views are {', '.join(known)}. A party has one as soon as "
            "somebody who speaks for it states something."
        )
        raise UnknownName(detail, nearest=known)

    def read_graph(self, read: GraphRead) -> Results:
        """Return a graph whole."""
        limits = Limits(self.max_rows, self.max_bytes)
        if read.whole:
            with explained():
                self.store.dump(
                    cast(IO[bytes], limits), rdf_format(read.media_type), prefixes=PREDEFINED
                )
            return Results("GRAPH", read.media_type, limits.whole(), len(self.store))
        graph = name_of(read.graph)
        self.require(graph)
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
        text = create_silently(text)
        try:
            with explained(update.text):
                run = partial(self.store.update, text, base_iri=update.base)
                with_prefixes(partial(run, custom_functions=functions))
        except Unavailable as error:
            # "IO error" is the engine's word for a disk that fails
            if LOADS.search(update.text) and "IO error" not in error.detail:
                detail = "LOAD may fetch only from the addresses that this server lists, in an update of its own."
                raise Refused(detail) from error
            raise

    def write_graph(self, write: GraphWrite) -> bool:
        """Carry out a Graph Store operation (SPARQL 1.1 Graph Store HTTP Protocol section 5)."""
        check_nesting(text := write.body.decode("latin-1"))
        check_entities(text)
        graph = name_of(write.graph)
        self.require_known(write)
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


def with_prefixes(run: Callable[..., Result]) -> Result:
    """Run a query or an update; with the predefined prefixes, which take the engine long to read, if it needs them."""
    try:
        return run()
    except SyntaxError:
        return run(prefixes=PREDEFINED)


def name_of(iri: str | None) -> NamedNode | DefaultGraph:
    """Return the graph of a Graph Store operation; InputError if its name is no IRI."""
    with explained():
        return DefaultGraph() if iri is None else NamedNode(iri)


def form_of_results(results: QuerySolutions | QueryBoolean) -> Form:
    """Return the form of a query with such results."""
    return "ASK" if isinstance(results, QueryBoolean) else "SELECT"


# Errors


@contextmanager
def explained(text: str = "", *, is_query: bool = False) -> Iterator[None]:
    """Turn what pyoxigraph raises in the block into a :class:`shimoda.errors.ShimodaError`."""
    try:
        yield
    except SyntaxError as error:
        raise syntax_problem(error, text, is_query=is_query) from error
    except PermissionError as error:
        raise Refused(
            f"It calls an address that it may not reach from here{called(text)}."
        ) from error
    except OSError as error:
        raise Unavailable(f"{sentence(str(error))[:-1]}{called(text)}.") from error
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{sentence(str(error))[:-1]}{called(text)}.") from error


def called(text: str) -> str:
    """Name what SERVICE calls in a query, for an error that comes of it."""
    named = dict.fromkeys(CALLED.findall(text))
    return f" (SERVICE {', '.join(named)})" if named else ""


def tolerate(evaluate: Callable[[Functions], Result]) -> Result:
    """Evaluate with functions for all names that turn out unknown: an error in the expression, not of the request."""
    unknown: Functions = {}
    while True:
        try:
            return evaluate(unknown)
        except InputError as error:
            name = UNKNOWN_FUNCTION.match(error.detail)
            if not name:
                raise
            unknown[NamedNode(name[1])] = lambda *_: None


# Answers, within limits


class Limits:
    """Collects what the engine writes of an answer; TooLarge beyond so many rows or bytes."""

    def __init__(self, rows: int, size: int) -> None:
        self.rows, self.size = rows, size
        self.pieces: list[bytes] = []
        self.written = self.counted = 0

    def write(self, piece: bytes) -> int:
        """Take a piece of the answer (the engine calls this)."""
        self.written += len(piece)
        if self.written > self.size:
            raise TooLarge(
                f"The answer is longer than the {self.size:,} bytes allowed.", limit="bytes"
            )
        self.pieces.append(piece)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: all is in memory."""

    def count(self, rows: int) -> None:
        """Count rows."""
        self.counted += rows
        if self.counted > self.rows:
            raise TooLarge(
                f"The answer has more than the {self.rows:,} rows allowed.", limit="rows"
            )

    def each(self, triples: Iterable[Any]) -> Iterator[Any]:
        """Count triples as they pass."""
        for triple in triples:
            self.count(1)
            yield triple

    def whole(self) -> bytes:
        """Return what was written."""
        return b"".join(self.pieces)


def write_results(
    results: QuerySolutions | QueryBoolean, media_type: str | None, limits: Limits
) -> bytes:
    """Write the results of a SELECT or an ASK."""
    form = results_format(media_type)
    results.serialize(cast(IO[bytes], limits), form)
    body = limits.whole()
    limits.count(1 if isinstance(results, QueryBoolean) else count_rows(body, form))
    return body


def write_triples(
    triples: QueryTriples | Iterable[Triple | Quad], media_type: str | None, limits: Limits
) -> bytes:
    """Write triples, or quads where the format has graphs."""
    form = rdf_format(media_type)
    if form != RdfFormat.TURTLE:
        serialize(limits.each(triples), cast(IO[bytes], limits), form)
        return compacted(limits.whole()) if form == RdfFormat.JSON_LD else limits.whole()
    serialize(limits.each(triples), cast(IO[bytes], limits), form, prefixes=dict(PREFIXES))
    return without_unused(limits.whole())


def without_unused(turtle: bytes) -> bytes:
    """Leave out the prefixes that no triple needs; the engine writes one a line, all at the start."""
    kept, place = b"", 0
    while turtle.startswith(b"@prefix ", place):
        end = turtle.index(b"\n", place) + 1
        if turtle.find(turtle[place:end].split()[1], end) >= 0:
            kept += turtle[place:end]
        place = end
    return kept + turtle[place:]


def count_rows(body: bytes, form: QueryResultsFormat) -> int:
    """Count the solutions in results, by what the engine writes once for each and escapes in strings."""
    if form == QueryResultsFormat.XML:
        return body.count(b"<result>")
    if form == QueryResultsFormat.TSV:
        return body.count(b"\n") - 1
    if form == QueryResultsFormat.CSV:  # lines end outside of quotes
        return sum(piece.group() == b"\n" for piece in re.finditer(rb'"[^"]*"|\n', body)) - 1
    if b'{"vars":[]}' in body[:32]:
        return body.count(b"{}")
    return len(NEXT_ROW.findall(body)) + (b'"bindings":[{"' in body)
