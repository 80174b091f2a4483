"""The remote engine: three engines, the same answers; a sick endpoint is told as it is, a part is never the whole."""

from __future__ import annotations

import csv
import http.server
import io
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import httpx
import pytest
from tests.engine import stores
from tests.serving import PATIENCE, serving

from shimoda.engine.interface import Query, Update
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import (
    InputError,
    LimitExceeded,
    Refused,
    ShimodaError,
    TooLarge,
    Unavailable,
    UnknownName,
)
from shimoda.questions import catalogue
from shimoda.settings import Settings
from shimoda.web.app import Application

DIFFERENCES = {
    (
        "virtuoso",
        "days-between-two-events",
    ): "SPARQL 1.1 does not subtract dates; Virtuoso 7 makes a number of the difference, Oxigraph a duration",
    (
        "virtuoso",
        "nanopublication",
    ): "Virtuoso 7 constructs nothing from a solution that leaves a variable unbound",
    ("virtuoso", "figures"): "Virtuoso 7 keeps a duration as a number, or refuses it",
    ("virtuoso", "map"): "Virtuoso 7 writes outlines in its own spelling, without the spaces",
}
"""(store, query) → why its answer is another there."""
PREFIX = "PREFIX : <https://w3id.org/shimoda/ontology#> PREFIX place: <https://w3id.org/shimoda/id/place/> "


def rows(body: object) -> Counter[tuple[str, ...]]:
    """Return the rows of an answer in CSV, in no order; numbers by value, what GROUP_CONCAT put together sorted."""
    assert isinstance(body, bytes)
    return Counter(
        tuple(number(cell) for cell in row) for row in csv.reader(io.StringIO(body.decode()))
    )


def lines(body: object) -> list[bytes]:
    assert isinstance(body, bytes)
    return sorted(body.splitlines())


def number(cell: str) -> str:
    try:
        return str(float(cell))
    except ValueError:
        return {"true": "1.0", "false": "0.0"}.get(cell, " ".join(sorted(cell.split())))


@pytest.mark.parametrize("query", catalogue.read_all(), ids=lambda query: query.name)
def test_a_named_query_has_the_same_answer_on_every_engine(remote, address, store, query) -> None:
    if "SERVICE" in query.text:
        pytest.skip("it asks a third endpoint; see tests/web/test_federation.py")
    asked = Query(query.bind(), "text/csv", "application/n-triples")
    here, there = LocalEngine(store).query(asked), remote.query(asked)
    assert here.form == there.form
    same = (
        rows(here.body) == rows(there.body)
        if here.form == "SELECT"
        else lines(here.body) == lines(there.body)
    )
    assert same != ((address.name, query.name) in DIFFERENCES)


@pytest.mark.parametrize("view", ["japan", "russia", "neutral"])
def test_a_view_adds_the_same_on_every_engine(remote, store, view) -> None:
    query = Query(PREFIX + "SELECT ?s ?o WHERE { ?s :sovereignOver ?o }", "text/csv", view=view)
    facts = Query(
        PREFIX + "SELECT ?a ?s WHERE { GRAPH ?a { ?s :sovereignOver|:claims ?o } ?a :citedIn ?c }",
        "text/csv",
        view=view,
    )
    embedded = LocalEngine(store)
    assert rows(embedded.query(query).body) == rows(remote.query(query).body)
    assert rows(embedded.query(facts).body) == rows(remote.query(facts).body)


def test_an_unknown_view_names_those_there_are(remote) -> None:
    with pytest.raises(UnknownName) as raised:
        remote.query(Query("ASK {}", view="atlantis"))
    assert "japan" in raised.value.where["nearest"]


