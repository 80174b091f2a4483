"""A request: what it says, its parameters and its body, whichever server it came through."""

import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from gzip import GzipFile
from io import BytesIO
from time import perf_counter
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl

from flask import request
from granian.rsgi import Scope
from pyoxigraph import NamedNode
from werkzeug import Request
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.utils import get_current_url, get_host
from werkzeug.wsgi import get_input_stream

from shimoda.errors import InputError, TooLarge
from shimoda.settings import Settings
from shimoda.web.problems import Unsupported
from shimoda.web.service import service

Environ = dict[str, Any]
INCOMING = "shimoda.request"
"""Where the WSGI environment holds the :class:`Incoming` request."""
WSGI: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
"""What is the same in every environment."""
HOST = re.compile(r"[A-Za-z0-9._~-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
MOST_FIELDS = 10_000
LONGEST_KEPT = 2**16
"""Bytes of a body that may be part of a cache's key."""


class Headers(Protocol):
    """The headers of a request; names are in lower case."""

    def get(self, name: str, /) -> str | None:
        """Return the value of a header."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return all headers; one may occur more than once."""


@dataclass(slots=True)
class Incoming:
    """What a request says of itself, whichever server it came through; Flask need not know of it.

    ``query`` is the query in it, ``entry`` what the log says of it. Its answer depends on ``key`` and on the dataset, of
    the ``version`` with which it came, or, with ``default_graph_only``, on the default graph.
    """

    method: str
    path: str
    query_string: str
    headers: Headers
    scheme: str = "http"
    client: str = ""
    server: str = ""
    protocol: str = "1.1"
    host: str | None = None
    body: bytes | None = None
    query: str = ""
    entry: dict[str, Any] = field(default_factory=dict)
    key: tuple[Any, ...] | None = None
    version: int = 0
    default_graph_only: bool = False
    begun: float = field(default_factory=perf_counter)
    wsgi_environ: Environ | None = None

    @classmethod
    def from_environ(cls, environ: Environ) -> Self:
        """Read a WSGI environment (PEP 3333)."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        query_string = environ.get("QUERY_STRING", "").encode("latin-1").decode("utf-8", "replace")
        incoming = cls(method, path, query_string, EnvironHeaders(environ))
        incoming.scheme = environ["wsgi.url_scheme"]
        incoming.client = environ.get("REMOTE_ADDR", "")
        incoming.server = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        incoming.protocol = environ.get("SERVER_PROTOCOL", "HTTP/1.1").removeprefix("HTTP/")
        incoming.host = environ.get("HTTP_HOST")
        incoming.wsgi_environ = environ
        environ[INCOMING] = incoming
        return incoming

    @classmethod
    def from_scope(cls, scope: Scope) -> Self:
        """Read an RSGI scope (RSGI 1.5, https://github.com/emmett-framework/granian)."""
        incoming = cls(scope.method, scope.path, scope.query_string, scope.headers)
        incoming.scheme = scope.scheme
        incoming.client = scope.client.rpartition(":")[0].strip("[]")
        incoming.server = scope.server
        incoming.protocol = scope.http_version
        incoming.host = ",".join(scope.headers.get_all("host")) or None  # type: ignore[attr-defined]
        incoming.body = b""
        return incoming

    @property
    def environ(self) -> Environ:
        """The WSGI environment: the one that the request came with, or one that says the same."""
        if self.wsgi_environ is None:
            self.wsgi_environ = self.make_environ()
        return self.wsgi_environ

    def make_environ(self) -> Environ:
        """Make the WSGI environment of a request that came through RSGI."""
        body = self.body or b""
        environ = {**WSGI, "REQUEST_METHOD": self.method, INCOMING: self}
        environ["PATH_INFO"] = self.path.encode().decode("latin-1")
        environ["QUERY_STRING"] = self.query_string.encode().decode("latin-1")
        environ["SERVER_NAME"], _, environ["SERVER_PORT"] = self.server.rpartition(":")
        environ["SERVER_PROTOCOL"] = f"HTTP/{self.protocol}"
        environ["wsgi.input"] = BytesIO(body)
        for name, value in self.headers.items():
            key = wsgi_name(name)
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        return environ | self.origin()

    def origin(self) -> Environ:
        """Return what the WSGI environment says of who asks for what: a proxy may know better."""
        origin = {"REMOTE_ADDR": self.client, "wsgi.url_scheme": self.scheme}
        return origin if self.host is None else {**origin, "HTTP_HOST": self.host}

    def come_from(self, client: str | None, scheme: str | None, host: str | None) -> None:
        """Take over what a trusted proxy says of the client, and of the address it used."""
        self.client, self.scheme = client or self.client, scheme or self.scheme
        self.host = host or self.host
        if self.wsgi_environ is not None:
            self.wsgi_environ.update(self.origin())

    def check_host(self) -> None:
        """Refuse a Host that is missing (RFC 9112 section 3.2) or is no host: it becomes a part of IRIs."""
        if not is_host(self.host or "", self.protocol):
            raise InputError("The header Host is missing or is no host name.")

    def root(self, settings: Settings) -> str:
        """Return the address at which the client reaches this server, without a slash at its end."""
        if settings.public_url:
            return settings.public_url.rstrip("/")
        return root_url(self.scheme, self.host, self.server)

    def media_type(self) -> tuple[str, str]:
        """Return the media type of the body and its charset, both in lower case."""
        media_type, options = parse_options_header(self.headers.get("content-type") or "")
        return media_type.lower(), options.get("charset", "").lower()

    def short_body(self) -> bytes | None:
        """Return a short body, which is part of what an answer depends on; it can be read again."""
        length = self.headers.get("content-length") or ""
        if self.body is None and length.isdigit() and 0 < int(length) <= LONGEST_KEPT:
            self.body = get_input_stream(self.environ).read()
            self.environ["wsgi.input"] = BytesIO(self.body)
        return self.body if self.body and len(self.body) <= LONGEST_KEPT else None

    def read_body(self, limit: int) -> bytes:
        """Return the body, unzipped, or raise TooLarge."""
        body = self.body
        if body is None:
            body = get_input_stream(self.environ).read(limit + 1)
        return unzip(body, self.headers.get("content-encoding") or "", limit)

    def note(self, **facts: Any) -> None:
        """Note facts for the log."""
        self.entry.update(facts)


@lru_cache(maxsize=256)
def is_host(host: str, protocol: str) -> bool:
    """Tell whether a Host names one; HTTP/1.0 may do without."""
    return HOST.fullmatch(host) is not None or (not host and protocol != "1.1")


@lru_cache(maxsize=256)
def wsgi_name(header: str) -> str:
    """Return the key of a header in a WSGI environment."""
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def incoming_request() -> Incoming:
    """Return the current request as it came in."""
    found = request.environ[INCOMING]
    assert isinstance(found, Incoming)
    return found


def own_url() -> str:
    """Return the address at which the client of the current request reaches this server."""
    return incoming_request().root(service().settings)


@lru_cache(maxsize=256)
def root_url(scheme: str, host: str | None, server: str) -> str:
    """Return the root of a server as its clients write it."""
    name, _, port = server.rpartition(":")
    address = name, int(port) if port.isdigit() else None
    return get_current_url(scheme, get_host(scheme, host, address)).rstrip("/")


class Parameters:
    """Names and values, decoded strictly; a name may occur more than once."""

    def __init__(self, raw: str | bytes) -> None:
        """Decode a query string or a form (application/x-www-form-urlencoded); InputError when it is broken."""
        try:
            text = raw if isinstance(raw, str) else raw.decode()
            if STRAY_PERCENT.search(text):
                raise InputError("A % in the request is not followed by two hexadecimal digits.")
            self.pairs = parse_qsl(text, True, errors="strict", max_num_fields=MOST_FIELDS)
        except UnicodeDecodeError:
            raise InputError("The request's parameters are not UTF-8.") from None
        except ValueError:
            raise InputError(f"The request has more than {MOST_FIELDS} parameters.") from None

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

    def all(self, name: str) -> list[str]:
        """Return every value of a name."""
        return [value for one, value in self.pairs if one == name]

    def one(self, name: str) -> str | None:
        """Return the value of a name that may occur once, or None."""
        values = self.all(name)
        if len(values) > 1:
            raise InputError(
                f"The parameter {name} is given {len(values)} times; it may be given once."
            )
        return values[0] if values else None

    def number(self, name: str, default: int, most: int, least: int = 1) -> int:
        """Return a whole number from ``least`` to ``most``."""
        text = self.one(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
            detail = (
                f"The parameter {name} takes a number from {least} to {most:,}, not {text[:40]!r}."
            )
            raise InputError(detail)
        return int(text)

    def is_set(self, name: str) -> bool:
        """Tell whether a switch is on: 1, not 0 or nothing."""
        value = self.one(name) or "0"
        if value not in ("0", "1"):
            raise InputError(f"The parameter {name} takes 1 for yes, or 0, not {value[:40]!r}.")
        return value == "1"

    def iris(self, name: str) -> tuple[str, ...]:
        """Return each value of a name, all of them absolute IRIs; forms send empty ones, which name nothing."""
        return tuple(absolute(value, name) for value in self.all(name) if value)


def absolute(text: str, name: str) -> str:
    """Return the text if it is an absolute IRI; InputError names the parameter if it is not."""
    try:
        return NamedNode(text).value
    except ValueError:
        detail = f"The parameter {name} takes an absolute IRI, not {text[:200]!r}."
        raise InputError(detail) from None


def query_string() -> Parameters:
    """Return the parameters of the request's URL."""
    return Parameters(incoming_request().query_string)


def authorised_body() -> bytes:
    """Return the body of a request that may write, which is found out before any of it is read."""
    service().tokens.check(request.headers.get("Authorization"))
    return incoming_request().read_body(service().settings.max_body)


def parts(incoming: Incoming, body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Take a form (RFC 7578) apart: the name, the media type ("" for a field) and the content of each part."""
    whole = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    with Request({**incoming.environ, **whole}) as form:
        form.max_form_memory_size = None  # it is in memory already
        try:
            files, fields = form.files, form.form
        except RequestEntityTooLarge:
            raise TooLarge("The form has too many parts.", limit="parts") from None
        if not files and not fields:  # what is broken is parsed as if it were empty
            raise InputError("The form has no parts, or breaks off.")
        for name, file in files.items(multi=True):
            yield name, file.mimetype, file.read()
        for name, text in fields.items(multi=True):
            yield name, "", text.encode()


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
        detail = "The body is said to be gzipped, and is not, or breaks off before its end."
        raise InputError(detail) from None
    check_size(len(plain), limit)
    return plain
