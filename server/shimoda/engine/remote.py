"""An engine over a store elsewhere: the same queries, asked of any SPARQL 1.1 endpoint over HTTP.

The store holds the dataset as ``shimoda publish`` writes it: each graph under its name, and the default graph under
``…/view/neutral`` as well, since a store may have no default graph of its own (Virtuoso) or take the union of all
graphs for it (GraphDB). Which of these it is, is asked once. Answers come as JSON or N-Triples, are read whole, and
only then written in the format that the caller wants.
"""

import re
import time
from typing import Literal

import httpx
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from shimoda.engine.interface import Engine, GraphRead, GraphWrite, Query, Update
from shimoda.engine.local import Limits, write_results, write_triples
from shimoda.errors import InputError, LimitExceeded, Refused, TooLarge, Unavailable, UnknownName
from shimoda.namespaces import BASE, NEUTRAL, RDF12, VIEWS, view
from shimoda.reasoning.stores import placed
from shimoda.settings import Settings
from shimoda.sparql.formats import JSON, N_TRIPLES, rdf_format
from shimoda.sparql.results import Results
from shimoda.sparql.text import form_of, has_keyword, mask, with_default_graphs

# Virtuoso's blank nodes are no valid labels
NODE = re.compile(rb'("type": ?"bnode", ?"value": ?")nodeID://')
HELD = f"ASK {{ GRAPH <{NEUTRAL.value}> {{ ?s ?p ?o }} }}"
UNION = f"""ASK {{ ?a <{BASE}ontology#voice> ?voice . GRAPH ?a {{ ?s ?p ?o }} ?s ?p ?o
  FILTER NOT EXISTS {{ GRAPH <{NEUTRAL.value}> {{ ?s ?p ?o }} }} }}"""
# SELECT DISTINCT ?g takes Virtuoso minutes
SIZES = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
# no store is known that cuts answers silently below this many rows
SHORTEST_CUT = 1000
CREDENTIALS = {401, 403}
# how Virtuoso tells that it sends a part of the answer
SHORTENED = {"x-sparql-maxrows", "x-sql-state"}
Parameters = list[tuple[str, str]]


