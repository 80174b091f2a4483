"""SERVICE and LOAD: what a text may reach, decided from its letters and closed when in doubt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from shimoda.errors import InputError, Refused

SHORTCUTS = {
    "wikidata": "https://query.wikidata.org/sparql",
    "dbpedia": "https://dbpedia.org/sparql",
}
SERVICE = re.compile("service", re.IGNORECASE)
PLAIN_CLAUSE = re.compile(
    r"service\s*(?:silent\s*)?<(https?://[\w.~:/?&=%+-]+)>", re.IGNORECASE | re.ASCII
)
ANY_CLAUSE = re.compile(
    r"(?<![?$\w:\"'#/.-])service(?:\s|#.*\n)*(?:silent(?:\s|#.*\n)*)?(?:<|[?$]\w|[\w.-]*:)"
    r"|service(?:\s|#.*\n)*(?:silent(?:\s|#.*\n)*)?<",
    re.IGNORECASE,
)
LOAD = re.compile(
    r"""\s*load\s*(?P<silent>silent)?\s*<(?P<source>https?://[\w.~:/?&=%+-]+)>\s*
        (?:into\s+graph\s*<(?P<graph>[^<>"{}|^`\\\s]+)>)?\s*;?\s*""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
LOADS = re.compile("load", re.IGNORECASE)
ESCAPE = re.compile(r"\\u", re.IGNORECASE)

Endpoint = tuple[str, str, int | None, str]
"""Scheme, host, port and path of an endpoint; two with the same are the same."""


def endpoint(iri: str) -> Endpoint:
    """Take an endpoint's IRI apart."""
    parts = urlsplit(iri)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port, parts.path or "/"


def endpoints(listed: Iterable[str]) -> frozenset[Endpoint]:
    """Read the operator's list: IRIs, and the shortcuts ``wikidata`` and ``dbpedia``."""
    found = {entry: endpoint(SHORTCUTS.get(entry, entry)) for entry in listed}
    for entry, (scheme, host, _, _) in found.items():
        if scheme not in ("http", "https") or not host:
            shortcuts = ", ".join(SHORTCUTS)
            raise InputError(
                f"An endpoint for SERVICE is an http(s) IRI or one of {shortcuts}, not {entry}."
            )
    return frozenset(found.values())


def federates(text: str, allowed: frozenset[Endpoint]) -> bool:
    """Tell whether a query goes to a worker with network: only if all it says of ``service`` is allowed.

    The letters count wherever they stand, since the engine reads glued keywords. Refused if a clause names an
    endpoint that is not listed, which EXISTS or SILENT would hide; what is no clause stays without network.
    """
    occurrences = len(SERVICE.findall(text))
    if not occurrences:
        return False
    named = PLAIN_CLAUSE.findall(text)
    if len(named) == occurrences and all(is_allowed(iri, allowed) for iri in named):
        if ESCAPE.search(text):
            raise Refused("A query that calls another endpoint may have no \\u escapes.")
        return True
    if ANY_CLAUSE.search(text):
        raise Refused(
            "SERVICE may call only the endpoints that this server lists, each named by its full IRI, "
            "and the word may stand nowhere else in such a query.",
            allowed=[
                f"{scheme}://{host}:{port}{path}"
                for scheme, host, port, path in sorted(allowed, key=str)
            ],
        )
    return False


def is_allowed(iri: str, allowed: frozenset[Endpoint]) -> bool:
    """Tell whether an IRI names an endpoint of the list."""
    try:
        return endpoint(iri) in allowed
    except ValueError:  # no port number
        return False


@dataclass(frozen=True, slots=True)
class Load:
    """An update that does nothing but LOAD one document; ``graph`` None is the default graph."""

    source: str
    graph: str | None
    silent: bool


def load_of(text: str) -> Load | None:
    """Read an update that is one LOAD of an http(s) IRI, without a prologue."""
    found = LOAD.fullmatch(text)
    return Load(found["source"], found["graph"], bool(found["silent"])) if found else None


def may_load(load: Load, prefixes: Iterable[str]) -> bool:
    """Tell whether a document lies under one of the listed IRIs: same server, and a path that goes on from there."""
    try:
        *server, path = endpoint(load.source)
    except ValueError:  # no port number
        return False
    return "/." not in path and any(
        server == list(listed[:3]) and path.startswith(listed[3])
        for listed in map(endpoint, prefixes)
    )
