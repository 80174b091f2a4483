"""Compressed answers (RFC 9110 section 8.4): zstd, br or gzip, whichever the client likes best."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import brotli
import zstandard
from werkzeug.datastructures import Accept

CODINGS = ("zstd", "br", "gzip")
SMALLEST = 1024
COMPACT = {"application/octet-stream", "image/png", "image/jpeg", "font/woff2"}


def choose_coding(accepted: Accept) -> str | None:
    """Return the coding that the client likes best; None for the answer as it is."""
    best = max(CODINGS, key=accepted.quality)
    return best if accepted[best] > 0 and accepted[best] >= accepted["identity"] else None


def worthwhile(media_type: str | None, size: int) -> bool:
    """Tell whether compressing a body of this type and size saves anything."""
    return size >= SMALLEST and media_type not in COMPACT


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
