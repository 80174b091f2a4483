"""Any WSGI server can run the application: here the standard library's, which also checks that both keep to PEP 3333."""

from __future__ import annotations

import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import httpx
import pytest
from tests.web.conftest import TOKEN, RecordingEngine

from shimoda.settings import Settings
from shimoda.web.app import Application

ASK = {"query": "ASK { ?s <http://example.org/label> 'one' }"}
GRAPH = {"graph": "http://example.org/g"}


class Quiet(WSGIRequestHandler):
    """Writes no log of its own."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url(engine: RecordingEngine):
    """The address of a server with one thread."""
    settings = Settings(writable=True, tokens=(TOKEN,), log_format="none")
    application = validator(Application(engine, settings))
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_query_is_run_when_the_view_has_returned(url, engine):
    for answer in (
        httpx.get(url + "/sparql", params=ASK),
        httpx.post(url + "/sparql", data=ASK),
        httpx.post(
            url + "/sparql",
            content=ASK["query"],
            headers={"Content-Type": "application/sparql-query"},
        ),
    ):
        assert answer.json()["boolean"] is True
    assert len(engine.asked) == 3


def test_pages_errors_and_heads_are_whole(url):
    page = httpx.get(url + "/sparql", params=ASK, headers={"Accept": "text/html"})
    assert page.status_code == 200 and "Yes." in page.text
    broken = httpx.get(url + "/sparql", params={"query": "ASK {"})
    assert (broken.status_code, broken.json()["code"]) == (400, "syntax")
    described = httpx.get(url + "/sparql", headers={"Accept": "text/turtle"})
    assert described.status_code == 200 and "sd:Service" in described.text
    head = httpx.head(url + "/sparql", params=ASK)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0


def test_writes_read_the_body_that_the_server_hands_over(url, engine):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    update = {"update": "INSERT DATA { <http://x/s> <http://x/p> 1 }"}
    assert httpx.post(url + "/update", data=update, headers=headers).status_code == 204
    turtle = {**headers, "Content-Type": "text/turtle"}
    written = httpx.post(url + "/graphs", params=GRAPH, content="<a:s> <a:p> 1 .", headers=turtle)
    assert written.status_code == 204
    read = httpx.get(url + "/graphs", params=GRAPH, headers={"Accept": "text/csv, text/turtle"})
    assert "<a:s> <a:p> 1" in read.text
    refused = httpx.post(url + "/update", data=update)
    assert refused.status_code == 401
