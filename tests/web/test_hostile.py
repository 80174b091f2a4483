"""Hostile HTTP against a server that is really started: each is refused cleanly, and a bystander notices nothing."""

from __future__ import annotations

import gzip
import re
import select
import socket
import time
from contextlib import suppress

import httpx
import pytest
from tests.serving import TOKEN, Server, serving, writable

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
TURTLE = b"Content-Type: text/turtle\r\n"
ALLOWED = f"Authorization: Bearer {TOKEN}\r\n".encode()
GZIPPED = gzip.compress(bytes(50_000_000))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    options = (
        "--empty",
        *writable(folder),
        "--store",
        str(folder / "store"),
        "--max-body",
        "1000000",
        "--header-timeout",
        "1",
        "--body-timeout",
        "1",
    )
    with serving(folder, *options) as server:
        yield server


@pytest.fixture(autouse=True)
def bystander(server):
    """After each attack a query is answered as before, nothing was written, and nothing unforeseen was logged."""
    yield
    answer = httpx.get(
        server.url + "/sparql",
        params={"query": "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"},
        headers={"Accept": "text/csv"},
    )
    assert (answer.status_code, answer.text) == (200, "n\r\n0\r\n")
    assert "Traceback" not in server.log.read_text()


def connect(server: Server) -> socket.socket:
    conn = socket.socket()
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**12)
    conn.settimeout(10)
    conn.connect(("127.0.0.1", server.port))
    return conn


def send(server: Server, request: bytes) -> list[int]:
    """Send bytes, and return the status of each response that comes before the connection ends."""
    with connect(server) as conn:
        with suppress(BrokenPipeError, ConnectionResetError):
            conn.sendall(request)
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", drain(conn))]


def readable(conns: list[socket.socket]) -> list[socket.socket]:
    """Return the connections on which something has come, be it the end."""
    return select.select(conns, [], [], 0)[0]


def drain(conn: socket.socket) -> bytes:
    received = b""
    with suppress(TimeoutError, ConnectionResetError):
        while piece := conn.recv(2**16):
            received += piece
    return received


def head(line: bytes, headers: bytes = b"") -> bytes:
    return line + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + b"\r\n"


def post(path: bytes, body: bytes, headers: bytes) -> bytes:
    return head(b"POST " + path, headers + b"Content-Length: %d\r\n" % len(body)) + body


REFUSED = {
    "a percent sign without digits": head(b"GET /sparql?query=%zz"),
    "a cut percent escape": head(b"GET /sparql?query=ASK%7B%7"),
    "no UTF-8 in the query": head(b"GET /sparql?query=%ff%fe"),
    "a lone surrogate": head(b"GET /sparql?query=%ed%a0%80"),
    "an overlong slash": head(b"GET /sparql?query=%c0%af"),
    "a zero byte in the query": head(b"GET /sparql?query=ASK%00{}"),
    "a zero byte in the path": head(b"GET /\x00"),
    "raw bytes in the path": head(b"GET /\xff\xfe"),
    "no UTF-8 in a form": post(b"/sparql", b"query=\xff", FORM),
    "UTF-16 that says it is UTF-8": post(
        b"/sparql", "ASK {}".encode("utf-16"), b"Content-Type: application/sparql-query\r\n"
    ),
    "a view that climbs": head(b"GET /sparql?query=ASK%7B%7D&view=../../etc/passwd"),
    "a path that climbs": head(b"GET /static/../../../../etc/passwd"),
    "a path that climbs in escapes": head(b"GET /static/%2e%2e/%2e%2e/app.py"),
    "a path that climbs with backslashes": head(b"GET /static/..%5c..%5capp.py"),
    "an absolute path in the path": head(b"GET /static//etc/passwd"),
    "an unknown method": head(b"BREW /sparql"),
    "no request at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "two lengths": head(b"POST /sparql", b"Content-Length: 3\r\nContent-Length: 5\r\n") + b"ASK{}",
    "a negative length": head(b"POST /sparql", b"Content-Length: -1\r\n"),
    "a length that is no number": head(b"POST /sparql", b"Content-Length: 0x10\r\n"),
    "an unknown transfer coding": head(b"POST /sparql", b"Transfer-Encoding: xchunked\r\n")
    + b"0\r\n\r\n",
    "a space before the colon": head(b"GET /", b"Transfer-Encoding : chunked\r\n"),
    "a folded header": head(b"GET /", b"X-A: b\r\n c: d\r\n"),
    "no host": b"GET /sparql HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": b"GET /sparql HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    "a host with markup": b'GET / HTTP/1.1\r\nHost: a"><script>\r\nConnection: close\r\n\r\n',
    "a URL of a megabyte": head(b"GET /sparql?query=" + b"a" * 1_000_000),
    "a header of a megabyte": head(b"GET /", b"X-A: " + b"a" * 1_000_000 + b"\r\n"),
    "ten thousand headers": head(
        b"GET /", b"".join(b"X-%d: a\r\n" % number for number in range(10_000))
    ),
    "a length of an exabyte": head(
        b"POST /sparql", FORM + b"Content-Length: 1000000000000000000\r\n"
    ),
    "more parameters than anybody needs": post(b"/sparql", b"a&" * 20_000, FORM),
    "a chunked body over the limit": head(b"POST /sparql", FORM + b"Transfer-Encoding: chunked\r\n")
    + (b"10000\r\n" + b"a" * 65536 + b"\r\n") * 20
    + b"0\r\n\r\n",
    "a gzip bomb": post(b"/sparql", GZIPPED, FORM + b"Content-Encoding: gzip\r\n"),
    "a gzip bomb from a writer": post(
        b"/update", GZIPPED, FORM + ALLOWED + b"Content-Encoding: gzip\r\n"
    ),
    "a broken chunk in a write": head(
        b"POST /graphs?default", TURTLE + ALLOWED + b"Transfer-Encoding: chunked\r\n"
    )
    + b"15\r\n<a:a> <a:b> <a:c> .\r\n\r\nZZ\r\n",
    "a line break in a graph's IRI": head(b"GET /graphs?graph=http://a/%0d%0aSet-Cookie:%20a=b"),
    "a line break in a graph's address": post(
        b"/graphs/a%0d%0aX-Injected:%20a", b"<a:a> <a:b> .", TURTLE + ALLOWED
    ),
    "a boundary that is none": post(
        b"/graphs?default", b"--", ALLOWED + b"Content-Type: multipart/form-data\r\n"
    ),
    "a form that breaks off": post(
        b"/graphs?default",
        b"--x\r\nContent-Disp",
        ALLOWED + b"Content-Type: multipart/form-data; boundary=x\r\n",
    ),
    "a token that is no text": head(
        b"POST /update", b"Authorization: Bearer \xff\xfe\r\nContent-Length: 0\r\n"
    ),
    "an IRI that is too much": head(b"GET /graphs?graph=http://a/" + b"%7B" * 5000),
    "an entity bomb": post(
        b"/graphs?default",
        b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>"
        + b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b"]><r>&j;</r>",
        ALLOWED + b"Content-Type: application/rdf+xml\r\n",
    ),
}


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_as_the_client_s_mistake(server, request_):
    statuses = send(server, request_)
    assert statuses, "no answer"
    assert all(400 <= status < 500 for status in statuses), statuses


