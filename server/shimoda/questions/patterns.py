"""What a query asks for: the triple patterns that a row of its answer rests on (SPARQL 1.1 Query section 18.2)."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count, islice, product
from typing import Any, Literal

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode

from shimoda.errors import InputError
from shimoda.namespaces import PREDEFINED
from shimoda.reasoning.rules import Atom
from shimoda.sparql.results import Row
from shimoda.sparql.text import FORM, end_of_braces, end_of_head, has_keyword, mask

LONGEST, LONGEST_TEXT = 2_000, 50_000
"""Characters of a query that is read, without and with strings, IRIs and comments; the parser needs up to seconds."""
STEPS = 8
"""How often a property that a path repeats is followed."""
MOST = 32
"""In how many ways the paths of one group of triple patterns are followed."""
NAMELESS = "?__"
"""What the variables begin with that stand for blank nodes, or between the steps of a path."""
SAME = "="
"""Stands for a property where a path of no length needs both ends to be the same."""
COUNTED = "Counts and sums rest on all that they were made of."
LIMITS = {
    "EXISTS": "What must be absent or present beside it is not cited.",
    "MINUS": "What is left out has no source.",
    "SERVICE": "What another endpoint answers is not cited.",
}
SUBQUERY = "What a subquery finds is not cited."
PATH = "A property path is too long or too open to be followed."
MODIFIER = re.compile(r"^\s*(distinct|reduced)\b", re.IGNORECASE)
COMPUTED = re.compile(r"\bas\s*[?$](\w+)", re.IGNORECASE)
VALUES = re.compile(r"(?<![\w?$@:.-])values\b(?!\s*:)", re.IGNORECASE)
Kind = Literal["all", "any", "optional"]
KINDS: dict[str, Kind] = {"Join": "all", "Union": "any"}
Walk = list[tuple[str, bool]]
"""The steps of a path: a property, and whether it is taken backwards."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Triple patterns in one graph (None: the default graph); property paths make several ways to read them."""

    graph: str | None
    ways: tuple[tuple[Atom, ...], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that all hold, of which any holds, or that may be absent."""

    kind: Kind
    parts: "tuple[Group | Leaf, ...]"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pattern of a query, its variables, those that it groups by, and what of it cannot be traced."""

    tree: Group | Leaf
    variables: tuple[str, ...]
    keys: tuple[str, ...] | None
    notes: tuple[str, ...]


def algebra_of(text: str, base: str | None = None) -> Any:
    """Return rdflib's algebra of a query; InputError if rdflib cannot read it."""
    from pyparsing import ParseBaseException

    from shimoda.sparql.grammar import parseQuery, translateQuery

    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)  # it reports each odd literal
    try:
        return translateQuery(parseQuery(text), base, dict(PREDEFINED)).algebra
    except (ParseBaseException, RecursionError, LookupError, ValueError, TypeError, AttributeError):
        raise InputError(
            "A query that is nested deep, or new in SPARQL 1.2, is not traced to sources."
        ) from None


def read_pattern(text: str, base: str | None = None) -> Pattern:
    """Read a query; InputError says why one cannot be read."""
    masked = mask(text) if len(text) <= LONGEST_TEXT else ""
    if not masked or len(" ".join(masked.split())) > LONGEST:
        raise InputError("The query is too long to be traced to its sources.")
    if has_keyword(masked, "FROM"):
        raise InputError("A query with a dataset of its own is not traced to sources.")
    return Reader(masked).pattern(algebra_of(text, base))


class Reader:
    """Reads rdflib's algebra."""

    def __init__(self, masked: str) -> None:
        self.notes = [note for word, note in LIMITS.items() if has_keyword(masked, word)]
        self.fresh = count()
        self.keys: tuple[str, ...] | None = None

    def pattern(self, root: Any) -> Pattern:
        """Return the pattern of a query whose algebra is ``root``."""
        tree = self.read(root, None)
        names = dict.fromkeys(name[1:] for name in variables(tree) if not name.startswith(NAMELESS))
        return Pattern(tree, tuple(names), self.keys, tuple(dict.fromkeys(self.notes)))

    def read(self, node: Any, graph: str | None) -> Group | Leaf:
        """Return the patterns below a node of the algebra."""
        if node.name == "BGP":
            return self.leaf(node.triples, graph)
        if node.name in ("Join", "Union"):
            return Group(KINDS[node.name], (self.read(node.p1, graph), self.read(node.p2, graph)))
        if node.name == "LeftJoin":
            optional = Group("optional", (self.read(node.p2, graph),))
            return Group("all", (self.read(node.p1, graph), optional))
        if node.name == "Group":
            self.notes.append(COUNTED)
            self.keys = tuple(str(one) for one in node.expr or () if kind_of(one) == "Variable")
        return self.read_part(node, graph)

    def read_part(self, node: Any, graph: str | None) -> Group | Leaf:
        """Return the patterns in the part that a node of the algebra has."""
        below: Any = next((node[name] for name in ("p1", "p") if name in node), None)
        if node.name == "ToMultiSet" and getattr(below, "name", "values") != "values":
            self.notes.append(SUBQUERY)
        if below is None or node.name == "ToMultiSet":
            return Group("all", ())
        return self.read(below, term(node.term) if node.name == "Graph" else graph)

    def leaf(self, triples: list[tuple[Any, Any, Any]], graph: str | None) -> Leaf:
        """Return triple patterns, with their paths taken apart."""
        ways = [self.ways(*triple) for triple in triples]
        found = list(islice(product(*ways), MOST + 1))
        if len(found) > MOST:
            self.notes.append(PATH)
            found = list(product(*(way for way in ways if len(way) == 1)))
        return Leaf(graph, tuple(tuple(chain(*way)) for way in found))

    def ways(self, subject: Any, path: Any, thing: Any) -> list[tuple[Atom, ...]]:
        """Return the ways to read one triple pattern, each as patterns without a path."""
        try:
            found = list(islice(walks(path), MOST + 1))
        except NotImplementedError:
            self.notes.append(PATH)
            return [()]
        return [tuple(self.chain(term(subject), walk, term(thing))) for walk in found]

    def chain(self, subject: str, walk: Walk, thing: str) -> Iterator[Atom]:
        """Yield the patterns of a walk, with a new variable between two steps."""
        if not walk:
            yield subject, SAME, thing
        for number, (prop, backwards) in enumerate(walk, 1):
            end = thing if number == len(walk) else f"{NAMELESS}{next(self.fresh)}"
            yield (end, prop, subject) if backwards else (subject, prop, end)
            subject = end


