"""What a rule is, how it is written in SPARQL, and how it is read from a file.

A rule file (``ontology/rules/<name>.rq``) holds one CONSTRUCT query. Its ``#+`` header says in words what follows
(``#+ summary:``). The body may use triple patterns without paths, FILTER, and FILTER NOT EXISTS, which closes the
world and puts the rule into a later stratum. Every variable of the head stands in a triple pattern of the body, so
that no rule makes a term that the data does not have.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, parse

from shimoda.errors import InputError, SyntaxProblem
from shimoda.namespaces import BASE, PREFIXES
from shimoda.reasoning.stores import Node
from shimoda.reasoning.values import differ

TYPE = str(PREFIXES["rdf"]["type"])
Atom = tuple[str, str, str]
"""A triple pattern: subject, predicate and object as SPARQL writes them, IRIs in full."""
Signature = tuple[str, str]
"""What an atom is about: a predicate, or ``rdf:type`` and a class; ``?`` where it is open."""
OPEN = "?", "?"

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<kept><[^<>"{}|^`\\\s]*>|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[$?]\w+)
    |(?P<name>(?:[A-Za-z][\w-]*)?:[\w-]*)|(?P<word>@?[A-Za-z_]\w*|[\d.]*\d|\^\^|&&|\|\||[!<>]=|\S)|\s+""",
    re.VERBOSE,
)
VARIABLE = "urn:variable:"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on the values of variables: an expression of SPARQL, or a test that the text says."""

    text: str
    names: tuple[str, ...]
    test: Callable[..., bool] | None = None


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
        function = f"FILTER(<{BASE}function/{{}}>({{}}))"
        said = [join(self.body), *(f"FILTER({found.text})" for found in self.filters)]
        said += [absence(group) for group in self.absent]
        for many in self.many:
            said += [join(many.atoms), function.format(f"at-least-{many.number}", many.value)]
        said += [function.format("differs-from-each", name) for name, _ in self.apart]
        return f"CONSTRUCT {{ {join(self.head)} }} WHERE {{ {' '.join(said)} }}"


def absence(group: Absence) -> str:
    """Write what is absent as a filter of SPARQL."""
    inner = " ".join([join(group.atoms), *(f"FILTER({found.text})" for found in group.filters)])
    return f"FILTER(NOT EXISTS {{ {inner} }})"


def unequal(one: Node, other: Node) -> bool:
    """Tell whether two terms are not the same; of literals SPARQL says more, so their values are asked."""
    both = isinstance(one, Literal) and isinstance(other, Literal)
    return differ(one, other) if both else one != other


def rule_iri(name: str) -> str:
    """Name a rule."""
    return f"{BASE}rule/{name}"


def signature(atom: Atom) -> Signature:
    """Return the predicate of an atom, and its class if it states a type."""
    _, predicate, thing = atom
    if predicate.startswith("?"):
        return OPEN
    return predicate, (thing if predicate == TYPE and not thing.startswith("?") else "?")


def join(atoms: Iterable[Atom]) -> str:
    """Write triple patterns in a row."""
    return " ".join(f"{subject} {predicate} {thing} ." for subject, predicate, thing in atoms)


def variables(atoms: Iterable[Atom]) -> Iterator[str]:
    """Yield the variables of triple patterns, again where they recur."""
    return (term for atom in atoms for term in atom if term.startswith("?"))


def node_of(text: str) -> Node:
    """Make a term of its text."""
    if text.startswith("_:"):
        return BlankNode(text[2:])
    if text.startswith("<"):
        return NamedNode(text[1:-1])
    found: Node = next(iter(parse(f"<x:> <x:> {text} .", format=RdfFormat.TURTLE))).object
    return found


# Other terms for variables


def bind(atom: Atom, values: Mapping[str, str]) -> Atom:
    """Put values for variables."""
    subject, predicate, thing = (values.get(term, term) for term in atom)
    return subject, predicate, thing


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values for variables in an expression."""
    return re.sub(r"\?\w+", lambda match: values.get(match[0], match[0]), text)


