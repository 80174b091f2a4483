"""Media types: one table of what can be read and written, and which of it answers an Accept header."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pyoxigraph import QueryResultsFormat, RdfFormat

from shimoda.errors import InputError, NotAcceptable

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, N_TRIPLES, RDF_XML = "text/turtle", "application/n-triples", "application/rdf+xml"
JSON_LD, TRIG, N_QUADS = "application/ld+json", "application/trig", "application/n-quads"
HTML = ("text/html", "application/xhtml+xml")

RESULTS: Mapping[str, str] = {
    JSON: "application/json json srj",
    XML: "application/xml text/xml xml srx",
    CSV: "csv",
    TSV: "tsv",
}
"""The formats of results, best first, each with the other names that clients have for it: media types and short ones."""
GRAPHS: Mapping[str, str] = {
    TURTLE: "application/turtle application/x-turtle text/n3 text/rdf+n3 turtle ttl n3",
    N_TRIPLES: "text/plain text/ntriples ntriples n-triples nt",
    RDF_XML: "application/xml text/xml rdfxml rdf+xml rdf xml",
    JSON_LD: "application/json application/x-json+ld jsonld json-ld json",
    TRIG: "application/x-trig trig",
    N_QUADS: "text/x-nquads nquads n-quads nq",
}
"""The same for graphs; whatever reads N3 reads Turtle."""


def media_types(formats: Mapping[str, str]) -> dict[str, str]:
    """Return what a client may ask for, and what is made for it; it is told that it gets what it asked for."""
    return {
        name: kind
        for kind, others in formats.items()
        for name in (kind, *others.split())
        if "/" in name
    }


def short_names(formats: Mapping[str, str]) -> dict[str, str]:
    """Return the short names of formats, and the media type of each."""
    pairs = ((name, kind) for kind, others in formats.items() for name in others.split())
    return {name: kind for name, kind in pairs if "/" not in name}


RESULTS_TYPES, GRAPH_TYPES = media_types(RESULTS), media_types(GRAPHS)
NAMES: Mapping[str, tuple[str | None, str | None]] = {
    name: (short_names(RESULTS).get(name), short_names(GRAPHS).get(name))
    for name in short_names(RESULTS) | short_names(GRAPHS)
}
"""Short names, each with the media type of results and of graphs; None where it names none."""


def accept_of(names: Iterable[str]) -> str | None:
    """Return the Accept header that the first known of some names stands for; None if all are empty.

    A name is a short one, or what an Accept header may hold. NotAcceptable if none is known.
    """
    given = [name.strip().lower() for name in names if name.strip()]
    for name in given:
        if name == "html":
            return ", ".join(HTML)
        if name in NAMES:
            return ", ".join(kind for kind in NAMES[name] if kind)
        if "/" in name and choose(name, (*RESULTS_TYPES, *GRAPH_TYPES, *HTML)):
            return name
    if given:
        known = ", ".join(NAMES)
        raise NotAcceptable(f"There is no format {given[0][:40]!r}; choose one of {known}.")
    return None


@lru_cache(maxsize=1024)
def choose(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Return the offered type that the client likes best, the first of equals; None if it wants none.

    RFC 9110 section 12.5.1. A header that says nothing sensible accepts everything; parameters of a media range
    do not count.
    """
    from werkzeug.datastructures import MIMEAccept  # long to import, and only who speaks HTTP does
    from werkzeug.http import parse_accept_header

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
    """Return the types that the client likes best for results and for a graph; NotAcceptable if neither.

    Who names formats of results only gets a graph as Turtle: clients ask so before they know the query's form.
    """
    results, graph = choose(accept, tuple(RESULTS_TYPES)), choose(accept, tuple(GRAPH_TYPES))
    if results is None and graph is None:
        raise NotAcceptable("None of the formats that the request accepts can be made here.")
    return results, graph or TURTLE


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
