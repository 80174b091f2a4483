"""Why a triple holds, and what is missing when it does not.

A proof goes down by rounds: a premise was there before what follows from it, so no proof runs in a circle. Of the ways
to satisfy the rule that found a triple first, the one with the smallest proof is taken; each of its premises is used.
Everything is asked of the store by SELECT, so that a proof can be found wherever the data is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pyoxigraph import Literal, NamedNode

from shimoda.errors import LimitExceeded
from shimoda.namespaces import BASE
from shimoda.reasoning.dates import DATE_RULES
from shimoda.reasoning.equality import EQUALITY
from shimoda.reasoning.fixpoint import INFERRED, STEPS
from shimoda.reasoning.rules import Atom, Rule, join, variables
from shimoda.reasoning.schema import read_schema
from shimoda.reasoning.stores import RuleStore

__all__ = ["BY_HERMIT", "Gap", "Proof", "Prover", "bind"]

DERIVED = (STEPS, f"{BASE}view/", INFERRED.value)
BY_HERMIT = Rule("owl-dl", "HermiT finds that this follows from these axioms and statements together.", (), ())
WAYS = 20
"""How many ways to satisfy a rule are weighed against each other."""
STEPS_LIMIT = 4000
"""How many triples one proof may lead through."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a triple stands: the graphs that state it, or the rules and the round that inferred it."""

    places: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    round: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """A triple with the rule and the premises that it follows from; without a rule it is stated, in ``places``."""

    triple: Atom
    rule: Rule | None = None
    premises: tuple[Proof, ...] = ()
    places: tuple[str, ...] = ()

    def steps(self) -> Iterator[Proof]:
        """Yield this proof and those of its premises, premises first."""
        for premise in self.premises:
            yield from premise.steps()
        yield self

    def leaves(self) -> list[Proof]:
        """Return the stated triples that the proof rests on, each once."""
        return list({step.triple: step for step in self.steps() if step.rule is None}.values())

    @property
    def size(self) -> int:
        """The number of triples in it."""
        return len({step.triple for step in self.steps()})


@dataclass(frozen=True, slots=True)
class Gap:
    """What a rule would need to find a triple: the premises that hold, and those (or the filters) that do not."""

    rule: Rule
    present: tuple[Atom, ...]
    missing: tuple[str, ...]


@dataclass(slots=True)
class Prover:
    """Finds proofs in a store's default graph, and in a view's world if there is a view."""

    store: RuleStore
    rules: Sequence[Rule]
    view: NamedNode | None = None
    found: dict[Atom, Proof | None] = field(default_factory=dict)
    standings: dict[Atom, Standing | None] = field(default_factory=dict)

    def prove(self, triple: Atom) -> Proof | None:
        """Return the smallest proof of a triple by the rule that found it first; None if it does not hold."""
        if triple not in self.found:
            if len(self.found) > STEPS_LIMIT:
                raise LimitExceeded(f"The proof leads through more than {STEPS_LIMIT} triples.", limit="proof")
            self.found[triple] = self.search(triple)
        return self.found[triple]

    def search(self, triple: Atom) -> Proof | None:
        """Find the proof of a triple that is not known yet."""
        standing = self.standing(triple)
        if standing is None or not standing.rules:
            return None if standing is None else Proof(triple, places=standing.places)
        if BY_HERMIT.name in standing.rules:
            return Proof(triple, BY_HERMIT, tuple(self.involved(triple)))
        named = [rule for rule in self.all_rules() if rule.name in standing.rules]
        ways = ((rule, premises) for rule in named for premises in self.ways(rule, triple, standing.round))
        weighed = sorted(islice(ways, WAYS), key=lambda way: sum(map(self.round_of, way[1])))
        proofs = (self.assemble(triple, rule, premises) for rule, premises in weighed)
        return min(filter(None, proofs), key=weight, default=Proof(triple))

    def assemble(self, triple: Atom, rule: Rule, premises: Iterable[Atom]) -> Proof | None:
        """Put the proofs of premises under a triple; None if one has no proof."""
        proofs = [self.prove(premise) for premise in premises]
        known = tuple(proof for proof in proofs if proof is not None)
        return Proof(triple, rule, known) if len(known) == len(proofs) else None

    def involved(self, triple: Atom) -> Iterator[Proof]:
        """Yield the axioms about a type that HermiT found, those that these lead to, and what is stated."""
        schema = read_schema(self.store, self.view)
        near = schema.around(NamedNode(triple[2][1:-1]))
        for axiom in near:
            yield Proof(axiom)
        terms = {term for axiom in near for term in axiom}
        for predicate, thing in self.store.select(f"SELECT ?p ?o WHERE {{ {triple[0]} ?p ?o }}", self.view):
            about = (triple[0], str(predicate), str(thing))
            standing = self.standing(about)
            if terms.intersection(about[1:]) and standing and not standing.rules:
                yield Proof(about, places=standing.places)

    def alternatives(self, triple: Atom, limit: int = 10) -> list[Proof]:
        """Return the proofs of a triple by every rule and way that does not lead through the triple itself."""
        proofs: dict[frozenset[Atom], Proof] = {}
        for rule in self.all_rules():
            for premises in self.ways(rule, triple):
                proof = self.assemble(triple, rule, premises)
                if proof and all(step.triple != triple for premise in proof.premises for step in premise.steps()):
                    proofs.setdefault(frozenset(premises), proof)
        return sorted(proofs.values(), key=weight)[:limit]

    def missing(self, triple: Atom, limit: int = 5) -> list[Gap]:
        """Return what rules would need to find a triple that does not hold, those that need least first."""
        gaps = [gap for rule in self.all_rules() if rule not in EQUALITY for gap in self.gaps(rule, triple)]
        return sorted(gaps, key=lambda gap: (len(gap.missing), -len(gap.present), gap.rule.name))[:limit]

    # Ways

    def ways(self, rule: Rule, triple: Atom, before: int | None = None) -> list[tuple[Atom, ...]]:
        """Return the ways in which a rule's body gives a triple, all of whose premises were there before a round."""
        found = (premises for values in matches(rule, triple)
                 for premises, _ in self.solve(rule.body, rule.filters, values))
        distinct = list(dict.fromkeys(found))
        self.learn(premise for premises in distinct for premise in premises)
        return [premises for premises in distinct
                if before is None or all(self.round_of(premise) < before for premise in premises)]

    def solve(
        self, body: Sequence[Atom], filters: Sequence[str], values: dict[str, str], limit: int = 50
    ) -> Iterator[tuple[tuple[Atom, ...], dict[str, str]]]:
        """Yield the instances of patterns under values for some of their variables."""
        if any(value.startswith("_:") for value in values.values()):
            return
        given = f"VALUES ({' '.join(values)}) {{ ({' '.join(values.values())}) }}" if values else ""
        names = list(dict.fromkeys(variables(body)))
        where = f"{{ {given} {join(body)} {' '.join(filters)} }}"
        query = f"SELECT DISTINCT {' '.join(names) or '*'} WHERE {where} LIMIT {limit}"
        for row in self.store.select(query, self.view):
            solution = dict(zip(names, map(str, row), strict=False))
            yield tuple(bind(atom, solution) for atom in body), values | solution

    def gaps(self, rule: Rule, triple: Atom) -> Iterator[Gap]:
        """Yield what a rule lacks for a triple: as few patterns as make the rest hold together, or a filter."""
        for values in matches(rule, triple):
            present: tuple[Atom, ...] = ()
            solution, missing = values, []
            for atom in rule.body:
                if found := next(self.solve((*present, atom), (), values, 1), None):
                    present, solution = (*present, atom), found[1]
                else:
                    missing.append(atom)
            lacking = [join([bind(atom, solution)]) for atom in missing]
            lacking += [fill(text, solution) for text in rule.filters if not missing]
            if present and lacking:
                yield Gap(rule, tuple(bind(atom, solution) for atom in present), tuple(lacking))

    # Standing

    def round_of(self, triple: Atom) -> int:
        """Return the round that found a triple; what is stated was there before the first."""
        standing = self.standing(triple)
        return standing.round if standing else 0

    def standing(self, triple: Atom) -> Standing | None:
        """Return where a triple stands; None if it does not hold."""
        self.learn([triple])
        return self.standings[triple]

    def learn(self, triples: Iterable[Atom]) -> None:
        """Ask the store, once for all of them, where triples stand. What has a blank node counts as an axiom."""
        new = [triple for triple in dict.fromkeys(triples) if triple not in self.standings]
        self.standings |= {triple: Standing() for triple in new if not nameable(triple)}
        named = [triple for triple in new if nameable(triple)]
        for start in range(0, len(named), 50):
            names: dict[Atom, set[str]] = {triple: set() for triple in named[start : start + 50]}
            branches = (f"{{ {pattern} BIND({number} AS ?n) }}" for number, triple in enumerate(names)
                        for pattern in (join([triple]), f"GRAPH ?g {{ {join([triple])} }}"))
            by_number = list(names)
            for number, name in self.store.select(f"SELECT ?n ?g WHERE {{ {' UNION '.join(branches)} }}", self.view):
                assert isinstance(number, Literal)
                names[by_number[int(number.value)]].add(name.value if isinstance(name, NamedNode) else "")
            self.standings |= {triple: self.judge(found) for triple, found in names.items()}

    def judge(self, names: set[str]) -> Standing | None:
        """Tell how a triple stands from the graphs that hold it; "" is the default graph, with the view's."""
        world = f"{STEPS}default/"
        if INFERRED.value not in names and self.view:
            world = f"{STEPS}{self.view.value.removeprefix(BASE)}/"
        steps = [name.removeprefix(world).split("/") for name in names if name.startswith(world)]
        if "" not in names:
            return None
        if steps:
            first = min(int(number) for _, number in steps)
            return Standing(rules=tuple(rule for rule, number in steps if int(number) == first), round=first)
        return Standing(places=tuple(sorted(name for name in names if name and not name.startswith(DERIVED))))

    def all_rules(self) -> list[Rule]:
        """Return the rules with a head, and those of dates."""
        return [*(rule for rule in self.rules if rule.head), *DATE_RULES.values()]


def weight(proof: Proof) -> tuple[int, bool, str]:
    """Return what proofs are compared by: their size; and that the domain of some property is a poor reason."""
    name = proof.rule.name if proof.rule else ""
    return proof.size, name.startswith(("domain-", "range-")), name


def nameable(triple: Atom) -> bool:
    """Tell whether a triple can be written in a query: it has no blank node, and no path."""
    return not any(term.startswith("_:") for term in triple) and "/" not in triple[1].partition(">")[2]


def matches(rule: Rule, triple: Atom) -> Iterator[dict[str, str]]:
    """Yield the values for a rule's variables under which its head says a triple, as far as the body has them."""
    known = set(variables(rule.body)) | set(re.findall(r"VALUES (\?\w+)", " ".join(rule.filters)))
    for atom in rule.head:
        values: dict[str, str] = {}
        if all(values.setdefault(term, value) == value if term.startswith("?") else term == value
               for term, value in zip(atom, triple, strict=True)):
            yield {name: value for name, value in values.items() if name in known}


def bind(atom: Atom, values: dict[str, str]) -> Atom:
    """Put values for variables."""
    subject, predicate, thing = (values.get(term, term) for term in atom)
    return subject, predicate, thing


def fill(text: str, values: dict[str, str]) -> str:
    """Put values for variables in a filter."""
    return re.sub(r"\?\w+", lambda match: values.get(match[0], match[0]), text)
