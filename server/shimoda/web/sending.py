"""Answers as responses: media type, compression, ETag, and Content-Length on every one."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from io import BytesIO
from os import SEEK_END
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from flask import Response, request

from shimoda.engine.protocol import Answer
from shimoda.web.compression import choose_coding, compress, worthwhile
from shimoda.web.negotiation import content_type

__all__ = ["STREAMED", "pack", "send", "send_body", "take"]

STREAMED = "shimoda.streamed"
PIECE = 2**18


def send(answer: Answer, media_type: str | None = None) -> Response:
    """Send an engine's answer, under another name of its media type where the client asked for that."""
    named = media_type or answer.media_type
    if isinstance(answer.body, Path):
        response = stream(answer.body, named)
    else:
        response = send_body(answer.body, named, cacheable=answer.cacheable)
    if not answer.cacheable:
        response.headers["Cache-Control"] = "no-store"
    return response


def send_body(body: bytes | str, media_type: str, *, cacheable: bool = True) -> Response:
    """Send a body; ``cacheable`` says that it is a function of the request and the dataset's version alone."""
    response = Response(body, content_type=content_type(media_type))
    if cacheable:
        response.set_etag(blake2b(response.get_data(), digest_size=16).hexdigest())
        response.headers["Cache-Control"] = "no-cache"
    return response


def stream(path: Path, media_type: str) -> Response:
    """Send a large answer from its file, which is gone from the disk as soon as it is open."""
    file: BinaryIO = path.open("rb")
    path.unlink()
    coding = choose_coding(request.headers.get("Accept-Encoding"))
    if coding:
        packed = TemporaryFile()  # noqa: SIM115 (whoever reads it closes it)
        packed.writelines(compress(coding, read(file)))
        file = packed
    size = file.seek(0, SEEK_END)
    file.seek(0)
    if request.method == "HEAD":
        file.close()
    response = Response(read(file), content_type=content_type(media_type), direct_passthrough=True)
    response.content_length = size
    response.vary.add("Accept-Encoding")
    if coding:
        response.headers["Content-Encoding"] = coding
    request.environ[STREAMED] = True
    return response


def take(answer: Answer) -> bytes:
    """Return an answer's body, and delete its file."""
    if isinstance(answer.body, bytes):
        return answer.body
    body = answer.body.read_bytes()
    answer.body.unlink()
    return body


def read(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file piece by piece, and close it."""
    with file:
        while piece := file.read(PIECE):
            yield piece


def pack(response: Response) -> Response:
    """Compress a whole response if the client wants that; then answer 304 if it has the response already."""
    if STREAMED in request.environ or response.status_code in (204, 304):
        return response
    response.direct_passthrough = False
    plain = response.get_data()
    coding = choose_coding(request.headers.get("Accept-Encoding"))
    if worthwhile(response.mimetype, len(plain)):
        response.vary.add("Accept-Encoding")
        if coding:
            response.set_data(b"".join(compress(coding, read(BytesIO(plain)))))
            response.headers["Content-Encoding"] = coding
            etag, _ = response.get_etag()
            if etag:
                response.set_etag(f"{etag}-{coding}")  # RFC 9110 section 8.8.3.3
    if response.status_code == 200:
        response.make_conditional(request)
    return response
