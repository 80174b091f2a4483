"""Which media type answers a request: Accept (RFC 9110 section 12.5.1) and the parameter ``format``."""

from collections.abc import Iterable, Mapping

from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from shimoda.errors import NotAcceptable

HTML = ("text/html", "application/xhtml+xml")

# What may be asked for, best first, and what is made for it: a client that asks for application/json is told that
# it gets application/json.
RESULTS_TYPES: Mapping[str, str] = {
    "application/sparql-results+json": "application/sparql-results+json",
    "application/json": "application/sparql-results+json",
    "application/sparql-results+xml": "application/sparql-results+xml",
    "application/xml": "application/sparql-results+xml",
    "text/xml": "application/sparql-results+xml",
    "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values",
}
GRAPH_TYPES: Mapping[str, str] = {
    "text/turtle": "text/turtle",
    "application/n-triples": "application/n-triples",
    "text/plain": "application/n-triples",
    "application/rdf+xml": "application/rdf+xml",
    "application/xml": "application/rdf+xml",
    "text/xml": "application/rdf+xml",
    "application/ld+json": "application/ld+json",
    "application/json": "application/ld+json",
    "application/trig": "application/trig",
    "application/n-quads": "application/n-quads",
}
SHORT: Mapping[str, tuple[str, ...]] = {
    "json": ("application/sparql-results+json", "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "ttl": ("text/turtle",),
    "turtle": ("text/turtle",),
    "nt": ("application/n-triples",),
    "rdf": ("application/rdf+xml",),
    "jsonld": ("application/ld+json",),
    "trig": ("application/trig",),
    "nq": ("application/n-quads",),
    "html": HTML,
}


def named(name: str) -> str | None:
    """Return the Accept header that a ``format`` parameter stands for; None for a name not known."""
    known = {*RESULTS_TYPES, *GRAPH_TYPES, *HTML}
    types = (name,) if name in known else SHORT.get(name)
    return ", ".join(types) if types else None


def choose(accept: str | None, offered: Iterable[str]) -> str | None:
    """Return the offered type that the client likes best, the first of equals; None if it wants none.

    A header that says nothing sensible accepts everything; parameters of a media range do not count.
    """
    sent = [(span.partition(";")[0], weight) for span, weight in parse_accept_header(accept) if "/" in span]
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