class RemoteEngine(Engine):
    """An endpoint, asked on behalf of our users. Answers are not cached: nobody tells us when the store changes."""

    rows_type = JSON  # not every store writes TSV as it should be

    def __init__(
        self,
        url: str,
        settings: Settings | None = None,
        *,
        update_url: str | None = None,
        token: str | None = None,
    ) -> None:
        """Ask ``url``, within the settings' limits; write to ``update_url``, nothing if that is None.

        A user and a password in the address are sent as HTTP Basic credentials and shown to nobody.
        """
        self.url, credentials = split(url)
        self.update_url = split(update_url)[0] if update_url else None
        self.settings = settings or Settings()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        patience = httpx.Timeout(self.settings.timeout, connect=min(self.settings.timeout, 10.0))
        self.listed: tuple[int, dict[str, int]] = (0, {})
        self.laid_out: tuple[int, Literal["own", "neutral"]] = (0, "own")
        self.client = httpx.Client(headers=headers, auth=credentials, timeout=patience)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    @property
    def version(self) -> int:
        """The minute: what is kept of the store's answers is kept no longer."""
        return int(time.time() // 60)

    def query(self, query: Query) -> Results:
        """Answer a query; Unavailable when the store is down or does not speak SPARQL, LimitExceeded when slow."""
        form = form_of(query.text)
        text, dataset = self.dataset(query)
        fields = [("query", f"BASE <{query.base}> {text}" if query.base else text), *dataset]
        limits = Limits(self.settings.max_rows, self.settings.max_bytes)
        try:
            if form in ("SELECT", "ASK"):
                media_type = query.results_type
                body = write_results(self.parse_results(fields), media_type, limits)
            else:
                media_type = query.graph_type
                triples = (
                    quad.triple for quad in parse(self.post(fields, N_TRIPLES), RdfFormat.N_TRIPLES)
                )
                body = write_triples(triples, media_type, limits)
        except SyntaxError as error:
            detail = (
                f"The endpoint {self.url} sent an answer that is not whole, or not what was asked "
                f"for ({error.msg}). Nothing of it is passed on."
            )
            raise Unavailable(detail) from error
        return Results(form, str(media_type), body, limits.counted, cacheable=False)

    # The store as it is, with its own default graph

    def parse_results(self, fields: Parameters) -> QuerySolutions | QueryBoolean:
        """Send a SELECT or an ASK, and parse its results."""
        return parse_query_results(
            NODE.sub(rb"\1", self.post(fields, JSON)), QueryResultsFormat.JSON
        )

    def raw_ask(self, text: str) -> bool:
        """Answer an ASK on the store as it is."""
        return bool(self.parse_results([("query", text)]))

    def raw_select(self, text: str) -> QuerySolutions:
        """Answer a SELECT on the store as it is."""
        results = self.parse_results([("query", text)])
        assert isinstance(results, QuerySolutions)
        return results

    def raw_triples(self, graph: str | None) -> list[Triple]:
        """Return a graph of the store as it is; LimitExceeded when the store sends less than it has."""
        pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"
        body = self.post([("query", text)], N_TRIPLES)
        triples = [quad.triple for quad in parse(body, RdfFormat.N_TRIPLES)]
        if len(triples) >= SHORTEST_CUT:
            rows = list(self.raw_select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}"))
            number = int(rows[0]["n"].value)
            if number != len(triples):
                detail = (
                    f"The endpoint {self.url} sent {len(triples):,} of {number:,} triples of "
                    f"{graph or 'its default graph'}; raise its limit on rows."
                )
                raise LimitExceeded(detail, limit="rows")
        return triples

    def sizes(self) -> dict[str, int]:
        """Return how many triples each graph of the store holds; asked again every minute."""
        if self.listed[0] != self.version:
            self.listed = (
                self.version,
                {row["g"].value: int(row["n"].value) for row in self.raw_select(SIZES)},
            )
        return self.listed[1]

    def update(self, update: Update) -> None:
        """Carry out an update on the store."""
        if self.update_url is None:
            raise Refused(f"This server only reads from {self.url}.")
        named = {
            "using-graph-uri": update.using_graphs,
            "using-named-graph-uri": update.using_named_graphs,
        }
        text = f"BASE <{update.base}> {update.text}" if update.base else update.text
        fields = [
            ("update", text),
            *((name, iri) for name, iris in named.items() for iri in iris or ()),
        ]
        self.post(fields, None)
        self.listed, self.laid_out = (0, {}), (0, "own")

    def read_graph(self, read: GraphRead) -> Results:
        """Return a graph whole."""
        if read.graph and read.graph not in self.sizes():
            raise UnknownName(f"There is no graph <{read.graph}>.")
        own = NEUTRAL.value if self.layout == "neutral" else None
        limits = Limits(self.settings.max_rows, self.settings.max_bytes)
        if read.whole:
            quads = (
                placed(triple, NamedNode(name) if name else DefaultGraph())
                for name in (None, *sorted(self.sizes().keys() - {NEUTRAL.value}))
                for triple in self.raw_triples(name or own)
            )
            body = write_triples(quads, read.media_type, limits)
        else:
            body = write_triples(self.raw_triples(read.graph or own), read.media_type, limits)
        return Results("GRAPH", read.media_type, body, limits.counted, cacheable=False)

    def write_graph(self, write: GraphWrite) -> bool:
        """Carry out a Graph Store operation as an update; tell whether it made a new graph."""
        self.require_known(write)
        new = bool(write.graph) and write.graph not in self.sizes()
        if new and write.method == "DELETE":
            raise UnknownName(f"There is no graph <{write.graph}>.")
        quads = (
            parse(write.body, rdf_format(write.media_type), base_iri=write.base)
            if write.method != "DELETE"
            else ()
        )
        clear = f"CLEAR SILENT {f'GRAPH <{write.graph}>' if write.graph else 'DEFAULT'} ;\n"
        triples = " ".join(f"{quad.triple} ." for quad in quads)
        scoped = f"GRAPH <{write.graph}> {{ {triples} }}" if write.graph else triples
        self.update(
            Update((clear if write.method != "POST" else "") + f"INSERT {{ {scoped} }} WHERE {{}}")
        )
        return new

    def dataset(self, query: Query) -> tuple[str, Parameters]:
        """Return the query with its default graph, where the store's own is not it, and the fields to send with it.

        The graphs are named in the text, for Virtuoso repeats those in the fields as headers of its answer. What is
        named is the whole dataset (SPARQL 1.1 section 13.2), so the other graphs must be named too if GRAPH occurs.
        """
        default, masked = query.default_graphs, mask(query.text)
        named = default is not None or query.named_graphs is not None
        own = named or has_keyword(masked, "from")
        if query.view:
            default = (*(default or [NEUTRAL.value]), *self.view(query.view))
        elif not own and self.layout == "neutral":
            default = (NEUTRAL.value,)
        if own or not default:
            fields = [("default-graph-uri", iri) for iri in default or ()]
            fields += [("named-graph-uri", iri) for iri in query.named_graphs or ()]
            return query.text, fields
        others = sorted(self.sizes()) if has_keyword(masked, "graph") else []
        others = [iri for iri in others if iri != NEUTRAL.value]
        return with_default_graphs(query.text, default, others), []

    def view(self, name: str) -> list[str]:
        """Return the graph that a view adds; UnknownName names the views there are."""
        iri = view(name).value
        if iri == NEUTRAL.value:
            return []
        known = [
            graph.removeprefix(VIEWS) for graph in sorted(self.sizes()) if graph.startswith(VIEWS)
        ]
        if name in known:
            return [iri]
        hint = " (rdf12 is made by the embedded engine only)" if iri == RDF12.value else ""
        raise UnknownName(
            f"The store has no view {name}{hint}; its views are {', '.join(known)}.", nearest=known
        )

    @property
    def layout(self) -> Literal["own", "neutral"]:
        """Where the dataset's default graph stands: in the store's own, or only under the name ``view/neutral``."""
        if self.laid_out[0] != self.version:
            neutral = self.raw_ask(HELD) and (
                not self.raw_ask("ASK { ?s ?p ?o }") or self.raw_ask(UNION)
            )
            self.laid_out = self.version, "neutral" if neutral else "own"
        return self.laid_out[1]

    def post(self, fields: Parameters, accept: str | None) -> bytes:
        """Send a form; return the whole body of an answer of the type ``accept``."""
        url = self.url if accept else str(self.update_url)
        deadline = time.monotonic() + self.settings.timeout
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        try:
            with self.client.stream(
                "POST", url, data=data, headers={"Accept": accept or "*/*"}
            ) as response:
                body = b"".join(self.pieces(response, deadline))
        except httpx.TimeoutException as error:
            raise self.slow(url) from error
        except httpx.RemoteProtocolError as error:
            raise Unavailable(
                f"The endpoint {url} broke off its answer ({error}); it is not passed on."
            ) from error
        except httpx.HTTPError as error:
            raise Unavailable(
                f"The endpoint {url} does not answer: {error or type(error).__name__}. A SPARQL 1.1 "
                "endpoint was expected there."
            ) from error
        check(response, body, accept, url)
        return body

    def pieces(self, response: httpx.Response, deadline: float) -> list[bytes]:
        """Read an answer within the limits on time and size."""
        pieces, size = [], 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if time.monotonic() > deadline:
                raise self.slow(self.url)
            if size > self.settings.max_bytes:
                raise TooLarge(
                    f"The endpoint {self.url} sent more than the {self.settings.max_bytes:,} bytes allowed."
                )
        return pieces

    def slow(self, url: str) -> LimitExceeded:
        """Say that the time is up."""
        return LimitExceeded(
            f"The endpoint {url} did not answer within {self.settings.timeout:g} s.",
            limit="timeout",
        )


def split(url: str) -> tuple[str, tuple[str, str] | None]:
    """Take the credentials out of an endpoint's address; InputError when it is no web address."""
    parts = httpx.URL(url)
    if parts.scheme not in ("http", "https"):
        raise InputError(f"A SPARQL endpoint has an http or https address, not {url!r}.")
    credentials = (parts.username, parts.password) if parts.username else None
    return str(parts.copy_with(username=None, password=None)), credentials


def check(response: httpx.Response, body: bytes, accept: str | None, url: str) -> None:
    """Raise what a response means unless it is a whole answer of the type asked for."""
    said = " ".join(body[:300].decode("utf-8", "replace").split())
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    status = response.status_code
    if status in CREDENTIALS:
        raise Refused(f"The endpoint {url} wants other credentials (HTTP {status}).")
    if status == 400:
        raise InputError(f"The endpoint {url} refused the text: {said}")
    if not response.is_success:
        raise Unavailable(
            f"The endpoint {url} answered HTTP {status} {response.reason_phrase}: {said or 'nothing'}. "
            "A SPARQL 1.1 endpoint was expected there.",
            answered=status,
        )
    if accept and kind not in (accept, "application/json", "text/plain"):
        raise Unavailable(
            f"The endpoint {url} answered with {kind or 'no media type'} instead of {accept}; "
            "is that the address of a SPARQL endpoint?"
        )
    framed = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
    if SHORTENED & {name.lower() for name in response.headers} or (
        accept == N_TRIPLES and not framed
    ):
        raise LimitExceeded(
            f"The endpoint {url} cuts its answers short; raise its limit on rows.", limit="rows"
        )
