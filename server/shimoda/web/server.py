"""The process that speaks HTTP: granian, and the application on the event loop of each of its workers.

granian's own WSGI holds a thread for each slow client, and stops altogether when one is given up (tried on 2.8.7); so
this speaks RSGI (https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md). What is in the cache, and
queries, are answered on the loop; views run on a few threads.
"""

import asyncio
import gc
import multiprocessing
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from granian import Granian
from granian._granian import RSGIHTTPProtocol, RSGIProtocolClosed
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.rsgi import Scope

from shimoda.engine.interface import Engine, Query
from shimoda.errors import InputError, Overloaded
from shimoda.processes.pool import PooledEngine
from shimoda.processes.runtime import Runtime, child_of
from shimoda.processes.sandbox import die_with_parent
from shimoda.settings import Settings
from shimoda.sparql.formats import prefers_html
from shimoda.sparql.results import Results
from shimoda.web.app import Application, Key
from shimoda.web.problems import TooSlow, document
from shimoda.web.questions import ASKED, read_call
from shimoda.web.requests import Incoming, check_size
from shimoda.web.responses import Outgoing, QueryResponse
from shimoda.web.sparql import ENDPOINT, read_request

HEALTH = "/-/health"
"""Asks nothing of the engine, and must not wait for a thread."""
WITH_BODY = {"POST", "PUT", "PATCH"}
WRITING = {"POST", "PUT", "DELETE"}
PAGES = 8
"""Threads for the views that ask several queries."""
LONG = 2**16
"""Bytes that are hashed and compressed on a thread."""
FLUSH = 0.1
"""Seconds between two writes of the log."""
SETTLED = 1.0
"""Seconds after the start when a thread makes ready what the first requests did not need."""
RARE = (
    "shimoda.sparql.grammar",
    "shimoda.questions.doctor",
    "shimoda.questions.versions",
    "shimoda.web.plots",
)
"""Modules that few requests need, and that take long to import."""
OBJECTS = 20_000
"""Objects after which the collector looks for cycles: a page makes as many, and hardly any in a cycle."""
MOST_FILES = 64
"""Large answers that may be on their way to clients; each lies in a file."""


