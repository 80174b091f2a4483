"""The engine of a service: queries go to forked workers, writes to the writer."""

import asyncio
import errno
import socket
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from shimoda.engine.interface import Engine, GraphRead, GraphWrite, Query, Update
from shimoda.errors import Overloaded, Refused, ShimodaError, Unavailable
from shimoda.processes.messages import check, encode_request, receive, results_of
from shimoda.processes.pool import Link, Pool
from shimoda.processes.runtime import Runtime, concurrency
from shimoda.settings import Settings
from shimoda.sparql.results import Results
from shimoda.sparql.text import Load, endpoints, federates, load_of, may_load

T = TypeVar("T")
READY_WITHIN = 1.0
PATIENCE = 5.0
"""Seconds that a client of the writer waits for its answer beyond the limits."""


class PooledEngine(Engine):
    """The engine of an HTTP process, on its event loop; threads may use it too."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        self.settings, self.runtime = settings, runtime
        self.endpoints = endpoints(settings.federate)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.pools: dict[str, Pool] = {}

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Order the first workers; the loop is the one that answers requests."""
        settings, self.loop = self.settings, loop
        link = Link(loop, self.runtime.address("reader"))
        size = concurrency(settings)
        link.pools["query"] = Pool(link, "query", size, settings.queue, settings.timeout)
        if settings.federate:
            seconds = settings.federate_timeout
            link.pools["federation"] = Pool(link, "federation", size, settings.queue, seconds)
        self.pools = link.pools
        link.start()

    @property
    def version(self) -> int:
        """The dataset's version."""
        return self.runtime.version

    def is_ready(self) -> bool:
        """Tell whether a query is answered now."""
        ready = asyncio.wait_for(self.query_async(Query("ASK {}")), READY_WITHIN)
        try:
            self.wait_for(ready)
        except (ShimodaError, TimeoutError):
            return False
        return True

    async def query_async(self, query: Query) -> Results:
        """Answer a query."""
        kind = "federation" if federates(query.text, self.endpoints) else "query"
        return results_of(await self.pools[kind].ask(query))

    async def read_graph_async(self, read: GraphRead) -> Results:
        """Return a graph whole."""
        return results_of(await self.pools["query"].ask(read))

    def query(self, query: Query) -> Results:
        """Answer a query, asked by a thread."""
        return self.wait_for(self.query_async(query))

    def read_graph(self, read: GraphRead) -> Results:
        """Return a graph whole, asked by a thread."""
        return self.wait_for(self.read_graph_async(read))

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the event loop do something, and wait for it in this thread."""
        assert self.loop
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    # Writes, which threads ask for

    def update(self, update: Update) -> None:
        """Carry out an update."""
        federates(update.text, frozenset())
        load = load_of(update.text)
        if load and may_load(load, self.settings.load_from):
            self.load(load)
        else:  # in the writer, which has no network, any other LOAD fails
            self.write(update)

    def load(self, load: Load) -> None:
        """Fetch a document and write it."""
        from shimoda.engine.loading import fetch  # the HTTP client takes long to import

        with suppress(*[ShimodaError] * load.silent):
            seconds, most = self.settings.federate_timeout, self.settings.max_body
            body, media_type = fetch(load.source, seconds, most)
            self.write(GraphWrite("POST", load.graph, body, media_type, base=load.source))

    def write_graph(self, write: GraphWrite) -> bool:
        """Carry out a Graph Store operation; tell whether it made a new graph."""
        return self.write(write)

    def write(self, request: Update | GraphWrite) -> bool:
        """Have the writer carry out a request; tell whether it made a new graph."""
        if not self.settings.writable:
            raise Refused("This server is read-only.")
        with socket.socket(socket.AF_UNIX) as conn:
            conn.settimeout(2 * self.settings.update_timeout + PATIENCE)
            try:
                conn.connect(self.runtime.address("write"))
                # refused unread: what was said is there to read
                with suppress(BrokenPipeError, ConnectionResetError):
                    conn.sendall(encode_request(request))
                head, _ = receive(conn)
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    detail = "Too many writes are waiting. Try again in a moment."
                    raise Overloaded(detail, retry_after=1) from error
                raise Unavailable("The writer does not answer. Try again in a moment.") from error
        check(head)
        return bool(head["created"])
