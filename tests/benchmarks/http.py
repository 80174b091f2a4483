"""Queries over HTTP beside Oxigraph's native server: ``python -m tests.benchmarks.http [seconds] [runs]``.

Both hold the article's dataset in memory and are asked by wrk over 8 connections, in turn, in one run; answers are
compared before a time counts. A ratio above 1 says that Shimoda answers more requests a second than the native server.
Below that, what a request costs in the HTTP process alone, with an engine that answers at once.
"""
# ruff: noqa: T201 (what it is for)

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
from flask import Flask, Response, request
from pyoxigraph import Store
from tests.serving import free_port, serving
from tests.web.rsgi import Protocol, scope

from shimoda.authoring.exports import to_trig
from shimoda.dataset import snapshot
from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.questions import catalogue
from shimoda.settings import Settings
from shimoda.sparql.results import Results
from shimoda.web.app import Application
from shimoda.web.server import Server

JSON = "application/sparql-results+json"
SIZES = (1, 100, 10_000)
CONNECTIONS = 8
LUA = """
local n = {start}
request = function()
  n = n + 1
  local path = "{path}"
  if {differ} then path = path .. "%20%23" .. n end
  return wrk.format("GET", path, {{["Accept"] = "{accept}"}})
end
"""


def query_of(rows: int) -> str:
    """Return a query with so many rows, cheap to evaluate."""
    return f"SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT {rows}"


@contextmanager
def native(folder: Path) -> Iterator[str]:
    """Run Oxigraph's server in memory with the article's dataset; yield its query address."""
    address = f"127.0.0.1:{free_port()}"
    program = Path(sys.executable).with_name("oxigraph")
    process = subprocess.Popen([program, "serve", "--bind", address], stderr=subprocess.DEVNULL)
    try:
        until(lambda: httpx.get(f"http://{address}/").status_code == 200)
        kind = {"Content-Type": "application/trig"}
        data = to_trig(snapshot.load())
        httpx.post(f"http://{address}/store", content=data, headers=kind, timeout=60)
        yield f"http://{address}/query"
    finally:
        process.terminate()
        process.wait()


def until(ready: Callable[[], bool]) -> None:
    """Wait for a server."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if ready():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError("the server does not answer")


def rate(url: str, seconds: int, folder: Path, *, differ: bool = False, start: int = 0) -> float:
    """Ask as often as wrk can; return answers a second. An answer other than 200 counts as a fault."""
    path = f"/{url.split('/', 3)[3]}"
    script = folder / "wrk.lua"
    text = LUA.format(path=path, differ=str(differ).lower(), accept=JSON, start=start)
    script.write_text(text)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found
    return float(found[1])


def compare(ours: str, theirs: str) -> None:
    """See that both give as many rows of the same variables."""
    for rows in SIZES:
        answers = [
            httpx.get(url, params={"query": query_of(rows)}, headers={"Accept": JSON}).json()
            for url in (ours, theirs)
        ]
        assert answers[0]["head"] == answers[1]["head"]
        assert [len(answer["results"]["bindings"]) for answer in answers] == [rows, rows]


def over_http(seconds: int, runs: int) -> None:
    """Measure both servers in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with native(folder) as theirs, serving(folder, "--log-format", "json") as server:
            ours = server.url + "/sparql"
            compare(ours, theirs)
            start = 0
            for differ in (False, True):
                for rows in SIZES:
                    found: dict[str, list[float]] = {ours: [], theirs: []}
                    for _ in range(runs):
                        for url in (ours, theirs):
                            start += 10_000_000
                            asked = f"{url}?query={quote(query_of(rows))}"
                            figure = rate(asked, seconds, folder, differ=differ, start=start)
                            found[url].append(figure)
                    one, other = (statistics.median(found[url]) for url in (ours, theirs))
                    kind = "ever-different" if differ else "repeated"
                    print(
                        f"{kind}, {rows:,} rows: {one:,.0f}/s, native {other:,.0f}/s, "
                        f"ratio {one / other:.2f}",
                        flush=True,
                    )


def questions(seconds: int, runs: int) -> None:
    """Measure a named question beside the same query at the endpoint, both kept: the call may cost no more."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name), "--log-format", "json") as one:
        for question in map(catalogue.find, ("contacts-of-a-person", "timeline")):
            call = f"{one.url}/q/{question.name}"
            query = f"{one.url}/sparql?query={quote(question.bind())}"
            assert httpx.get(call).content == httpx.get(query).content
            found: dict[str, list[float]] = {call: [], query: []}
            for _ in range(runs):
                for url, rates in found.items():
                    rates.append(rate(url, seconds, Path(name)))
            here, there = (statistics.median(rates) for rates in found.values())
            print(
                f"/q/{question.name}: {here:,.0f}/s, the same at /sparql {there:,.0f}/s, "
                f"ratio {here / there:.2f}",
                flush=True,
            )


class FreeEngine(LocalEngine):
    """An engine that answers at once."""

    def __init__(self) -> None:
        super().__init__(Store())
        self.results = Results("ASK", JSON, b'{"head":{},"boolean":true}', 1)

    async def query_async(self, query: Query) -> Results:
        return Results("ASK", JSON, self.results.body, 1)


async def in_process(number: int = 3000, rounds: int = 5) -> dict[str, float]:
    """Measure a hit and a miss in microseconds: the least of the medians of some rounds."""
    settings = Settings(log_format="json")
    server = Server(Application(FreeEngine(), settings), settings)
    server.__rsgi_init__(asyncio.get_running_loop())
    protocol = Protocol()
    found: dict[str, list[float]] = {"miss": [], "hit": []}
    for run in range(rounds):
        for kind, medians in found.items():
            times = []
            for each in range(number):
                asked = run * number + each if kind == "miss" else 0
                one = scope(f"query=ASK%20%7B%7D%20%23{asked}", JSON)
                begun = time.perf_counter()
                await server.__rsgi__(one, protocol)
                times.append(time.perf_counter() - begun)
                assert protocol.status == 200
            medians.append(statistics.median(times) * 1e6)
    return {kind: min(medians) for kind, medians in found.items()}


def bare_view(number: int = 3000, rounds: int = 5) -> float:
    """Measure a bare Flask view that reads its query and answers, in microseconds."""
    flask = Flask("bare")

    @flask.route("/sparql")
    def sparql() -> Response:
        request.args["query"]
        return Response(b'{"head":{},"boolean":true}', content_type=JSON)

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/sparql",
        "QUERY_STRING": "query=ASK%20%7B%7D",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "7878",
        "wsgi.url_scheme": "http",
    }
    medians = []
    for _ in range(rounds):
        times = []
        for _ in range(number):
            begun = time.perf_counter()
            b"".join(flask(dict(environ), lambda *_: None))
            times.append(time.perf_counter() - begun)
        medians.append(statistics.median(times) * 1e6)
    return min(medians)


def main(seconds: int = 4, runs: int = 3) -> None:
    """Print the figures."""
    stderr, sys.stderr = sys.stderr, Path("/dev/null").open("w")  # noqa: SIM115 (the log's way)
    with sys.stderr:
        times = asyncio.run(in_process())
    sys.stderr = stderr
    print(f"in process: miss {times['miss']:.0f} µs, hit {times['hit']:.1f} µs", flush=True)
    print(f"a bare Flask view: {bare_view():.0f} µs", flush=True)
    questions(seconds, runs)
    over_http(seconds, runs)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
