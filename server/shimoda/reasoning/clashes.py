"""Contradictions: what the rules without a head find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode, Store

from shimoda.reasoning.rules import Atom, Rule, variables
from shimoda.reasoning.stores import RuleStore, local

__all__ = ["Clash", "find_clashes"]


@dataclass(frozen=True, slots=True)
class Clash:
    """A rule that says what cannot be, and the triples that are so."""

    rule: Rule
    premises: tuple[Atom, ...]


def find_clashes(
    store: Store | RuleStore, rules: Sequence[Rule], *, view: NamedNode | None = None, limit: int = 20
) -> Iterator[Clash]:
    """Yield contradictions in the default graph (and ``view``) as it stands, inferred triples included."""
    place = local(store)
    for rule in rules:
        if rule.head:
            continue
        names = list(dict.fromkeys(variables(rule.body)))
        for row in place.select(f"SELECT DISTINCT {' '.join(names)} WHERE {{ {rule.where()} }} LIMIT {limit}", view):
            values = dict(zip(names, map(str, row), strict=True))
            yield Clash(rule, tuple(bind(atom, values) for atom in rule.body))


def bind(atom: Atom, values: dict[str, str]) -> Atom:
    """Put values for variables."""
    subject, predicate, thing = (values.get(term, term) for term in atom)
    return subject, predicate, thing
