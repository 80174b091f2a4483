"""What goes out: nothing, but to the endpoints that are listed."""

from __future__ import annotations

import http.server
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.serving import free_port

from shimoda.errors import Refused
from shimoda.sparql.text import endpoints, federates

LISTED = endpoints(["https://example.org/sparql", "wikidata"])
CLAUSE = "{ ?s ?p ?o }"


class Canary:
    """Listens, and counts who comes."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        try:
            while True:
                self.listener.accept()[0].close()
                self.heard += 1
        except OSError:
            return

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/sparql"


@pytest.fixture
def canary():
    bird = Canary()
    yield bird
    bird.listener.shutdown(socket.SHUT_RDWR)
    bird.listener.close()


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """Another real endpoint, with one triple."""
    port = free_port()
    binary = Path(sys.executable).parent / "oxigraph"
    process = subprocess.Popen([binary, "serve", "--bind", f"127.0.0.1:{port}"])
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.post(
                url + "/update",
                data={"update": 'INSERT DATA { <http://e/s> <http://e/p> "from the peer" }'},
            )
            break
        except httpx.TransportError:
            time.sleep(0.05)
    yield url + "/query"
    process.terminate()
    process.wait()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <{url}> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <{url}> { ?s ?p ?o } }",
        "SELECT * { sErViCeSiLeNt<{url}> { ?s ?p ?o } }",
        "PREFIX c: <{url}> SELECT * { SERVICE c: { ?s ?p ?o } }",
        "SELECT * { BIND(<{url}> AS ?c) SERVICE ?c { ?s ?p ?o } }",
        "SELECT * { FILTER EXISTS { SERVICE <{url}> { ?s ?p ?o } } }",
        "SELECT * { SERVICE # <https://example.org/sparql>\n <{url}> { ?s ?p ?o } }",
    ],
)
def test_a_service_that_is_not_listed_is_refused_and_hears_nothing(limited, canary, text):
    response = limited.ask(text.replace("{url}", canary.url))
    assert response.status_code == 403, response.text
    assert canary.heard == 0


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { \\u0053ERVICE SILENT <{url}> { ?s ?p ?o } }",
        "SELECT * FROM <{url}> { ?s ?p ?o }",
        "SELECT * FROM NAMED <{url}> { GRAPH ?g { ?s ?p ?o } }",
        "DESCRIBE <{url}>",
    ],
)
def test_nothing_else_in_a_query_reaches_the_network(limited, canary, text):
    limited.ask(text.replace("{url}", canary.url))
    assert canary.heard == 0


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <{url}>",
        "LOAD <{url}> INTO GRAPH <http://e/g>",
        "LOAD <file:///etc/passwd>",
        "PREFIX a: <{url}> LOAD a:",
    ],
)
def test_a_document_that_is_not_listed_is_not_loaded(limited, canary, text):
    response = limited.update(text.replace("{url}", canary.url))
    assert response.status_code == 403, response.text
    assert canary.heard == 0


def test_silent_load_succeeds_without_fetching(limited, canary):
    assert limited.update(f"LOAD SILENT <{canary.url}>").status_code == 204
    assert canary.heard == 0


def test_an_update_calls_no_endpoint(limited, canary):
    text = f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT <{canary.url}> {{ ?s ?p ?o }} }}"
    assert limited.update(text).status_code == 403
    assert canary.heard == 0


def test_a_listed_endpoint_answers_and_its_neighbour_is_refused(serve, peer, canary):
    service = serve("--empty", "--federate", peer)
    assert service.rows(f"SELECT ?o {{ SERVICE <{peer}> {{ ?s ?p ?o }} }}") == ["from the peer"]
    for url in (canary.url, peer + "/../other", peer.replace("127.0.0.1", "localhost")):
        both = (
            f"SELECT * {{ SERVICE <{peer}> {{ ?s ?p ?o }} SERVICE SILENT <{url}> {{ ?a ?b ?c }} }}"
        )
        assert service.ask(both).status_code == 403
    escaped = f"SELECT * {{ SERVICE <{peer}> {{ ?s ?p ?o }} \\u0053ERVICE SILENT <{canary.url}> {{ ?a ?b ?c }} }}"
    assert service.ask(escaped).status_code == 403
    assert canary.heard == 0


def test_silence_about_a_listed_endpoint_that_is_not_there(serve, canary):
    service = serve("--empty", "--federate", canary.url)
    assert service.ask(f"SELECT * {{ SERVICE <{canary.url}> {CLAUSE} }}").status_code == 503
    assert service.rows(
        f"SELECT ?x {{ BIND(1 AS ?x) SERVICE SILENT <{canary.url}> {CLAUSE} }}"
    ) == ["1"]
    assert canary.heard > 0


def test_a_redirect_is_not_followed(serve, canary):
    class Redirect(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(307)
            self.send_header("Location", canary.url)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 (the name is http.server's)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirect) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/sparql"
        service = serve("--empty", "--federate", url, "--load-from", url)
        assert service.ask(f"SELECT * {{ SERVICE <{url}> {CLAUSE} }}").status_code == 503
        assert service.update(f"LOAD <{url}>").status_code == 503
        server.shutdown()
    assert canary.heard == 0


def test_a_listed_document_is_loaded(serve, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "some.ttl").write_text("<http://e/s> <http://e/p> 'loaded' .")
    handler = type(
        "Handler", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None}
    )
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *args: handler(*args, directory=str(tmp_path))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        service = serve("--empty", "--load-from", base + "/data/")
        assert (
            service.update(f"LOAD <{base}/data/some.ttl> INTO GRAPH <http://e/g>").status_code
            == 204
        )
        assert service.update(f"LOAD <{base}/data/missing.ttl>").status_code == 503
        assert service.update(f"LOAD <{base}/data/../data/some.ttl>").status_code == 403
        server.shutdown()
    assert service.rows("SELECT ?o { GRAPH <http://e/g> { ?s ?p ?o } }") == ["loaded"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { SERVICE <https://example.org/sparql> { } }", True),
        ("SELECT * { service silent<https://example.org:443/sparql> { } }", True),
        ("SELECT * { SERVICE <https://query.wikidata.org/sparql> { } }", True),
        ("SELECT ?service ?x { ?service ?p ?x }", False),
        ('SELECT * { ?s ?p "service" }', False),
        ("SELECT * { ?s <http://example.org/service> ?o }", False),
        ('SELECT * { ?s ?p "service" SERVICE <https://example.org/sparql> { } }', Refused),
        ("SELECT * { SERVICE <http://example.org/sparql> { } }", Refused),
        ("SELECT * { SERVICE <https://example.org:8443/sparql> { } }", Refused),
        ("SELECT * { SERVICE <https://example.org/sparql/more> { } }", Refused),
        ("SELECT * { SERVICE <https://example.org@evil.example/sparql> { } }", Refused),
        ("SELECT * { SERVICE <https://example.org:x/sparql> { } }", Refused),
        ("SELECT * { SERVICE <https://example.or\\u0067/sparql> { } }", Refused),
        ("SELECT * { SERVICE <sparql> { } }", Refused),
    ],
)
def test_the_rule_on_service(text, expected):
    if expected is Refused:
        with pytest.raises(Refused):
            federates(text, LISTED)
    else:
        assert federates(text, LISTED) is expected
