"""Why a part of a pattern finds nothing: what its author may have meant, tried out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pyoxigraph import Literal, NamedNode

from shimoda.errors import Unavailable
from shimoda.namespaces import ONTOLOGY, PREFIXES, short
from shimoda.questions.search import spelled_alike
from shimoda.questions.trials import A, Trial
from shimoda.questions.units import IRI, Units, bound, instead
from shimoda.sparql.results import Row

MOST, MANY = 5, 5000
"""Values that are shown, and that are looked through."""
ASSERTION, VIEW = str(PREFIXES["assertion"]), str(PREFIXES["view"])
DATATYPES = tuple(str(PREFIXES[name]) for name in ("xsd", "edtf", "rdf"))
TYPE = ("", f"<{A}>")
DECLARATION = """SELECT ?domain ?range ?inverse WHERE { VALUES ?p { %s }
  OPTIONAL { ?p <http://www.w3.org/2000/01/rdf-schema#domain> ?domain FILTER (isIRI(?domain)) }
  OPTIONAL { ?p <http://www.w3.org/2000/01/rdf-schema#range> ?range FILTER (isIRI(?range)) }
  OPTIONAL { { ?p <http://www.w3.org/2002/07/owl#inverseOf> ?inverse }
    UNION { ?inverse <http://www.w3.org/2002/07/owl#inverseOf> ?p } } } LIMIT 1"""
STATED = "".join(
    f" OPTIONAL {{ %(g)s <{ONTOLOGY}{name}> ?_{name} }}"
    for name in ("voice", "mode", "standing", "correctedBy")
)
OWL = str(PREFIXES["owl"])
DENIAL = ("sourceIndividual", "assertionProperty", "targetIndividual")
PATH = (
    "A path stays within one graph, and some statements with {} stand each in a graph of its own: "
    "write the path as steps, each with its own GRAPH."
)


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


def reasons(trial: Trial, core: Units, units: Units) -> list[Finding]:
    """Return the reason why a part ``core`` of the units of a pattern finds nothing, if one is found."""
    for look in REASONS:
        try:
            found = list(look(trial, core, units))
        except Unavailable:  # a store elsewhere may fail at one of the queries
            trial.is_complete = False
            continue
        if found:
            return found
    return []


def only_stated(trial: Trial, core: Units, units: Units) -> Iterator[Finding]:
    """Look for triples that stand only in other graphs: with a voice, corrected, or in the world of a view."""
    loose = {
        unit: unit.put_to_any(trial.new("g")) for unit in core if unit.triple and not unit.graph
    }
    if not loose or not trial.holds(core, loose):
        return
    for unit in list(loose):
        fewer = {one: other for one, other in loose.items() if one is not unit}
        if trial.holds(core, fewer):
            loose = fewer
    graphs = {unit: trial.new("assertion") for unit in loose}
    moved = {unit: replace(unit, graph=graph) for unit, graph in graphs.items()}
    cited = (f" . {graph} <{ONTOLOGY}citedIn> {trial.new('sentence')}" for graph in graphs.values())
    query = trial.rewrite(units, moved, "".join(cited))
    for unit, graph in graphs.items():
        more, variables = STATED % {"g": graph}, f"{graph} ?_voice ?_mode ?_standing ?_correctedBy"
        rows = trial.select(variables, instead(core, moved), more, MANY)
        row = min(rows, key=partial(rank, graph[1:]))
        yield statement(trial.shown(unit.text), row.pop(graph[1:]).value, row, query)


def rank(graph: str, row: Row) -> tuple[bool, bool, str]:
    """Put the graph first that tells most: an assertion, and one that was corrected."""
    name = row[graph].value
    return not name.startswith(ASSERTION), "_correctedBy" not in row, name


def statement(triple: str, graph: str, row: Row, query: str | None) -> Finding:
    """Say where a triple stands that is not in the default graph, and who states it."""
    said = f"{triple} is no fact of the default graph"
    if graph.startswith(VIEW):
        party = graph.removeprefix(VIEW)
        detail = f"{said}; it holds in the world of {party}: ask with view={party}."
        return Finding("view", detail)
    about = {name[1:]: short(term.value) for name, term in row.items()}
    how = ", ".join(about[name] for name in ("voice", "mode", "standing") if name in about)
    detail = f"{said}; it stands in {short(graph)} ({how})."
    if "correctedBy" in about:
        return Finding("corrected", f"{detail} {about['correctedBy']} corrects it.", query=query)
    return Finding("claimed", f"{detail} Ask for it with GRAPH.", query=query)


def denied(trial: Trial, core: Units, _: Units) -> Iterator[Finding]:
    """Look for what a voice denies, which stands in its graph as a denial and never as a triple."""
    for unit in core if len(core) == 1 else ():
        if unit.edge[1] in TYPE:
            continue
        graph = trial.new("assertion")
        parts = zip(DENIAL, unit.edge, strict=True)
        denial = " ; ".join(f"<{OWL}{name}> {term}" for name, term in parts)
        more = f"GRAPH {graph} {{ ?_n {denial} }} {STATED % {'g': graph}}"
        for row in trial.select(f"{graph} ?_voice ?_mode ?_standing", (), more, 1):
            where = short(row.pop(graph[1:]).value)
            how = ", ".join(short(term.value) for term in row.values())
            yield Finding("denied", f"{trial.shown(unit.text)} is denied, in {where} ({how}).")


def turned_round(trial: Trial, core: Units, units: Units) -> Iterator[Finding]:
    """Look for a property that leads the other way."""
    for unit in core:
        subject, prop, thing = unit.edge
        if prop in TYPE or thing[0] == '"' or not subject:
            continue
        change = {unit: unit.saying(thing, prop, subject)}
        row = declared(trial, prop) if trial.holds(core, change) else None
        if row is None or ("range" in row and row["range"].value.startswith(DATATYPES)):
            continue
        words = {"domain": " from", "range": " to", "inverse": "; back by"}
        said = [f"{words[one]} {trial.name(row[one].value)}" for one in words if one in row]
        detail = f"{trial.shown(prop)} leads the other way,{''.join(said)}."
        yield Finding("direction", detail, query=trial.rewrite(units, change))


def declared(trial: Trial, prop: str) -> Row:
    """Return domain, range and inverse of a property."""
    return next(iter(trial.put(DECLARATION % prop).rows()), {})


def in_other_graphs(trial: Trial, core: Units, _: Units) -> Iterator[Finding]:
    """Look for what GRAPH keeps apart: triples of the default graph, or of several graphs."""
    inside = [unit for unit in core if unit.graph]
    for unit in inside:
        if trial.holds(core, {unit: replace(unit, graph=None)}):
            where = f"stands in the default graph, not in {trial.shown(unit.graph)}"
            yield Finding("graph", f"{trial.shown(unit.text)} {where}: take it out of GRAPH.")
            return
    if inside and trial.holds(core, {unit: replace(unit, graph=trial.new("g")) for unit in inside}):
        detail = (
            "These stand in different graphs, for each assertion is one: give each its own GRAPH."
        )
        if len(core) == 1:
            detail = f"It stands in other graphs than {trial.shown(core[0].graph)}."
        yield Finding("graph", detail)


def written_otherwise(trial: Trial, core: Units, units: Units) -> Iterator[Finding]:
    """Look for a literal that is written in another way: language, datatype, capitals, spelling."""
    for unit in core:
        subject, prop, literal = unit.edge
        if not literal.startswith('"'):
            continue
        value = trial.new("value")
        others = instead(core, {unit: unit.saying(subject, prop, value)})
        same = f"FILTER (LCASE(STR({value})) = LCASE(STR({literal})))"
        equal = [row[value[1:]] for row in trial.select(value, others, same, MOST)]
        values = [] if equal else [row[value[1:]] for row in trial.select(value, others, "", MANY)]
        meant = equal or nearest(trial, literal, values)
        if not meant:
            continue
        shown = tuple(trial.shown(term) for term in meant[:MOST])
        detail = (
            f"{trial.shown(prop)} has no value {trial.shown(literal)} here, but {', '.join(shown)}."
        )
        if isinstance(meant[0], NamedNode):
            detail = f"{trial.shown(prop)} leads to a thing, not to a text: {', '.join(shown)}."
        elif equal:
            detail = (
                f"{trial.shown(literal)} is written {shown[0]}: language, datatype, capitals count."
            )
        change = {unit: unit.saying(subject, prop, str(meant[0]))}
        yield Finding("literal", detail, nearest=shown, query=trial.rewrite(units, change))


def nearest(trial: Trial, literal: str, values: list[Any]) -> list[Any]:
    """Return the values that a literal may mean, best first; some texts there are if none is like it."""
    text = literal[1:].rpartition('"')[0]
    things = {term.value: term for term in values if isinstance(term, NamedNode)}
    if things:
        hits = trial.index().search(text, MANY)
        return [things[hit.iri] for hit in hits if hit.iri in things]
    texts = {term.value: term for term in values if isinstance(term, Literal)}
    near = [other for other, _, _ in spelled_alike(text, list(texts), MOST)]
    return [texts[other] for other in near or [*texts][:MOST]]


def of_other_classes(trial: Trial, core: Units, _: Units) -> Iterator[Finding]:
    """Look for a property of something outside of its domain or range."""
    classes = {unit.edge[0]: unit.edge[2] for unit in core if unit.edge[1] == TYPE[1]}
    for unit in core:
        subject, prop, thing = unit.edge
        row = {} if prop in TYPE else declared(trial, prop)
        for side, said, term in (("domain", "is said of", subject), ("range", "leads to", thing)):
            if side not in row or not (term in classes or term.startswith("<")):
                continue
            own = f", {classes[term]}" if term in classes else ""
            if not trial.put(f"ASK {{ {term} a <{row[side].value}>{own} }}").boolean:
                wanted, other = trial.name(row[side].value), trial.shown(classes.get(term, term))
                yield Finding(side, f"{trial.shown(prop)} {said} {wanted}, and {other} is none.")


def along_a_path(trial: Trial, core: Units, _: Units) -> Iterator[Finding]:
    """Look for a path whose steps stand in different graphs."""
    for unit in core:
        for prop in IRI.findall(unit.triple[1]) if unit.triple and not unit.edge[1] else ():
            apart = f"GRAPH ?g {{ ?s {prop} ?o }} FILTER NOT EXISTS {{ ?s {prop} ?o }}"
            if trial.put(f"ASK {{ {apart} }}").boolean:
                yield Finding("path", PATH.format(trial.shown(prop)))


def left_out(trial: Trial, core: Units, _: Units) -> Iterator[Finding]:
    """Say what a FILTER, a MINUS or VALUES leaves out."""
    tests = [unit for unit in core if unit.kind]
    rest = tuple(unit for unit in core if not unit.kind)
    names = sorted(set[str]().union(*(test.variables for test in tests)) & bound(rest))
    if names:
        rows = trial.select(" ".join(f"?{name}" for name in names), rest, "", MOST)
        values = [f"?{name} = {trial.shown(term)}" for row in rows for name, term in row.items()]
        there = ", ".join(dict.fromkeys(values))
        detail = f"{trial.shown(tests[0].text)} leaves nothing of what there is: {there}."
        yield Finding("filter", detail, *trial.place(tests[0].span))


REASONS: tuple[Callable[[Trial, Units, Units], Iterator[Finding]], ...] = (
    only_stated,
    denied,
    turned_round,
    in_other_graphs,
    written_otherwise,
    of_other_classes,
    along_a_path,
    left_out,
)
"""In this order: the first that finds something is told."""
