"""What a dataset must pass before it is served: no contradiction, by the rules and by HermiT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from shimoda.errors import InconsistentData, Unavailable
from shimoda.reasoning.clashes import require_consistency
from shimoda.reasoning.fixpoint import ADDED, LINKS, Limits, Run
from shimoda.reasoning.hermit import Opinion, ask, stated
from shimoda.reasoning.maintenance import rules_of
from shimoda.reasoning.proofs import BY_HERMIT
from shimoda.reasoning.rules import Rule
from shimoda.reasoning.schema import RDF
from shimoda.reasoning.stores import LocalStore

__all__ = ["require_sense"]


def require_sense(
    store: Store, *, whereabouts: Callable[[Triple], Sequence[Path]] = lambda _: (),
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Let a store pass whose default graph can be true; add the types that only HermiT finds.

    A view may contradict the default graph: that is what it is for. Without Java the rules alone decide, and ``report``
    hears of it.

    Raises:
        InconsistentData: the statements cannot all hold, or a class can have no members.
    """
    rules = rules_of(store)
    require_consistency(store, rules, whereabouts=whereabouts)
    try:
        opinion = ask(stated(store))
    except Unavailable as error:
        report(f"the rules alone decide: {error.detail}")
        return
    if not opinion.consistent:
        raise InconsistentData("HermiT finds that the statements cannot all hold, where no rule shows it.")
    if opinion.unsatisfiable:
        raise InconsistentData(f"Nothing can be in these classes: {', '.join(opinion.unsatisfiable)}.",
                               classes=list(opinion.unsatisfiable))
    add_types(store, rules, opinion)


def add_types(store: Store, rules: Sequence[Rule], opinion: Opinion) -> None:
    """Add the types that no rule found, labelled as HermiT's, and what follows from them."""
    found = [Triple(NamedNode(one), RDF["type"], NamedNode(kind)) for one, kind in opinion.types]
    new = [triple for triple in found
           if Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()) not in store]
    if new:
        run = Run(LocalStore(store), rules, Limits())
        run.outcome.rounds += 1
        with run.without(LINKS):
            run.pour(run.add(BY_HERMIT, new), ADDED)
            run.saturate(ADDED)
