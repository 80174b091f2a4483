"""OWL 2 axioms as rules.

A class expression on the left of an axiom becomes patterns to match, one case for each way to be in it; on the right
it becomes what follows, or a clash. Where cases would multiply, a part gets rules of its own, which say that something
is in it (``?x a _:part``). What rules cannot say (that something exists which nobody names; that one of several things
holds; that nothing else is known) is listed by name in :attr:`Compiled.beyond`, and left to HermiT. Spec: OWL 2 Mapping
to RDF section 3 for the triples, OWL 2 Direct Semantics section 2 and OWL 2 Profiles section 4.3 for what follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, count, groupby, product
from math import prod

from pyoxigraph import BlankNode, Literal, NamedNode

from shimoda.reasoning.rules import TYPE, Atom, Filter, Many, Rule, parse_rule, unequal
from shimoda.reasoning.schema import (
    BOUNDS,
    CONSTRUCTS,
    DECLARATIONS,
    OWL,
    RDF,
    RDFS,
    XSD,
    Report,
    Schema,
    read_schema,
)
from shimoda.reasoning.stores import Node, RuleStore
from shimoda.reasoning.values import differ, value_of
from shimoda.reasoning.words import local_name, slugify
from shimoda.vocabulary import BASE

__all__ = [
    "DIFFERENT",
    "LIST",
    "NUMBERED",
    "PRIVATE",
    "SAME",
    "Compiled",
    "compile_rules",
    "compile_schema",
]

SAME, DIFFERENT, THING = (str(OWL[name]) for name in ("sameAs", "differentFrom", "Thing"))
PRIVATE = f"<{BASE}private/"
"""Where the predicates begin that only rules know."""
NUMBERED, LIST = f"{PRIVATE}numbered>", f"{PRIVATE}list>"
"""The place that something has in a list of things that all differ, and the list that a place is in."""
CASES = 16
"""From how many cases on a part of an expression gets rules of its own."""
PAIRS = 12
"""From how many members on a list is told apart by numbers and not by pairs."""
FUNCTION = f"<{BASE}function/"
VOCABULARIES = (OWL, RDF, RDFS, XSD)
Head = tuple[Atom, ...]
GENERAL = {
    "different-symmetric": (
        "If x differs from y, then y differs from x.",
        "CONSTRUCT { ?y owl:differentFrom ?x } WHERE { ?x owl:differentFrom ?y }",
    ),
    "clash-different-from-itself": (
        "x is said to differ from itself, or from what is the same.",
        "CONSTRUCT {} WHERE { ?x owl:differentFrom ?x }",
    ),
    "clash-listed-twice": (
        "One thing is in two places of a list of which all differ.",
        f"CONSTRUCT {{}} WHERE {{ ?x {NUMBERED} ?i, ?j . ?i {LIST} ?d . ?j {LIST} ?d FILTER(?i != ?j) }}",
    ),
    "clash-nothing": (
        "x is in the class that has no members.",
        "CONSTRUCT {} WHERE { ?x a owl:Nothing }",
    ),
}
"""The rules that every graph has (OWL 2 Profiles section 4.3, tables 4 to 6). Equality is in the evaluation."""


def individuals_unequal(one: Node, other: Node) -> bool:
    """Tell whether two terms are individuals of which it is not known that they are one."""
    return one != other and not isinstance(one, Literal) and not isinstance(other, Literal)


@dataclass(frozen=True, slots=True)
class Case:
    """One way for something to hold: triple patterns, and conditions on what they match."""

    atoms: tuple[Atom, ...] = ()
    filters: tuple[Filter, ...] = ()
    many: tuple[Many, ...] = ()
    apart: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __add__(self, other: Case) -> Case:
        return Case(
            self.atoms + other.atoms,
            self.filters + other.filters,
            self.many + other.many,
            self.apart + other.apart,
        )


@dataclass(slots=True)
class Compiled:
    """The rules of a graph's axioms, and by name what they cannot say.

    ``disjoint`` are the classes that a class has nothing in common with.
    """

    rules: list[Rule] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    disjoint: dict[str, set[str]] = field(default_factory=dict)


def compile_rules(store: RuleStore, view: NamedNode | None = None) -> Compiled:
    """Compile the axioms that stand in a store's default graph; MalformedAxiom for one that says nothing."""
    return compile_schema(read_schema(store, view))


