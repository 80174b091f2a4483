"""Why a triple holds, and what is missing when it does not.

Nothing is kept for it: a proof is looked for when it is asked. The search goes backwards through the rules, a layer of
premises at a time, and after each layer forwards from what is stated (Knuth, A generalization of Dijkstra's algorithm,
1977): so no proof runs in a circle, and of those at hand the smallest is taken. Everything is asked of the store by
SELECT, so that a proof can be found wherever the data is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from shimoda.errors import LimitExceeded
from shimoda.reasoning.compiler import DIFFERENT
from shimoda.reasoning.rules import (
    TYPE,
    Atom,
    Many,
    Rule,
    bind,
    fill,
    join,
    node_of,
    rules_that_hold,
)
from shimoda.reasoning.ways import Values, Way, Ways, is_hidden, matches

BY_HERMIT = Rule(
    "owl-dl", "HermiT finds that this follows from these axioms and statements together.", (), ()
)
STEPS = 4000
"""How many triples one search may look at."""
ALTERNATIVES, GAPS = 10, 5
"""How many other proofs, and how many rules that lack something, are shown."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A triple with the rule and the premises that it follows from; without a rule it is stated, in ``places``."""

    triple: Atom
    rule: Rule | None = None
    premises: tuple[Proof, ...] = ()
    places: tuple[str, ...] = ()

    def steps(self) -> Iterator[Proof]:
        """Yield this proof and those of its premises, premises first, each once."""
        seen: set[Atom] = set()
        waiting: list[tuple[Proof, bool]] = [(self, False)]
        while waiting:
            proof, ready = waiting.pop()
            if ready:
                yield proof
            elif proof.triple not in seen:
                seen.add(proof.triple)
                waiting.append((proof, True))
                waiting += [(premise, False) for premise in reversed(proof.premises)]

    def leaves(self) -> list[Proof]:
        """Return the stated triples that the proof rests on, each once."""
        return [step for step in self.steps() if step.rule is None]

    @property
    def size(self) -> int:
        """The number of triples in it."""
        return sum(1 for _ in self.steps())


@dataclass(frozen=True, slots=True)
class Gap:
    """What a rule would need to find a triple: the premises that hold, and those (or the filters) that do not."""

    rule: Rule
    present: tuple[Atom, ...]
    missing: tuple[str, ...]


