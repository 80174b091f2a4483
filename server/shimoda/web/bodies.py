"""The body of a request: unzipped, and no larger than allowed."""

import zlib
from gzip import GzipFile
from io import BytesIO
from typing import Any

from shimoda.errors import InputError, ShimodaError, TooLarge
from shimoda.web.problems import Unsupported

BODY = "shimoda.body"


def read_body(environ: dict[str, Any], limit: int) -> bytes:
    """Return the body, or raise what was wrong with it when it arrived."""
    if BODY not in environ:  # the HTTP server is not ours
        environ[BODY] = environ["wsgi.input"].read(limit + 1)
    if isinstance(environ[BODY], ShimodaError):
        raise environ[BODY]
    return unzip(environ[BODY], environ.get("HTTP_CONTENT_ENCODING", ""), limit)


def check_size(size: int, limit: int) -> None:
    """Raise TooLarge above the limit."""
    if size > limit:
        raise TooLarge(f"The request's body may have {limit:,} bytes.", limit="max_body")


def unzip(body: bytes, coding: str, limit: int) -> bytes:
    """Undo the Content-Encoding, never making more than the limit (a gzip bomb is refused, not unpacked)."""
    check_size(len(body), limit)
    if coding.strip().lower() in ("", "identity"):
        return body
    if coding.strip().lower() not in ("gzip", "x-gzip"):
        raise Unsupported(f"A body can be sent as it is or gzipped, not {coding[:40]!r}.")
    try:
        plain = GzipFile(fileobj=BytesIO(body)).read(limit + 1)
    except (EOFError, OSError, zlib.error):
        raise InputError(
            "The body is said to be gzipped, and is not, or breaks off before its end."
        ) from None
    check_size(len(plain), limit)
    return plain
