"""Contradictions: what the rules without a head find, and the fewest statements that they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store, Triple, parse

from shimoda.errors import InconsistentData, MalformedAxiom
from shimoda.namespaces import PREFIXES
from shimoda.reasoning.facts import Facts
from shimoda.reasoning.maintenance import INFERRED, LINKS, RULES
from shimoda.reasoning.proofs import Proof, Prover
from shimoda.reasoning.reasoner import Reasoner
from shimoda.reasoning.rules import Atom, Rule, read_rules
from shimoda.reasoning.stores import RuleStore, local, read
from shimoda.reasoning.words import say

__all__ = ["Clash", "find_clashes", "require_consistency"]


@dataclass(frozen=True, slots=True)
class Clash:
    """A rule that says what cannot be, the triples that are so, and the fewest stated triples that bring it about."""

    rule: Rule
    premises: tuple[Atom, ...]
    statements: tuple[Proof, ...] = ()


def find_clashes(
    store: Store | RuleStore,
    reasoner: Reasoner | None = None,
    *,
    view: NamedNode | None = None,
    limit: int = 20,
) -> Iterator[Clash]:
    """Yield contradictions in what a store states in its default graph (and ``view``), and what follows from it."""
    place = local(store)
    if reasoner is None:
        others = {*read(place, INFERRED), *read(place, LINKS)}
        stated = [triple for triple in read(place, None) if triple not in others]
        reasoner = Reasoner(
            [*stated, *(read(place, view) if view else ())], rules=read_rules(RULES)
        )
    for rule, premises in reasoner.clashes(limit):
        yield Clash(rule, premises, fewest(place, reasoner, rule, premises, view))


def fewest(
    store: RuleStore,
    reasoner: Reasoner,
    rule: Rule,
    premises: Sequence[Atom],
    view: NamedNode | None,
) -> tuple[Proof, ...]:
    """Return stated triples from which a clash follows, and from no fewer of them."""
    prover = Prover(store, list(reasoner.world.program.rules), view)
    proofs = filter(None, map(prover.prove, prover.premises_of(rule, premises)))
    kept = list(
        {
            leaf.triple: leaf
            for proof in proofs
            for leaf in proof.leaves()
            if is_plain(leaf.triple)
        }.values()
    )
    axioms = list(reasoner.axioms)
    heard: list[MalformedAxiom] = []  # which the reasoner itself has left out
    scratch = Reasoner(axioms, rules=reasoner.hand_written, report=heard.append)
    if follows(scratch, rule, axioms, kept):
        for leaf in list(kept):
            rest = [other for other in kept if other is not leaf]
            if follows(scratch, rule, axioms, rest):
                kept = rest
    return tuple(kept)


def is_plain(triple: Atom) -> bool:
    """Tell whether a triple can be written: one with a blank node is among the axioms already."""
    return not any(term.startswith("_:") for term in triple)


def follows(
    reasoner: Reasoner, rule: Rule, axioms: Sequence[Triple], leaves: Sequence[Proof]
) -> bool:
    """Tell whether a rule without a head finds a clash in what follows from triples, under the axioms."""
    triples = (triple for leaf in leaves for triple in written(leaf.triple))
    facts: Facts = reasoner.numbered([*axioms, *triples], set())
    reasoner.world.build(facts)
    return any(found == rule for found, _ in reasoner.clashes(1))


def written(triple: Atom) -> Iterator[Triple]:
    """Yield a triple from its text."""
    yield from (quad.triple for quad in parse(f"{' '.join(triple)} .", format=RdfFormat.N_TRIPLES))


def require_consistency(
    store: Store | RuleStore,
    reasoner: Reasoner | None = None,
    *,
    whereabouts: Callable[[Triple], Sequence[Path]] = lambda _: (),
) -> None:
    """Raise InconsistentData for the first contradiction, with the statements it comes from, and where they stand."""
    clash = next(find_clashes(store, reasoner), None)
    if clash is None:
        return
    found = [
        {
            "triple": " ".join(leaf.triple),
            "files": sorted(
                {str(file) for triple in written(leaf.triple) for file in whereabouts(triple)}
            ),
            "graphs": list(leaf.places),
            "sentences": sentences(local(store), leaf.places),
        }
        for leaf in clash.statements
    ]
    lines = [
        f"{one['triple']}  ({', '.join([*one['files'], *one['graphs'], *one['sentences']])})"
        for one in found
    ]
    detail = "\n  ".join([f"{say(clash.rule)} These statements cannot all hold:", *lines])
    raise InconsistentData(detail, rule=clash.rule.name, statements=found)


def sentences(store: RuleStore, assertions: Sequence[str]) -> list[str]:
    """Return the sentences in which assertions are made."""
    names = " ".join(f"<{name}>" for name in assertions)
    rows = store.select(
        f"SELECT DISTINCT ?s WHERE {{ VALUES ?a {{ {names} }} ?a {PREFIXES['']['citedIn']} ?s }}"
    )
    return sorted(row[0].value for row in rows if isinstance(row[0], NamedNode))
