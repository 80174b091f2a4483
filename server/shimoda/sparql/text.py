"""The text of queries and updates, read without executing it (SPARQL 1.1 Query section 19.8): what it is, and what it may reach.

SERVICE and LOAD are decided from the letters, and closed when in doubt.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from urllib.parse import urlsplit

from shimoda.errors import InputError, LimitExceeded, Refused, TooLarge

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
FORMS: dict[str, Form] = {
    "select": "SELECT",
    "ask": "ASK",
    "construct": "CONSTRUCT",
    "describe": "DESCRIBE",
}
OPAQUE = re.compile(
    r'<[^<>"{}|^`\\\x00-\x20]*>'
    r'|"""(?:[^\\]|\\.)*?"""|\'\'\'(?:[^\\]|\\.)*?\'\'\''
    r'|"(?:[^"\\\n\r]|\\.)*"|\'(?:[^\'\\\n\r]|\\.)*\''
    r"|#[^\n\r]*"
    r"|\\.",
    re.DOTALL,
)
"""What may hold any letters: IRIs, strings, comments, and what is escaped in a name."""
NO_NAME = r"(?<![\w?$@:.-])"
"""Before a keyword: nothing that makes it a part of a variable, a prefixed name or a language tag."""
FORM = re.compile(rf"{NO_NAME}(select|ask|construct|describe)\b(?!\s*:)", re.IGNORECASE)
FIRST = re.compile(r"\s*(?:(?:prefix\s+[\w.-]*:|base)\s*)*(\w+)", re.IGNORECASE)
UPDATING = ["insert", "delete", "load", "clear", "drop", "create", "copy", "move", "add", "with"]
NO_QUERY = "This is an update, not a query: updates go to /update."
NO_UPDATE = "This is a query, not an update: queries go to /sparql."
AFTER_DATASET = re.compile(
    rf"[(){{}}]|{NO_NAME}(?:where|order|group|having|limit|offset|values)\b(?!\s*:)", re.IGNORECASE
)
TOKEN = re.compile(r"[?$@]\w+|[\w.-]*:[\w.-]*|(?P<word>[{}]|\w+)")
TRIPLE_TERM = re.compile("<<|>>")
DEEPEST = 100
ENTITY = re.compile(r"""<!ENTITY\s+([^\s"']+)\s+(?:"([^"]*)"|'([^']*)')""")
REFERENCE = re.compile(r"&([^#;&\s][^;&\s]*);")
GROWTH = 2**24
CHANGING_WORDS = ("now", "rand", "uuid", "bnode", "service", "\\u")
CHANGING = re.compile(r"(?:now|rand|uuid|bnode)(?:\s|#[^\r\n]*)*\(|service|\\u", re.IGNORECASE)
NODES = re.compile(r"_:|[\[(]|<<")
CREATE = re.compile(rf"{NO_NAME}create\s+(graph)\b", re.IGNORECASE)
TAKES = re.compile(r"delete|clear|drop|move|copy|\\u", re.IGNORECASE)
ESCAPE = re.compile(r"\\u", re.IGNORECASE)
HEADER = re.compile(r"(?:\s*#[^\n\r]*)*")
NAMED_GRAPHS = re.compile(r"(?<![?$])(?:graph|from)|\\u", re.IGNORECASE)
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

Endpoint = tuple[str, str, int | None, str]
"""Scheme, host, port and path of an endpoint; two with the same are the same."""


def mask(text: str) -> str:
    """Return a text of the same length with spaces in place of IRIs, strings and comments, and _ where a name has an escape."""
    return OPAQUE.sub(lambda found: ("_" if found[0][0] == "\\" else " ") * len(found[0]), text)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return where a place is in a text; both count from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def has_keyword(masked: str, word: str) -> bool:
    """Tell whether a word stands in a masked text as a keyword."""
    return re.search(rf"{NO_NAME}{word}\b(?!\s*:)", masked, re.IGNORECASE) is not None


def operation_of(text: str) -> Literal["query", "update"] | None:
    """Return what a text is, as the first word after its prologue tells."""
    found = FIRST.match(mask(text))
    word = found[1].lower() if found else ""
    return "query" if word in FORMS else "update" if word in UPDATING else None


def form_of(text: str) -> Form:
    """Return the form of a query: the first of the four words that stands in it as a keyword."""
    found = FORM.search(mask(text))
    if not found:
        if operation_of(text) == "update":
            raise InputError(NO_QUERY)
        raise InputError("There is no SELECT, ASK, CONSTRUCT or DESCRIBE in the query.")
    return FORMS[found[1].lower()]


def is_repeatable(text: str) -> bool:
    """Tell whether the same query on the same dataset surely has the same answer."""
    words = text.lower()  # a pattern of several words takes 50 times as long as looking for each
    return not any(word in words for word in CHANGING_WORDS) or not CHANGING.search(text)


def reads_default_graph_only(query: str) -> bool:
    """Tell whether a query surely reads no named graph; the letters count wherever they stand below its header."""
    header = HEADER.match(query)
    return not NAMED_GRAPHS.search(query, header.end() if header else 0)


def makes_nodes(query: str) -> bool:
    """Tell whether the template of a CONSTRUCT may make blank nodes."""
    masked = mask(query)
    start = masked.find("{")
    return NODES.search(masked, start, end_of_braces(masked, start)) is not None


def only_adds(update: str) -> bool:
    """Tell whether an update surely takes nothing away."""
    return not TAKES.search(update)


def check_nesting(text: str) -> None:
    """Refuse triple terms so deep in each other that who reads them later runs out of stack."""
    if text.count("<<") <= DEEPEST:
        return
    depth = 0
    for mark in TRIPLE_TERM.findall(mask(text)):
        depth += -1 if mark == ">>" else 1
        if depth > DEEPEST:
            detail = f"Triple terms may be {DEEPEST} deep in each other, no deeper."
            raise LimitExceeded(detail, limit="nesting")


def check_entities(document: str) -> None:
    """Refuse an XML document whose entities grow to much more than it says: the parser would write them all out."""
    if "<!ENTITY" not in document:
        return
    sizes: dict[str, int] = {}

    def grown(text: str) -> int:
        return len(text) + sum(sizes.get(name, 0) for name in REFERENCE.findall(text))

    for name, *values in ENTITY.findall(document):
        sizes[name] = grown("".join(values))
    if grown(document) - len(document) > GROWTH:
        detail = f"The document's entities grow to more than {GROWTH:,} characters."
        raise TooLarge(detail, limit="entities")


def with_default_graphs(query: str, default: Iterable[str], named: Iterable[str]) -> str:
    """Return a query that has no dataset clauses with these (SPARQL 1.1 Query section 13.2)."""
    clauses = [f"FROM <{iri}>" for iri in default] + [f"FROM NAMED <{iri}>" for iri in named]
    place = end_of_head(mask(query))
    return f"{query[:place]} {' '.join(clauses)} {query[place:]}"


def end_of_head(masked: str) -> int:
    """Return where dataset clauses stand: before WHERE, the pattern, or what follows a pattern."""
    form = FORM.search(masked)
    start = form.end() if form else 0
    is_construct = form is not None and form[1].lower() == "construct"
    if is_construct and masked[start:].lstrip().startswith("{"):
        start = end_of_braces(masked, start)
    depth = 0
    for token in AFTER_DATASET.finditer(masked, start):
        if token[0] == "(":
            depth += 1
        elif token[0] == ")":
            depth -= 1
        elif depth == 0:
            return token.start()
    return len(masked)


def end_of_braces(masked: str, start: int) -> int:
    """Return where the group in braces that begins after ``start`` ends."""
    depth = 0
    for brace in re.finditer("[{}]", masked[start:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return start + brace.end()
    return len(masked)


def with_using(
    update: str, graphs: tuple[str, ...] | None, named_graphs: tuple[str, ...] | None
) -> str:
    """Return an update with USING clauses for the dataset that the protocol names, if it names one.

    InputError if the update says USING or WITH itself (SPARQL 1.1 Protocol section 2.2.3).
    """
    if graphs is None and named_graphs is None:
        return update
    clauses = "".join(f"USING <{iri}> " for iri in graphs or ())
    clauses += "".join(f"USING NAMED <{iri}> " for iri in named_graphs or ())
    masked = mask(update)
    text, done, last = "", 0, ""
    for word, start, end in outer_words(masked):
        if word in ("USING", "WITH"):
            raise InputError(
                f"An update with {word} cannot be sent with using-graph-uri or using-named-graph-uri."
            )
        if word == "WHERE":
            text += update[done:start]
            if last == "DELETE":  # DELETE WHERE takes no USING: its pattern is said twice
                pattern_end = next(at for _, _, at in outer_words(masked, end))
                text += update[end:pattern_end] + " "
            text, done = text + clauses, start
        last = word
    return text + update[done:]


def create_silently(update: str) -> str:
    """Return an update whose CREATE is no error where the graph is there already.

    SPARQL 1.1 Update section 3.2.1 lets a store choose; rdflib sends CREATE whenever it names a graph.
    """
    if not CREATE.search(update):
        return update
    places = [found.start(1) for found in CREATE.finditer(mask(update))]
    return "SILENT ".join(update[at:to] for at, to in pairwise([0, *places, None]))


def outer_words(masked: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """Yield the words outside of braces, in capitals, and each block in braces, with their places."""
    depth = opening = 0
    for match in TOKEN.finditer(masked, start):
        word = match["word"]
        if word == "{":
            opening = opening if depth else match.start()
            depth += 1
        elif word == "}":
            depth -= 1
            if not depth:
                yield "{}", opening, match.end()
        elif word and not depth:
            yield word.upper(), match.start(), match.end()


# SERVICE and LOAD


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
