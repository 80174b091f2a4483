"""What a rule is, how it is written in SPARQL, and how it is read from a file.

A rule file (``ontology/rules/<name>.rq``) holds one CONSTRUCT query. Its ``#+`` header says in words what follows
(``#+ summary:``). The body may use triple patterns without paths, FILTER, and FILTER NOT EXISTS, which closes the
world and puts the rule into a later stratum. Every variable of the head stands in a triple pattern of the body, so
that no rule makes a term that the data does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Store

from shimoda.errors import InputError, SyntaxProblem
from shimoda.namespaces import PREFIXES

__all__ = ["TYPE", "Atom", "Rule", "join", "parse_rule", "read_rule", "read_rules", "variables"]

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
class Rule:
    """If the body holds, and the filters, then the head; a rule without a head names a clash.

    ``words`` may be empty: the patterns are then said. ``absent`` lists the atoms under NOT EXISTS. ``source`` is the
    axiom or the file that the rule comes from.
    """

    name: str
    words: str
    head: tuple[Atom, ...]
    body: tuple[Atom, ...]
    filters: tuple[str, ...] = ()
    absent: tuple[Atom, ...] = ()
    source: Atom | str = ""

    @property
    def needs(self) -> frozenset[Signature]:
        """What must be in the data for the body to match."""
        return frozenset(signature(atom) for atom in self.body) - {("?", "?")}

    def text(self) -> str:
        """Write the rule as a SPARQL CONSTRUCT query."""
        return f"CONSTRUCT {{ {join(self.head)} }} WHERE {{ {self.where()} }}"

    def where(self, first: int | None = None, graph: str = "") -> str:
        """Write the body; with ``first``, that atom is matched in ``graph`` and the others from there on."""
        if first is None:
            return " ".join([join(self.body), *self.filters])
        atoms = ordered(self.body, first)
        known: set[str] = set(variables(atoms[:1]))
        parts = [f"GRAPH {graph} {{ {join(atoms[:1])} }}"]
        for atom in atoms[1:]:
            # An atom without a new variable is looked up row by row; a join would hash its whole extent.
            lookup = known.issuperset(variables([atom]))
            parts.append(f"FILTER EXISTS {{ {join([atom])} }}" if lookup else join([atom]))
            known.update(variables([atom]))
        return " ".join([*parts, *self.filters])


def signature(atom: Atom) -> Signature:
    """Return the predicate of an atom, and its class if it states a type."""
    _, predicate, thing = atom
    if predicate.startswith("?") or "/" in predicate.partition(">")[2]:
        return "?", "?"
    return predicate, (thing if predicate == TYPE and not thing.startswith("?") else "?")


def join(atoms: Iterable[Atom]) -> str:
    """Write triple patterns in a row."""
    return " ".join(f"{subject} {predicate} {thing} ." for subject, predicate, thing in atoms)


def variables(atoms: Iterable[Atom]) -> Iterator[str]:
    """Yield the variables of triple patterns, again where they recur."""
    return (term for atom in atoms for term in atom if term.startswith("?"))


def ordered(atoms: Sequence[Atom], first: int) -> list[Atom]:
    """Put ``first`` in front and after it, each time, the atom with the fewest unknown variables."""
    rest = [atom for index, atom in enumerate(atoms) if index != first]
    chosen = [atoms[first]]
    while rest:
        known = set(variables(chosen))
        best = min(rest, key=lambda atom: (not known & set(variables([atom])), len({*variables([atom])} - known)))
        rest.remove(best)
        chosen.append(best)
    return chosen


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
        rule = parse_rule(text, path.stem, summary[1].strip() if summary else path.stem.replace("-", " "), path.name)
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
        raise InputError(f"A rule's head uses what its body matches; {', '.join(made)} stands in no pattern there.")
    return Rule(name, words, tuple(head), tuple(body), tuple(filters), tuple(absent), source)


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


def read_group(tokens: Sequence[str], start: int) -> tuple[list[Atom], list[str], list[Atom]]:
    """Read the group whose brace stands at ``start``: its atoms, its filters, and the atoms it says are absent."""
    end = closing(tokens, start)
    plain: list[str] = []
    filters: list[str] = []
    absent: list[Atom] = []
    position = start + 1
    while position < end:
        if (word := tokens[position].upper()) == "FILTER":
            opening = next(i for i in range(position, end) if tokens[i] in "({")
            stop = closing(tokens, opening) + 1
            filters.append(" ".join(tokens[position:stop]))
            for brace in (i for i in range(position, stop) if tokens[i] == "{"):
                inner = read_group(tokens, brace)
                absent += inner[0]
            position = stop
        elif word in REFUSED:
            raise InputError(f"A rule's body has triple patterns and FILTER only, and no {word}.")
        else:
            plain.append(tokens[position])
            position += 1
    return list(read_atoms(plain)), filters, absent


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
