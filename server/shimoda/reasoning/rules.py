"""What a rule is, how it is written in SPARQL, and how it is read from a file.

A rule file (``ontology/rules/<name>.rq``) holds one CONSTRUCT query. Its ``#+`` header says in words what follows
(``#+ summary:``). The body may use triple patterns without paths, FILTER, and FILTER NOT EXISTS, which closes the
world and puts the rule into a later stratum. Every variable of the head stands in a triple pattern of the body, so
that no rule makes a term that the data does not have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, Store

from shimoda.errors import InputError, SyntaxProblem
from shimoda.namespaces import BASE, PREFIXES
from shimoda.reasoning.stores import Node

__all__ = [
    "TYPE",
    "Absence",
    "Atom",
    "Filter",
    "Many",
    "Rule",
    "Signature",
    "join",
    "parse_rule",
    "read_rule",
    "read_rules",
    "rule_iri",
    "signature",
    "unequal",
    "variables",
]

type_iri = PREFIXES["rdf"]["type"]
TYPE = str(type_iri)
Atom = tuple[str, str, str]
"""A triple pattern: subject, predicate and object as SPARQL writes them, IRIs in full."""
Signature = tuple[str, str]
"""What an atom is about: a predicate, or ``rdf:type`` and a class; ``?`` where it is open."""

REFUSED = {"BIND", "OPTIONAL", "UNION", "MINUS", "VALUES", "GRAPH", "SERVICE", "SELECT", *"{[/|^*+"}
TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<iri><[^<>"{}|^`\\\s]*>)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<name>(?:[A-Za-z][\w-]*)?:[\w-]*)|(?P<word>[?$@]?[A-Za-z_]\w*|[\d.]*\d|\^\^|&&|\|\||[!<>]=|\S)|\s+""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on the values of variables: an expression of SPARQL, or a test that the text says."""

    text: str
    names: tuple[str, ...]
    test: Callable[..., bool] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Absence:
    """Patterns that must match nothing (NOT EXISTS)."""

    atoms: tuple[Atom, ...]
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """Patterns that must match for at least ``number`` values of a variable that all differ from each other."""

    number: int
    value: str
    atoms: tuple[Atom, ...]
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """If the body holds, and what is said besides of its variables, then the head; without a head it names a clash.

    ``apart`` says of a variable that its value is known to differ from each of the terms. ``words`` may be empty: the
    patterns are then said. ``source`` is the axiom or the file that the rule comes from.
    """

    name: str
    words: str
    head: tuple[Atom, ...]
    body: tuple[Atom, ...]
    filters: tuple[Filter, ...] = ()
    absent: tuple[Absence, ...] = ()
    many: tuple[Many, ...] = ()
    apart: tuple[tuple[str, tuple[str, ...]], ...] = ()
    source: Atom | str = ""

    def text(self) -> str:
        """Write the rule as a SPARQL CONSTRUCT query, with functions of our own for what SPARQL cannot say."""
        conditions = [
            f"FILTER({found.text})" for found in self.filters if found.test not in (None, unequal)
        ]
        conditions += [
            f"FILTER(<{BASE}function/at-least-{many.number}>({many.value}))" for many in self.many
        ]
        conditions += [
            f"FILTER(<{BASE}function/differs-from-each>({name}))" for name, _ in self.apart
        ]
        atoms = join(atom for many in self.many for atom in many.atoms)
        return f"CONSTRUCT {{ {join(self.head)} }} WHERE {{ {self.where()} {atoms} {' '.join(conditions)} }}"

    def where(self) -> str:
        """Write what SPARQL can say of the body."""
        absent = (
            f"NOT EXISTS {{ {join(group.atoms)} {conditions(group.filters)} }}"
            for group in self.absent
        )
        return " ".join(
            [join(self.body), conditions(self.filters), *(f"FILTER({text})" for text in absent)]
        )


def conditions(filters: Iterable[Filter]) -> str:
    """Write the filters that SPARQL can say."""
    return " ".join(f"FILTER({found.text})" for found in filters if found.test in (None, unequal))


def unequal(one: Node, other: Node) -> bool:
    """Tell whether two terms are not the same; of literals SPARQL says more, so their values are asked."""
    from shimoda.reasoning.values import differ

    return (
        differ(one, other)
        if isinstance(one, Literal) and isinstance(other, Literal)
        else one != other
    )


def rule_iri(name: str) -> str:
    """Name a rule."""
    return f"{BASE}rule/{name}"


def signature(atom: Atom) -> Signature:
    """Return the predicate of an atom, and its class if it states a type."""
    _, predicate, thing = atom
    if predicate.startswith("?"):
        return "?", "?"
    return predicate, (thing if predicate == TYPE and not thing.startswith("?") else "?")


def join(atoms: Iterable[Atom]) -> str:
    """Write triple patterns in a row."""
    return " ".join(f"{subject} {predicate} {thing} ." for subject, predicate, thing in atoms)


def variables(atoms: Iterable[Atom]) -> Iterator[str]:
    """Yield the variables of triple patterns, again where they recur."""
    return (term for atom in atoms for term in atom if term.startswith("?"))


def read_rules(folder: Path) -> list[Rule]:
    """Read every rule file of a folder, in the order of their names."""
    return [read_rule(path) for path in sorted(folder.glob("*.rq"))]


