"""What shows only when the dataset is built: contradictions, what is inferred and must not be, questions left open."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import QueryBoolean, Store

from shimoda import catalogue
from shimoda.check.findings import Finding
from shimoda.reasoning import find_clashes, rules_of
from shimoda.vocabulary import BASE, ONTOLOGY

__all__ = ["contradictory", "unanswered"]


def contradictory(store: Store) -> Iterator[Finding]:
    """Yield what cannot hold together in the default graph."""
    for clash in find_clashes(store, rules_of(store)):
        ours = [premise for premise in clash.premises if premise[0].startswith(f"<{BASE}id/")] or clash.premises
        premises = "; ".join(" ".join(map(short, premise)) for premise in ours)
        yield Finding("consistency", f"{clash.rule.words} ({premises})", ours[0][0].strip("<>"))


def short(term: str) -> str:
    """Return a term without the part that all IRIs share."""
    return term.strip("<>").removeprefix(ONTOLOGY).removeprefix(BASE)


def unanswered(store: Store) -> Iterator[Finding]:
    """Yield the named queries that the dataset has no answer to, but those whose answer is that there is none."""
    for query in catalogue.read_all():
        results = store.query(query.bind())
        answered = bool(results) if isinstance(results, QueryBoolean) else next(iter(results), None) is not None
        if not answered and query.line("empty") != "yes":
            yield Finding("questions", f"{query.summary} has no answer", file=f"queries/{query.name}.rq")