def kind_of(node: Any) -> str:
    """Return the name of the class of what rdflib made, which takes long to import."""
    return type(node).__name__


def term(node: Any) -> str:
    """Write a term of rdflib as SPARQL; a blank node is a variable that nobody can name."""
    if kind_of(node) == "URIRef":
        return f"<{node}>"
    text: str = node.n3()
    return NAMELESS + text[2:] if text.startswith("_:") else text


def walks(path: Any) -> Iterator[Walk]:
    """Yield the walks that a property path stands for (section 9.1); NotImplementedError if it excludes properties."""
    match kind_of(path):
        case "InvPath":
            for walk in walks(path.arg):
                yield [(prop, not backwards) for prop, backwards in reversed(walk)]
        case "SequencePath":
            parts = [list(islice(walks(part), MOST + 1)) for part in path.args]
            yield from (list(chain(*walk)) for walk in product(*parts))
        case "AlternativePath":
            yield from chain(*map(walks, path.args))
        case "MulPath":
            once = list(islice(walks(path.path), MOST + 1))
            least, most = {"?": (0, 1), "*": (0, STEPS), "+": (1, STEPS)}[path.mod]
            for times in range(least, most + 1):
                yield from (list(chain(*walk)) for walk in product(once, repeat=times))
        case "NegatedPath":
            raise NotImplementedError
        case _:
            yield [(term(path), False)]


def variables(tree: Group | Leaf) -> Iterator[str]:
    """Yield the variables of patterns, again where they recur."""
    if isinstance(tree, Group):
        yield from chain(*map(variables, tree.parts))
    else:
        terms = chain([tree.graph or ""], *chain(*tree.ways))
        yield from (term for term in terms if term.startswith("?"))


def witness_query(
    text: str, pattern: Pattern, names: list[str], rows: list[Row], limit: int
) -> str:
    """Return a query for the solutions that rows come from, with every variable of the pattern.

    ``names`` are the variables by which a solution and a row are compared. The pattern stays as it was written, so that
    whatever its filters say still holds; the rows' values come beside it.
    """
    masked = mask(text)
    form = FORM.search(masked)
    assert form
    place = end_of_head(masked)
    opening = masked.index("{", place)
    end = end_of_braces(masked, opening)
    items = MODIFIER.sub("", text[form.end() : place])
    if (
        form[1].lower() == "ask"
        or "*" in masked[form.end() : place].split()
        or pattern.keys is not None
    ):
        items = written(names)
    others = set(pattern.variables) - {*names}
    computed = set(COMPUTED.findall(masked[form.end() : place]))
    given = VALUES.search(masked, end)
    more = text[given.start() :] if given else ""
    return (
        f"{text[: form.start()]}SELECT {f'{items} {written(others)}'.strip() or '*'} "
        f"WHERE {{ {text[opening:end]} {more}\n}} LIMIT {limit} {values_clause([name for name in names if name not in computed], rows)}"
    )


def values_clause(names: list[str], rows: list[Row]) -> str:
    """Return the clause that holds the rows' values, as far as a query can name them."""
    if not names:
        return ""
    lines = (" ".join(nameable(row.get(name)) for name in names) for row in rows)
    return f"VALUES ({written(names)}) {{ {' '.join(f'({line})' for line in lines)} }}"


def nameable(term: object, otherwise: str = "UNDEF") -> str:
    """Write a term that a query can name as SPARQL."""
    return str(term) if isinstance(term, NamedNode | RdfLiteral) else otherwise


def written(names: Iterable[str]) -> str:
    """Write variables in a row."""
    return " ".join(f"?{name}" for name in names)