def read_rule(path: Path) -> Rule:
    """Read a rule file.

    Raises:
        SyntaxProblem: it does not parse.
        InputError: it is no rule, or its head would make new terms.
    """
    text = path.read_text(encoding="utf-8")
    try:
        Store().query(text)
    except SyntaxError as error:
        raise SyntaxProblem(str(error), file=str(path)) from error
    summary = re.search(r"^#\+\s*summary:\s*(.+)$", text, re.MULTILINE)
    try:
        rule = parse_rule(
            text,
            path.stem,
            summary[1].strip() if summary else path.stem.replace("-", " "),
            path.name,
        )
    except InputError as error:
        raise InputError(error.detail, file=str(path)) from error
    if not rule.head:
        raise InputError("A rule needs a head.", file=str(path))
    return rule


def parse_rule(text: str, name: str, words: str, source: str = "") -> Rule:
    """Read a CONSTRUCT query as a rule; InputError when it is none."""
    tokens = list(expand(text))
    upper = [token.upper() for token in tokens]
    if "CONSTRUCT" not in upper or "WHERE" not in upper:
        raise InputError("A rule is one CONSTRUCT query with a WHERE clause.")
    head, _, _ = read_group(tokens, upper.index("CONSTRUCT") + 1)
    body, filters, absent = read_group(tokens, upper.index("WHERE") + 1)
    if made := sorted(set(variables(head)) - set(variables(body))):
        raise InputError(
            f"A rule's head uses what its body matches; {', '.join(made)} stands in no pattern there."
        )
    if open_ := sorted({name for found in filters for name in found.names} - set(variables(body))):
        raise InputError(
            f"A filter uses what the body matches; {', '.join(open_)} stands in no pattern there."
        )
    return Rule(name, words, tuple(head), tuple(body), tuple(filters), tuple(absent), source=source)


def expand(text: str) -> Iterator[str]:
    """Yield the tokens of a query after its prologue, with IRIs for prefixed names and without comments."""
    prefixes = {name: str(iri) for name, iri in PREFIXES.items()}
    prefixes |= dict(re.findall(r"(?im)^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>", text))
    body = re.sub(r"(?im)^\s*PREFIX\s+[\w-]*:\s*<[^>]*>", "", text)
    for match in TOKEN.finditer(body):
        if match.lastgroup == "name":
            prefix, _, local = match[0].partition(":")
            yield f"<{prefixes[prefix]}{local}>"
        elif match.lastgroup not in (None, "comment"):
            yield TYPE if match[0] == "a" else match[0]


def read_group(tokens: Sequence[str], start: int) -> tuple[list[Atom], list[Filter], list[Absence]]:
    """Read the group whose brace stands at ``start``: its atoms, its filters, and what it says is absent."""
    end = closing(tokens, start)
    plain: list[str] = []
    filters: list[Filter] = []
    absent: list[Absence] = []
    position = start + 1
    while position < end:
        if (word := tokens[position].upper()) == "FILTER":
            opening = next(i for i in range(position, end) if tokens[i] in "({")
            stop = closing(tokens, opening) + 1
            if tokens[opening] == "{":
                absent.append(read_absence(tokens, position, opening))
            else:
                filters += read_filter(
                    tokens[opening + 1 : stop - 1], tokens[position + 1 : opening]
                )
            position = stop
        elif word in REFUSED:
            raise InputError(f"A rule's body has triple patterns and FILTER only, and no {word}.")
        else:
            plain.append(tokens[position])
            position += 1
    return list(read_atoms(plain)), filters, absent


def read_absence(tokens: Sequence[str], start: int, opening: int) -> Absence:
    """Read ``FILTER NOT EXISTS { … }``."""
    if [token.upper() for token in tokens[start + 1 : opening]] != ["NOT", "EXISTS"]:
        raise InputError(
            "A rule's filter may say NOT EXISTS, and not that something exists: that is a pattern."
        )
    atoms, filters, inner = read_group(tokens, opening)
    if inner:
        raise InputError("NOT EXISTS cannot stand in NOT EXISTS in a rule.")
    return Absence(tuple(atoms), tuple(filters))


def read_filter(tokens: Sequence[str], function: Sequence[str]) -> Iterator[Filter]:
    """Read ``FILTER( … )``, or ``FILTER function( … )``; each part of a conjunction is a filter of its own."""
    depth, parts = 0, [[*function, *"(" * bool(function)]]
    alternatives = False
    for token in tokens:
        depth += (token in "({") - (token in ")}")
        alternatives |= depth == 0 and token == "||"
        if token == "{":
            raise InputError("In a rule, NOT EXISTS stands in a filter of its own.")
        if token == "&&" and depth == 0 and not function:
            parts.append([])
        else:
            parts[-1].append(token)
    if alternatives:
        parts = [list(tokens)]
    for part in parts:
        names = tuple(dict.fromkeys(token for token in part if token.startswith("?")))
        plain = len(part) == 3 and part[1] == "!=" and len(names) == 2
        yield Filter(" ".join([*part, *")" * bool(function)]), names, unequal if plain else None)


def closing(tokens: Sequence[str], opening: int) -> int:
    """Return where the bracket that stands at ``opening`` is closed."""
    depth = 0
    for position in range(opening, len(tokens)):
        depth += (tokens[position] in "({") - (tokens[position] in ")}")
        if depth == 0:
            return position
    return len(tokens)


def read_atoms(tokens: Sequence[str]) -> Iterator[Atom]:
    """Read triple patterns with ``;`` and ``,`` (SPARQL 1.1 section 4.2)."""
    terms: list[str] = []
    for token in [*tokens, "."]:
        if token in {".", ";", ","}:
            if len(terms) == 3:
                yield terms[0], terms[1], terms[2]
            terms = terms[: ".;,".index(token)]
        elif terms and (token.startswith("@") or token == "^^" or terms[-1].endswith("^^")):
            terms[-1] += token
        else:
            terms.append(token)
