"""Responses: what a view returns, and what is sent: compressed, with ETag, Content-Length and security headers."""

import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, BinaryIO
from urllib.parse import urlencode

import brotli
import zstandard
from flask import Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_date, parse_etags, parse_range_header

from shimoda.engine.interface import Query
from shimoda.settings import Settings
from shimoda.sparql.formats import content_type
from shimoda.sparql.results import Results
from shimoda.web.requests import Incoming

PIECE = 2**18
CODINGS = ("zstd", "br", "gzip")
SMALLEST = 1024
LONGEST_LINK = 4_000
NO_BODY = {201, 204, 304}
SECURITY = [
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
PUBLIC = "public, max-age=0, s-maxage=1, must-revalidate"
"""For what is a function of the request and the dataset's version: whoever keeps it asks whether it still holds.

nginx and Varnish store only what is fresh for a while; what they send is at most a second late.
"""
EXPOSED = (
    "Access-Control-Expose-Headers",
    "Accept-Ranges, Content-Range, ETag, Last-Modified, Link, Location, Repr-Digest, Retry-After",
)
PREFLIGHT = [
    (
        "Access-Control-Allow-Headers",
        "Accept, Authorization, Content-Encoding, Content-Type, If-Match, If-Modified-Since, If-None-Match, "
        "If-Range, Mcp-Method, Mcp-Name, Mcp-Protocol-Version, Mcp-Session-Id, Range",
    ),
    ("Access-Control-Max-Age", "86400"),
]
HeaderList = list[tuple[str, str]]
Body = bytes | BinaryIO


@dataclass(slots=True)
class QueryResponse:
    """The answer to a query that has not run yet: whoever sends it runs it first.

    ``types`` are the names under which results and a graph are sent, with the ``headers`` that the results call for.
    ``render`` makes a page of the results instead.
    """

    query: Query
    types: tuple[str | None, str | None] = (None, None)
    render: Callable[[Results], Response] | None = None
    headers: Callable[[Results], HeaderList] | None = None

    def media_type(self, results: Results) -> str:
        """Return the name of the results' media type that the client asked for."""
        named = self.types[0] if results.form in ("SELECT", "ASK") else self.types[1]
        return named or results.media_type


def help_link(query: Query) -> tuple[str, str]:
    """Return the header that leads from an answer that says nothing to the reason (RFC 8288)."""
    pairs = [("query", query.text), ("view", query.view or "")]
    pairs += [("default-graph-uri", iri) for iri in query.default_graphs or ()]
    pairs += [("named-graph-uri", iri) for iri in query.named_graphs or ()]
    address = "/doctor?" + urlencode([pair for pair in pairs if pair[1]])
    return "Link", f'<{address if len(address) < LONGEST_LINK else "/doctor"}>; rel="help"'


class FileResponse(Response):
    """A response whose body lies in a file, which whoever sends it closes."""

    def __init__(self, file: BinaryIO, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.file = file


@dataclass(slots=True)
class Outgoing:
    """A response as it is sent; ``etag`` says that it is a function of the request and the dataset's version.

    Of a body in a file, what is sent begins at ``start``.
    """

    status: int
    headers: HeaderList
    body: Body
    vary: list[str]
    etag: str | None = None
    start: int = 0
    length: int = field(init=False)

    def __post_init__(self) -> None:
        self.length = length_of(self.body)

    @classmethod
    def from_results(cls, results: Results, media_type: str) -> "Outgoing":
        """Make a response of an engine's results."""
        kept = PUBLIC if results.cacheable else "no-store"
        headers = [("Content-Type", content_type(media_type)), ("Cache-Control", kept)]
        return cls(200, headers, results.body, ["Accept"])

    @classmethod
    def from_response(cls, response: Response) -> "Outgoing":
        """Take over a response that a view made."""
        response.direct_passthrough = False
        body = response.file if isinstance(response, FileResponse) else response.get_data()
        own = {"content-length", "date", "etag", "vary"}
        if response.status_code in NO_BODY:
            own.add("content-type")
        headers = [(name, value) for name, value in response.headers if name.lower() not in own]
        response.close()
        return cls(response.status_code, headers, body, list(response.vary))

    def again(self) -> "Outgoing":
        """Return a response that is complete already, to be sent once more."""
        return Outgoing(self.status, self.headers, self.body, [], self.etag)

    def header(self, name: str) -> str:
        """Return the value of a header, or nothing."""
        return dict(self.headers).get(name, "")

    def drop(self, *names: str) -> None:
        """Leave out some headers; the list is another then, for an answer that is kept has the old one."""
        self.headers = [pair for pair in self.headers if pair[0] not in names]

    def tag(self) -> None:
        """Give the body the ETag that follows from it, if it is a function of request and version."""
        if self.status == 200 and ("Cache-Control", PUBLIC) in self.headers:
            self.etag = digest(self.body, sha256()).hex()[:32]
            self.headers.append(("Accept-Ranges", "bytes"))

    def encode(self, accept_encoding: str | None) -> None:
        """Compress the body if the client wants that (RFC 9110 section 12.5.3).

        A digest that was made already holds for these bytes only (RFC 9530).
        """
        if self.length < SMALLEST or self.header("Repr-Digest"):
            return
        self.vary.append("Accept-Encoding")
        coding = choose_coding(accept_encoding)
        if coding is None:
            return
        self.body = compressed(coding, self.body)
        self.length = length_of(self.body)
        self.headers.append(("Content-Encoding", coding))
        if self.etag:  # RFC 9110 section 8.8.3.3
            self.etag += f"-{coding}"

    def meet_conditions(self, incoming: Incoming) -> None:
        """Send what a client needs of a complete response (RFC 9110 section 13.2.2): all, a part, or none of it."""
        if self.status != 200 or not self.etag or incoming.method == "POST":
            return
        header = incoming.headers.get
        wanted, known = header("if-match"), header("if-none-match")
        if (wanted and not parse_etags(wanted).contains(self.etag)) or (
            not wanted and self.changed_since(header("if-unmodified-since")) is True
        ):
            self.replace_body(412)
        elif (known and parse_etags(known).contains_weak(self.etag)) or (
            not known and self.changed_since(header("if-modified-since")) is False
        ):
            self.replace_body(304)
        elif (asked := header("range")) and incoming.method == "GET":
            self.cut(asked, header("if-range"))

    def changed_since(self, date: str | None) -> bool | None:
        """Tell whether it was last changed after a date; None if nobody knows."""
        since = parse_date(date) if date else None
        changed = parse_date(self.header("Last-Modified")) if since else None
        return changed > since if changed and since else None

    def cut(self, asked: str, condition: str | None) -> None:
        """Send one range of the body, if the client has the rest of this same body (RFC 9110 section 14)."""
        wanted = parse_range_header(asked)
        same = condition in (None, f'"{self.etag}"', self.header("Last-Modified"))
        if not wanted or wanted.units != "bytes" or len(wanted.ranges) != 1 or not same:
            return
        span, whole = wanted.range_for_length(self.length), self.length
        if span is None:
            self.replace_body(416)
            self.headers.append(("Content-Range", f"bytes */{whole}"))
            return
        self.status, (self.start, end) = 206, span
        self.length = end - self.start
        if isinstance(self.body, bytes):
            self.body = self.body[self.start : end]
        self.drop("Content-Length")
        self.headers.append(("Content-Range", f"bytes {self.start}-{end - 1}/{whole}"))
        self.headers.append(("Content-Length", str(self.length)))

    def replace_body(self, status: int) -> None:
        """Send a status instead of the body."""
        self.close()
        self.status, self.body, self.length = status, b"", 0
        self.drop("Content-Type", "Content-Encoding", "Content-Length")
        if status != 304:
            self.headers.append(("Content-Length", "0"))

    def close(self) -> None:
        """Let go of the body's file."""
        if not isinstance(self.body, bytes):
            self.body.close()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body piece by piece, and let go of its file."""
        if isinstance(self.body, bytes):
            yield self.body
            return
        with self.body as file:
            file.seek(self.start)
            left = self.length
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece


def complete(outgoing: Outgoing, incoming: Incoming, settings: Settings) -> None:
    """Make a response whole: compression, ETag, and the headers that every one has."""
    outgoing.tag()
    outgoing.encode(incoming.headers.get("accept-encoding"))
    if outgoing.etag:
        outgoing.headers.append(("ETag", f'"{outgoing.etag}"'))
    add_cors(outgoing, incoming, settings.cors_origins)
    if outgoing.vary:
        outgoing.headers.append(("Vary", ", ".join(dict.fromkeys(outgoing.vary))))
    own = {name for name, _ in outgoing.headers}
    outgoing.headers += [pair for pair in SECURITY if pair[0] not in own]
    if outgoing.status not in (204, 304):
        outgoing.headers.append(("Content-Length", str(outgoing.length)))


def add_cors(outgoing: Outgoing, incoming: Incoming, origins: tuple[str, ...]) -> None:
    """Add the headers that let scripts of other origins read (https://fetch.spec.whatwg.org/#http-cors-protocol)."""
    origin = "*" if "*" in origins else incoming.headers.get("origin")
    if origin != "*":
        outgoing.vary.append("Origin")
    if origin not in origins:
        return
    outgoing.headers += [("Access-Control-Allow-Origin", str(origin)), EXPOSED]
    if incoming.method == "OPTIONS":
        allowed = outgoing.header("Allow") or "GET, HEAD, OPTIONS"
        outgoing.headers += [*PREFLIGHT, ("Access-Control-Allow-Methods", allowed)]


def send_results(results: Results, media_type: str | None = None) -> Response:
    """Send an engine's results, under another name of their media type where the client asked for that."""
    return send_body(results.body, media_type or results.media_type, cacheable=results.cacheable)


def send_body(body: Body | str, media_type: str, *, cacheable: bool = True) -> Response:
    """Send a body; ``cacheable`` says that it is a function of the request and the dataset's version alone."""
    kind = content_type(media_type)
    if isinstance(body, bytes | str):
        response = Response(body, content_type=kind)
    else:
        response = FileResponse(body, content_type=kind)
    response.vary.add("Accept")
    response.headers["Cache-Control"] = PUBLIC if cacheable else "no-store"
    return response


def digest(body: Body, total: Any) -> bytes:
    """Return the digest of a body by an algorithm of :mod:`hashlib`; a file is read to its end and rewound."""
    if isinstance(body, bytes):
        total.update(body)
    else:
        while piece := body.read(PIECE):
            total.update(piece)
        body.seek(0)
    digested: bytes = total.digest()
    return digested


def length_of(body: Body) -> int:
    """Return how many bytes a body has."""
    if isinstance(body, bytes):
        return len(body)
    length = body.seek(0, 2)
    body.seek(0)
    return length


@lru_cache(maxsize=1024)
def choose_coding(accept_encoding: str | None) -> str | None:
    """Return the coding that the client likes best; None for the answer as it is."""
    if not accept_encoding:
        return None
    accepted = Accept(parse_accept_header(accept_encoding))
    best = max(CODINGS, key=accepted.quality)
    return best if accepted[best] > 0 and accepted[best] >= accepted["identity"] else None


def compressed(coding: str, body: Body) -> Body:
    """Return a body compressed: bytes as bytes, a file as a file without a name."""
    if isinstance(body, bytes):
        return b"".join(compress(coding, [body]))
    packed = tempfile.TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    with body:
        packed.writelines(compress(coding, iter(lambda: body.read(PIECE), b"")))
    return packed


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