def test_a_broken_request_says_nothing_of_the_inside(server):
    for path in (
        "/sparql?query=%ff",
        "/sparql?query=ASK",
        "/graphs?graph=x",
        "/nothing",
        "/static/x",
    ):
        text = httpx.get(server.url + path).text
        assert not re.search(
            r"Traceback|\.py|/site-packages|werkzeug|pyoxigraph", text, re.IGNORECASE
        )


def test_with_both_lengths_only_the_chunks_count_and_nothing_is_smuggled(server):
    smuggled = head(b"GET /-/health")
    lengths = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    request = b"POST /sparql HTTP/1.1\r\nHost: a\r\n" + FORM + lengths + b"\r\n0\r\n\r\n"
    assert len(send(server, request + smuggled)) == 1


def test_what_is_in_an_iri_or_an_origin_never_becomes_a_header(server):
    with httpx.Client(base_url=server.url) as client:
        for path in (
            "/graphs/a%0d%0aX-Injected:%20a",
            "/%0d%0aX-Injected:%20a",
            "//evil.example/%0d%0aX-Injected:a",
        ):
            answer = client.get(path, headers={"Origin": "https://evil.example"})
            assert "x-injected" not in answer.headers
            assert answer.status_code == 404


def test_a_write_that_breaks_off_writes_nothing(server):
    line = b"<a:s> <a:p> <a:o> .\n"
    chunk = b"%x\r\n" % len(line) + line + b"\r\n"
    for framing in (
        b"Content-Length: 1000\r\n\r\n" + line,
        b"Transfer-Encoding: chunked\r\n\r\n" + chunk,
    ):
        with connect(server) as conn:
            conn.sendall(head(b"PUT /graphs?graph=http://a/g", TURTLE + ALLOWED)[:-2] + framing)
            time.sleep(0.1)
    time.sleep(0.2)
    assert httpx.get(server.url + "/graphs", params={"graph": "http://a/g"}).status_code == 404


def test_slow_clients_are_given_up_and_hold_nobody_up(server):
    slow_head = b"GET /sparql?query=ASK HTTP/1.1\r\nHost: a\r\nX-A: "
    slow_body = head(b"POST /sparql", FORM + b"Content-Length: 1000\r\n")[:-2] + b"\r\nquery=ASK"
    conns = [connect(server) for _ in range(200)]
    for number, conn in enumerate(conns):
        conn.sendall(slow_head if number % 2 else slow_body)
    answer = httpx.post(server.url + "/sparql", data={"query": "ASK {}"})
    assert answer.status_code == 200
    assert not readable(conns), "it waited for the slow ones to be given up"
    assert b"HTTP/1.1 408" in conns[0].recv(100)
    assert drain(conns[1]).startswith((b"", b"HTTP/1.1 408"))
    for conn in conns:
        conn.close()


def test_who_does_not_read_a_large_answer_holds_nobody_up(server):
    numbers = " ".join(f"{number:06}" for number in range(1000))
    query = f"SELECT * {{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers[:350]} }} }}"
    asked = httpx.Request("GET", server.url + "/sparql", params={"query": query}).url.raw_path
    whole = httpx.get(
        server.url + "/sparql", params={"query": query}, headers={"Accept-Encoding": "identity"}
    )
    assert len(whole.content) > 5_000_000
    conns = [connect(server) for _ in range(8)]
    for conn in conns:
        conn.sendall(head(b"GET " + asked))
    assert {conn.recv(1) for conn in conns} == {b"H"}
    assert httpx.get(server.url + "/sparql", params={"query": "ASK {}"}).status_code == 200
    assert drain(conns[0]).endswith(whole.content)
    for conn in conns:
        conn.close()
