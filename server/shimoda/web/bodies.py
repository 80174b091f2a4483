"""The body of a request: whole, in time, unzipped, and no larger than allowed."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from threading import Semaphore, Thread
from typing import Any

from shimoda.errors import InputError, Overloaded, ShimodaError, TooLarge
from shimoda.settings import Settings
from shimoda.web.problems import TooSlow, Unsupported

__all__ = ["read_body"]

MEMO = "shimoda.body"
PIECE = 2**16
READERS = Semaphore(512)


def read_body(environ: dict[str, Any], settings: Settings, *, trusted: bool = False) -> bytes:
    """Return the body, read once a request.

    The WSGI server takes a body that breaks off for one that ends, except that reading all of it at once gives
    nothing: so what has a length is compared with it, and a chunked body that may change data (``trusted``: its
    sender has shown a token) is read at once, any other in pieces up to the limit.
    """
    if MEMO not in environ:
        try:
            environ[MEMO] = unzip(fetch(environ, settings, trusted), environ, settings.max_body)
        except ShimodaError as error:
            environ[MEMO] = error
    if isinstance(environ[MEMO], ShimodaError):
        raise environ[MEMO]
    return bytes(environ[MEMO])


def fetch(environ: dict[str, Any], settings: Settings, trusted: bool) -> bytes:
    """Return the body as sent."""
    stream, length = environ["wsgi.input"], environ.get("CONTENT_LENGTH") or ""
    if length:
        if not length.isascii() or not length.isdigit():
            raise InputError("Content-Length is not a number.")
        check_size(int(length), settings.max_body)
        body = in_time(stream.read if trusted else lambda: stream.read(int(length)), settings.body_timeout)
        if len(body) != int(length):
            raise InputError("The request's body broke off before its end.")
        return body
    if "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return b""
    body = in_time(stream.read if trusted else lambda: pieces(stream, settings.max_body), settings.body_timeout)
    if not body:
        raise InputError("The request's body is empty or broke off before its end.")
    check_size(len(body), settings.max_body)
    return body


def check_size(size: int, limit: int) -> None:
    """Raise TooLarge above the limit."""
    if size > limit:
        raise TooLarge(f"A request's body may have {limit:,} bytes.", limit="max_body")


def pieces(stream: Any, limit: int) -> bytes:
    """Read up to just above the limit."""
    body = bytearray()
    while len(body) <= limit and (piece := stream.read(PIECE)):
        body += piece
    return bytes(body)


def in_time(read: Callable[[], bytes], seconds: float) -> bytes:
    """Read on a thread of its own, since nothing else can give up waiting for a slow client."""
    if not READERS.acquire(blocking=False):
        raise Overloaded("Too many requests are still on their way here.")
    found: list[bytes] = []

    def run() -> None:
        try:
            found.append(read())
        finally:
            READERS.release()

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TooSlow(f"The request's body did not arrive within {seconds:g} seconds.", limit="body_timeout")
    return found[0]


def unzip(body: bytes, environ: dict[str, Any], limit: int) -> bytes:
    """Undo the Content-Encoding, never making more than the limit (a gzip bomb is refused, not unpacked)."""
    coding = environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip"):
        raise Unsupported(f"A body can be sent as it is or gzipped, not {coding[:40]!r}.")
    out = bytearray()
    try:
        while body:
            member = zlib.decompressobj(wbits=31)
            out += member.decompress(body, limit + 1 - len(out))
            check_size(len(out), limit)
            if not member.eof:
                raise InputError("The gzipped body broke off before its end.")
            body = member.unused_data
    except zlib.error:
        raise InputError("The body is said to be gzipped, and is not.") from None
    return bytes(out)
