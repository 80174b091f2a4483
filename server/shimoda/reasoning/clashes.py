"""Contradictions: what the rules without a head find, and the fewest statements that they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, Triple, parse

from shimoda.errors import InconsistentData
from shimoda.namespaces import PREFIXES
from shimoda.reasoning.fixpoint import Limits, Run
from shimoda.reasoning.proofs import Proof, Prover, bind
from shimoda.reasoning.rules import Atom, Rule, variables
from shimoda.reasoning.schema import read_schema
from shimoda.reasoning.stores import LocalStore, RuleStore, local
from shimoda.reasoning.words import say

__all__ = ["Clash", "find_clashes", "require_consistency"]


@dataclass(frozen=True, slots=True)
class Clash:
    """A rule that says what cannot be, the triples that are so, and the fewest stated triples that bring it about."""

    rule: Rule
    premises: tuple[Atom, ...]
    statements: tuple[Proof, ...] = ()


def find_clashes(
    store: Store | RuleStore, rules: Sequence[Rule], *, view: NamedNode | None = None, limit: int = 20
) -> Iterator[Clash]:
    """Yield contradictions in the default graph (and ``view``) as it stands, what is inferred included."""
    place = local(store)
    for rule in rules:
        if rule.head:
            continue
        names = list(dict.fromkeys(variables(rule.body)))
        for row in place.select(f"SELECT DISTINCT {' '.join(names)} WHERE {{ {rule.where()} }} LIMIT {limit}", view):
            values = dict(zip(names, map(str, row), strict=True))
            premises = tuple(bind(atom, values) for atom in rule.body)
            yield Clash(rule, premises, fewest(place, rules, rule, premises, view))


def fewest(
    store: RuleStore, rules: Sequence[Rule], rule: Rule, premises: Sequence[Atom], view: NamedNode | None
) -> tuple[Proof, ...]:
    """Return stated triples from which a clash follows, and from no fewer of them."""
    prover = Prover(store, rules, view)
    proofs = filter(None, map(prover.prove, premises))
    kept = list({leaf.triple: leaf for proof in proofs for leaf in proof.leaves()}.values())
    axioms = list(schema_of(store))
    for leaf in list(kept):
        rest = [other for other in kept if other is not leaf]
        if follows(rules, rule, [*axioms, *(triple for other in rest for triple in written(other.triple))]):
            kept = rest
    return tuple(kept)


def schema_of(store: RuleStore) -> Iterator[Triple]:
    """Yield the axioms of a store as triples."""
    for subject, facts in read_schema(store).objects.items():
        for predicate, things in facts.items():
            assert isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode)
            yield from (Triple(subject, predicate, thing) for thing in things)


def written(triple: Atom) -> Iterator[Triple]:
    """Yield a triple from its text; none for one with a blank node, which the axioms hold already."""
    if not any(term.startswith("_:") for term in triple):
        yield from (quad.triple for quad in parse(f"{' '.join(triple)} .", format=RdfFormat.N_TRIPLES))


def follows(rules: Sequence[Rule], rule: Rule, triples: Sequence[Triple]) -> bool:
    """Tell whether a rule without a head finds a clash in what follows from triples."""
    plain = Store()
    plain.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    store = LocalStore(plain)
    Run(store, rules, Limits()).saturate()
    return next(store.select(f"SELECT * WHERE {{ {rule.where()} }} LIMIT 1"), None) is not None


def require_consistency(
    store: Store | RuleStore, rules: Sequence[Rule], *, whereabouts: Callable[[Triple], Sequence[Path]] = lambda _: (),
) -> None:
    """Raise InconsistentData for the first contradiction, with the statements it comes from, and where they stand."""
    clash = next(find_clashes(store, rules), None)
    if clash is None:
        return
    found = [{
        "triple": " ".join(leaf.triple),
        "files": sorted({str(file) for triple in written(leaf.triple) for file in whereabouts(triple)}),
        "graphs": list(leaf.places),
        "sentences": sentences(local(store), leaf.places),
    } for leaf in clash.statements]
    lines = [f"{one['triple']}  ({', '.join([*one['files'], *one['graphs'], *one['sentences']])})" for one in found]
    detail = "\n  ".join([f"{say(clash.rule)} These statements cannot all hold:", *lines])
    raise InconsistentData(detail, rule=clash.rule.name, statements=found)


def sentences(store: RuleStore, assertions: Sequence[str]) -> list[str]:
    """Return the sentences in which assertions are made."""
    names = " ".join(f"<{name}>" for name in assertions)
    rows = store.select(f"SELECT DISTINCT ?s WHERE {{ VALUES ?a {{ {names} }} ?a {PREFIXES['']['citedIn']} ?s }}")
    return sorted(row[0].value for row in rows if isinstance(row[0], NamedNode))
