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
from functools import partial
from itertools import chain, combinations, count, groupby, pairwise, product
from math import prod
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from shimoda import paths
from shimoda.namespaces import BASE, local_name
from shimoda.reasoning.rules import (
    TYPE,
    Atom,
    Filter,
    Many,
    Rule,
    read_rules,
    rules_that_hold,
    substitute,
    unequal,
    variables,
)
from shimoda.reasoning.schema import (
    BOUNDS,
    CONSTRUCTS,
    DECLARATIONS,
    GROUPED,
    OWL,
    RDF,
    RDFS,
    Report,
    Schema,
    is_vocabulary,
    read_schema,
)
from shimoda.reasoning.stores import Node, RuleStore, local
from shimoda.reasoning.values import differ, value_of
from shimoda.reasoning.words import slugify

RULES = paths.data("ontology") / "rules"
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
CHARACTERISTICS = {
    "TransitiveProperty": ("xy yz", "xz"),
    "SymmetricProperty": ("xy", "yx"),
    "AsymmetricProperty": ("xy yx", ""),
    "IrreflexiveProperty": ("xx", ""),
}
"""Between which variables a property holds, and between which it does then (none: a clash)."""


class Inverse(NamedTuple):
    """The inverse of a property."""

    of: Relation


Relation = Node | Inverse
Head = tuple[Atom, ...]


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


Consequence = tuple[Case, Head]
"""What follows, and under which further conditions; without a head it is a clash."""
ALWAYS = Case()
CLASH: Consequence = (ALWAYS, ())


@dataclass(slots=True)
class Compiled:
    """The rules of a graph's axioms, and by name what they cannot say.

    ``disjoint`` are the classes that a class has nothing in common with.
    """

    rules: list[Rule] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    disjoint: dict[str, set[str]] = field(default_factory=dict)


def rules_of(store: Store | RuleStore, view: NamedNode | None = None) -> list[Rule]:
    """Return the rules that hold in a store: those of its axioms, and those of the files in ``ontology/rules``.

    MalformedAxiom for an axiom that says nothing.
    """
    return rules_from(read_schema(local(store), view))


def rules_from(schema: Schema) -> list[Rule]:
    """Return the rules that hold where these are the axioms."""
    return [*compile_schema(schema).rules, *read_rules(RULES)]


def compile_schema(
    schema: Schema, *, whole: bool = False, report: Report | None = None
) -> Compiled:
    """Compile axioms; ``whole`` adds who is in an expression that has no name and is not asked for.

    ``report`` hears of malformed axioms, which are left out then; without it they raise MalformedAxiom.
    """
    schema.check(report)
    compiler = Compiler(schema, whole)
    compiler.compile()
    return Compiled(
        [*rules_that_hold("general"), *compiler.rules()],
        sorted(set(compiler.beyond)),
        compiler.disjoint,
    )