def compile_schema(
    schema: Schema, *, whole: bool = False, report: Report | None = None
) -> Compiled:
    """Compile axioms; ``whole`` adds who is in an expression that has no name and is not asked for.

    ``report`` hears of malformed axioms, which are left out then; without it they raise MalformedAxiom.
    """
    schema.check(report)
    compiler = Compiler(schema, whole)
    compiler.compile()
    general = [parse_rule(text, name, words, "OWL 2") for name, (words, text) in GENERAL.items()]
    beyond = sorted(set(compiler.beyond))
    return Compiled([*general, *compiler.rules()], beyond, compiler.disjoint)


class Compiler:
    """Turns the axioms of a schema into rules, one kind of axiom a method."""

    def __init__(self, schema: Schema, whole: bool = False) -> None:
        self.schema, self.whole = schema, whole
        self.found: list[Rule] = []
        self.said: set[tuple[Head, Case]] = set()
        self.beyond: list[str] = []
        self.disjoint: dict[str, set[str]] = {}
        self.parts: dict[Node, tuple[Node, NamedNode, Node] | None] = {}
        self.axiom: tuple[Node, NamedNode, Node] = (OWL["Thing"], RDF["type"], OWL["Class"])
        self.numbers = count()
        self.types = {thing for _, thing in schema.pairs(RDF["type"])}

    def compile(self) -> None:
        """Compile every axiom, in the order of their kinds and names, then the parts that need rules of their own."""
        for predicate, method in self.axioms().items():
            for subject, thing in sorted(self.schema.pairs(predicate), key=names):
                self.axiom = subject, predicate, thing
                method(subject, thing)
        if self.whole:
            expressions = [node for node in list(self.schema.objects) if self.is_expression(node)]
            self.parts |= {
                node: (node, RDF["type"], OWL["Class"]) for node in (OWL["Thing"], *expressions)
            }
        done: set[Node] = set()
        while waiting := [node for node in self.parts if node not in done]:
            for node in waiting:
                done.add(node)
                self.axiom = self.parts[node] or self.axiom
                self.enter(node)
        if OWL["Thing"] in self.parts:
            self.enter_thing()

    def axioms(self) -> dict[NamedNode, Callable[[Node, Node], None]]:
        """Return the method for each predicate that states an axiom."""
        return {
            RDFS["subClassOf"]: self.imply,
            OWL["equivalentClass"]: self.equate,
            **dict.fromkeys(CONSTRUCTS, self.define),
            OWL["disjointWith"]: self.separate,
            OWL["disjointUnionOf"]: self.divide,
            OWL["hasKey"]: self.key,
            RDFS["subPropertyOf"]: self.widen,
            OWL["equivalentProperty"]: self.widen_both,
            OWL["inverseOf"]: self.invert,
            OWL["propertyChainAxiom"]: self.chain,
            RDFS["domain"]: self.domain,
            RDFS["range"]: self.range,
            OWL["propertyDisjointWith"]: self.part,
            OWL["assertionProperty"]: self.deny,
            RDF["type"]: self.characterise,
        }

    # Class axioms

    def imply(self, narrow: Node, wide: Node) -> None:
        """Compile ``narrow ⊑ wide``."""
        if not self.schema.is_data_range(narrow):
            x = self.variable()
            self.add_all(self.body(narrow, x), self.head(wide, x))

    def equate(self, one: Node, other: Node) -> None:
        """Compile ``one ≡ other``."""
        self.imply(one, other)
        self.imply(other, one)

    def define(self, node: Node, _: Node) -> None:
        """Compile an expression that has a name; one without a name only counts where it is used, or is a type."""
        if self.schema.is_data_range(node) or not (
            isinstance(node, NamedNode) or node in self.types or self.whole
        ):
            return
        x = self.variable()
        named = Case(((x, TYPE, str(node)),))
        self.add_all([named], self.construct_head(node, x))
        if isinstance(node, NamedNode):
            self.add_all(self.construct_body(node, x), [(Case(), named.atoms)])

    def separate(self, one: Node, other: Node) -> None:
        """Compile that two classes have nothing in common."""
        x = self.variable()
        for a, b in ((one, other), (other, one)):
            self.disjoint.setdefault(str(a), set()).add(str(b))
        self.add_all(
            [a + b for a, b in product(self.body(one, x), self.body(other, x))], [(Case(), ())]
        )

    def separate_all(self, node: Node, members: Sequence[Node]) -> None:
        """Compile that no two of several classes have anything in common."""
        if len(members) <= PAIRS:
            for one, other in combinations(members, 2):
                self.separate(one, other)
            return
        names = [str(member) for member in members]
        for name in names:
            self.disjoint.setdefault(name, set()).update(other for other in names if other != name)
        x, places = self.variable(), self.places(node, len(members))
        for member, place in zip(members, places, strict=True):
            self.add_all(self.body(member, x), [(Case(), ((x, NUMBERED, place),))])

    def divide(self, whole: Node, parts: Node) -> None:
        """Compile that a class is made of others that have nothing in common."""
        members = self.schema.members(parts)
        for part in members:
            self.imply(part, whole)
        self.separate_all(whole, members)
        self.give_up("one of several classes, without telling which")

    def key(self, owner: Node, properties: Node) -> None:
        """Compile a key: individuals with a name that agree in *all* its properties are one."""
        x, y = self.variable(), self.variable()
        case = Case(
            (),
            (
                Filter(f"isIRI({x})", (x,), is_named),
                Filter(f"isIRI({y})", (y,), is_named),
                Filter(f"{x} != {y}", (x, y), unequal),
            ),
        )
        members = self.schema.members(properties)
        for member in members:
            shared = self.variable()
            case += Case(self.relate(member, x, shared) + self.relate(member, y, shared))
        if members:
            owners = [case + a + b for a, b in product(self.body(owner, x), self.body(owner, y))]
            self.add_all(owners, [(Case(), ((x, SAME, y),))])

    # Property axioms

    def widen(self, narrow: Node, wide: Node) -> None:
        """Compile ``narrow ⊑ wide`` for properties."""
        x, y = self.variable(), self.variable()
        self.add_all([Case(self.relate(narrow, x, y))], self.head_of(wide, x, y))

    def widen_both(self, one: Node, other: Node) -> None:
        """Compile ``one ≡ other`` for properties."""
        self.widen(one, other)
        self.widen(other, one)

    def invert(self, one: Node, other: Node) -> None:
        """Compile that two properties are inverse; a blank node only names an inverse."""
        if isinstance(one, NamedNode):
            x, y = self.variable(), self.variable()
            for here, there in ((one, other), (other, one)):
                self.add_all([Case(self.relate(here, x, y))], self.head_of(there, y, x))

    def chain(self, whole: Node, links: Node) -> None:
        """Compile a chain of properties."""
        members = self.schema.members(links)
        stops = [self.variable() for _ in range(len(members) + 1)]
        atoms = [
            atom
            for at, link in enumerate(members)
            for atom in self.relate(link, *stops[at : at + 2])
        ]
        if atoms:
            self.add_all([Case(tuple(atoms))], self.head_of(whole, stops[0], stops[-1]))

    def domain(self, relation: Node, owner: Node) -> None:
        """Compile what has a property."""
        x, y = self.variable(), self.variable()
        self.add_all([Case(self.relate(relation, x, y))], self.head(owner, x))

    def range(self, relation: Node, values: Node) -> None:
        """Compile what is the value of a property."""
        x, y = self.variable(), self.variable()
        self.add_all([Case(self.relate(relation, x, y))], self.head(values, y))

    def part(self, one: Node, other: Node) -> None:
        """Compile that two properties never hold together."""
        x, y = self.variable(), self.variable()
        self.add_all([Case(self.relate(one, x, y) + self.relate(other, x, y))], [(Case(), ())])

    def deny(self, _: Node, relation: Node) -> None:
        """Compile what is expressly denied of a property (negative assertions)."""
        n, x, y = self.variable(), self.variable(), self.variable()
        for target in ("targetIndividual", "targetValue"):
            told = (
                (n, str(OWL["assertionProperty"]), str(relation)),
                (n, str(OWL["sourceIndividual"]), x),
                (n, str(OWL[target]), y),
            )
            self.add_all([Case(told + self.relate(relation, x, y))], [(Case(), ())])

    def characterise(self, subject: Node, kind: Node) -> None:  # noqa: PLR0912 (one case a kind)
        """Compile what a property is stated to be, and what a list of classes, properties or individuals says."""
        x, y, z = self.variable(), self.variable(), self.variable()
        forward, back = self.relate(subject, x, y), self.relate(subject, y, x)
        match str(kind).removeprefix(f"<{OWL}").removesuffix(">"):
            case "FunctionalProperty":
                self.add_all([Case()], self.at_most(1, subject, OWL["Thing"], x))
                self.tell_apart(
                    self.relate(subject, x, y),
                    self.relate(subject, z, (w := self.variable())),
                    (y, w),
                    (x, z),
                )
            case "InverseFunctionalProperty":
                differing = Filter(f"{y} != {z}", (y, z), individuals_unequal)
                self.add_all(
                    [Case(back + self.relate(subject, z, x), (differing,))],
                    [(Case(), ((y, SAME, z),))],
                )
                self.tell_apart(
                    self.relate(subject, x, y),
                    self.relate(subject, z, (w := self.variable())),
                    (x, z),
                    (y, w),
                )
            case "TransitiveProperty":
                self.add_all(
                    [Case(forward + self.relate(subject, y, z))], self.head_of(subject, x, z)
                )
            case "SymmetricProperty":
                self.add_all([Case(forward)], self.head_of(subject, y, x))
            case "AsymmetricProperty":
                self.add_all([Case(forward + back)], [(Case(), ())])
            case "IrreflexiveProperty":
                self.add_all([Case(self.relate(subject, x, x))], [(Case(), ())])
            case "ReflexiveProperty":
                self.add_all(self.everything(x), self.head_of(subject, x, x))
            case "AllDisjointProperties":
                for group in self.lists(subject):
                    for one, other in combinations(group, 2):
                        self.part(one, other)
            case "AllDisjointClasses":
                for group in self.lists(subject):
                    self.separate_all(subject, group)
            case "AllDifferent":
                for group in self.lists(subject):
                    self.number_all(subject, group)

    def lists(self, subject: Node) -> list[list[Node]]:
        """Return what a group lists."""
        heads = (
            *self.schema.values(subject, OWL["members"]),
            *self.schema.values(subject, OWL["distinctMembers"]),
        )
        return [self.schema.members(head) for head in heads]

    def tell_apart(
        self, one: Head, other: Head, given: tuple[str, str], found: tuple[str, str]
    ) -> None:
        """Compile that things whose one value differs, differ themselves."""
        apart = Case((*one, *other, (given[0], DIFFERENT, given[1])))
        self.add_all([apart], [(Case(), ((found[0], DIFFERENT, found[1]),))])

    def number_all(self, node: Node, members: Sequence[Node]) -> None:
        """Compile that the members of a list differ: each has its place, and none has two."""
        places = self.places(node, len(members))
        self.add(
            Case(),
            tuple((str(one), NUMBERED, place) for one, place in zip(members, places, strict=True)),
        )
        for one, other in combinations(map(str, members), 2) if self.whole else ():
            self.add(Case(), ((one, DIFFERENT, other),))

    def places(self, node: Node, number: int) -> list[str]:
        """Name the places of a list of which all differ."""
        places = [str(Literal(f"{node} {place}")) for place in range(number)]
        self.add(Case(), tuple((place, LIST, str(node)) for place in places))
        return places

    # Class expressions

    def everything(self, of: str) -> list[Case]:
        """Return the case of being anything at all."""
        self.parts.setdefault(OWL["Thing"], None)
        return [Case(((of, TYPE, THING),))]

    def enter_thing(self) -> None:
        """Compile who is an owl:Thing: whatever has a class or a relation that is not of the language itself."""
        x, p, y = "?x", "?p", "?y"
        self.axiom = OWL["Thing"], RDF["type"], OWL["Class"]
        relation = Filter(f"{FUNCTION}is-relation>({p})", (p,), self.is_relation)
        for name in (x, y):
            individual = Filter(f"{FUNCTION}is-individual>({name})", (name,), self.is_individual)
            self.add(Case(((x, p, y),), (relation, individual)), ((name, TYPE, THING),))
        kind = Filter(f"{FUNCTION}is-class>({y})", (y,), is_class)
        self.add(Case(((x, TYPE, y),), (kind,)), ((x, TYPE, THING),))

    def is_relation(self, node: Node) -> bool:
        """Tell whether a predicate relates individuals to anything."""
        annotation = OWL["AnnotationProperty"] in self.schema.values(node, RDF["type"])
        return (
            isinstance(node, NamedNode)
            and not annotation
            and not node.value.startswith((*VOCABULARIES, PRIVATE[1:]))
        )

    def is_individual(self, node: Node) -> bool:
        """Tell whether a term is no literal, and not only the name of a class, property or datatype."""
        return not isinstance(node, Literal) and set(DECLARATIONS).isdisjoint(
            self.schema.values(node, RDF["type"])
        )

    def is_expression(self, node: Node) -> bool:
        """Tell whether a node describes a class."""
        return bool(
            self.schema.objects[node].keys() & set(CONSTRUCTS)
        ) and not self.schema.is_data_range(node)

    def body(self, node: Node, of: str) -> list[Case]:
        """Return the ways in which ``of`` is seen to be in a class or data range."""
        if node == RDFS["Literal"]:
            return [Case()]
        if node == OWL["Thing"]:
            return self.everything(of)
        if node == OWL["Nothing"]:
            return []
        if self.schema.is_data_range(node):
            return [Case((), (self.within(node, of, True),))]
        if isinstance(node, NamedNode) or node not in self.schema.objects:
            return [Case(((of, TYPE, str(node)),))]
        return self.construct_body(node, of)

    def enter(self, node: Node) -> None:
        """Compile who is in an expression, for a part that has rules of its own."""
        self.add_all(self.construct_body(node, "?x"), [(Case(), (("?x", TYPE, str(node)),))])
        for head in self.schema.values(node, OWL["oneOf"]):
            for member in self.schema.members(head):
                self.add(Case(), ((str(member), TYPE, str(node)),))

    def through(self, node: Node, of: str, cases: list[Case]) -> list[Case]:
        """Return the one case of being in a part that gets rules of its own, if it has many cases."""
        if len(cases) < 2 or not isinstance(node, BlankNode):
            return cases
        self.parts.setdefault(node, self.axiom)
        return [Case(((of, TYPE, str(node)),))]

    def construct_body(self, node: Node, of: str) -> list[Case]:
        """Return the cases of an expression that has no name, or of the one that a name stands for."""
        values = self.schema.values
        cases: list[Case] = []
        for head in values(node, OWL["intersectionOf"]):
            cases += self.joint_body(self.schema.members(head), of)
        for head in values(node, OWL["unionOf"]):
            cases += [
                case for member in self.schema.members(head) for case in self.body(member, of)
            ]
        if values(node, OWL["oneOf"]):
            self.parts.setdefault(node, self.axiom)
            cases.append(Case(((of, TYPE, str(node)),)))
        if values(node, OWL["complementOf"]):
            self.give_up("a class that is told by what is not in it")
        for relation in values(node, OWL["onProperty"]):
            cases += self.restriction_body(node, relation, of)
        if values(node, OWL["onProperties"]):
            self.give_up("a restriction of several properties at once")
        return cases

    def joint_body(self, members: Sequence[Node], of: str) -> list[Case]:
        """Return the cases of being in all of several classes."""
        ways = [self.body(member, of) for member in members if member != OWL["Thing"]]
        if not ways and members:
            return self.everything(of)
        if prod(map(len, ways)) > CASES:
            inner = [member for member in members if member != OWL["Thing"]]
            ways = [
                self.through(member, of, cases) for member, cases in zip(inner, ways, strict=True)
            ]
        return (
            [sum(choice, Case()) for choice in product(*ways)] if members else self.everything(of)
        )

    def restriction_body(self, node: Node, relation: Node, of: str) -> list[Case]:
        """Return the cases of a restriction."""
        values = self.schema.values
        cases: list[Case] = []
        for filler in values(node, OWL["someValuesFrom"]):
            other = self.variable()
            related = Case(self.relate(relation, of, other))
            cases += [related + case for case in self.filler(filler, other)]
        cases += [
            Case(self.relate(relation, of, str(thing))) for thing in values(node, OWL["hasValue"])
        ]
        cases += [Case(self.relate(relation, of, of)) for _ in values(node, OWL["hasSelf"])]
        for least, most in self.bounds(node):
            if most is not None:
                self.give_up("a class that is told by the absence of other values")
            elif least == 0:
                cases += self.everything(of)
            else:
                cases += [
                    case
                    for filler in self.fillers(node)
                    for case in self.at_least(least, relation, filler, of)
                ]
        if values(node, OWL["allValuesFrom"]):
            self.give_up("a class that is told by the absence of other values")
        return cases

    def filler(self, node: Node, of: str) -> list[Case]:
        """Return the cases of being in the filler of a restriction, where whatever is related is a thing."""
        return [Case()] if node in (OWL["Thing"], RDFS["Literal"]) else self.body(node, of)

    def at_least(self, number: int, relation: Node, filler: Node, of: str) -> list[Case]:
        """Return the cases of having at least ``number`` values that are known to differ."""
        value = self.variable()
        related = Case(self.relate(relation, of, value))
        cases = self.filler(filler, value)
        if number < 2:
            return [related + case for case in cases]
        one = [case for case in self.through(filler, value, cases) if not case.many]
        if len(one) > 1:
            self.give_up("several ways to count")
        return [
            Case(
                self.relate(relation, of, self.variable()),
                (),
                (Many(number, value, related.atoms + case.atoms, case.filters),),
            )
            for case in one[:1]
        ]

    def head(self, node: Node, of: str) -> list[tuple[Case, Head]]:
        """Return what follows from ``of`` being in a class or data range, and under which further conditions."""
        if node in (OWL["Thing"], RDFS["Literal"]):
            return []
        if node == OWL["Nothing"]:
            return [(Case(), ())]
        if self.schema.is_data_range(node):
            return [(Case((), (self.within(node, of, False),)), ())]
        if isinstance(node, NamedNode) or node not in self.schema.objects:
            return [(Case(), ((of, TYPE, str(node)),))]
        return self.construct_head(node, of)

    def construct_head(self, node: Node, of: str) -> list[tuple[Case, Head]]:
        """Return what follows from being in an expression."""
        values = self.schema.values
        found: list[tuple[Case, Head]] = []
        for head in values(node, OWL["intersectionOf"]):
            found += [
                each for member in self.schema.members(head) for each in self.head(member, of)
            ]
        for other in values(node, OWL["complementOf"]):
            cases = [Case()] if other == OWL["Thing"] else self.body(other, of)
            found += [(case, ()) for case in cases]
        for head in values(node, OWL["oneOf"]):
            found += self.enumeration_head(
                [str(member) for member in self.schema.members(head)], of
            )
        for head in values(node, OWL["unionOf"]):
            members = [member for member in self.schema.members(head) if member != OWL["Nothing"]]
            if len(members) > 1:
                self.give_up("one of several classes, without telling which")
            else:
                found += self.head(members[0], of) if members else [(Case(), ())]
        for relation in values(node, OWL["onProperty"]):
            found += self.restriction_head(node, relation, of)
        return found

    def enumeration_head(self, members: Sequence[str], of: str) -> list[tuple[Case, Head]]:
        """Return what follows from being one of several individuals."""
        if len(members) == 1:
            return [(Case(), ((of, SAME, members[0]),))]
        if members:
            self.give_up("one of several individuals, without telling which")
        return [(Case((), (), (), ((of, tuple(members)),)), ())]

    def restriction_head(self, node: Node, relation: Node, of: str) -> list[tuple[Case, Head]]:
        """Return what follows from being in a restriction."""
        values = self.schema.values
        found: list[tuple[Case, Head]] = []
        for thing in values(node, OWL["hasValue"]):
            found += self.head_of(relation, of, str(thing))
        for _ in values(node, OWL["hasSelf"]):
            found += self.head_of(relation, of, of)
        for filler in values(node, OWL["allValuesFrom"]):
            other = self.variable()
            related = Case(self.relate(relation, of, other))
            found += [(related + case, atoms) for case, atoms in self.head(filler, other)]
        for filler in values(node, OWL["someValuesFrom"]):
            self.exist(filler, found)
        for least, most in self.bounds(node):
            for filler in self.fillers(node):
                if least:
                    self.exist(filler, found)
                found += [] if most is None else self.at_most(most, relation, filler, of)
        return found

    def exist(self, filler: Node, found: list[tuple[Case, Head]]) -> None:
        """Note that something exists in a class: a clash if nothing can, else what rules cannot say."""
        if filler == OWL["Nothing"]:
            found.append((Case(), ()))
        else:
            self.give_up("something that exists without a name")

    def at_most(
        self, number: int, relation: Node, filler: Node, of: str
    ) -> list[tuple[Case, Head]]:
        """Return what follows from having at most ``number`` values: a clash, or that two values are one."""
        if number != 1:
            return [(case, ()) for case in self.at_least(number + 1, relation, filler, of)]
        y, z = self.variable(), self.variable()
        pair = Case(self.relate(relation, of, y) + self.relate(relation, of, z))
        same = Filter(f"{y} != {z}", (y, z), individuals_unequal)
        clash = Filter(f"{FUNCTION}differ>({y}, {z})", (y, z), differ)
        kinds = [a + b for a, b in product(self.filler(filler, y), self.filler(filler, z))]
        merged: list[tuple[Case, Head]] = [
            (pair + kind + Case((), (same,)), ((y, SAME, z),)) for kind in kinds
        ]
        return merged + [(pair + kind + Case((), (clash,)), ()) for kind in kinds]

    # Parts

    def bounds(self, node: Node) -> list[tuple[int, int | None]]:
        """Return the least and the greatest number of each cardinality that a restriction has."""
        found: list[tuple[int, int | None]] = []
        for predicate in BOUNDS:
            for number in self.schema.values(node, predicate):
                bound = whole_number(number)
                name = predicate.value.removeprefix(OWL)
                found.append(
                    (bound, None)
                    if name[:3] == "min"
                    else (0 if name[:3] == "max" else bound, bound)
                )
        return found

    def fillers(self, node: Node) -> list[Node]:
        """Return what a cardinality counts."""
        qualified = self.schema.values(node, OWL["onClass"]) + self.schema.values(
            node, OWL["onDataRange"]
        )
        return qualified or [OWL["Thing"]]

    def relate(self, relation: Node, one: str, other: str) -> Head:
        """Write a property, or the inverse that a blank node stands for, between two terms that are matched."""
        while isinstance(relation, BlankNode) and (
            inverses := self.schema.values(relation, OWL["inverseOf"])
        ):
            relation, one, other = inverses[0], other, one
        if relation == OWL["topObjectProperty"]:
            return tuple(
                atom for of in (one, other) for case in self.everything(of) for atom in case.atoms
            )
        return ((one, str(relation), other),)

    def head_of(self, relation: Node, one: str, other: str) -> list[tuple[Case, Head]]:
        """Return what follows from a property between two terms."""
        if relation in (OWL["topObjectProperty"], OWL["topDataProperty"]):
            return []
        if relation in (OWL["bottomObjectProperty"], OWL["bottomDataProperty"]):
            return [(Case(), ())]
        return [(Case(), self.relate(relation, one, other))]

    def within(self, node: Node, of: str, wanted: bool) -> Filter:
        """Make the filter that a literal is known to be in a data range, or out of it."""
        text = f"{FUNCTION}{'is-in' if wanted else 'is-not-in'}>({of}, {Literal(local_name(node))})"
        schema = self.schema

        def test(term: Node) -> bool:
            return isinstance(term, Literal) and schema.contains(node, term) is wanted

        return Filter(text, (of,), test)

    def variable(self) -> str:
        """Return a variable that no other axiom uses."""
        return f"?v{next(self.numbers)}"

    # Results

    def give_up(self, reason: str) -> None:
        """Note that the current axiom, or a part of it, cannot be said by rules."""
        subject, predicate, thing = (local_name(node) for node in self.axiom)
        self.beyond.append(f"{subject} {predicate} {thing}: {reason}")

    def add_all(self, cases: Iterable[Case], consequences: Sequence[tuple[Case, Head]]) -> None:
        """Add a rule for every case and consequence."""
        for case, (condition, atoms) in product(cases, consequences):
            self.add(case + condition, atoms)

    def add(self, case: Case, head: Head) -> None:
        """Add a rule, unless it says nothing or has been added."""
        case, head = renamed(case, head)
        if (
            (head and set(head) <= set(case.atoms))
            or not (head or case.atoms)
            or (head, case) in self.said
        ):
            return
        if any(atom[0].startswith('"') and atom[1] != LIST for atom in head):
            self.give_up("a literal as the subject of a triple")
            return
        self.said.add((head, case))
        subject, predicate, thing = self.axiom
        slug = "-".join(
            filter(None, ("" if head else "clash", *map(slugify, (predicate, subject, thing))))
        )
        source = (str(subject), str(predicate), str(thing))
        self.found.append(
            Rule(slug, "", head, case.atoms, case.filters, (), case.many, case.apart, source)
        )

    def rules(self) -> list[Rule]:
        """Return the rules, those of one name numbered in the order of their texts, as blank nodes have no order."""
        named = groupby(
            sorted(self.found, key=lambda rule: (rule.name, rule.text())),
            key=lambda rule: rule.name,
        )
        return [
            rule if number == 1 else replace(rule, name=f"{name}-{number}")
            for name, rules in named
            for number, rule in enumerate(rules, 1)
        ]


