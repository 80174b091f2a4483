"""Which media type answers a request: Accept (RFC 9110 section 12.5.1) and the parameter ``format``."""

from collections.abc import Iterable, Mapping

from flask import request
from pyoxigraph import QueryResultsFormat, RdfFormat
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from shimoda.errors import NotAcceptable

HTML = ("text/html", "application/xhtml+xml")


def made(syntax: QueryResultsFormat | RdfFormat | None) -> str:
    """Return the proper media type of a syntax."""
    return syntax.media_type.partition(";")[0] if syntax else ""


# What may be asked for, best first, and what is made for it: a client that asks for application/json is told that
# it gets application/json.
RESULTS_TYPES: Mapping[str, str] = {
    name: made(QueryResultsFormat.from_media_type(name))
    for name in (
        "application/sparql-results+json",
        "application/json",
        "application/sparql-results+xml",
        "application/xml",
        "text/xml",
        "text/csv",
        "text/tab-separated-values",
    )
}
GRAPH_TYPES: Mapping[str, str] = {
    name: made(RdfFormat.from_media_type(name))
    for name in (
        "text/turtle",
        "application/n-triples",
        "text/plain",
        "application/rdf+xml",
        "application/xml",
        "text/xml",
        "application/ld+json",
        "application/json",
        "application/trig",
        "application/n-quads",
    )
}


def named(name: str) -> str | None:
    """Return the Accept header that a ``format`` parameter stands for: a media type, or the ending of a file's name."""
    if name in (*RESULTS_TYPES, *GRAPH_TYPES, *HTML):
        return name
    if name == "html":
        return ", ".join(HTML)
    ending = "ttl" if name == "turtle" else name
    syntaxes = QueryResultsFormat.from_extension(ending), RdfFormat.from_extension(ending)
    return ", ".join(made(syntax) for syntax in syntaxes if syntax) or None


def choose(accept: str | None, offered: Iterable[str]) -> str | None:
    """Return the offered type that the client likes best, the first of equals; None if it wants none.

    A header that says nothing sensible accepts everything; parameters of a media range do not count.
    """
    sent = [
        (span.partition(";")[0], weight)
        for span, weight in parse_accept_header(accept)
        if "/" in span
    ]
    weights = MIMEAccept(sent or [("*/*", 1)])
    best = max(offered, key=weights.quality)
    return best if weights.quality(best) > 0 else None


def negotiate(offered: Iterable[str], accept: str | None = None) -> str:
    """Return the offered type that the current request, or this header, likes best; NotAcceptable if it wants none."""
    chosen = choose(accept or request.headers.get("Accept"), offered)
    if chosen is None:
        raise NotAcceptable(f"This can be had as {', '.join(offered)}.")
    return chosen


def prefers_html(accept: str | None) -> bool:
    """Tell whether a client, most likely a browser, names HTML and likes nothing better."""
    return bool(accept) and choose(accept, (*RESULTS_TYPES, *GRAPH_TYPES, *HTML)) in HTML


def content_type(media_type: str) -> str:
    """Return the Content-Type of a body in UTF-8 (only text types take a charset)."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