class Compiler:
    """Turns the axioms of a schema into rules, one kind of axiom a method."""

    def __init__(self, schema: Schema, whole: bool) -> None:
        self.schema, self.whole = schema, whole
        self.found: dict[tuple[object, ...], Rule] = {}
        self.beyond: list[str] = []
        self.disjoint: dict[str, set[str]] = {}
        self.parts: dict[Node, tuple[Node, NamedNode, Node] | None] = {}
        self.axiom: tuple[Node, NamedNode, Node] = (OWL["Thing"], RDF["type"], OWL["Class"])
        self.tests: dict[tuple[Node, bool], Callable[[Node], bool]] = {}
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
            OWL["equivalentClass"]: partial(both, self.imply),
            **dict.fromkeys(CONSTRUCTS, self.define),
            OWL["disjointWith"]: self.separate,
            OWL["disjointUnionOf"]: self.divide,
            OWL["hasKey"]: self.key,
            RDFS["subPropertyOf"]: self.widen,
            OWL["equivalentProperty"]: partial(both, self.widen),
            OWL["inverseOf"]: self.invert,
            OWL["propertyChainAxiom"]: self.chain,
            RDFS["domain"]: self.domain,
            RDFS["range"]: lambda relation, values: self.domain(Inverse(relation), values),
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

    def define(self, node: Node, _: Node) -> None:
        """Compile an expression that has a name; one without a name only counts where it is used, or is a type."""
        named = isinstance(node, NamedNode)
        counts = named or node in self.types or self.whole
        if self.schema.is_data_range(node) or not counts:
            return
        x = self.variable()
        kind = (x, TYPE, str(node))
        self.add_all([Case((kind,))], self.construct_head(node, x))
        if named:
            self.add_all(self.construct_body(node, x), [(ALWAYS, (kind,))])

    def separate(self, one: Node, other: Node) -> None:
        """Compile that two classes have nothing in common."""
        x = self.variable()
        for a, b in ((one, other), (other, one)):
            self.disjoint.setdefault(str(a), set()).add(str(b))
        cases = product(self.body(one, x), self.body(other, x))
        self.add_all([a + b for a, b in cases], [CLASH])

    def separate_all(self, node: Node, members: Sequence[Node]) -> None:
        """Compile that no two of several classes have anything in common."""
        if len(members) <= PAIRS:
            for one, other in combinations(members, 2):
                self.separate(one, other)
            return
        names = {str(member) for member in members}
        for name in names:
            self.disjoint.setdefault(name, set()).update(names - {name})
        x, places = self.variable(), self.places(node, len(members))
        for member, place in zip(members, places, strict=True):
            self.add_all(self.body(member, x), [(ALWAYS, ((x, NUMBERED, place),))])

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
        named = (Filter(f"isIRI({each})", (each,), is_named) for each in (x, y))
        case = Case((), (*named, Filter(f"{x} != {y}", (x, y), unequal)))
        members = self.schema.members(properties)
        for member in members:
            shared = self.variable()
            case += Case(self.relate(member, x, shared) + self.relate(member, y, shared))
        if members:
            owners = product(self.body(owner, x), self.body(owner, y))
            self.add_all([case + a + b for a, b in owners], [(ALWAYS, ((x, SAME, y),))])

    # Property axioms

    def widen(self, narrow: Relation, wide: Relation) -> None:
        """Compile ``narrow ⊑ wide`` for properties."""
        x, y = self.variable(), self.variable()
        self.add_all([Case(self.relate(narrow, x, y))], self.head_of(wide, x, y))

    def invert(self, one: Node, other: Node) -> None:
        """Compile that two properties are inverse; a blank node only names an inverse."""
        if isinstance(one, NamedNode):
            self.widen(one, Inverse(other))
            self.widen(other, Inverse(one))

    def chain(self, whole: Node, links: Node) -> None:
        """Compile a chain of properties."""
        members = self.schema.members(links)
        stops = [self.variable() for _ in range(len(members) + 1)]
        atoms = [
            atom
            for link, (start, end) in zip(members, pairwise(stops), strict=True)
            for atom in self.relate(link, start, end)
        ]
        if atoms:
            self.add_all([Case(tuple(atoms))], self.head_of(whole, stops[0], stops[-1]))

    def domain(self, relation: Relation, owner: Node) -> None:
        """Compile what has a property; of an inverse, what is its value."""
        x, y = self.variable(), self.variable()
        self.add_all([Case(self.relate(relation, x, y))], self.head(owner, x))

    def part(self, one: Node, other: Node) -> None:
        """Compile that two properties never hold together."""
        x, y = self.variable(), self.variable()
        self.add_all([Case(self.relate(one, x, y) + self.relate(other, x, y))], [CLASH])

    def deny(self, _: Node, relation: Node) -> None:
        """Compile what is expressly denied of a property (negative assertions)."""
        n, x, y = self.variable(), self.variable(), self.variable()
        for target in ("targetIndividual", "targetValue"):
            told = (
                (n, str(OWL["assertionProperty"]), str(relation)),
                (n, str(OWL["sourceIndividual"]), x),
                (n, str(OWL[target]), y),
            )
            self.add_all([Case(told + self.relate(relation, x, y))], [CLASH])

    def characterise(self, subject: Node, kind: Node) -> None:
        """Compile what a property is stated to be, and what a list of classes, properties or individuals says."""
        name = kind.value.removeprefix(OWL) if isinstance(kind, NamedNode) else ""
        if name in CHARACTERISTICS:
            ends = {letter: self.variable() for letter in "xyz"}
            given, found = CHARACTERISTICS[name]
            atoms = [self.relate(subject, ends[two[0]], ends[two[1]]) for two in given.split()]
            follows = self.head_of(subject, ends[found[0]], ends[found[1]]) if found else [CLASH]
            self.add_all([Case(tuple(chain(*atoms)))], follows)
        elif name == "FunctionalProperty":
            self.be_functional(subject)
        elif name == "InverseFunctionalProperty":
            self.be_functional(Inverse(subject))
        elif name == "ReflexiveProperty":
            x = self.variable()
            self.add_all(self.everything(x), self.head_of(subject, x, x))
        for members in self.schema.lists(subject, *GROUPED):
            if name == "AllDisjointProperties":
                for one, other in combinations(members, 2):
                    self.part(one, other)
            elif name == "AllDisjointClasses":
                self.separate_all(subject, members)
            elif name == "AllDifferent":
                self.number_all(subject, members)

    def be_functional(self, relation: Relation) -> None:
        """Compile that nothing has two values, and that things whose one value differs, differ themselves."""
        x, y, z, w = (self.variable() for _ in range(4))
        self.add_all([ALWAYS], self.at_most(1, relation, OWL["Thing"], x))
        two = Case(self.relate(relation, x, y) + self.relate(relation, z, w))
        self.add_all([two + Case(((y, DIFFERENT, w),))], [(ALWAYS, ((x, DIFFERENT, z),))])

    def number_all(self, node: Node, members: Sequence[Node]) -> None:
        """Compile that the members of a list differ: each has its place, and none has two."""
        listed, places = list(map(str, members)), self.places(node, len(members))
        told = ((one, NUMBERED, place) for one, place in zip(listed, places, strict=True))
        self.add(ALWAYS, tuple(told))
        for one, other in combinations(listed, 2) if self.whole else ():
            self.add(ALWAYS, ((one, DIFFERENT, other),))

    def places(self, node: Node, number: int) -> list[str]:
        """Name the places of a list of which all differ."""
        places = [str(Literal(f"{node} {place}")) for place in range(number)]
        self.add(ALWAYS, tuple((place, LIST, str(node)) for place in places))
        return places

    # Who is in a class expression

    def everything(self, of: str) -> list[Case]:
        """Return the case of being anything at all."""
        self.parts.setdefault(OWL["Thing"], None)
        return [Case(((of, TYPE, THING),))]

    def enter_thing(self) -> None:
        """Compile who is an owl:Thing: whatever has a class or a relation that is not of the language itself."""
        self.axiom = OWL["Thing"], RDF["type"], OWL["Class"]
        relation = Filter(f"{FUNCTION}is-relation>(?p)", ("?p",), self.is_relation)
        for end in ("?x", "?y"):
            individual = Filter(f"{FUNCTION}is-individual>({end})", (end,), self.is_individual)
            self.add(Case((("?x", "?p", "?y"),), (relation, individual)), ((end, TYPE, THING),))
        kind = Filter(f"{FUNCTION}is-class>(?y)", ("?y",), is_class)
        self.add(Case((("?x", TYPE, "?y"),), (kind,)), (("?x", TYPE, THING),))

    def is_relation(self, node: Node) -> bool:
        """Tell whether a predicate relates individuals to anything."""
        private = str(node).startswith(PRIVATE)
        return isinstance(node, NamedNode) and not (private or is_vocabulary(node))

    def is_individual(self, node: Node) -> bool:
        """Tell whether a term is no literal, and not only the name of a class, property or datatype."""
        kinds = self.schema.values(node, RDF["type"])
        return not isinstance(node, Literal) and set(DECLARATIONS).isdisjoint(kinds)

    def is_expression(self, node: Node) -> bool:
        """Tell whether a node describes a class."""
        constructs = self.schema.objects[node].keys() & set(CONSTRUCTS)
        return bool(constructs) and not self.schema.is_data_range(node)

    def body(self, node: Node, of: str) -> list[Case]:
        """Return the ways in which ``of`` is seen to be in a class or data range."""
        if node == RDFS["Literal"]:
            return [ALWAYS]
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
        self.add_all(self.construct_body(node, "?x"), [(ALWAYS, (("?x", TYPE, str(node)),))])
        for member in chain(*self.schema.lists(node, OWL["oneOf"])):
            self.add(ALWAYS, ((str(member), TYPE, str(node)),))

    def entered(self, node: Node, of: str) -> list[Case]:
        """Return the one case of being in a part that gets rules of its own."""
        self.parts.setdefault(node, self.axiom)
        return [Case(((of, TYPE, str(node)),))]

    def through(self, node: Node, of: str, cases: list[Case]) -> list[Case]:
        """Return the cases of being in a part: one, if there are many."""
        many = len(cases) > 1 and isinstance(node, BlankNode)
        return self.entered(node, of) if many else cases

    def construct_body(self, node: Node, of: str) -> list[Case]:
        """Return the cases of an expression that has no name, or of the one that a name stands for."""
        values, lists = partial(self.schema.values, node), partial(self.schema.lists, node)
        cases: list[Case] = []
        for members in lists(OWL["intersectionOf"]):
            cases += self.joint_body(members, of)
        for member in chain(*lists(OWL["unionOf"])):
            cases += self.body(member, of)
        if values(OWL["oneOf"]):
            cases += self.entered(node, of)
        if values(OWL["complementOf"]):
            self.give_up("a class that is told by what is not in it")
        for relation in values(OWL["onProperty"]):
            cases += self.restriction_body(node, relation, of)
        if values(OWL["onProperties"]):
            self.give_up("a restriction of several properties at once")
        return cases

    def joint_body(self, members: Sequence[Node], of: str) -> list[Case]:
        """Return the cases of being in all of several classes."""
        inner = [member for member in members if member != OWL["Thing"]]
        if not inner:
            return self.everything(of)
        ways = [self.body(member, of) for member in inner]
        if prod(map(len, ways)) > CASES:
            ways = [self.through(part, of, cases) for part, cases in zip(inner, ways, strict=True)]
        return [sum(choice, ALWAYS) for choice in product(*ways)]

    def restriction_body(self, node: Node, relation: Node, of: str) -> list[Case]:
        """Return the cases of a restriction."""
        values = partial(self.schema.values, node)
        cases: list[Case] = []
        for filler in values(OWL["someValuesFrom"]):
            cases += self.at_least(1, relation, filler, of)
        cases += [Case(self.relate(relation, of, str(thing))) for thing in values(OWL["hasValue"])]
        cases += [Case(self.relate(relation, of, of)) for _ in values(OWL["hasSelf"])]
        bounds = self.bounds(node)
        for least, filler in product(
            [one for one, most in bounds if most is None], self.fillers(node)
        ):
            cases += self.at_least(least, relation, filler, of) if least else self.everything(of)
        if values(OWL["allValuesFrom"]) or any(most is not None for _, most in bounds):
            self.give_up("a class that is told by the absence of other values")
        return cases

    def filler(self, node: Node, of: str) -> list[Case]:
        """Return the cases of being in the filler of a restriction, where whatever is related is a thing."""
        return [ALWAYS] if node in (OWL["Thing"], RDFS["Literal"]) else self.body(node, of)

    def at_least(self, number: int, relation: Relation, filler: Node, of: str) -> list[Case]:
        """Return the cases of having at least ``number`` values that are known to differ."""
        value = self.variable()
        related = Case(self.relate(relation, of, value))
        cases = self.filler(filler, value)
        if number < 2:
            return [related + case for case in cases]
        one = [case for case in self.through(filler, value, cases) if not case.many]
        if len(one) > 1:
            self.give_up("several ways to count")
        some = self.relate(relation, of, self.variable())
        return [
            Case(some, (), (Many(number, value, related.atoms + case.atoms, case.filters),))
            for case in one[:1]
        ]

    # What follows from being in a class expression

    def head(self, node: Node, of: str) -> list[Consequence]:
        """Return what follows from ``of`` being in a class or data range."""
        if node in (OWL["Thing"], RDFS["Literal"]):
            return []
        if node == OWL["Nothing"]:
            return [CLASH]
        if self.schema.is_data_range(node):
            return [(Case((), (self.within(node, of, False),)), ())]
        if isinstance(node, NamedNode) or node not in self.schema.objects:
            return [(ALWAYS, ((of, TYPE, str(node)),))]
        return self.construct_head(node, of)

    def construct_head(self, node: Node, of: str) -> list[Consequence]:
        """Return what follows from being in an expression."""
        values, lists = partial(self.schema.values, node), partial(self.schema.lists, node)
        found: list[Consequence] = []
        for member in chain(*lists(OWL["intersectionOf"])):
            found += self.head(member, of)
        for other in values(OWL["complementOf"]):
            found += [(case, ()) for case in self.filler(other, of)]
        for members in lists(OWL["oneOf"]):
            found += self.enumeration_head(tuple(map(str, members)), of)
        for members in lists(OWL["unionOf"]):
            able = [member for member in members if member != OWL["Nothing"]]
            if len(able) > 1:
                self.give_up("one of several classes, without telling which")
            else:
                found += self.head(able[0], of) if able else [CLASH]
        for relation in values(OWL["onProperty"]):
            found += self.restriction_head(node, relation, of)
        return found

    def enumeration_head(self, members: tuple[str, ...], of: str) -> list[Consequence]:
        """Return what follows from being one of several individuals."""
        if len(members) == 1:
            return [(ALWAYS, ((of, SAME, members[0]),))]
        if members:
            self.give_up("one of several individuals, without telling which")
        return [(Case((), (), (), ((of, members),)), ())]

    def restriction_head(self, node: Node, relation: Node, of: str) -> list[Consequence]:
        """Return what follows from being in a restriction."""
        values, bounds, fillers = (
            partial(self.schema.values, node),
            self.bounds(node),
            self.fillers(node),
        )
        found: list[Consequence] = []
        for thing in values(OWL["hasValue"]):
            found += self.head_of(relation, of, str(thing))
        for _ in values(OWL["hasSelf"]):
            found += self.head_of(relation, of, of)
        for filler in values(OWL["allValuesFrom"]):
            other = self.variable()
            related = Case(self.relate(relation, of, other))
            found += [(related + case, atoms) for case, atoms in self.head(filler, other)]
        needed = [filler for (least, _), filler in product(bounds, fillers) if least]
        for filler in (*values(OWL["someValuesFrom"]), *needed):
            if filler == OWL["Nothing"]:
                found.append(CLASH)
            else:
                self.give_up("something that exists without a name")
        for (_, most), filler in product(bounds, fillers):
            found += [] if most is None else self.at_most(most, relation, filler, of)
        return found

    def at_most(self, number: int, relation: Relation, filler: Node, of: str) -> list[Consequence]:
        """Return what follows from having at most ``number`` values: a clash, or that two values are one."""
        if number != 1:
            return [(case, ()) for case in self.at_least(number + 1, relation, filler, of)]
        y, z = self.variable(), self.variable()
        pair = Case(self.relate(relation, of, y) + self.relate(relation, of, z))
        same = Case((), (Filter(f"{y} != {z}", (y, z), individuals_unequal),))
        clash = Case((), (Filter(f"{FUNCTION}differ>({y}, {z})", (y, z), differ),))
        kinds = [pair + a + b for a, b in product(self.filler(filler, y), self.filler(filler, z))]
        merged: list[Consequence] = [(kind + same, ((y, SAME, z),)) for kind in kinds]
        return merged + [(kind + clash, ()) for kind in kinds]

    # Parts

    def bounds(self, node: Node) -> list[tuple[int, int | None]]:
        """Return the least and the greatest number of each cardinality that a restriction has."""
        found: list[tuple[int, int | None]] = []
        for predicate in BOUNDS:
            for number in self.schema.values(node, predicate):
                bound, kind = whole_number(number), predicate.value.removeprefix(OWL)[:3]
                found.append((0 if kind == "max" else bound, None if kind == "min" else bound))
        return found

    def fillers(self, node: Node) -> list[Node]:
        """Return what a cardinality counts."""
        return self.schema.values(node, OWL["onClass"], OWL["onDataRange"]) or [OWL["Thing"]]

    def direct(self, relation: Relation, one: str, other: str) -> tuple[Node, str, str]:
        """Return a property, and the terms between which it holds if the one given holds between two."""
        while not isinstance(relation, NamedNode | Literal):
            if isinstance(relation, Inverse):
                relation, one, other = relation.of, other, one
            elif inverses := self.schema.values(relation, OWL["inverseOf"]):
                relation, one, other = inverses[0], other, one
            else:
                break
        return relation, one, other

    def relate(self, relation: Relation, one: str, other: str) -> Head:
        """Write a property, or an inverse, between two terms that are matched."""
        name, one, other = self.direct(relation, one, other)
        if name == OWL["topObjectProperty"]:
            return (*self.everything(one)[0].atoms, *self.everything(other)[0].atoms)
        return ((one, str(name), other),)

    def head_of(self, relation: Relation, one: str, other: str) -> list[Consequence]:
        """Return what follows from a property between two terms."""
        name, one, other = self.direct(relation, one, other)
        if name in (OWL["topObjectProperty"], OWL["topDataProperty"]):
            return []
        if name in (OWL["bottomObjectProperty"], OWL["bottomDataProperty"]):
            return [CLASH]
        return [(ALWAYS, ((one, str(name), other),))]

    def within(self, node: Node, of: str, wanted: bool) -> Filter:
        """Make the filter that a literal is known to be in a data range, or out of it."""
        schema = self.schema

        def test(term: Node) -> bool:
            return isinstance(term, Literal) and schema.contains(node, term) is wanted

        text = f"{FUNCTION}{'is-in' if wanted else 'is-not-in'}>({of}, {Literal(local_name(node))})"
        return Filter(text, (of,), self.tests.setdefault((node, wanted), test))

    def variable(self) -> str:
        """Return a variable that no other axiom uses."""
        return f"?v{next(self.numbers)}"

    # Results

    def give_up(self, reason: str) -> None:
        """Note that the current axiom, or a part of it, cannot be said by rules."""
        self.beyond.append(f"{' '.join(map(local_name, self.axiom))}: {reason}")

    def add_all(self, cases: Iterable[Case], consequences: Sequence[Consequence]) -> None:
        """Add a rule for every case and consequence."""
        for case, (condition, atoms) in product(cases, consequences):
            self.add(case + condition, atoms)

    def add(self, case: Case, head: Head) -> None:
        """Add a rule, unless it says nothing or has been added."""
        if (head and set(head) <= set(case.atoms)) or not (head or case.atoms):
            return
        if any(atom[0].startswith('"') and atom[1] != LIST for atom in head):
            self.give_up("a literal as the subject of a triple")
            return
        subject, predicate, thing = self.axiom
        words = ("" if head else "clash", *map(slugify, (predicate, subject, thing)))
        source = (str(subject), str(predicate), str(thing))
        name = "-".join(filter(None, words))
        found = Rule(name, "", head, case.atoms, case.filters, (), case.many, case.apart, source)
        found = renamed(found)
        said = (found.head, found.body, found.filters, found.many, found.apart)
        self.found.setdefault(said, found)

    def rules(self) -> list[Rule]:
        """Return the rules, those of one name numbered in the order of their texts, as blank nodes have no order."""
        ordered = sorted(
            self.found.values(), key=lambda rule: (rule.name, re.sub(r"_:\w+", "_:", rule.text()))
        )
        return [
            rule if number == 1 else replace(rule, name=f"{name}-{number}")
            for name, rules in groupby(ordered, key=lambda rule: rule.name)
            for number, rule in enumerate(rules, 1)
        ]


