"""Why a query fails, or finds nothing: terms that are not there, and the smallest part of the pattern that is empty.

The query is put again in parts, as ordinary queries under the engine's limits, until what is empty cannot be made
smaller; then in the ways that its author may have meant. A changed query that is suggested has been tried.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from shimoda.engine.interface import Engine, Query
from shimoda.errors import ShimodaError
from shimoda.namespaces import BASE
from shimoda.questions.reasons import MOST, Finding, reasons
from shimoda.questions.trials import OutOfTime, Trial, says_nothing
from shimoda.questions.units import FINDING, IRI, Units, connected
from shimoda.reasoning.schema import TERMS
from shimoda.sparql.groups import Span
from shimoda.sparql.text import OPAQUE, form_of

__all__ = ["Diagnosis", "Finding", "diagnose"]

SECONDS = 0.9
"""For a whole diagnosis; half of it for the query as it is."""
LONGEST = 10_000
"""Characters of a query that is taken apart."""
DEEPEST = 10
"""Groups in each other that are looked into."""
NAME = re.compile(r"(?<![\w?$@:.\\-])([A-Za-z][\w.-]*|):((?:[\w:%\\-]|\.(?=[\w:%\\-]))++)(?!\s*\()")
KNOWN = """SELECT ?t WHERE { VALUES ?t { %s } FILTER (
  EXISTS { ?t ?p ?o } || EXISTS { ?s ?t ?o } || EXISTS { ?s ?p ?t } || EXISTS { GRAPH ?t { ?s ?p ?o } }
  || EXISTS { GRAPH ?g { ?t ?p ?o } } || EXISTS { GRAPH ?g { ?s ?t ?o } } || EXISTS { GRAPH ?g { ?s ?p ?t } }) }"""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How many rows (or triples) a query has, None if it has not run, and what was found.

    It is not ``complete`` if time was short or a store elsewhere failed, and ``cacheable`` if it is a function of the query and the dataset.
    """

    rows: int | None
    findings: tuple[Finding, ...]
    complete: bool
    cacheable: bool

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON."""
        findings = [one.as_json() for one in self.findings]
        return {"rows": self.rows, "findings": findings, "complete": self.complete}


def diagnose(engine: Engine, query: Query, seconds: float = SECONDS) -> Diagnosis:
    """Say why a query fails or finds nothing; of one that finds something, which of its terms are not there."""
    import shimoda.sparql.grammar  # noqa: F401 (long the first time, which does not count)

    trial, rows, complete = Trial(engine, query, seconds), None, False
    findings: list[Finding] = []
    with suppress(OutOfTime, ShimodaError):
        try:
            results = trial.put(query.text, seconds / 2)
        except ShimodaError as error:
            line, column, near = map(error.where.get, ("line", "column", "nearest"))
            why = Finding(error.code, error.detail, line, column, tuple(near or ()))
            return Diagnosis(None, (why,), complete=True, cacheable=False)
        rows = int(results.boolean) if results.form == "ASK" else results.count
        if len(query.text) <= LONGEST:
            unknown = unknown_terms(trial)
            findings.extend(tell_unknown(trial, unknown))
            if says_nothing(results) and not trial.is_federated:
                findings.extend(examine(trial, trial.text.pattern, unknown, is_over=rows > 0))
            complete = trial.is_complete
    return Diagnosis(rows, tuple(findings), complete, complete and trial.cacheable)


# Terms


def terms(trial: Trial) -> Iterator[tuple[str, Span]]:
    """Yield each IRI that a query asks for, with its place: no datatype, function, namespace or part of a template."""
    query = trial.text
    is_construct = form_of(query.text) == "CONSTRUCT"
    start = query.pattern[0] if is_construct else query.form
    for found in OPAQUE.finditer(query.text, start):
        if IRI.fullmatch(found[0]) and query.masked[found.end() :].lstrip()[:1] != "(":
            yield found[0][1:-1], found.span()
    for name in NAME.finditer(query.masked, start):
        if name[1] in trial.prefixes and query.masked[: name.start()][-2:] != "^^":
            yield trial.prefixes[name[1]] + name[2].replace("\\", ""), name.span()


def unknown_terms(trial: Trial) -> dict[str, Span]:
    """Return the IRIs that occur nowhere in the dataset, nor in OWL; what is put to another endpoint may occur there."""
    is_federated = "service" in trial.text.masked.lower()
    places = {iri: span for iri, span in terms(trial) if iri.startswith(BASE) or not is_federated}
    if not places:
        return {}
    results = trial.put(KNOWN % " ".join(f"<{iri}>" for iri in places))
    known = {row["t"].value for row in results.rows()} | {term.value for term in TERMS}
    return {iri: span for iri, span in places.items() if iri not in known}


def tell_unknown(trial: Trial, unknown: dict[str, Span]) -> Iterator[Finding]:
    """Say which terms are not there, and which may be meant."""
    first = dict(islice(unknown.items(), MOST))
    meant = {iri: trial.index().nearest(iri, 3) for iri in first}
    changes = {span: f"<{meant[iri][0]}>" for iri, span in first.items() if meant[iri]}
    query = trial.mend(changes) if changes else None
    for iri, span in first.items():
        nearest = tuple(trial.shown(f"<{one}>") for one in meant[iri])
        code, hint = "unknown-term", "Names are found with /search."
        if meant[iri] and meant[iri][0].casefold() == iri.casefold():
            code, hint = "case", f"It is written {nearest[0]}: small and capital letters count."
        elif meant[iri]:
            hint = f"Did you mean {nearest[0]}?"
        detail = f"Nothing here is called {trial.text[span]}. {hint}"
        yield Finding(code, detail, *trial.place(span), nearest, query)


# The pattern


def examine(
    trial: Trial, group: Span, unknown: dict[str, Span], *, is_over: bool = True, depth: int = 0
) -> Iterator[Finding]:
    """Find the smallest empty parts of a group, and say why they are empty; ``is_over`` if none is no news."""
    units = trial.units(group)
    alone: list[Units] = [
        (unit,) for unit in units if unit.kind in FINDING and not trial.holds((unit,))
    ]
    for core in alone[:MOST] or [smallest(trial, units)]:
        if core and core[0].kind == "{" and core[0].groups and depth < DEEPEST:
            for inner in core[0].groups:
                yield from examine(trial, inner, unknown, depth=depth + 1)
        elif core:
            text = " ".join(trial.shown(unit.pattern) for unit in core).removesuffix(" .")
            span = min(unit.span for unit in core)
            yield Finding("empty-part", f"Nothing matches: {text}", *trial.place(span))
            if not any(f"<{iri}>" in unit.pattern for iri in unknown for unit in core):
                yield from reasons(trial, core, units)
        elif units and not is_over:
            detail = "The pattern finds something; HAVING, LIMIT or OFFSET leave nothing of it."
            yield Finding("modifiers", detail)


def smallest(trial: Trial, units: Units) -> Units:
    """Return units that find nothing together, and do without any one of them; () if all of them find something."""
    core = empty(trial, units)
    for unit in core:
        if unit in core:
            core = empty(trial, tuple(one for one in core if one is not unit)) or core
    return core


def empty(trial: Trial, units: Units) -> Units:
    """Return those of the units that hang together and find nothing; () if there are none."""
    together = (some for some in connected(units) if any(unit.kind in FINDING for unit in some))
    return next((some for some in together if not trial.holds(some)), ())