def test_the_default_graph_holds_no_claim_on_any_engine(remote, store) -> None:
    """A store that takes the union of all graphs for its default graph is not asked for that."""
    size = len(list(store.quads_for_pattern(None, None, None)))
    counted = remote.query(Query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", "text/csv")).body
    assert int(counted.split()[1]) < size
    assert (
        b"true"
        in remote.query(Query(PREFIX + "ASK { FILTER NOT EXISTS { ?s :sovereignOver ?o } }")).body
    )


def test_serve_over_a_store_shows_the_same_pages(remote, address, store, tmp_path) -> None:
    """The pages and answers are the store's: what only the store holds is seen through the server."""
    only_there = "GRAPH <https://elsewhere.example/g> { <https://elsewhere.example/s> a <https://elsewhere.example/o> }"
    remote.update(Update(f"INSERT DATA {{ {only_there} }}"))
    embedded = Application(LocalEngine(store), Settings(log_format="none")).test_client()
    with (
        serving(tmp_path, "--engine", address.url) as server,
        httpx.Client(base_url=server.url, timeout=PATIENCE) as client,
    ):
        page = client.get("/doc/place/kunashir", headers={"Accept": "text/html"})
        assert page.status_code == 200 and "Kunashir" in page.text and "Кунашир" in page.text
        for path in (
            "doc/place/kunashir",
            "source/panov-2011",
            "assertion/panov-2011-s085-kan-speaks",
            "view/japan",
        ):
            triples = client.get(f"/{path}.nt").content
            assert len(triples.splitlines()) == embedded.get(f"/{path}.nt").data.count(b"\n") > 10
        query = PREFIX + "SELECT ?a WHERE { GRAPH ?a { ?s ?p place:kunashir } ?a :citedIn ?c }"
        found = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
        assert rows(found.content) == rows(remote.query(Query(query, "text/csv")).body)
        assert (
            client.get("/sparql", params={"query": f"ASK {{ {only_there} }}"}).json()["boolean"]
            is True
        )
        problem = client.get(
            "/sparql", params={"query": "SELECT * {"}, headers={"Accept": "text/csv"}
        )
        assert problem.status_code == 400 and problem.json()["code"] in ("bad-input", "syntax")
    remote.update(Update("CLEAR GRAPH <https://elsewhere.example/g>"))


Reply = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def endpoint(reply: Reply) -> Iterator[str]:
    """A real HTTP server that answers every request in one way."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.close_connection = True
            reply(self)

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/sparql"
        server.shutdown()


def answer(status: int, kind: str, body: bytes, **headers: str) -> Reply:
    def reply(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {
            "Content_Type": kind,
            "Content_Length": str(len(body)),
            **headers,
        }.items():
            if value:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


JSON = "application/sparql-results+json"
WHOLE = (
    b'{"head":{"vars":["x"]},"results":{"bindings":'
    b'[{"x":{"type":"literal","value":"1"}},{"x":{"type":"literal","value":"2"}}]}}'
)
SICK: dict[str, tuple[Reply, type[ShimodaError], str]] = {
    "speaks HTML": (answer(200, "text/html", b"<h1>Welcome</h1>"), Unavailable, "text/html"),
    "JSON cut short": (answer(200, JSON, WHOLE[:-30]), Unavailable, "not whole"),
    "JSON that is no result": (
        answer(200, JSON, b'{"hello": 1}'),
        Unavailable,
        "not what was asked",
    ),
    "broken off": (answer(200, JSON, WHOLE, Content_Length="9999"), Unavailable, "broke off"),
    "cut by the store": (
        answer(200, JSON, WHOLE, X_SPARQL_MaxRows="2"),
        LimitExceeded,
        "cuts its answers short",
    ),
    "server error": (answer(500, "text/plain", b"out of memory"), Unavailable, "out of memory"),
    "not there": (answer(404, "text/plain", b"no"), Unavailable, "404"),
    "wants a password": (answer(401, "text/plain", b""), Refused, "credentials"),
    "refuses the query": (answer(400, "text/plain", b"line 1: what?"), InputError, "line 1: what?"),
    "too much": (answer(200, JSON, WHOLE + b" " * 10_000), TooLarge, "5,000 bytes"),
}


@pytest.mark.parametrize("case", SICK)
def test_a_sick_endpoint_is_told_as_it_is(case: str) -> None:
    reply, kind, said = SICK[case]
    with (
        endpoint(reply) as url,
        closing(RemoteEngine(url, Settings(timeout=5, max_bytes=5000))) as engine,
    ):
        with pytest.raises(kind) as raised:
            engine.query(Query("SELECT ?x WHERE { ?x ?p ?o }", default_graphs=()))
        assert said in raised.value.detail
        assert url in raised.value.detail


def test_a_graph_without_a_marked_end_is_not_passed_on() -> None:
    """N-Triples cut at a line's end are still N-Triples: only the HTTP framing can tell."""
    half = answer(
        200,
        "application/n-triples",
        b"<http://e/s> <http://e/p> <http://e/o> .\n",
        Content_Length="",
    )
    with endpoint(half) as url, closing(RemoteEngine(url)) as engine, pytest.raises(LimitExceeded):
        engine.query(Query("CONSTRUCT WHERE { ?s ?p ?o }", default_graphs=()))


@pytest.mark.parametrize("pause_after", [0, 20])
def test_a_slow_endpoint_is_left_at_the_time_limit(pause_after: int) -> None:
    """Whether it never begins, or trickles: the limit is for the whole answer."""

    def reply(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", JSON)
        handler.send_header("Content-Length", str(len(WHOLE)))
        handler.end_headers()
        for place in range(pause_after):
            handler.wfile.write(WHOLE[place : place + 1])
            time.sleep(0.2)
        given_up.wait(30)

    given_up = threading.Event()
    with endpoint(reply) as url, closing(RemoteEngine(url, Settings(timeout=1))) as engine:
        with pytest.raises(LimitExceeded, match="did not answer within 1 s"):
            engine.query(Query("SELECT * WHERE { ?s ?p ?o }", default_graphs=()))
        given_up.set()


def test_an_endpoint_that_is_down_is_named() -> None:
    url = f"http://127.0.0.1:{stores.free_port()}/sparql"
    with closing(RemoteEngine(url)) as engine:
        assert not engine.is_ready()
        with pytest.raises(Unavailable, match=url):
            engine.query(Query("ASK {}"))


def test_credentials_in_the_address_are_never_shown() -> None:
    with closing(
        RemoteEngine(f"http://anna:secret@127.0.0.1:{stores.free_port()}/sparql")
    ) as engine:
        with pytest.raises(Unavailable) as raised:
            engine.query(Query("ASK {}"))
        assert "secret" not in raised.value.detail and engine.client.auth is not None


@pytest.mark.skipif(not (stores.VIRTUOSO and stores.ISQL), reason="Virtuoso is not installed")
def test_virtuoso_that_cuts_answers_is_found_out(tmp_path) -> None:
    cut = pytest.raises(LimitExceeded, match="cuts its answers short")
    with (
        stores.virtuoso(tmp_path, rows=100) as short,
        closing(RemoteEngine(short.url)) as engine,
        cut,
    ):
        engine.query(Query("SELECT * WHERE { ?s ?p ?o }"))
