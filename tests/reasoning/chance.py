"""Random ontologies of OWL 2 DL, one for each seed, and how the rules' answer differs from HermiT's.

``python -m tests.reasoning.chance FIRST LAST`` compares the seeds from FIRST to before LAST.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from shimoda.errors import LimitExceeded, Unavailable
from shimoda.reasoning import Reasoner, hermit

from .worlds import PREFIXES

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LITERALS = (
    "1",
    "2",
    "3",
    '"a"',
    '"b"',
    '"1"^^xsd:short',
    '"01"^^xsd:integer',
    "1.5",
    '"a"@en',
    "true",
)
RANGES = (
    "xsd:integer",
    "xsd:string",
    "xsd:decimal",
    "xsd:nonNegativeInteger",
    "xsd:short",
    "rdfs:Literal",
    "xsd:boolean",
)
"""Simple properties (``s``) may be counted; ``t`` is transitive or made by chains, and stands above them."""


@dataclass
class Chance:
    """Makes an ontology of a seed: names, expressions, axioms and assertions, all drawn by lot."""

    seed: int
    lot: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.lot = random.Random(self.seed)
        self.classes = [f":C{number}" for number in range(5)]
        self.simple = [f":s{number}" for number in range(3)]
        self.complex = [f":t{number}" for number in range(2)]
        self.data = [":d0", ":d1"]
        self.people = [f":i{number}" for number in range(self.lot.randint(3, 6))]

    @property
    def space(self) -> str:
        return f"http://chance.example/{self.seed}#"

    def text(self) -> str:
        self.__post_init__()
        kinds = {
            "owl:Class": self.classes,
            "owl:ObjectProperty": self.simple + self.complex,
            "owl:DatatypeProperty": self.data,
            "owl:NamedIndividual": self.people,
        }
        lines = [f"{name} a {kind} ." for kind, names in kinds.items() for name in names]
        lines += [self.axiom() for _ in range(self.lot.randint(3, 7))]
        lines += [self.assertion() for _ in range(self.lot.randint(6, 14))]
        return PREFIXES + f"@prefix : <{self.space}> .\n" + "\n".join(lines)

    def triples(self) -> list[Triple]:
        return [
            quad.triple for quad in parse(self.text(), RdfFormat.TURTLE, rename_blank_nodes=True)
        ]

    def some(self, names: Sequence[str], most: int) -> str:
        return " ".join(self.lot.sample(names, min(len(names), self.lot.randint(2, most))))

    def relation(self, names: Sequence[str]) -> str:
        name = self.lot.choice(names)
        return f"[ owl:inverseOf {name} ]" if self.lot.random() < 0.2 else name

    def range(self) -> str:
        datatype = self.lot.choice(RANGES)
        match self.lot.randint(0, 5):
            case 0:
                return f"[ a rdfs:Datatype ; owl:oneOf ({self.some(LITERALS, 3)}) ]"
            case 1:
                facet = f"xsd:{self.lot.choice(('min', 'max'))}{self.lot.choice(('Inclusive', 'Exclusive'))}"
                limit = self.lot.randint(0, 3)
                return f"[ a rdfs:Datatype ; owl:onDatatype xsd:integer ; owl:withRestrictions ([ {facet} {limit} ]) ]"
            case 2:
                return f"[ a rdfs:Datatype ; owl:datatypeComplementOf {datatype} ]"
            case _:
                return datatype

    def expression(self, depth: int = 2) -> str:
        if depth == 0 or self.lot.random() < 0.35:
            return self.lot.choice([*self.classes, *self.classes, "owl:Thing", "owl:Nothing"])
        inner = lambda: self.expression(depth - 1)  # noqa: E731
        several = lambda: " ".join(inner() for _ in range(self.lot.randint(2, 3)))  # noqa: E731
        makers = [
            lambda: f"[ a owl:Class ; owl:intersectionOf ({several()}) ]",
            lambda: f"[ a owl:Class ; owl:unionOf ({several()}) ]",
            lambda: f"[ a owl:Class ; owl:complementOf {inner()} ]",
            lambda: f"[ a owl:Class ; owl:oneOf ({self.some(self.people, 3)}) ]",
            lambda: self.restriction(f"owl:someValuesFrom {inner()}", self.simple + self.complex),
            lambda: self.restriction(f"owl:allValuesFrom {inner()}", self.simple + self.complex),
            lambda: self.restriction(
                f"owl:hasValue {self.lot.choice(self.people)}", self.simple + self.complex
            ),
            lambda: self.restriction("owl:hasSelf true", self.simple),
            self.cardinality,
            lambda: self.restriction(f"owl:someValuesFrom {self.range()}", self.data),
            lambda: self.restriction(f"owl:allValuesFrom {self.range()}", self.data),
            lambda: self.restriction(f"owl:hasValue {self.lot.choice(LITERALS)}", self.data),
        ]
        return self.lot.choice(makers)()

    def restriction(self, constraint: str, names: Sequence[str]) -> str:
        relation = self.lot.choice(names) if names is self.data else self.relation(names)
        return f"[ a owl:Restriction ; owl:onProperty {relation} ; {constraint} ]"

    def cardinality(self) -> str:
        number = f'"{self.lot.randint(0, 3)}"^^xsd:nonNegativeInteger'
        kind = self.lot.choice(("min", "max", ""))
        if self.lot.random() < 0.3:
            name = f"{kind}Cardinality" if kind else "cardinality"
            return self.restriction(
                f"owl:{name} {number}", self.lot.choice((self.simple, self.data))
            )
        name = f"{kind}QualifiedCardinality" if kind else "qualifiedCardinality"
        if self.lot.random() < 0.3:
            return self.restriction(
                f"owl:{name} {number} ; owl:onDataRange {self.range()}", self.data
            )
        return self.restriction(
            f"owl:{name} {number} ; owl:onClass {self.expression(1)}", self.simple
        )

    def axiom(self) -> str:
        lot, expression = self.lot, self.expression
        named = lot.choice(self.classes)
        simple, other = lot.sample(self.simple, 2)
        kinds = (
            "Functional",
            "InverseFunctional",
            "Symmetric",
            "Asymmetric",
            "Irreflexive",
            "Reflexive",
        )
        axioms = [
            lambda: f"{expression()} rdfs:subClassOf {expression()} .",
            lambda: f"{named} rdfs:subClassOf {expression()} .",
            lambda: f"{expression()} rdfs:subClassOf {named} .",
            lambda: f"{named} owl:equivalentClass {expression()} .",
            lambda: f"{named} owl:disjointWith {expression(1)} .",
            lambda: f"[ a owl:AllDisjointClasses ; owl:members ({self.some(self.classes, 3)}) ] .",
            lambda: f"{named} owl:disjointUnionOf ({self.some(self.classes, 3)}) .",
            lambda: f"{simple} rdfs:domain {expression(1)} .",
            lambda: f"{simple} rdfs:range {expression(1)} .",
            lambda: f"{lot.choice(self.data)} rdfs:range {self.range()} .",
            lambda: f"{lot.choice(self.data)} rdfs:domain {expression(1)} .",
            lambda: f"{simple} rdfs:subPropertyOf {other} .",
            lambda: f"{simple} rdfs:subPropertyOf {lot.choice(self.complex)} .",
            lambda: f"{simple} owl:inverseOf {other} .",
            lambda: f"{simple} owl:equivalentProperty {other} .",
            lambda: f"{simple} owl:propertyDisjointWith {other} .",
            lambda: ":d0 rdfs:subPropertyOf :d1 .",
            lambda: ":d0 owl:propertyDisjointWith :d1 .",
            lambda: f"{simple} a owl:{lot.choice(kinds)}Property .",
            lambda: ":d0 a owl:FunctionalProperty .",
            lambda: ":t0 a owl:TransitiveProperty .",
            lambda: (
                f":t1 owl:propertyChainAxiom ({self.relation(self.simple)} {self.relation(self.simple)}) ."
            ),
            lambda: f"{named} owl:hasKey ({simple}) .",
        ]
        return lot.choice(axioms)()

    def assertion(self) -> str:
        lot = self.lot
        one, other = lot.choice(self.people), lot.choice(self.people)
        relation = lot.choice(self.simple + self.complex)
        told = f"[ a owl:NegativePropertyAssertion ; owl:sourceIndividual {one} ; owl:assertionProperty"
        makers = [
            *[lambda: f"{one} a {lot.choice(self.classes)} ."] * 4,
            *[lambda: f"{one} {relation} {other} ."] * 6,
            *[lambda: f"{one} {lot.choice(self.data)} {lot.choice(LITERALS)} ."] * 3,
            lambda: f"{one} a {self.expression()} .",
            lambda: f"{one} owl:differentFrom {other} ." if one != other else "",
            lambda: f"{one} owl:sameAs {other} ." if one != other else "",
            lambda: f"[ a owl:AllDifferent ; owl:distinctMembers ({self.some(self.people, 3)}) ] .",
            lambda: f"{told} {lot.choice(self.simple)} ; owl:targetIndividual {other} ] .",
            lambda: f"{told} {lot.choice(self.data)} ; owl:targetValue {lot.choice(LITERALS)} ] .",
            lambda: f"{one} {lot.choice(self.simple)} [ a {lot.choice(self.classes)} ] .",
        ]
        return lot.choice(makers)()


@dataclass
class Verdict:
    """What came of comparing: of each kind, the seeds or the triples."""

    compared: int = 0
    contradictions: int = 0
    wrong: list[tuple[int, tuple[str, str, str]]] = field(default_factory=list)
    false_contradictions: list[int] = field(default_factory=list)
    missing: int = 0
    found: int = 0
    refused: list[int] = field(default_factory=list)

    def summary(self) -> str:
        return (
            f"{self.compared} compared, {self.contradictions} contradict themselves, {self.found} triples, "
            f"{len(self.wrong)} wrong, {len(self.false_contradictions)} false contradictions, "
            f"{self.missing} that only HermiT finds; HermiT refused {self.refused}"
        )


def compare(chances: Sequence[Chance], verdict: Verdict) -> None:
    """Compare some ontologies with HermiT in one run; where that fails, one by one."""
    told = [triple for chance in chances for triple in chance.triples()]
    try:
        opinion = hermit.ask(told, values=True, seconds=60)
    except (Unavailable, LimitExceeded):
        opinion = None
    if opinion is None or not opinion.consistent:
        if len(chances) > 1:
            half = len(chances) // 2
            compare(chances[:half], verdict)
            compare(chances[half:], verdict)
        elif opinion is None:
            verdict.refused.append(chances[0].seed)
        else:
            verdict.contradictions += 1
            verdict.compared += 1
        return
    theirs = {(one, TYPE, kind) for one, kind in opinion.types} | set(opinion.relations)
    unsatisfiable = set(opinion.unsatisfiable)
    for chance in chances:
        verdict.compared += 1
        judge(
            chance,
            {one for one in theirs if one[0].startswith(chance.space)},
            unsatisfiable,
            verdict,
        )


def judge(
    chance: Chance, theirs: set[tuple[str, str, str]], unsatisfiable: set[str], verdict: Verdict
) -> None:
    """Compare what follows from one ontology."""
    reasoner = Reasoner(chance.triples())
    if next(reasoner.clashes(), None):
        verdict.false_contradictions.append(chance.seed)
        return
    mine = set(named((*reasoner.triples(reasoner.given), *reasoner.inferred()), chance))
    verdict.wrong += [(chance.seed, one) for one in mine - theirs]
    verdict.missing += len(theirs - mine)
    verdict.found += len(mine)


def named(triples: Iterable[Triple], chance: Chance) -> Iterator[tuple[str, str, str]]:
    """Yield types and relations between the named things of an ontology."""
    people = {chance.space + name[1:] for name in chance.people}
    relations = {chance.space + name[1:] for name in chance.simple + chance.complex}
    for subject, predicate, thing in triples:
        if (
            isinstance(subject, NamedNode)
            and isinstance(thing, NamedNode)
            and subject.value in people
        ):
            a_type = predicate.value == TYPE and thing.value.startswith(chance.space)
            if a_type or (predicate.value in relations and thing.value in people):
                yield subject.value, predicate.value, thing.value


def main(first: int, last: int, batch: int = 20) -> Verdict:
    """Compare the ontologies of some seeds, and say what came of it."""
    verdict = Verdict()
    for start in range(first, last, batch):
        chances = [Chance(seed) for seed in range(start, min(start + batch, last))]
        clashing = [
            chance for chance in chances if next(Reasoner(chance.triples()).clashes(), None)
        ]
        for chance in clashing:  # in one run with others it would hide what they say
            compare([chance], verdict)
        compare([chance for chance in chances if chance not in clashing], verdict)
        print(start, verdict.summary(), flush=True)  # noqa: T201 (what it is for)
    return verdict


if __name__ == "__main__":
    found = main(*map(int, sys.argv[1:]))
    print(*found.wrong[:20], *found.false_contradictions, sep="\n")  # noqa: T201
