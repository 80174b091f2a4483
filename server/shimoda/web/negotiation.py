"""Which media type answers a request: Accept (RFC 9110 section 12.5.1) and the parameter ``format``."""

from collections.abc import Iterable, Mapping

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

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
    """Return the offered type that the client likes best, the first of equals; None if it wants none."""
    weights = read(accept)
    best = max(offered, key=lambda one: quality(weights, one))
    return best if quality(weights, best) > 0 else None


def read(accept: str | None) -> dict[str, float]:
    """Return the weight of each media range; a header that says nothing sensible accepts everything."""
    ranges = parse_accept_header(accept, MIMEAccept)
    weights = {parse_options_header(text)[0].lower(): float(weight) for text, weight in ranges if "/" in text}
    return weights or {"*/*": 1.0}


def quality(weights: Mapping[str, float], offered: str) -> float:
    """Return the client's weight for a type: that of the most specific range that takes it in."""
    spans = (offered, offered.partition("/")[0] + "/*", "*/*")
    return next((weights[span] for span in spans if span in weights), 0.0)


def prefers_html(accept: str | None) -> bool:
    """Tell whether a client, most likely a browser, names HTML and likes nothing better."""
    return bool(accept) and choose(accept, (*RESULTS_TYPES, *GRAPH_TYPES, *HTML)) in HTML


def content_type(media_type: str) -> str:
    """Return the Content-Type of a body in UTF-8 (only text types take a charset)."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