def both(compile_one: Callable[[Node, Node], None], one: Node, other: Node) -> None:
    """Compile an axiom in both directions."""
    compile_one(one, other)
    compile_one(other, one)


def individuals_unequal(one: Node, other: Node) -> bool:
    """Tell whether two terms are individuals of which it is not known that they are one."""
    return one != other and not isinstance(one, Literal) and not isinstance(other, Literal)


def is_named(node: Node) -> bool:
    """Tell whether a term is an IRI."""
    return isinstance(node, NamedNode)


def is_class(node: Node) -> bool:
    """Tell whether a type is a class of individuals: of owl:Thing and owl:NamedIndividual too."""
    return node in (OWL["Thing"], OWL["NamedIndividual"]) or not is_vocabulary(node)


def renamed(rule: Rule) -> Rule:
    """Name the variables of a rule in the order in which they come, so that equal rules are equal."""
    atoms = (*rule.body, *(atom for many in rule.many for atom in many.atoms), *rule.head)
    letters = chain("xyzuvw", (f"v{number}" for number in count()))
    known = dict.fromkeys(variables(atoms))
    return substitute(rule, {name: f"?{letter}" for name, letter in zip(known, letters)})  # noqa: B905


def names(axiom: tuple[Node, Node]) -> tuple[str, ...]:
    """Return what an axiom is sorted by: the names in it."""
    return tuple(str(node) if isinstance(node, NamedNode) else "" for node in axiom)


def whole_number(node: Node) -> int:
    """Return the number that a literal stands for; that it is one has been checked."""
    assert isinstance(node, Literal)
    found = value_of(node)
    assert found is not None
    return int(found.order)
