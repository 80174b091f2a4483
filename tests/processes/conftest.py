"""Servers of these tests: real processes, asked over HTTP."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
from tests.processes.bombs import DATA
from tests.serving import TOKEN, Server, serving, writable

LIMITS = (
    "--timeout",
    "1",
    "--update-timeout",
    "2",
    "--memory",
    "256",
    "--max-bytes",
    "2000000",
    "--max-rows",
    "20000",
)


post = partial(
    httpx.post, timeout=30, verify=False
)  # there is no TLS here, and its context takes long to make


@pytest.fixture(autouse=True)
def results_go_where_they_came_from() -> None:
    """Collect garbage here: pyoxigraph's results may not be dropped on the threads that these tests start."""
    gc.collect()


@dataclass(frozen=True)
class Service:
    """A server, and how to ask it."""

    server: Server

    def ask(self, query: str, accept: str = "text/csv", **parameters: str) -> httpx.Response:
        url, headers = self.server.url + "/sparql", {"Accept": accept}
        return post(url, params=parameters, headers=headers, data={"query": query})

    def update(self, update: str) -> httpx.Response:
        url, headers = self.server.url + "/update", {"Authorization": f"Bearer {TOKEN}"}
        return post(url, headers=headers, data={"update": update})

    def rows(self, query: str, **parameters: str) -> list[str]:
        response = self.ask(query, **parameters)
        assert response.status_code == 200, response.text
        return response.text.splitlines()[1:]

    def hits(self) -> int:
        """Return how many answers came from the cache."""
        metrics = httpx.get(f"{self.server.url}/-/metrics").text
        return int(float(re.search(r"shimoda_cache_hits_total ([\d.]+)", metrics)[1]))


@pytest.fixture(scope="session")
def token_file(tmp_path_factory):
    *_, file = writable(tmp_path_factory.mktemp("tokens"))
    return file


@pytest.fixture
def serve(tmp_path, token_file):
    """Start a server that takes writes, with options of one's own."""
    with ExitStack() as stack:

        def start(*options: str) -> Service:
            server = serving(tmp_path, "--token-file", token_file, "--writable", *options)
            return Service(stack.enter_context(server))

        yield start


@pytest.fixture(scope="session")
def limited(tmp_path_factory, token_file) -> Iterator[Service]:
    """A server with tight limits, and a thousand triples to multiply."""
    options = ("--empty", "--writable", "--token-file", token_file, *LIMITS)
    with serving(tmp_path_factory.mktemp("limited"), *options) as server:
        service = Service(server)
        assert service.update(f"INSERT DATA {{ {DATA} }}").status_code == 204
        yield service
