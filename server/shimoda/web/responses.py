"""Answers as responses: media type, compression, ETag, and Content-Length on every one."""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import brotli
import zstandard
from flask import Response, request
from werkzeug.datastructures import Accept

from shimoda.engine.interface import Answer
from shimoda.errors import Overloaded
from shimoda.sparql.formats import content_type

LARGE = "shimoda.large"
"""Where the WSGI environment lists the file in which a large answer lies."""
ANSWERS = "shimoda-answer-"
MOST = 64
PIECE = 2**18
CODINGS = ("zstd", "br", "gzip")
SMALLEST = 1024
COMPACT = {"application/octet-stream", "image/png", "image/jpeg", "font/woff2"}


def send(answer: Answer, media_type: str | None = None) -> Response:
    """Send an engine's answer, under another name of its media type where the client asked for that."""
    named = media_type or answer.media_type
    if isinstance(answer.body, Path):
        response = send_file(answer.body, named)
    else:
        response = send_body(answer.body, named, cacheable=answer.cacheable)
    if not answer.cacheable:
        response.headers["Cache-Control"] = "no-store"
    return response


def send_body(body: bytes | str, media_type: str, *, cacheable: bool = True) -> Response:
    """Send a body; ``cacheable`` says that it is a function of the request and the dataset's version alone."""
    response = Response(body, content_type=content_type(media_type))
    response.vary.add("Accept")
    if cacheable:
        response.set_etag(blake2b(response.get_data(), digest_size=16).hexdigest())
        response.headers["Cache-Control"] = "no-cache"
    return response


def send_file(path: Path, media_type: str) -> Response:
    """Send a large answer from its file; the HTTP server is told where that lies, and whoever sends it deletes it."""
    if on_their_way() >= MOST:
        path.unlink()
        raise Overloaded("Too many large answers are on their way.", retry_after=5)
    coding = choose_coding(request.accept_encodings)
    if coding:
        plain, path = path, path.with_name(f"{path.name}.{coding}")
        with path.open("wb") as packed:
            packed.writelines(compress(coding, read(plain)))
    response = Response(content_type=content_type(media_type))
    response.content_length = path.stat().st_size
    response.vary.update(("Accept", "Accept-Encoding"))
    if coding:
        response.headers["Content-Encoding"] = coding
    if request.method == "HEAD":
        path.unlink()
    else:
        request.environ[LARGE].append(path)
    return response


def on_their_way() -> int:
    """Count the large answers that clients are still taking, by the files that this process has open."""
    count = 0
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            count += ANSWERS in str(entry.readlink())
    return count


def read(path: Path) -> Iterator[bytes]:
    """Yield a file piece by piece, and delete it."""
    with path.open("rb") as file:
        path.unlink()
        while piece := file.read(PIECE):
            yield piece


def pack(response: Response) -> Response:
    """Compress a whole response if the client wants that; then answer 304 if it has the response already."""
    if request.environ[LARGE] or response.status_code in (204, 304):
        return response
    response.direct_passthrough = False
    plain = response.get_data()
    coding = choose_coding(request.accept_encodings)
    if len(plain) >= SMALLEST and response.mimetype not in COMPACT:
        response.vary.add("Accept-Encoding")
        if coding:
            response.set_data(b"".join(compress(coding, [plain])))
            response.headers["Content-Encoding"] = coding
            etag, _ = response.get_etag()
            if etag:
                response.set_etag(f"{etag}-{coding}")  # RFC 9110 section 8.8.3.3
    if response.status_code == 200:
        response.make_conditional(request)
    return response


def choose_coding(accepted: Accept) -> str | None:
    """Return the coding that the client likes best (RFC 9110 section 12.5.3); None for the answer as it is."""
    best = max(CODINGS, key=accepted.quality)
    return best if accepted[best] > 0 and accepted[best] >= accepted["identity"] else None


def compress(coding: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces compressed."""
    feed, finish = compressor(coding)
    for piece in pieces:
        yield feed(piece)
    yield finish()


def compressor(coding: str) -> tuple[Any, Any]:
    """Return how to feed a compressor, and how to finish; levels are for answers made once and sent at once."""
    if coding == "zstd":
        zstd = zstandard.ZstdCompressor(level=3).compressobj()
        return zstd.compress, zstd.flush
    if coding == "br":
        br = brotli.Compressor(quality=4)
        return br.process, br.finish
    gzip = zlib.compressobj(level=5, wbits=31)
    return gzip.compress, gzip.flush
