"""Between granian and the application: bodies come and answers go without a thread waiting for a slow client.

granian's own WSGI holds a thread for each slow client, and stops altogether when one is given up (tried on 2.8.7). So
this speaks its asynchronous interface (https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md), and
goes to a thread with the whole body.
"""

import asyncio
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask
from granian._granian import RSGIHTTPProtocol, RSGIProtocolClosed
from granian.rsgi import Scope

from shimoda.errors import InputError, ShimodaError
from shimoda.settings import Settings
from shimoda.web.auth import Tokens
from shimoda.web.bodies import BODY, check_size
from shimoda.web.problems import TooSlow
from shimoda.web.responses import LARGE

Headers = list[tuple[str, str]]
OPEN_BY_THEN = 5.0
"""Seconds after which the HTTP server has long opened a file that it sends."""
WITH_BODY = {"POST", "PUT", "PATCH"}


class Bridge:
    """An RSGI application that answers with a WSGI one, on one of so many threads."""

    def __init__(self, application: Flask, settings: Settings, threads: int) -> None:
        self.application, self.settings = application, settings
        self.tokens = Tokens(settings)
        self.threads = ThreadPoolExecutor(threads)

    async def __rsgi__(self, scope: Scope, protocol: RSGIHTTPProtocol) -> None:
        """Answer a request."""
        environ = environment(scope)
        if scope.method in WITH_BODY:
            environ[BODY] = await self.receive(scope, protocol)
        loop = asyncio.get_running_loop()
        status, headers, body = await loop.run_in_executor(self.threads, self.answer, environ)
        if large := environ.get(LARGE):
            protocol.response_file(status, headers, str(large[0]))
            loop.call_later(OPEN_BY_THEN, partial(large[0].unlink, missing_ok=True))
        else:
            protocol.response_bytes(status, headers, b"".join(body))

    def answer(self, environ: dict[str, Any]) -> tuple[int, Headers, Iterable[bytes]]:
        """Have the application answer."""
        started: list[tuple[int, Headers]] = []

        def start(status: str, headers: Headers, _: object = None) -> Any:
            started.append((int(status[:3]), headers))

        body = self.application(environ, start)
        return *started[0], body

    async def receive(self, scope: Scope, protocol: RSGIHTTPProtocol) -> bytes | ShimodaError:
        """Return a request's body, or what is wrong with it."""
        try:
            async with asyncio.timeout(self.settings.body_timeout):
                return await self.collect(scope, protocol)
        except TimeoutError:
            seconds = self.settings.body_timeout
            return TooSlow(
                f"The request's body did not arrive within {seconds:g} seconds.",
                limit="body_timeout",
            )
        except RSGIProtocolClosed:
            return InputError("The request's body broke off before its end.")
        except ShimodaError as error:
            return error

    async def collect(self, scope: Scope, protocol: RSGIHTTPProtocol) -> bytes:
        """Read a body up to the limit: ``max_body`` for who may write, else ``max_query``.

        Read piece by piece, a chunked body that breaks off looks whole; so one that may write is read at once.
        """
        trusted = self.tokens.accept(scope.headers.get("authorization"))
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


def environment(scope: Scope) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333)."""
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ
