"""Why a triple holds, and what is missing when it does not.

Nothing is kept for it: a proof is looked for when it is asked. The search goes backwards through the rules, a layer of
premises at a time, and after each layer forwards from what is stated (Knuth, A generalization of Dijkstra's algorithm,
1977): so no proof runs in a circle, and of those at hand the smallest is taken. Everything is asked of the store by
SELECT, so that a proof can be found wherever the data is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice

from pyoxigraph import Literal, NamedNode

from shimoda.errors import LimitExceeded
from shimoda.namespaces import BASE, graph
from shimoda.reasoning.compiler import DIFFERENT, PRIVATE, THING
from shimoda.reasoning.dates import DATE_RULES
from shimoda.reasoning.rules import (
    TYPE,
    Atom,
    Filter,
    Many,
    Rule,
    absence,
    bind,
    fill,
    join,
    node_of,
    parse_rule,
    substitute,
    unequal,
    variables,
)
from shimoda.reasoning.schema import OWL, Schema, read_schema
from shimoda.reasoning.stores import RuleStore
from shimoda.reasoning.values import differ

__all__ = ["BY_HERMIT", "Gap", "Proof", "Prover"]

DERIVED = (f"{BASE}view/", graph("inferred").value, graph("schema").value)
BY_HERMIT = Rule(
    "owl-dl", "HermiT finds that this follows from these axioms and statements together.", (), ()
)
EQUALITY = {
    "same-symmetric": (
        "If x is the same as y, then y is the same as x.",
        "CONSTRUCT { ?y owl:sameAs ?x } WHERE { ?x owl:sameAs ?y }",
    ),
    "same-transitive": (
        "If x is the same as y and y the same as z, then x is the same as z.",
        "CONSTRUCT { ?x owl:sameAs ?z } WHERE { ?x owl:sameAs ?y . ?y owl:sameAs ?z FILTER(?x != ?z) }",
    ),
    "same-subject": (
        "What is said of a thing holds of whatever is the same thing.",
        "CONSTRUCT { ?y ?p ?o } WHERE { ?x owl:sameAs ?y . ?x ?p ?o FILTER(?p != owl:sameAs && ?x != ?y) }",
    ),
    "same-object": (
        "What is said about a thing holds about whatever is the same thing.",
        "CONSTRUCT { ?s ?p ?y } WHERE { ?x owl:sameAs ?y . ?s ?p ?x FILTER(?p != owl:sameAs && ?x != ?y) }",
    ),
    "same-predicate": (
        "What stands in a relation stands in whatever is the same relation.",
        "CONSTRUCT { ?s ?q ?o } WHERE { ?p owl:sameAs ?q . ?s ?p ?o FILTER(?p != ?q) }",
    ),
}
"""What a proof says of terms that are the same; the evaluation lets one stand for all."""
WAYS = 20
"""How many ways to satisfy a rule are looked at."""
STEPS = 4000
"""How many triples one search may look at."""
UNFOLDED = 64
"""In how many ways the parts of an expression that have no name are put into a rule."""
Way = tuple[Rule, tuple[Atom, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a triple stands: whether it is inferred, and the graphs that state it."""

    inferred: bool = False
    places: tuple[str, ...] = ()


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
class Prover:
    """Finds proofs in a store's default graph, and in a view's world if there is a view."""

    store: RuleStore
    rules: Sequence[Rule]
    view: NamedNode | None = None
    found: dict[Atom, Proof] = field(default_factory=dict)
    standings: dict[Atom, Standing | None] = field(default_factory=dict)
    makers: dict[tuple[str, str], list[Rule]] = field(default_factory=dict)
    axioms: Schema | None = None

    # Proofs

    def prove(self, triple: Atom) -> Proof | None:
        """Return the smallest proof that the search comes upon; None if the triple does not hold."""
        standing = self.standing(triple)
        if standing is None or triple in self.found:
            return None if standing is None else self.found[triple]
        for narrow in (True, False):
            if proof := self.search(triple, narrow):
                return proof
        if standing.places:
            return Proof(triple, places=standing.places)
        return (
            Proof(triple, BY_HERMIT, tuple(self.involved(triple)))
            if triple[1] == TYPE
            else Proof(triple)
        )

    def search(self, goal: Atom, narrow: bool) -> Proof | None:
        """Go back from a goal, layer by layer, until it is proved; ``narrow`` follows the stated links of chains."""
        ways: dict[Atom, list[Way]] = {}
        layer = [goal]
        while layer:
            for triple in layer:
                ways[triple] = self.ways_to(triple, narrow)
            if len(ways) > STEPS:
                raise LimitExceeded(
                    f"The proof leads through more than {STEPS} triples.", limit="proof"
                )
            self.conclude(ways)
            if goal in self.found:
                return self.found[goal]
            wanted = (
                premise for triple in layer for _, premises in ways[triple] for premise in premises
            )
            layer = [
                one for one in dict.fromkeys(wanted) if one not in ways and self.is_inferred(one)
            ]
        return None

    def ways_to(self, triple: Atom, narrow: bool) -> list[Way]:
        """Return the ways to a triple, and learn where their premises stand."""
        found = [
            (rule, way)
            for rule in self.makers_of(triple)
            for way in self.ways(rule, triple, narrow)
        ]
        self.learn(premise for _, way in found for premise in way)
        return [(rule, way) for rule, way in found if triple not in way]

    def conclude(self, ways: dict[Atom, list[Way]]) -> None:
        """Prove what follows from what is proved, the smallest first, as long as there is anything."""
        sizes: dict[Atom, int] = {}
        changed = True
        while changed:
            changed = False
            for triple, known in ways.items():
                if triple in self.found:
                    continue
                best = min(
                    (way for way in known if all(self.is_proved(premise) for premise in way[1])),
                    key=lambda way: (
                        sum(self.weigh(one, sizes) for one in way[1]),
                        is_poor(way[0]),
                        way[0].name,
                        way[1],
                    ),
                    default=None,
                )
                if best is not None:
                    premises = tuple(self.proof_of(premise) for premise in best[1])
                    self.found[triple] = Proof(triple, best[0], premises)
                    changed = True

    def weigh(self, triple: Atom, sizes: dict[Atom, int]) -> int:
        """Return how many triples the proof of a premise has."""
        if triple not in sizes:
            sizes[triple] = self.proof_of(triple).size
        return sizes[triple]

    def is_inferred(self, triple: Atom) -> bool:
        """Tell whether a triple is inferred, and not stated."""
        standing = self.standing(triple)
        return standing is not None and standing.inferred

    def is_proved(self, triple: Atom) -> bool:
        """Tell whether a triple is stated, or has been proved."""
        standing = self.standing(triple)
        return triple in self.found or (standing is not None and not standing.inferred)

    def proof_of(self, triple: Atom) -> Proof:
        """Return the proof of what is proved."""
        if triple not in self.found:
            standing = self.standing(triple)
            self.found[triple] = Proof(triple, places=standing.places if standing else ())
        return self.found[triple]

    def involved(self, triple: Atom) -> Iterator[Proof]:
        """Yield the axioms about a type that HermiT found, those that these lead to, and what is stated."""
        near = self.schema.around(node_of(triple[2]))
        yield from map(Proof, near)
        terms = {term for axiom in near for term in axiom}
        for predicate, thing in self.store.select(
            f"SELECT ?p ?o WHERE {{ {triple[0]} ?p ?o }}", self.view
        ):
            about = (triple[0], str(predicate), str(thing))
            standing = self.standing(about)
            if terms.intersection(about[1:]) and standing and not standing.inferred:
                yield Proof(about, places=standing.places)

    def alternatives(self, triple: Atom, limit: int = 10) -> list[Proof]:
        """Return the proofs of a triple by every rule and way that does not lead through the triple itself."""
        proofs: dict[frozenset[Atom], Proof] = {}
        for rule, premises in self.ways_to(triple, narrow=False):
            known = [self.prove(premise) for premise in premises]
            proof = Proof(triple, rule, tuple(one for one in known if one))
            if all(known) and all(
                step.triple != triple for one in proof.premises for step in one.steps()
            ):
                proofs.setdefault(frozenset(premises), proof)
        return sorted(
            proofs.values(), key=lambda proof: (proof.size, proof.rule.name if proof.rule else "")
        )[:limit]

    def premises_of(self, rule: Rule, premises: Sequence[Atom]) -> list[Atom]:
        """Return what a clash comes from: its premises, with those that only rules know put into triples."""
        values: dict[str, str] = {}
        for pattern, triple in zip(rule.body, premises, strict=False):
            values |= {
                name: term
                for name, term in zip(pattern, triple, strict=True)
                if name.startswith("?")
            }
        usable = {name: value for name, value in values.items() if not value.startswith("_:")}
        for unfolded in self.unfold(rule):
            way = next(self.ways_under(unfolded, usable), None)
            if way is not None:
                return list(way)
        return [premise for premise in premises if not is_hidden(premise)]

    # Rules

    @property
    def schema(self) -> Schema:
        """The axioms."""
        if self.axioms is None:
            self.axioms = read_schema(self.store, self.view)
        return self.axioms

    def makers_of(self, triple: Atom) -> list[Rule]:
        """Return the rules whose head can say a triple, with what only rules know put into them."""
        if not self.makers:
            same = next(
                self.store.select(f"SELECT * WHERE {{ ?x {OWL['sameAs']} ?y }} LIMIT 1", self.view),
                None,
            )
            equality = [
                parse_rule(text, name, words, "OWL 2")
                for name, (words, text) in EQUALITY.items()
                if same
            ]
            for rule in (*self.rules, *DATE_RULES.values(), *equality):
                for _, predicate, thing in rule.head:
                    self.makers.setdefault(
                        (
                            predicate[:1] if predicate[0] == "?" else predicate,
                            thing if predicate == TYPE and thing[0] != "?" else "",
                        ),
                        [],
                    ).append(rule)
        _, predicate, thing = triple
        signs = [(predicate, ""), ("?", ""), *([(TYPE, thing)] if predicate == TYPE else [])]
        rules = dict.fromkeys(rule for sign in signs for rule in self.makers.get(sign, ()))
        return [unfolded for rule in rules for unfolded in self.unfold(rule)]

    def unfold(self, rule: Rule) -> list[Rule]:
        """Put the rules of what no store holds (who is in a part of an expression) into a rule."""
        found, waiting = list[Rule](), [rule]
        while waiting and len(found) < UNFOLDED:
            one = waiting.pop()
            hidden = next((atom for atom in one.body if is_hidden(atom)), None)
            if hidden is None:
                found.append(one)
            elif len(one.body) < UNFOLDED:
                makers = (
                    other for other in self.rules for head in other.head if head[1] == hidden[1]
                )
                waiting += [
                    each
                    for other in dict.fromkeys(makers)
                    if (each := resolved(one, hidden, other))
                ]
        return found

    # Ways

    def ways(self, rule: Rule, triple: Atom, narrow: bool) -> list[tuple[Atom, ...]]:
        """Return the ways in which a rule's body gives a triple."""
        found: list[tuple[Atom, ...]] = []
        for values in matches(rule, triple):
            if narrow and rule.name.startswith("type-") and len(rule.body) == 2:
                first = (
                    f"FILTER NOT EXISTS {{ GRAPH {graph('inferred')} {{ {join(rule.body[:1])} }} }}"
                )
                found += islice(self.ways_under(rule, values, first), WAYS)
            if not found:
                found += islice(self.ways_under(rule, values), WAYS)
        return list(dict.fromkeys(found))

    def ways_under(
        self, rule: Rule, values: dict[str, str], condition: str = ""
    ) -> Iterator[tuple[Atom, ...]]:
        """Yield the ways to satisfy a rule's body and its conditions under values for some of its variables."""
        if any(term.startswith("_:") for atom in rule.body for term in atom):
            return
        absent = map(absence, rule.absent)
        for premises, solution in self.solve(
            rule.body, rule.filters, values, " ".join([condition, *absent])
        ):
            counted = [self.count(many, solution) for many in rule.many]
            if None not in counted:
                more = [premise for group in counted if group for premise in group]
                yield tuple(dict.fromkeys((*premises, *more))) if more else premises

    def solve(
        self,
        body: Sequence[Atom],
        filters: Sequence[Filter],
        values: dict[str, str],
        condition: str = "",
        limit: int = 50,
    ) -> Iterator[tuple[tuple[Atom, ...], dict[str, str]]]:
        """Yield the instances of patterns under values for some of their variables."""
        if any(value.startswith("_:") for value in values.values()):
            return
        given = f"VALUES ({' '.join(values)}) {{ ({' '.join(values.values())}) }}" if values else ""
        names = list(dict.fromkeys(variables(body)))
        asked = " ".join(f"FILTER({one.text})" for one in filters if one.test in (None, unequal))
        where = f"{{ {given} {join(body)} {asked} {condition} }}"
        query = f"SELECT DISTINCT {' '.join(names) or '*'} WHERE {where} LIMIT {limit}"
        for row in self.store.select(query, self.view):
            solution = values | dict(zip(names, map(str, row), strict=False))
            nodes = {name: node_of(text) for name, text in solution.items()}
            tests = [
                one for one in filters if one.test is not None and nodes.keys() >= set(one.names)
            ]
            if all(one.test(*(nodes[name] for name in one.names)) for one in tests if one.test):
                yield tuple(bind(atom, solution) for atom in body), solution

    def count(self, many: Many, solution: dict[str, str]) -> list[Atom] | None:
        """Return premises for enough values that differ; None if there are not enough."""
        names = {*variables(many.atoms)} & solution.keys() - {many.value}
        values = {name: solution[name] for name in names}
        known = {
            found[many.value]: premises
            for premises, found in self.solve(many.atoms, many.filters, values, "", 500)
        }
        reasons: dict[tuple[str, str], list[Atom]] = {}
        for one, other in combinations(sorted(known), 2):
            if (why := self.apart(one, other)) is not None:
                reasons[one, other] = why
        chosen = differing(sorted(known), reasons.keys(), many.number)
        if chosen is None:
            return None
        told = [premise for value in chosen for premise in known[value]]
        return told + [premise for pair in combinations(chosen, 2) for premise in reasons[pair]]

    def apart(self, one: str, other: str) -> list[Atom] | None:
        """Return premises for two terms being different; None if they are not known to be."""
        nodes = node_of(one), node_of(other)
        if any(isinstance(node, Literal) for node in nodes):
            both = isinstance(nodes[0], Literal) and isinstance(nodes[1], Literal)
            return [] if both and differ(*nodes) else None
        for triple in ((one, DIFFERENT, other), (other, DIFFERENT, one)):
            if self.standing(triple):
                return [triple]
        for node, members in self.schema.groups(OWL["AllDifferent"]):
            if nodes[0] in members and nodes[1] in members:
                return [(str(node), TYPE, str(OWL["AllDifferent"]))]
        query = f"SELECT ?a ?b WHERE {{ {one} {TYPE} ?a . {other} {TYPE} ?b }}"
        for a, b in self.store.select(query, self.view):
            if (b in self.schema.values(a, OWL["disjointWith"])) or (
                a in self.schema.values(b, OWL["disjointWith"])
            ):
                return [(one, TYPE, str(a)), (other, TYPE, str(b))]
            for node, members in self.schema.groups(OWL["AllDisjointClasses"]):
                if a != b and a in members and b in members:
                    return [
                        (one, TYPE, str(a)),
                        (other, TYPE, str(b)),
                        (str(node), TYPE, str(OWL["AllDisjointClasses"])),
                    ]
        return None

    # What is missing

    def missing(self, triple: Atom, limit: int = 5) -> list[Gap]:
        """Return what rules would need to find a triple that does not hold, those that need least first."""
        gaps = [
            gap
            for rule in self.makers_of(triple)
            if rule.name not in EQUALITY
            for gap in self.gaps(rule, triple)
        ]
        return sorted(gaps, key=lambda gap: (len(gap.missing), -len(gap.present), gap.rule.name))[
            :limit
        ]

    def gaps(self, rule: Rule, triple: Atom) -> Iterator[Gap]:
        """Yield what a rule lacks for a triple: as few patterns as make the rest hold together, or a condition."""
        if any(term.startswith("_:") for atom in rule.body for term in atom):
            return
        for values in matches(rule, triple):
            present: tuple[Atom, ...] = ()
            solution, missing = values, []
            for atom in rule.body:
                if found := next(self.solve((*present, atom), (), values, "", 1), None):
                    present, solution = (*present, atom), found[1]
                else:
                    missing.append(atom)
            lacking = [join([bind(atom, solution)]) for atom in missing]
            if not missing:
                lacking = [fill(one.text, solution) for one in rule.filters]
                lacking += [
                    fill(join(many.atoms), solution)
                    for many in rule.many
                    if self.count(many, solution) is None
                ]
            if present and lacking:
                yield Gap(rule, tuple(bind(atom, solution) for atom in present), tuple(lacking))

    # Standing

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
            branches = (
                f"{{ {pattern} BIND({number} AS ?n) }}"
                for number, triple in enumerate(names)
                for pattern in (join([triple]), f"GRAPH ?g {{ {join([triple])} }}")
            )
            by_number = list(names)
            for number, name in self.store.select(
                f"SELECT ?n ?g WHERE {{ {' UNION '.join(branches)} }}", self.view
            ):
                assert isinstance(number, Literal)
                names[by_number[int(number.value)]].add(
                    name.value if isinstance(name, NamedNode) else ""
                )
            self.standings |= {triple: self.judge(found) for triple, found in names.items()}

    def judge(self, names: set[str]) -> Standing | None:
        """Tell how a triple stands from the graphs that hold it; "" is the default graph, with the view's."""
        if "" not in names:
            return None
        places = tuple(sorted(name for name in names if name and not name.startswith(DERIVED)))
        in_view = self.view is not None and self.view.value in names
        return Standing(graph("inferred").value in names or (in_view and not places), places)


def differing(
    values: Sequence[str], pairs: Iterable[tuple[str, str]], number: int
) -> list[str] | None:
    """Choose so many values that differ, each from each."""
    known = defaultdict[str, set[str]](set)
    for one, other in pairs:
        known[one].add(other)
        known[other].add(one)
    chosen: list[str] = []
    for value in sorted(values, key=lambda value: -len(known[value])):
        if all(one in known[value] for one in chosen):
            chosen.append(value)
        if len(chosen) == number:
            return sorted(chosen)
    return None


def resolved(rule: Rule, hidden: Atom, other: Rule) -> Rule | None:
    """Put the body of another rule for a pattern that its head makes; None if they do not fit."""
    apart = substitute(other, {name: f"{name}_{len(rule.body)}" for name in all_variables(other)})
    values: dict[str, str] = {}
    head = next(atom for atom in apart.head if atom[1] == hidden[1])
    for pair in zip(hidden, head, strict=True):
        wanted, made = (values.get(term, term) for term in pair)
        if wanted != made and not made.startswith("?") and not wanted.startswith("?"):
            return None
        if wanted != made:
            old, new = (made, wanted) if made.startswith("?") else (wanted, made)
            values = {name: new if value == old else value for name, value in values.items()} | {
                old: new
            }
    body = tuple(atom for atom in rule.body if atom != hidden) + apart.body
    joined = replace(
        rule, body=body, filters=rule.filters + apart.filters, many=rule.many + apart.many
    )
    return substitute(joined, values)


def all_variables(rule: Rule) -> set[str]:
    """Return the variables of a rule."""
    return set(
        variables((*rule.head, *rule.body, *(atom for many in rule.many for atom in many.atoms)))
    )


def is_hidden(atom: Atom) -> bool:
    """Tell whether no store holds what a pattern is about."""
    return atom[1].startswith(PRIVATE) or (
        atom[1] == TYPE and (atom[2].startswith("_:") or atom[2] == THING)
    )


def is_poor(rule: Rule) -> bool:
    """Tell whether a rule is a poor reason: the domain or the range of some property."""
    return rule.name.startswith(("domain-", "range-"))


def nameable(triple: Atom) -> bool:
    """Tell whether a triple can be written in a query: it has no blank node."""
    return not any(term.startswith("_:") for term in triple)


def matches(rule: Rule, triple: Atom) -> Iterator[dict[str, str]]:
    """Yield the values for a rule's variables under which its head says a triple, as far as the body has them."""
    known = set(variables(rule.body))
    for atom in rule.head:
        values: dict[str, str] = {}
        if all(
            values.setdefault(term, value) == value if term.startswith("?") else term == value
            for term, value in zip(atom, triple, strict=True)
        ):
            yield {name: value for name, value in values.items() if name in known}