def substitute(rule: Rule, values: Mapping[str, str]) -> Rule:
    """Put other variables, or terms, for the variables of a rule."""

    def atoms(patterns: Iterable[Atom]) -> tuple[Atom, ...]:
        return tuple(dict.fromkeys(bind(atom, values) for atom in patterns))

    def filters(found: Iterable[Filter]) -> tuple[Filter, ...]:
        return tuple(restate(one, values) for one in found)

    many = (
        Many(one.number, values.get(one.value, one.value), atoms(one.atoms), filters(one.filters))
        for one in rule.many
    )
    return replace(
        rule,
        head=atoms(rule.head),
        body=atoms(rule.body),
        filters=filters(rule.filters),
        many=tuple(many),
        apart=tuple((values.get(name, name), members) for name, members in rule.apart),
    )


def restate(found: Filter, values: Mapping[str, str]) -> Filter:
    """Put other variables, or terms, for the variables of a filter."""
    names = tuple(values.get(name, name) for name in found.names)
    open_ = tuple(dict.fromkeys(name for name in names if name.startswith("?")))
    test, fixed = found.test, {name: node_of(name) for name in names if not name.startswith("?")}
    if test is None or open_ == names:
        return Filter(fill(found.text, values), open_, test)

    def ask(*given: Node) -> bool:
        known = fixed | dict(zip(open_, given, strict=True))
        return test(*(known[name] for name in names))

    return Filter(fill(found.text, values), open_, ask)


# Reading


def read_rules(folder: Path) -> list[Rule]:
    """Read every rule file of a folder, in the order of their names."""
    return [read_rule(path) for path in sorted(folder.glob("*.rq"))]


@cache
def rules_that_hold(*groups: str) -> tuple[Rule, ...]:
    """Return groups of the rules that hold whatever the axioms, of ``rules.toml``."""
    table = tomllib.loads(Path(__file__).with_name("rules.toml").read_text("utf-8"))
    return tuple(
        parse_rule(f"CONSTRUCT {text}", name, table["words"].get(name, ""), "OWL 2")
        for group in groups
        for name, text in table[group].items()
    )


def read_rule(path: Path) -> Rule:
    """Read a rule file.

    Raises:
        SyntaxProblem: it does not parse.
        InputError: it is no rule, or its head would make new terms.
    """
    text, name = path.read_text(encoding="utf-8"), path.stem
    try:
        Store().query(text)
        summary = re.search(r"^#\+\s*summary:\s*(.+)$", text, re.MULTILINE)
        words = summary[1].strip() if summary else name.replace("-", " ")
        rule = parse_rule(text, name, words, path.name)
        if not rule.head:
            raise InputError("A rule needs a head.")
    except SyntaxError as error:
        raise SyntaxProblem(str(error), file=str(path)) from error
    except InputError as error:
        raise InputError(error.detail, file=str(path)) from error
    return rule


def parse_rule(text: str, name: str, words: str, source: str = "") -> Rule:
    """Read a CONSTRUCT query as a rule; InputError when it is none."""
    tokens = list(expand(text))
    upper = [token.upper() for token in tokens]
    if "CONSTRUCT" not in upper or "WHERE" not in upper:
        raise InputError("A rule is one CONSTRUCT query with a WHERE clause.")
    head, _, _ = read_group(tokens, upper.index("CONSTRUCT") + 1)
    body, filters, absent = read_group(tokens, upper.index("WHERE") + 1)
    used = {*variables(head), *(one for found in filters for one in found.names)}
    if made := sorted(used - set(variables(body))):
        detail = f"A rule's head and filters use what its body matches; {', '.join(made)} stands in no pattern there."
        raise InputError(detail)
    return Rule(name, words, head, body, tuple(filters), tuple(absent), source=source)


def expand(text: str) -> Iterator[str]:
    """Yield the tokens of a query after its prologue, with IRIs for prefixed names and without comments."""
    declared = r"(?im)^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>"
    known = {name: str(iri) for name, iri in PREFIXES.items()} | {"private": f"{BASE}private/"}
    prefixes = known | dict(re.findall(declared, text))
    for match in TOKEN.finditer(re.sub(declared, "", text)):
        if match["name"]:
            prefix, _, local = match[0].partition(":")
            yield f"<{prefixes[prefix]}{local}>"
        elif match["kept"] or match["word"]:
            yield match[0].replace("$", "?") if match[0][0] == "$" else match[0]


