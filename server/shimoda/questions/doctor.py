"""Why a query fails, or finds nothing: terms that are not there, and the smallest part of the pattern that is empty.

The query is put again in parts, as ordinary queries under the engine's limits, until what is empty cannot be made
smaller; then in the ways that its author may have meant. A changed query that is suggested has been tried.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from time import monotonic
from typing import Any

from pyoxigraph import Literal, NamedNode

from shimoda.engine.interface import Engine, Query
from shimoda.errors import InputError, LimitExceeded, ShimodaError
from shimoda.namespaces import BASE, ONTOLOGY, PREDEFINED, PREFIXES, short
from shimoda.questions.search import Index, alike, index_of, split
from shimoda.sparql.formats import JSON, N_TRIPLES
from shimoda.sparql.groups import VARIABLE, QueryText, Span
from shimoda.sparql.results import Results, Row
from shimoda.sparql.text import OPAQUE, line_and_column

__all__ = ["Diagnosis", "Finding", "diagnose"]

SECONDS = 0.9
"""For a whole diagnosis."""
A_QUERY = 0.3
"""Of these, for one query."""
LONGEST, LONGEST_PART = 10_000, 2_000
"""Characters of a query, and of a part of it, that are taken apart."""
DEEPEST = 10
"""Groups in each other that are looked into."""
MOST, MANY = 5, 5000
"""Findings of one kind or values that are shown, and values that are looked through."""
ASSERTION, VIEW = str(PREFIXES["assertion"]), str(PREFIXES["view"])
A = PREFIXES["rdf"]["type"].value
DECLARED = re.compile(r"\bprefix\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
NAME = re.compile(r"(?<![\w?$@:.\\-])([A-Za-z][\w.-]*|):((?:[\w:%\\-]|\.(?=[\w:%\\-]))+)(?!\s*\()")
IRI = re.compile(r"<[^<>\s]+>")
FINDING = ("", "{", "GRAPH", "VALUES")
"""Kinds of parts that find something by themselves …"""
BINDING = (*FINDING, "OPTIONAL", "BIND", "SERVICE")
"""… and those that give a value to a variable."""
DATATYPES = tuple(str(PREFIXES[name]) for name in ("xsd", "edtf", "rdf"))
NOTHING = {"", "0"}
SIGNATURE = {"domain": "from", "range": "to", "inverse": "back by"}
KNOWN = """SELECT ?t WHERE { VALUES ?t { %s } FILTER (
  EXISTS { ?t ?p ?o } || EXISTS { ?s ?t ?o } || EXISTS { ?s ?p ?t } || EXISTS { GRAPH ?t { ?s ?p ?o } }
  || EXISTS { GRAPH ?g { ?t ?p ?o } } || EXISTS { GRAPH ?g { ?s ?t ?o } } || EXISTS { GRAPH ?g { ?s ?p ?t } }) }"""
DECLARATION = """SELECT ?domain ?range ?inverse WHERE { VALUES ?p { %s }
  OPTIONAL { ?p <http://www.w3.org/2000/01/rdf-schema#domain> ?domain FILTER (isIRI(?domain)) }
  OPTIONAL { ?p <http://www.w3.org/2000/01/rdf-schema#range> ?range FILTER (isIRI(?range)) }
  OPTIONAL { { ?p <http://www.w3.org/2002/07/owl#inverseOf> ?inverse }
    UNION { ?inverse <http://www.w3.org/2002/07/owl#inverseOf> ?p } } } LIMIT 1"""
STATED = f"""OPTIONAL {{ %(g)s <{ONTOLOGY}voice> ?_v }} OPTIONAL {{ %(g)s <{ONTOLOGY}mode> ?_m }}
  OPTIONAL {{ %(g)s <{ONTOLOGY}standing> ?_s }} OPTIONAL {{ %(g)s <{ONTOLOGY}correctedBy> ?_c }}"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, in a sentence. ``query`` is the query changed so that it finds something."""

    code: str
    detail: str
    line: int | None = None
    column: int | None = None
    nearest: tuple[str, ...] = ()
    query: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what there is of it for JSON."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.detail}" if self.line else self.detail


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How many rows (or triples) a query has, None if it has not run, and what was found.

    It is not ``complete`` if time was short, and ``cacheable`` if it is a function of the query and the dataset.
    """

    rows: int | None
    findings: tuple[Finding, ...]
    complete: bool
    cacheable: bool

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON."""
        findings = [one.as_json() for one in self.findings]
        return {"rows": self.rows, "findings": findings, "complete": self.complete}


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a pattern that stands or falls as a whole; ``kind`` is the word that it begins with.

    ``triple`` is what it says where that is one triple, ``graph`` the graph that it is put to, ``groups`` are the places
    of its own groups.
    """

    text: str
    span: Span
    kind: str = ""
    triple: tuple[str, str, str] | None = None
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
    def edge(self) -> tuple[str, str, str]:
        """Its triple, if it is one without a path; else three empty texts."""
        return self.triple if self.triple and IRI.fullmatch(self.triple[1]) else ("", "", "")

    def saying(self, subject: str, prop: str, thing: str) -> "Unit":
        """Return the unit with another triple."""
        return replace(self, text=f"{subject} {prop} {thing}", triple=(subject, prop, thing))

    def put_to(self, graph: str | None) -> "Unit":
        """Return the unit put to another graph."""
        return replace(self, graph=graph)

    def put_to_any(self, graph: str) -> "Unit":
        """Return the unit put to the default graph and to all others."""
        text = f"{{ {self.text} }} UNION {{ GRAPH {graph} {{ {self.text} }} }}"
        return replace(self, text=text, kind="{", graph=None)


Units = tuple[Unit, ...]
Changes = Mapping[Unit, Unit]


class OutOfTime(Exception):
    """There is no time for another query."""


def diagnose(engine: Engine, query: Query, seconds: float = SECONDS) -> Diagnosis:
    """Say why a query fails or finds nothing; of one that finds something, which of its terms are not there."""
    import rdflib.plugins.sparql.algebra  # noqa: F401 (long the first time, which does not count)

    doctor = Doctor(engine, query, seconds)
    findings: list[Finding] = []
    complete = False
    with suppress(OutOfTime):
        findings.extend(doctor.run())
        is_short = len(query.text) <= LONGEST
        if doctor.rows is not None and is_short:
            findings.extend(doctor.unknown_terms())
        if doctor.is_empty and is_short:
            findings.extend(doctor.examine(doctor.text.pattern))
        complete = is_short
    return Diagnosis(doctor.rows, tuple(findings), complete, complete and doctor.cacheable)


class Doctor:
    """One query under examination."""

    def __init__(self, engine: Engine, query: Query, seconds: float) -> None:
        self.engine, self.query = engine, query
        self.until = monotonic() + seconds
        self.rows: int | None = None
        self.is_empty, self.cacheable = False, True
        self.unknown: dict[str, Span] = {}
        self.fresh = count(1)

    @cached_property
    def text(self) -> QueryText:
        """The query, taken apart."""
        return QueryText(self.query.text)

    def index(self) -> Index:
        """Return the names in the dataset; that they are gathered first does not count."""
        begun = monotonic()
        found = index_of(self.engine)
        self.until += monotonic() - begun
        return found

    # Asking

    def put(self, text: str, seconds: float = A_QUERY) -> Results:
        """Put a query; OutOfTime when there is no time left."""
        left = self.until - monotonic()
        if left <= 0:
            raise OutOfTime
        query = replace(self.query, text=text, results_type=JSON, graph_type=N_TRIPLES)
        try:
            results = self.engine.query(replace(query, seconds=min(left, seconds)))
        except LimitExceeded:
            raise OutOfTime from None
        self.cacheable &= results.cacheable
        return results

    def holds(self, units: Units) -> bool:
        """Tell whether a pattern finds anything."""
        pattern = " ".join(unit.pattern for unit in units)
        return self.put(f"{self.text.prologue} ASK {self.text.dataset} {{ {pattern} }}").boolean

    def select(self, variables: str, units: Units, more: str = "", most: int = MOST) -> list[Row]:
        """Return a few solutions of a pattern."""
        pattern = " ".join(unit.pattern for unit in units)
        head = f"{self.text.prologue} SELECT DISTINCT {variables} {self.text.dataset}"
        return self.put(f"{head} {{ {pattern} {more} }} LIMIT {most}").rows()

    def run(self) -> Iterator[Finding]:
        """Run the query as it is."""
        try:
            results = self.put(self.query.text, SECONDS / 2)
        except ShimodaError as error:
            where = {name: error.where.get(name) for name in ("line", "column")}
            yield Finding(
                error.code, error.detail, nearest=tuple(error.where.get("nearest", ())), **where
            )
        else:
            self.rows = int(results.boolean) if results.form == "ASK" else results.count
            self.is_empty = is_empty(results)

    # Terms

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the query may use, by their IRIs."""
        declared = {**PREDEFINED, **dict(DECLARED.findall(self.text.prologue))}
        return {iri: name for name, iri in declared.items()}

    def shown(self, text: object) -> str:
        """Write terms, or a part of a query, with the query's own prefixes where they do."""
        return IRI.sub(lambda found: self.name(found[0][1:-1]), str(text))

    def name(self, iri: str) -> str:
        """Write an IRI as the query would, or else as everybody does."""
        area, local = split(iri)
        if iri == A:
            return "a"
        if area in self.prefixes and re.fullmatch(r"\w[\w-]*", local):
            return f"{self.prefixes[area]}:{local}"
        return f"<{iri}>"

    def terms(self) -> Iterator[tuple[str, Span]]:
        """Yield each IRI in the query with its place, but for datatypes and functions."""
        text, declared = self.text, {name: iri for iri, name in self.prefixes.items()}
        for found in OPAQUE.finditer(text.text, text.form):
            if IRI.fullmatch(found[0]) and text.masked[found.end() :].lstrip()[:1] != "(":
                yield found[0][1:-1], found.span()
        for name in NAME.finditer(text.masked, text.form):
            if name[1] in declared:
                yield declared[name[1]] + name[2].replace("\\", ""), name.span()

    def unknown_terms(self) -> Iterator[Finding]:
        """Find the IRIs that occur nowhere in the dataset; what is put to another endpoint may occur there."""
        is_federated = "service" in self.text.masked.lower()
        places = {
            iri: span
            for iri, span in self.terms()
            if self.text.masked[: span[0]][-2:] != "^^"
            and (not is_federated or iri.startswith(BASE))
        }
        iris = " ".join(f"<{iri}>" for iri in places)
        known = {row["t"].value for row in self.put(KNOWN % iris).rows()} if places else set()
        self.unknown = {iri: span for iri, span in places.items() if iri not in known}
        if self.unknown:
            index = self.index()
            meant = {iri: index.nearest(iri, 3) for iri in self.unknown}
            changes = {
                span: f"<{meant[iri][0]}>" for iri, span in self.unknown.items() if meant[iri]
            }
            query = self.mend(changes)
            for iri in list(self.unknown)[:MOST]:
                yield self.unknown_term(iri, meant[iri], query)

    def unknown_term(self, iri: str, meant: list[str], query: str | None) -> Finding:
        """Say that a term is not there, and which may be meant."""
        span = self.unknown[iri]
        nearest = tuple(self.name(one) if self.name(one)[0] != "<" else short(one) for one in meant)
        code, hint = "unknown-term", "Names are found with /search."
        if meant and meant[0].casefold() == iri.casefold():
            code, hint = "case", f"It is written {nearest[0]}: small and capital letters count."
        elif meant:
            hint = f"Did you mean {nearest[0]}?"
        detail = f"Nothing here is called {self.text[span]}. {hint}"
        return Finding(code, detail, *self.place(span[0]), nearest, query)

    # The pattern

    def examine(self, group: Span, depth: int = 0) -> Iterator[Finding]:
        """Find the smallest empty parts of a group, and say why they are empty."""
        units = tuple(self.units(group))
        alone: list[Units] = [
            (unit,) for unit in units if unit.kind in FINDING and not self.holds((unit,))
        ]
        for core in alone[:MOST] or [self.core(units)]:
            if core and core[0].kind == "{" and core[0].groups and depth < DEEPEST:
                for inner in core[0].groups:
                    yield from self.examine(inner, depth + 1)
            elif core:
                yield self.empty_part(core)
                if not any(iri in unit.pattern for iri in self.unknown for unit in core):
                    yield from self.reason(core, units)
            elif units and not self.rows:
                detail = "The pattern finds something; HAVING, LIMIT or OFFSET leave nothing of it."
                yield Finding("modifiers", detail)

    def units(self, group: Span, graph: str | None = None) -> Iterator[Unit]:
        """Yield the units of a group; a group that only holds triples counts as part of the one around it."""
        for part in self.text.parts(group):
            inner = [one for span in part.groups[:2] for one in self.text.parts(span)]
            is_plain = len(part.groups) == 1 and not any(one.kind for one in inner)
            if not part.kind:
                yield from self.triples(part.span, graph)
            elif part.kind == "{" and is_plain:
                yield from self.units(part.groups[0], graph)
            elif part.kind == "GRAPH" and is_plain and not graph:
                name = self.text[part.span[0] + len("GRAPH"), part.groups[0][0] - 1].strip()
                yield from self.units(part.groups[0], name)
            else:
                yield Unit(self.text[part.span], part.span, part.kind, None, graph, part.groups)

    def triples(self, span: Span, graph: str | None) -> Iterator[Unit]:
        """Yield a unit for each triple in a part of the text; one for all of it if it cannot be taken apart."""
        if monotonic() > self.until:
            raise OutOfTime
        try:
            for triple in triples_of(self.text.prologue, self.text[span]):
                yield Unit(" ".join(triple), span, "", triple, graph)
        except ValueError:
            yield Unit(self.text[span], span, "", None, graph)

    def core(self, units: Units) -> Units:
        """Return units that find nothing together, and do without any one of them; () if all of them find something."""
        core = self.empty(units)
        for unit in core:
            if unit in core:
                core = self.empty(tuple(one for one in core if one is not unit)) or core
        return core

    def empty(self, units: Units) -> Units:
        """Return those of the units that hang together and find nothing; () if there are none."""
        known = bound(units)
        active = [
            unit
            for unit in units
            if unit.groups or unit.kind != "FILTER" or unit.variables <= known
        ]
        for together in connected(active):
            if any(unit.kind in FINDING for unit in together) and not self.holds(together):
                return together
        return ()

    def empty_part(self, core: Units) -> Finding:
        """Say which part of the pattern finds nothing."""
        text = " ".join(self.shown(unit.pattern) for unit in core).removesuffix(" .")
        place = self.place(min(unit.span[0] for unit in core))
        return Finding("empty-part", f"Nothing matches: {text}", *place)

    # Reasons

    def reason(self, core: Units, units: Units) -> Iterator[Finding]:
        """Yield the first reason that is found why a part of the units finds nothing."""
        for look in (
            self.only_stated,
            self.turned_round,
            self.in_other_graphs,
            self.written_otherwise,
            self.of_other_classes,
            self.along_a_path,
            self.left_out,
        ):
            found = list(look(core, units))
            if found:
                yield from found
                return

    def only_stated(self, core: Units, units: Units) -> Iterator[Finding]:
        """Look for triples that stand only in other graphs: with a voice, corrected, or in the world of a view."""
        plain = [unit for unit in core if unit.triple and not unit.graph]
        loose = {unit: unit.put_to_any(self.new("g")) for unit in plain}
        if not plain or not self.holds(instead(core, loose)):
            return
        for unit in plain:
            fewer = {one: other for one, other in loose.items() if one is not unit}
            if self.holds(instead(core, fewer)):
                loose = fewer
        moved = {unit: unit.put_to(self.new("assertion")) for unit in loose}
        cited = "".join(
            f" . {one.graph} <{ONTOLOGY}citedIn> {self.new('sentence')}" for one in moved.values()
        )
        query = self.rewrite(units, moved, cited)
        for unit, other in moved.items():
            graph = str(other.graph)
            more, found = STATED % {"g": graph}, f"{graph} ?_v ?_m ?_s ?_c"
            rows = self.select(found, instead(core, moved), more, MANY)
            row = max(rows, key=lambda row: row[graph[1:]].value.startswith(ASSERTION))
            yield self.statement(unit, row[graph[1:]].value, row, query)

    def statement(self, unit: Unit, graph: str, row: Row, query: str | None) -> Finding:
        """Say where a triple stands that is not in the default graph."""
        said = f"{self.shown(unit.text)} is no fact of the default graph"
        if graph.startswith(VIEW):
            party = graph.removeprefix(VIEW)
            return Finding(
                "view", f"{said}; it holds in the world of {party}: ask with view={party}."
            )
        voice, mode, standing = (
            short(row[name].value) if name in row else "?" for name in ("_v", "_m", "_s")
        )
        detail = f"{said}; {voice} states it in {short(graph)} ({mode}, {standing})."
        if "_c" in row:
            detail += f" It was corrected by {short(row['_c'].value)}."
            return Finding("corrected", detail, query=query)
        return Finding("claimed", f"{detail} Ask for it with GRAPH.", query=query)

    def turned_round(self, core: Units, units: Units) -> Iterator[Finding]:
        """Look for a property that leads the other way."""
        for unit in core:
            subject, prop, thing = unit.edge
            if prop in ("", f"<{A}>") or thing[0] == '"':
                continue
            change = {unit: unit.saying(thing, prop, subject)}
            if self.holds(instead(core, change)):
                row = self.declared(prop)
                if "range" in row and row["range"].value.startswith(DATATYPES):
                    continue
                said = [
                    f"{word} {self.name(row[name].value)}"
                    for name, word in SIGNATURE.items()
                    if name in row
                ]
                detail = f"{self.shown(prop)} leads the other way{': ' if said else ''}{', '.join(said)}."
                yield Finding("direction", detail, query=self.rewrite(units, change))

    def declared(self, prop: str) -> Row:
        """Return domain, range and inverse of a property."""
        rows = self.put(DECLARATION % prop).rows()
        return rows[0] if rows else {}

    def in_other_graphs(self, core: Units, units: Units) -> Iterator[Finding]:  # noqa: ARG002
        """Look for what GRAPH keeps apart: triples of the default graph, or of several graphs."""
        inside = [unit for unit in core if unit.graph]
        for unit in inside:
            if self.holds(instead(core, {unit: unit.put_to(None)})):
                where = f"stands in the default graph, not in {self.shown(unit.graph)}"
                yield Finding("graph", f"{self.shown(unit.text)} {where}: take it out of GRAPH.")
                return
        if inside and self.holds(
            instead(core, {unit: unit.put_to(self.new("g")) for unit in inside})
        ):
            detail = "These stand in different graphs, for each assertion is one: give each a GRAPH of its own."
            if len(core) == 1:
                detail = f"It stands in other graphs than {self.shown(core[0].graph)}."
            yield Finding("graph", detail)

    def written_otherwise(self, core: Units, units: Units) -> Iterator[Finding]:
        """Look for a literal that is written in another way: language, datatype, capitals, spelling."""
        for unit in core:
            subject, prop, literal = unit.edge
            if not literal.startswith('"'):
                continue
            value = self.new("value")
            others = instead(core, {unit: unit.saying(subject, prop, value)})
            same = f"FILTER (LCASE(STR({value})) = LCASE(STR({literal})))"
            alike = [row[value[1:]] for row in self.select(value, others, same)]
            values = (
                [] if alike else [row[value[1:]] for row in self.select(value, others, "", MANY)]
            )
            meant = alike or self.nearest(literal, values)
            if meant:
                yield self.other_value(unit, meant, units, is_same=bool(alike))

    def other_value(self, unit: Unit, meant: list[Any], units: Units, *, is_same: bool) -> Finding:
        """Say how a value is written that the query writes otherwise."""
        subject, prop, literal = unit.edge
        nearest = tuple(self.shown(term) for term in meant[:MOST])
        if isinstance(meant[0], NamedNode):
            detail = f"{self.shown(prop)} leads to a thing, not to a text: {', '.join(nearest)}."
        elif is_same:
            detail = f"{self.shown(literal)} is written {nearest[0]} here: language, datatype and capitals count."
        else:
            detail = f"{self.shown(prop)} has no value {self.shown(literal)} here, but {', '.join(nearest)}."
        query = self.rewrite(units, {unit: unit.saying(subject, prop, str(meant[0]))})
        return Finding("literal", detail, nearest=nearest, query=query)

    def nearest(self, literal: str, values: list[Any]) -> list[Any]:
        """Return the values that a literal may mean, best first; those of texts there are if none is like it."""
        text = literal[1:].rpartition('"')[0]
        things = {term.value: term for term in values if isinstance(term, NamedNode)}
        if things:
            hits = self.index().search(text, MANY)
            return [things[hit.iri] for hit in hits if hit.iri in things]
        texts = {term.value: term for term in values if isinstance(term, Literal)}
        return [texts[near] for near in alike(text, list(texts), MOST) or [*texts][:MOST]]

    def of_other_classes(self, core: Units, units: Units) -> Iterator[Finding]:  # noqa: ARG002
        """Look for a property of something outside of its domain or range."""
        classes = {unit.edge[0]: unit.edge[2] for unit in core if unit.edge[1] == f"<{A}>"}
        for unit in core:
            subject, prop, thing = unit.edge
            row = self.declared(prop) if prop not in ("", f"<{A}>") else {}
            for side, said, term in (
                ("domain", "is said of", subject),
                ("range", "leads to", thing),
            ):
                if side not in row or not (term in classes or term[:1] == "<"):
                    continue
                its_own = f", {classes[term]}" if term in classes else ""
                if not self.put(f"ASK {{ {term} a <{row[side].value}>{its_own} }}").boolean:
                    other, wanted = self.shown(classes.get(term, term)), self.name(row[side].value)
                    detail = f"{self.shown(prop)} {said} {wanted}, and {other} is none."
                    yield Finding(side, detail)

    def along_a_path(self, core: Units, units: Units) -> Iterator[Finding]:  # noqa: ARG002
        """Look for a path whose steps stand in different graphs."""
        for unit in core:
            for prop in IRI.findall(unit.triple[1]) if unit.triple and not unit.edge[1] else ():
                apart = f"GRAPH ?g {{ ?s {prop} ?o }} FILTER NOT EXISTS {{ ?s {prop} ?o }}"
                if self.put(f"ASK {{ {apart} }}").boolean:
                    detail = (
                        f"A path stays within one graph, and some statements with {self.shown(prop)} stand each in "
                        "a graph of its own: write the path as steps, each with its own GRAPH."
                    )
                    yield Finding("path", detail)

    def left_out(self, core: Units, units: Units) -> Iterator[Finding]:  # noqa: ARG002
        """Say what a FILTER, a MINUS or VALUES leaves out."""
        tests = [unit for unit in core if unit.kind]
        rest = tuple(unit for unit in core if not unit.kind)
        names = sorted(set[str]().union(*(test.variables for test in tests)) & bound(rest))
        if not tests or not names:
            return
        rows = self.select(" ".join(f"?{name}" for name in names), rest)
        values = (
            f"?{name} = {self.shown(row[name])}" for row in rows for name in names if name in row
        )
        detail = f"{self.shown(tests[0].text)} leaves nothing of what there is: {', '.join(dict.fromkeys(values))}."
        yield Finding("filter", detail, *self.place(tests[0].span[0]))

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of a place in the query."""
        return line_and_column(self.query.text, offset)

    # Suggestions

    def new(self, name: str) -> str:
        """Return a variable that the query does not use."""
        used = self.text.variables((0, len(self.query.text)))
        return next(f"?{name}{number}" for number in self.fresh if f"{name}{number}" not in used)

    def rewrite(self, units: Units, changes: Changes, more: str = "") -> str | None:
        """Return the query with some units changed, and more after the last, if it then finds something."""
        spans = {}
        for span in sorted({unit.span for unit in changes}):
            there = instead(tuple(unit for unit in units if unit.span == span), changes)
            spans[span] = " . ".join(unit.pattern.removesuffix(" .") for unit in there)
        spans[span] += more
        return self.mend(spans)

    def mend(self, changes: Mapping[Span, str]) -> str | None:
        """Return the query with other text in some places, if it then finds something."""
        text, end = "", 0
        for (start, after), new in sorted(changes.items()):
            text += self.query.text[end:start] + self.shown(new)
            end = after
        text += self.query.text[end:]
        with suppress(InputError):
            return text if changes and not is_empty(self.put(text)) else None
        return None


def instead(units: Units, changes: Changes) -> Units:
    """Return units with others in place of some."""
    return tuple(changes.get(unit, unit) for unit in units)


def is_empty(results: Results) -> bool:
    """Tell whether an answer says nothing: also if it is one row in which nothing was counted."""
    if results.form != "SELECT" or results.count != 1:
        return results.is_empty
    return all(getattr(term, "value", term) in NOTHING for term in results.rows()[0].values())


def bound(units: Iterable[Unit]) -> set[str]:
    """Return the variables that units may give a value to."""
    return set[str]().union(*(unit.variables for unit in units if unit.kind in BINDING))


def connected(units: Iterable[Unit]) -> Iterator[Units]:
    """Yield the units in groups that share variables, each in the order of the query."""
    groups: list[tuple[set[str], Units]] = []
    for unit in units:
        names: set[str] = unit.variables
        members: Units = (unit,)
        for group in [group for group in groups if group[0] & names]:
            groups.remove(group)
            names, members = names | group[0], group[1] + members
        groups.append((names, members))
    for _, members in groups:
        yield tuple(sorted(members, key=lambda unit: unit.span))


def triples_of(prologue: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the triple patterns in a part of a query; ValueError when rdflib cannot read it."""
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    if len(text) > LONGEST_PART:
        raise ValueError(text)
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)  # it reports each odd literal
    try:
        node = translateQuery(
            parseQuery(f"{prologue} SELECT * {{ {text} }}"), None, PREDEFINED
        ).algebra
        while node.name != "BGP":
            node = node.p
        for number, (subject, path, thing) in enumerate(node.triples):
            yield from steps(term(subject), path, term(thing), number)
    except (ParseBaseException, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(text) from error


def steps(subject: str, path: Any, thing: str, number: int) -> Iterator[tuple[str, str, str]]:
    """Yield a path that is a sequence as triples of their own."""
    *before, last = path.args if type(path).__name__ == "SequencePath" else [path]
    for place, step in enumerate(before):
        between = f"?_{number}_{place}"
        yield subject, step.n3(), between
        subject = between
    yield subject, last.n3(), thing


def term(node: Any) -> str:
    """Write a term of rdflib; a blank node is a variable."""
    text: str = node.n3()
    return f"?_{text[2:]}" if text.startswith("_:") else text