@dataclass(slots=True)
class Prover(Ways):
    """Finds proofs in a store's default graph, and in a view's world if there is a view."""

    found: dict[Atom, Proof] = field(default_factory=dict)

    def prove(self, triple: Atom) -> Proof | None:
        """Return the smallest proof that the search comes upon; None if the triple does not hold."""
        standing = self.standing(triple)
        if standing is None:
            return None
        proof = self.found.get(triple) or self.search(triple, True) or self.search(triple, False)
        if proof or not standing.inferred or triple[1] != TYPE:
            return proof or Proof(triple, places=standing.places)
        return Proof(triple, BY_HERMIT, tuple(self.involved(triple)))

    def search(self, goal: Atom, narrow: bool) -> Proof | None:
        """Go back from a goal, layer by layer, until it is proved; ``narrow`` follows the stated links of chains."""
        ways: dict[Atom, list[Way]] = {}
        layer = [goal]
        while layer and goal not in self.found:
            self.look_around(layer)
            ways |= {triple: self.ways_to(triple, narrow) for triple in layer}
            if len(ways) > STEPS:
                detail = f"The proof leads through more than {STEPS} triples."
                raise LimitExceeded(detail, limit="proof")
            self.conclude(ways)
            wanted = (one for triple in layer for _, premises in ways[triple] for one in premises)
            layer = [
                one
                for one in dict.fromkeys(wanted)
                if one not in ways and (standing := self.standing(one)) and standing.inferred
            ]
        return self.found.get(goal)

    def ways_to(self, triple: Atom, narrow: bool) -> list[Way]:
        """Return the ways to a triple that do not lead through it, and learn where their premises stand."""
        found = [
            (rule, way)
            for rule in self.makers_of(triple)
            for way in self.ways(rule, triple, narrow)
            if triple not in way
        ]
        self.learn(premise for _, way in found for premise in way)
        return found

    def conclude(self, ways: dict[Atom, list[Way]]) -> None:
        """Prove what follows from what is proved, the smallest first, as long as there is anything."""
        sizes: dict[Atom, int] = {}
        changed = True
        while changed:
            changed = False
            for triple in [triple for triple in ways if triple not in self.found]:
                proved = [
                    (rule, proofs)
                    for rule, way in ways[triple]
                    if None not in (proofs := [self.known(premise) for premise in way])
                ]
                for _, proofs in proved:
                    sizes |= {
                        one.triple: one.size for one in proofs if one and one.triple not in sizes
                    }
                if proved:
                    rule, proofs = min(
                        proved,
                        key=lambda way: (
                            sum(sizes[one.triple] for one in way[1] if one),
                            is_poor(way[0]),
                            way[0].name,
                            [one.triple for one in way[1] if one],
                        ),
                    )
                    self.found[triple] = Proof(triple, rule, tuple(one for one in proofs if one))
                    changed = True

    def known(self, triple: Atom) -> Proof | None:
        """Return the proof of what is stated, or has been proved."""
        standing = self.standing(triple)
        if triple not in self.found and standing and not standing.inferred:
            self.found[triple] = Proof(triple, places=standing.places)
        return self.found.get(triple)

    def involved(self, triple: Atom) -> Iterator[Proof]:
        """Yield the axioms about a type that HermiT found, those that these lead to, and what is stated."""
        near = self.schema.around(node_of(triple[2]))
        yield from map(Proof, near)
        terms = {term for axiom in near for term in axiom}
        query = f"SELECT ?p ?o WHERE {{ {triple[0]} ?p ?o }}"
        for predicate, thing in self.store.select(query, self.view):
            about = (triple[0], str(predicate), str(thing))
            standing = self.standing(about)
            if terms.intersection(about[1:]) and standing and not standing.inferred:
                yield Proof(about, places=standing.places)

    def alternatives(self, triple: Atom) -> list[Proof]:
        """Return the proofs of a triple by every rule and way that does not lead through the triple itself."""
        found: dict[frozenset[Atom], Proof] = {}
        for rule, premises in self.ways_to(triple, narrow=False):
            proofs = tuple(filter(None, map(self.prove, premises)))
            circular = any(step.triple == triple for one in proofs for step in one.steps())
            if len(proofs) == len(premises) and not circular:
                found.setdefault(frozenset(premises), Proof(triple, rule, proofs))
        by_size = sorted(
            found.values(), key=lambda one: (one.size, one.rule.name if one.rule else "")
        )
        return by_size[:ALTERNATIVES]

    def premises_of(self, rule: Rule, premises: Sequence[Atom]) -> list[Atom]:
        """Return what a clash comes from: its premises, with those that only rules know put into triples."""
        pairs = (
            pair
            for two in zip(rule.body, premises, strict=False)
            for pair in zip(*two, strict=True)
        )
        usable = {name: term for name, term in pairs if name[0] == "?" and term[:2] != "_:"}
        for unfolded in self.unfold(rule):
            way = next(self.ways_under(unfolded, usable), None)
            if way is not None:
                return list(way)
        return [premise for premise in premises if not is_hidden(premise)]

    # What is missing

    def missing(self, triple: Atom) -> list[Gap]:
        """Return what rules would need to find a triple that does not hold, those that need least first."""
        left_out = rules_that_hold("equality")
        rules = (rule for rule in self.makers_of(triple) if rule not in left_out)
        gaps = [
            gap
            for rule in rules
            for values in matches(rule, triple)
            if (gap := self.gap(rule, values))
        ]
        gaps.sort(key=lambda gap: (len(gap.missing), -len(gap.present), gap.rule.name))
        return gaps[:GAPS]

    def gap(self, rule: Rule, values: Values) -> Gap | None:
        """Return what a rule lacks: as few patterns as make the rest hold together, or a condition."""
        present: tuple[Atom, ...] = ()
        solution, missing = values, list[Atom]()
        for atom in rule.body:
            if found := next(self.solve((*present, atom), (), values, "", 1), None):
                present, solution = (*present, atom), found[1]
            else:
                missing.append(atom)
        lacking = [join([bind(atom, solution)]) for atom in missing]
        if not missing:
            lacking = [fill(one.text, solution) for one in rule.filters]
            for many in rule.many:
                lacking += self.uncounted(many, solution)
        held = tuple(bind(atom, solution) for atom in present)
        return Gap(rule, held, tuple(lacking)) if held and lacking else None

    def uncounted(self, many: Many, solution: Values) -> Iterator[str]:
        """Yield what is missing of enough values that differ: that two are known to, or values."""
        if self.count(many, solution) is None:
            known = sorted(self.counted(many, solution))
            if len(known) < many.number:
                yield fill(join(many.atoms), solution)
            for one, other in combinations(known[: many.number], 2):
                if len(known) >= many.number and self.apart(one, other) is None:
                    yield f"{one} {DIFFERENT} {other}"


def is_poor(rule: Rule) -> bool:
    """Tell whether a rule is a poor reason: the domain or the range of some property."""
    return rule.name.startswith(("domain-", "range-"))
