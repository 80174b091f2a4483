"""Contradictions: what the rules without a head find, and the fewest statements that they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Store, Triple

from shimoda.errors import InconsistentData, MalformedAxiom
from shimoda.reasoning.explanation import cite_graphs
from shimoda.reasoning.proofs import Proof, Prover
from shimoda.reasoning.reasoner import Reasoner
from shimoda.reasoning.rules import Atom, Rule, node_of
from shimoda.reasoning.stores import RuleStore, local
from shimoda.reasoning.ways import nameable
from shimoda.reasoning.words import say


@dataclass(frozen=True, slots=True)
class Clash:
    """A rule that says what cannot be, the triples that are so, and the fewest stated triples that bring it about."""

    rule: Rule
    premises: tuple[Atom, ...]
    statements: tuple[Proof, ...] = ()


def find_clashes(store: Store | RuleStore, reasoner: Reasoner) -> Iterator[Clash]:
    """Yield contradictions in what a store states in its default graph, and in what follows from it."""
    for rule, premises in reasoner.clashes():
        yield Clash(rule, premises, fewest(local(store), reasoner, rule, premises))


def fewest(
    store: RuleStore, reasoner: Reasoner, rule: Rule, premises: Sequence[Atom]
) -> tuple[Proof, ...]:
    """Return stated triples from which a clash follows, and from no fewer of them."""
    prover = Prover(store, reasoner.rules)
    proofs = filter(None, map(prover.prove, prover.premises_of(rule, premises)))
    leaves = {leaf.triple: leaf for proof in proofs for leaf in proof.leaves()}
    kept = [leaf for leaf in leaves.values() if nameable(leaf.triple)]  # the rest are axioms
    heard: list[MalformedAxiom] = []  # which the reasoner itself has left out
    axioms = list(reasoner.axioms)
    scratch = Reasoner(axioms, rules=reasoner.hand_written, report=heard.append)

    def follows(leaves: Sequence[Proof]) -> bool:
        scratch.world.build(scratch.numbered([*axioms, *map(written, leaves)]).facts())
        return any(found == rule for found, _ in scratch.clashes(1))

    if follows(kept):
        for leaf in list(kept):
            rest = [other for other in kept if other is not leaf]
            kept = rest if follows(rest) else kept
    return tuple(kept)


def written(leaf: Proof) -> Triple:
    """Return the triple that a proof is of."""
    return Triple(*map(node_of, leaf.triple))  # type: ignore[arg-type]


def require_consistency(
    store: Store | RuleStore,
    reasoner: Reasoner,
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
            "files": sorted(map(str, whereabouts(written(leaf)))),
            "graphs": list(leaf.places),
            "sentences": [
                sentence
                for told in cite_graphs(local(store), leaf.places).values()
                for sentence in told.sentences
            ],
        }
        for leaf in clash.statements
    ]
    lines = [
        f"{one['triple']}  ({', '.join([*one['files'], *one['graphs'], *one['sentences']])})"
        for one in found
    ]
    # what follows from axioms alone has no statements, and is about something with a name
    lines = lines or sorted({atom[0] for atom in clash.premises if atom[0].startswith("<")})
    detail = "\n  ".join([f"{say(clash.rule)} These statements cannot all hold:", *lines])
    raise InconsistentData(detail, rule=clash.rule.name, statements=found)
