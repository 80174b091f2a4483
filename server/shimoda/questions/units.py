"""The units of a query's pattern: its triples one by one, and whatever else stands or falls as a whole."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shimoda.errors import InputError
from shimoda.questions.patterns import algebra_of, kind_of, term
from shimoda.sparql.groups import VARIABLE, QueryText, Span
from shimoda.sparql.text import OPAQUE

LONGEST = 1_000
"""Characters of triples that are taken apart."""
IRI = re.compile(r"<[^<>\s]+>")
FINDING = ("", "{", "GRAPH", "VALUES")
"""Kinds of parts that find something by themselves …"""
BINDING = (*FINDING, "OPTIONAL", "BIND", "SERVICE")
"""… and those that give a value to a variable."""
Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a pattern; ``kind`` is the word that it begins with, and ``span`` its place in the query.

    ``triple`` is what it says where that is one triple, ``graph`` the graph that it is put to, ``groups`` are the places
    of its own groups.
    """

    text: str
    span: Span
    kind: str = ""
    triple: Triple | None = None
    graph: str | None = None
    groups: tuple[Span, ...] = ()

    @property
    def pattern(self) -> str:
        """The unit as it stands in a group."""
        end = "" if self.kind else " ."
        return f"GRAPH {self.graph} {{ {self.text} }}" if self.graph else self.text + end

    @property
    def variables(self) -> set[str]:
        """The names of its variables."""
        return set(VARIABLE.findall(OPAQUE.sub("", self.pattern)))

    @property
    def edge(self) -> Triple:
        """Its triple, if it is one without a path; else three empty texts."""
        return self.triple if self.triple and IRI.fullmatch(self.triple[1]) else ("", "", "")

    def saying(self, *triple: str) -> "Unit":
        """Return the unit with another triple."""
        subject, prop, thing = triple
        return replace(self, text=" ".join(triple), triple=(subject, prop, thing))

    def put_to_any(self, graph: str) -> "Unit":
        """Return the unit put to the default graph and to all others."""
        text = f"{{ {self.text} }} UNION {{ GRAPH {graph} {{ {self.text} }} }}"
        return replace(self, text=text, kind="{", graph=None)


Units = tuple[Unit, ...]


def units_of(query: QueryText, group: Span, graph: str | None = None) -> Iterator[Unit]:
    """Yield the units of a group; a group that only holds triples counts as part of the one around it."""
    for part in query.parts(group):
        inner = [one for span in part.groups[:2] for one in query.parts(span)]
        is_plain = len(part.groups) == 1 and not any(one.kind for one in inner)
        if not part.kind:
            yield from triples(query, part.span, graph)
        elif part.kind == "{" and is_plain:
            yield from units_of(query, part.groups[0], graph)
        elif part.kind == "GRAPH" and is_plain and not graph:
            name = query[part.span[0] + len("GRAPH"), part.groups[0][0] - 1].strip()
            yield from units_of(query, part.groups[0], name)
        else:
            is_subquery = "select" in query.masked[slice(*part.span)].lower()
            groups = () if is_subquery else part.groups
            yield Unit(query[part.span], part.span, part.kind, None, graph, groups)


def triples(query: QueryText, span: Span, graph: str | None) -> Iterator[Unit]:
    """Yield a unit for each triple in a part of a query; one for all of it if rdflib cannot take it apart."""
    text, found = query[span], list[Triple]()
    try:
        if len(text) > LONGEST:
            raise InputError("The triples are too many to be taken apart.")
        node = algebra_of(f"{query.prologue} SELECT * {{ {text} }}")
        while node.name != "BGP":
            node = node.p
        for number, (subject, path, thing) in enumerate(node.triples):
            found += steps(term(subject), path, term(thing), f"?_{span[0]}_{number}")
    except (InputError, TypeError):  # rdflib cannot write every path that it reads
        yield Unit(text, span, "", None, graph)
    else:
        yield from (Unit(" ".join(triple), span, "", triple, graph) for triple in found)


def steps(subject: str, path: Any, thing: str, between: str) -> Iterator[Triple]:
    """Yield a path that is a sequence as triples of their own."""
    *before, last = path.args if kind_of(path) == "SequencePath" else [path]
    for number, step in enumerate(before):
        yield subject, step.n3(), f"{between}_{number}"
        subject = f"{between}_{number}"
    yield subject, last.n3(), thing


def instead(units: Units, changes: Mapping[Unit, Unit]) -> Units:
    """Return units with others in place of some."""
    return tuple(changes.get(unit, unit) for unit in units)


def bound(units: Iterable[Unit]) -> set[str]:
    """Return the variables that units may give a value to."""
    return set[str]().union(*(unit.variables for unit in units if unit.kind in BINDING))


def connected(units: Units) -> Iterator[Units]:
    """Yield the units in groups that share variables; a FILTER only with what binds all of its variables."""
    known = bound(units)
    groups: list[tuple[set[str], Units]] = []
    for unit in units:
        names: set[str] = unit.variables
        members: Units = (unit,)
        if unit.kind == "FILTER" and not unit.groups and not names <= known:
            continue
        for group in [group for group in groups if group[0] & names]:
            groups.remove(group)
            names, members = names | group[0], group[1] + members
        groups.append((names, members))
    for _, members in groups:
        yield tuple(sorted(members, key=lambda unit: unit.span))
