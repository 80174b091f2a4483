"""Media types: one table of what can be read and written, and which of it answers an Accept header."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pyoxigraph import QueryResultsFormat, RdfFormat
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from shimoda.errors import InputError, NotAcceptable

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, N_TRIPLES, RDF_XML = "text/turtle", "application/n-triples", "application/rdf+xml"
JSON_LD, TRIG, N_QUADS = "application/ld+json", "application/trig", "application/n-quads"
HTML = ("text/html", "application/xhtml+xml")

RESULTS_TYPES: Mapping[str, str] = {
    JSON: JSON,
    "application/json": JSON,
    XML: XML,
    "application/xml": XML,
    "text/xml": XML,
    CSV: CSV,
    TSV: TSV,
}
"""What a client may ask results for, best first, and what is made for it.

A client that asks for application/json is told that it gets application/json.
"""
GRAPH_TYPES: Mapping[str, str] = {
    TURTLE: TURTLE,
    N_TRIPLES: N_TRIPLES,
    "text/plain": N_TRIPLES,
    RDF_XML: RDF_XML,
    "application/xml": RDF_XML,
    "text/xml": RDF_XML,
    JSON_LD: JSON_LD,
    "application/json": JSON_LD,
    TRIG: TRIG,
    N_QUADS: N_QUADS,
}
"""The same for graphs."""
NAMES: Mapping[str, tuple[str | None, str | None]] = {
    "json": (JSON, JSON_LD),
    "xml": (XML, RDF_XML),
    "csv": (CSV, None),
    "tsv": (TSV, None),
    "srj": (JSON, None),
    "srx": (XML, None),
    "turtle": (None, TURTLE),
    "ttl": (None, TURTLE),
    "ntriples": (None, N_TRIPLES),
    "nt": (None, N_TRIPLES),
    "rdfxml": (None, RDF_XML),
    "rdf": (None, RDF_XML),
    "jsonld": (None, JSON_LD),
    "trig": (None, TRIG),
    "nquads": (None, N_QUADS),
    "nq": (None, N_QUADS),
}
"""Short names, each with the media type of results and of graphs; None where it names none."""


def accept_of(name: str) -> str:
    """Return the Accept header that a short name or a media type stands for."""
    if name in RESULTS_TYPES or name in GRAPH_TYPES or name in HTML:
        return name
    if name == "html":
        return ", ".join(HTML)
    if name not in NAMES:
        known = ", ".join(NAMES)
        raise NotAcceptable(f"There is no format {name[:40]!r}; choose one of {known}.")
    return ", ".join(kind for kind in NAMES[name] if kind)


@lru_cache(maxsize=1024)
def choose(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Return the offered type that the client likes best, the first of equals; None if it wants none.

    RFC 9110 section 12.5.1. A header that says nothing sensible accepts everything; parameters of a media range
    do not count.
    """
    ranges = [(span.partition(";")[0], weight) for span, weight in parse_accept_header(accept)]
    weights = MIMEAccept([one for one in ranges if "/" in one[0]] or [("*/*", 1)])
    best = max(offered, key=weights.quality)
    return best if weights.quality(best) > 0 else None


def negotiate(accept: str | None, offered: Iterable[str]) -> str:
    """Return the offered type that the client likes best; NotAcceptable if it wants none."""
    offered = tuple(offered)
    chosen = choose(accept, offered)
    if chosen is None:
        raise NotAcceptable(f"This can be had as {', '.join(offered)}.")
    return chosen


@lru_cache(maxsize=1024)
def choose_answer(accept: str | None) -> tuple[str | None, str | None]:
    """Return the types that the client likes best for results and for a graph; NotAcceptable if neither."""
    chosen = choose(accept, tuple(RESULTS_TYPES)), choose(accept, tuple(GRAPH_TYPES))
    if chosen == (None, None):
        raise NotAcceptable("None of the formats that the request accepts can be made here.")
    return chosen


@lru_cache(maxsize=1024)
def prefers_html(accept: str | None) -> bool:
    """Tell whether a client, most likely a browser, names HTML and likes nothing better."""
    return bool(accept) and choose(accept, (*RESULTS_TYPES, *GRAPH_TYPES, *HTML)) in HTML


@lru_cache(maxsize=64)
def content_type(media_type: str) -> str:
    """Return the Content-Type of a body in UTF-8 (only text types take a charset)."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


@lru_cache(maxsize=64)
def results_format(media_type: str | None) -> QueryResultsFormat:
    """Return the format for results of a media type; NotAcceptable if there is none."""
    form = QueryResultsFormat.from_media_type(acceptable(media_type))
    if not form:
        raise NotAcceptable(f"Results cannot be written as {media_type}.")
    return form


@lru_cache(maxsize=64)
def rdf_format(media_type: str | None) -> RdfFormat:
    """Return the RDF syntax of a media type; InputError if it is none."""
    form = RdfFormat.from_media_type(acceptable(media_type))
    if not form:
        raise InputError(f"{media_type} is no RDF syntax known here.")
    return form


def acceptable(media_type: str | None) -> str:
    """Return the media type that was asked for, if any was."""
    if media_type is None:
        raise NotAcceptable("None of the formats asked for can hold this answer.")
    return media_type