class Server:
    """An RSGI application: the steps of :class:`Application`, on an event loop."""

    def __init__(self, application: Application, settings: Settings) -> None:
        self.application, self.settings = application, settings
        self.pages = ThreadPoolExecutor(PAGES, "page")
        self.writes = ThreadPoolExecutor(settings.queue, "write")
        self.running: dict[tuple[Key, int], list[asyncio.Future[Results | None]]] = {}
        self.files = 0
        self.idle = ("Keep-Alive", f"timeout={int(settings.header_timeout)}")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the engine on the loop."""
        self.loop = loop
        if isinstance(self.application.engine, PooledEngine):
            self.application.engine.start(loop)
        self.application.log.collect()
        self.flush_log()
        loop.call_later(SETTLED, self.pages.map, import_module, RARE)
        gc.freeze()  # what is there now stays: the collector need not look at it again
        gc.set_threshold(OBJECTS)
        if not self.settings.empty:
            loop.call_later(SETTLED, self.pages.submit, self.application.warm_up)

    def __rsgi_del__(self, _: asyncio.AbstractEventLoop) -> None:
        """Write what is left of the log."""
        self.application.log.flush()

    def flush_log(self) -> None:
        """Write the log, ten times a second."""
        self.application.log.flush()
        self.loop.call_later(FLUSH, self.flush_log)

    async def __rsgi__(self, scope: Scope, protocol: RSGIHTTPProtocol) -> None:
        """Answer a request."""
        incoming = Incoming.from_scope(scope)
        try:
            if scope.method in WITH_BODY:
                incoming.body = await self.receive(scope, protocol)
            outgoing = self.application.admit(incoming) or await self.respond(incoming)
        except Exception as error:  # noqa: BLE001 (the HTTP boundary: nobody else would answer)
            outgoing = await self.recover(incoming, error)
        await self.send(outgoing, incoming, protocol)

    async def recover(self, incoming: Incoming, error: Exception) -> Outgoing:
        """Say what went wrong; in a page, on a thread, for it may ask queries itself."""
        recover = self.application.recover
        if not prefers_html(incoming.headers.get("accept")):
            return recover(incoming, error)
        return await self.loop.run_in_executor(self.pages, recover, incoming, error)

    async def respond(self, incoming: Incoming) -> Outgoing:
        """Answer a request by its view: a query on the loop, whatever else on a thread."""
        application = self.application
        if incoming.path == HEALTH:
            return application.respond(incoming)
        response: object = None
        if incoming.method in ("GET", "POST") and ENDPOINT.fullmatch(incoming.path):
            response = read_request(incoming, self.settings)
        elif incoming.method == "GET" and ASKED.match(incoming.path):
            response = read_call(incoming, self.settings, application.engine)
        if not isinstance(response, QueryResponse):
            threads = self.writes if incoming.method in WRITING else self.pages
            return await self.loop.run_in_executor(threads, application.respond, incoming)
        results = await self.run_once(incoming, response.query)
        if isinstance(results.body, bytes) and len(results.body) < LONG:
            return application.render(incoming, response, results)
        render = application.render
        return await self.loop.run_in_executor(self.pages, render, incoming, response, results)

    async def run_once(self, incoming: Incoming, query: Query) -> Results:
        """Run a query, once for all who ask the same of the same version at the same time."""
        engine = self.application.engine
        if incoming.key is None:
            return await engine.query_async(query)
        key = incoming.key, incoming.version
        if key in self.running:
            turn: asyncio.Future[Results | None] = self.loop.create_future()
            self.running[key].append(turn)
            return await turn or await engine.query_async(query)
        self.running[key] = []
        try:
            results = await engine.query_async(query)
        except BaseException as error:
            for turn in self.running.pop(key):
                turn.set_exception(error)
            raise
        is_shared = results.cacheable and isinstance(results.body, bytes)
        for turn in self.running.pop(key):
            turn.set_result(results if is_shared else None)
        return results

    async def send(
        self, outgoing: Outgoing, incoming: Incoming, protocol: RSGIHTTPProtocol
    ) -> None:
        """Send a response; a large one from its file, which goes when it is sent or given up."""
        body = b"" if incoming.method == "HEAD" else outgoing.body
        if isinstance(body, bytes):
            outgoing.close()
            protocol.response_bytes(outgoing.status, [*outgoing.headers, self.idle], body)
        elif self.files >= MOST_FILES:
            outgoing.close()
            error = Overloaded("Too many large answers are on their way.", retry_after=5)
            refusal = self.application.finish(incoming, document(error.problem()))
            await self.send(refusal, incoming, protocol)
        else:
            await self.send_pieces(outgoing, protocol)

    async def send_pieces(self, outgoing: Outgoing, protocol: RSGIHTTPProtocol) -> None:
        """Send a response piece by piece, as fast as the client takes it."""
        headers = [*outgoing.headers, self.idle]
        transport = protocol.response_stream(outgoing.status, headers)
        self.files += 1
        try:
            for piece in outgoing.pieces():
                await transport.send_bytes(piece)
        except RSGIProtocolClosed:  # the client has gone
            pass
        finally:
            self.files -= 1
            outgoing.close()

    async def receive(self, scope: Scope, protocol: RSGIHTTPProtocol) -> bytes:
        """Return a request's body; InputError when it does not arrive whole and in time."""
        seconds = self.settings.body_timeout
        try:
            async with asyncio.timeout(seconds):
                return await self.collect(scope, protocol)
        except TimeoutError:
            detail = f"The request's body did not arrive within {seconds:g} seconds."
            raise TooSlow(detail, limit="body_timeout") from None
        except RSGIProtocolClosed:
            raise InputError("The request's body broke off before its end.") from None

    async def collect(self, scope: Scope, protocol: RSGIHTTPProtocol) -> bytes:
        """Read a body up to the limit: ``max_body`` for who may write, else ``max_query``.

        Read piece by piece, a chunked body that breaks off looks whole; so one that may write is read at once.
        """
        trusted = self.application.tokens.accept(scope.headers.get("authorization"))
        limit = self.settings.max_body if trusted else self.settings.max_query
        length = scope.headers.get("content-length")
        if length or trusted:
            check_size(int(length or 0), limit)
            return await protocol()
        body = bytearray()
        async for piece in protocol:
            body += piece
            check_size(len(body), limit)
        return bytes(body)


def make_engine(settings: Settings, folder: str) -> Engine:
    """Return the engine of this service, or the one elsewhere that the settings name."""
    if settings.engine:
        from shimoda.engine.remote import RemoteEngine

        return RemoteEngine(settings.engine, settings)
    return PooledEngine(settings, Runtime(Path(folder)))


def make_server(application: Application) -> Any:
    """Make the RSGI application; granian calls this in each of its workers, which are forked with all that is imported."""
    die_with_parent(os.getppid())
    return Server(application, application.settings)


def main() -> None:
    """Run as a process of its own: ``python -m shimoda.web.server PARENT FOLDER``."""
    with child_of(int(sys.argv[1])):
        settings = Settings.gather({}, os.environ)
        application = Application(make_engine(settings, sys.argv[2]), settings)
        multiprocessing.set_start_method("fork")
        Granian(
            "shimoda",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.RSGI,
            workers=settings.http_workers,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(
                header_read_timeout=int(settings.header_timeout * 1000),
                max_buffer_size=max(8192, settings.max_header),
            ),
            websockets=False,
            log_enabled=False,
            respawn_failed_workers=True,
            respawn_interval=0.1,
            workers_kill_timeout=10,
        ).serve(target_loader=partial(make_server, application), wrap_loader=False)


if __name__ == "__main__":
    main()
