"""What a dataset must pass before it is served: no contradiction, by the rules and by HermiT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pyoxigraph import NamedNode, Store, Triple

from shimoda.errors import InconsistentData, Unavailable
from shimoda.reasoning.clashes import require_consistency
from shimoda.reasoning.hermit import ask, stated
from shimoda.reasoning.maintenance import Upkeep
from shimoda.reasoning.schema import RDF

MOST = 60_000
"""Triples that HermiT is asked about: some articles, which take it a minute or two; its time grows with their square."""


def require_sense(
    store: Store,
    upkeep: Upkeep | None = None,
    *,
    whereabouts: Callable[[Triple], Sequence[Path]] = lambda _: (),
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Let a store pass whose default graph can be true; add the types that only HermiT finds, and what follows.

    A view may contradict the default graph: that is what it is for. Without Java, and of more than :data:`MOST`
    triples, the rules alone decide, and ``report`` hears of it.

    Raises:
        InconsistentData: the statements cannot all hold, or a class can have no members.
    """
    upkeep = upkeep or Upkeep(store)
    require_consistency(store, upkeep.reasoner, whereabouts=whereabouts)
    if len(upkeep.reasoner.given) > MOST:
        report(f"the rules alone decide: more than {MOST:,} triples are too many for HermiT")
        return
    try:
        opinion = ask(stated(store))
    except Unavailable as error:
        report(f"the rules alone decide: {error.detail}")
        return
    if not opinion.consistent:
        raise InconsistentData(
            "HermiT finds that the statements cannot all hold, where no rule shows it."
        )
    if opinion.unsatisfiable:
        raise InconsistentData(
            f"Nothing can be in these classes: {', '.join(opinion.unsatisfiable)}.",
            classes=list(opinion.unsatisfiable),
        )
    upkeep.suppose(
        Triple(NamedNode(one), RDF["type"], NamedNode(kind)) for one, kind in opinion.types
    )