def is_named(node: Node) -> bool:
    """Tell whether a term is an IRI."""
    return isinstance(node, NamedNode)


def is_class(node: Node) -> bool:
    """Tell whether a type is a class of individuals: of owl:Thing and owl:NamedIndividual too."""
    known = node in (OWL["Thing"], OWL["NamedIndividual"])
    return (
        known
        or isinstance(node, BlankNode)
        or not str(node).startswith(tuple(f"<{name}" for name in VOCABULARIES))
    )


def renamed(case: Case, head: Head) -> tuple[Case, Head]:
    """Name the variables of a rule in the order in which they come, so that equal rules are equal."""
    letters = chain("xyzuvw", (f"v{number}" for number in count()))
    known: dict[str, str] = {}

    def name(term: str) -> str:
        if term.startswith("?") and term not in known:
            known[term] = f"?{next(letters)}"
        return known.get(term, term)

    def atoms(patterns: Iterable[Atom]) -> tuple[Atom, ...]:
        return tuple(dict.fromkeys((name(s), name(p), name(o)) for s, p, o in patterns))

    def filters(found: Iterable[Filter]) -> tuple[Filter, ...]:
        return tuple(rewritten(each, tuple(map(name, each.names))) for each in found)

    body = atoms(case.atoms)
    many = tuple(
        Many(one.number, name(one.value), atoms(one.atoms), filters(one.filters))
        for one in case.many
    )
    apart = tuple((name(of), members) for of, members in case.apart)
    return Case(body, filters(case.filters), many, apart), atoms(head)


def rewritten(found: Filter, new: tuple[str, ...]) -> Filter:
    """Rename the variables of a filter."""
    known = dict(zip(found.names, new, strict=True))
    return Filter(
        re.sub(r"\?\w+", lambda match: known.get(match[0], match[0]), found.text), new, found.test
    )


def names(axiom: tuple[Node, Node]) -> tuple[str, ...]:
    """Return what an axiom is sorted by: the names in it."""
    return tuple(str(node) if isinstance(node, NamedNode) else "" for node in axiom)


def whole_number(node: Node) -> int:
    """Return the number that a literal stands for; that it is one has been checked."""
    assert isinstance(node, Literal)
    found = value_of(node)
    assert found is not None
    return int(found.order)