def read_group(
    tokens: Sequence[str], start: int
) -> tuple[tuple[Atom, ...], list[Filter], list[Absence]]:
    """Read the group whose brace stands at ``start``: its atoms, its filters, and what it says is absent."""
    end, position = closing(tokens, start), start + 1
    patterns: list[list[str]] = [[]]
    filters: list[Filter] = []
    absent: list[Absence] = []
    while position < end:
        if tokens[position].upper() != "FILTER":
            patterns[-1].append(tokens[position])
            position += 1
            continue
        opening = next(place for place in range(position, end) if tokens[place] in "({")
        stop = closing(tokens, opening) + 1
        if tokens[opening] == "{":
            absent.append(read_absence(tokens, position, opening))
        else:
            filters += read_filter(tokens[position + 1 : stop])
        patterns.append([])
        position = stop
    return tuple(atom for some in patterns for atom in read_atoms(some)), filters, absent


def read_absence(tokens: Sequence[str], start: int, opening: int) -> Absence:
    """Read ``FILTER NOT EXISTS { … }``."""
    if [token.upper() for token in tokens[start + 1 : opening]] != ["NOT", "EXISTS"]:
        detail = (
            "A rule's filter may say NOT EXISTS, and not that something exists: that is a pattern."
        )
        raise InputError(detail)
    atoms, filters, inner = read_group(tokens, opening)
    if inner:
        raise InputError("NOT EXISTS cannot stand in NOT EXISTS in a rule.")
    return Absence(atoms, tuple(filters))


def read_filter(tokens: Sequence[str]) -> Iterator[Filter]:
    """Read the expression of a filter; each part of a conjunction is a filter of its own."""
    if "{" in tokens:
        raise InputError("In a rule, NOT EXISTS stands in a filter of its own.")
    inner = tokens[1:-1] if tokens[0] == "(" else tokens
    depth, parts = 0, [list[str]()]
    for token in inner:
        depth += (token == "(") - (token == ")")
        if token == "&&" and depth == 0 and "||" not in inner:
            parts.append([])
        else:
            parts[-1].append(token)
    for part in parts:
        names = tuple(dict.fromkeys(token for token in part if token.startswith("?")))
        plain = len(part) == 3 and part[1] == "!=" and len(names) == 2
        yield Filter(" ".join(part), names, unequal if plain else None)


def closing(tokens: Sequence[str], opening: int) -> int:
    """Return where the bracket that stands at ``opening`` is closed."""
    depth = 0
    for position in range(opening, len(tokens)):
        depth += (tokens[position] in "({") - (tokens[position] in ")}")
        if depth == 0:
            return position
    return len(tokens)


def read_atoms(tokens: Sequence[str]) -> Iterator[Atom]:
    """Read triple patterns, which are Turtle but for the variables (SPARQL 1.1 section 4.2)."""
    text = ""
    for token in tokens:
        glued = token.startswith(("@", "^^")) or text.endswith("^^")
        text += "" if glued else " "
        text += f"<{VARIABLE}{token[1:]}>" if token.startswith("?") else token
    try:
        quads = list(parse(f"{text.rstrip(' .')} .", RdfFormat.TURTLE)) if text else []
    except SyntaxError as error:
        detail = f"A rule has triple patterns and FILTER only, and no{text}."
        raise InputError(detail.replace(VARIABLE, "?")) from error
    for quad in quads:
        terms = [
            f"?{term.value.removeprefix(VARIABLE)}"
            if isinstance(term, NamedNode) and term.value.startswith(VARIABLE)
            else str(term)
            for term in (quad.subject, quad.predicate, quad.object)
        ]
        if any(term.startswith("_:") for term in terms):
            raise InputError("A rule makes no new terms, and names what it matches: no [ ] or _:b.")
        yield terms[0], terms[1], terms[2]
