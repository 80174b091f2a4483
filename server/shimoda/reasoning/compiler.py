"""OWL 2 axioms as rules.

A class expression on the left of an axiom becomes patterns to match, one case for each way to be in it; on the right
it becomes what follows, or a clash. What rules cannot say (that something exists which nobody names; that one of
several things holds; that nothing else is known) is listed by name in :attr:`Compiled.beyond`, and left to HermiT.
Spec: OWL 2 Mapping to RDF section 3 for the triples, OWL 2 Direct Semantics section 2 for what follows from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, count, groupby, product

from pyoxigraph import BlankNode, Literal, NamedNode

from shimoda.reasoning.datatypes import differing_literals, membership, natural_number
from shimoda.reasoning.equality import DIFFERENT, EQUALITY, SAME, differing
from shimoda.reasoning.rules import TYPE, Atom, Rule
from shimoda.reasoning.schema import OWL, RDF, RDFS, Schema, read_schema
from shimoda.reasoning.stores import Node, RuleStore
from shimoda.reasoning.words import local_name, slugify

__all__ = ["Compiled", "compile_rules"]

Head = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One way for something to hold: triple patterns and filters."""

    atoms: tuple[Atom, ...] = ()
    filters: tuple[str, ...] = ()

    def __add__(self, other: Case) -> Case:
        return Case(self.atoms + other.atoms, self.filters + other.filters)


@dataclass(slots=True)
class Compiled:
    """The rules of a graph's axioms, and by name what they cannot say."""

    rules: list[Rule] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)


def compile_rules(store: RuleStore, view: NamedNode | None = None) -> Compiled:
    """Compile the axioms that stand in a store's default graph."""
    compiler = Compiler(read_schema(store, view))
    compiler.compile()
    return Compiled([*EQUALITY, *compiler.rules()], sorted(set(compiler.beyond)))


class Compiler:
    """Turns the axioms of a schema into rules, one kind of axiom a method."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.found: list[Rule] = []
        self.said: set[tuple[Head, tuple[Atom, ...], tuple[str, ...]]] = set()
        self.beyond: list[str] = []
        self.axiom: tuple[Node, NamedNode, Node] = (OWL["Thing"], RDF["type"], OWL["Class"])
        self.numbers = count()

    def compile(self) -> None:
        """Compile every axiom, in the order of their kinds and names."""
        for predicate, method in self.axioms().items():
            for subject, thing in sorted(self.schema.pairs(predicate), key=names):
                self.axiom = subject, predicate, thing
                self.numbers = count()
                method(subject, thing)

    def axioms(self) -> dict[NamedNode, Callable[[Node, Node], None]]:
        """Return the method for each predicate that states an axiom."""
        return {
            RDFS["subClassOf"]: self.imply,
            OWL["equivalentClass"]: self.equate,
            **{OWL[name]: self.define for name in ("intersectionOf", "unionOf", "oneOf", "complementOf")},
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
            RDF["type"]: self.characterise,
        }

    # Class axioms

    def imply(self, narrow: Node, wide: Node) -> None:
        """Compile ``narrow ⊑ wide``."""
        if not self.schema.is_data_range(narrow):
            self.add_all(self.body(narrow, "?x"), self.head(wide, "?x"))

    def equate(self, one: Node, other: Node) -> None:
        """Compile ``one ≡ other``."""
        self.imply(one, other)
        self.imply(other, one)

    def define(self, name: Node, _: Node) -> None:
        """Compile a named class that carries a construct itself."""
        if isinstance(name, NamedNode) and not self.schema.is_data_range(name):
            named = Case((("?x", TYPE, str(name)),))
            self.add_all([named], self.construct_head(name, "?x"))
            self.add_all(self.construct_body(name, "?x"), [(Case(), named.atoms)])

    def separate(self, one: Node, other: Node) -> None:
        """Compile that two classes have nothing in common; two named ones are left to the general rule."""
        if not isinstance(one, NamedNode) or not isinstance(other, NamedNode):
            both = [a + b for a, b in product(self.body(one, "?x"), self.body(other, "?x"))]
            self.add_all(both, [(Case(), ())])

    def divide(self, whole: Node, parts: Node) -> None:
        """Compile that a class is made of others that have nothing in common."""
        members = self.schema.members(parts)
        for part in members:
            self.imply(part, whole)
        for one, other in combinations(members, 2):
            both = [a + b for a, b in product(self.body(one, "?x"), self.body(other, "?x"))]
            self.add_all(both, [(Case(), ())])
        self.give_up("one of several classes, without telling which")

    def key(self, owner: Node, properties: Node) -> None:
        """Compile a key: individuals with a name that agree in *all* its properties are one."""
        values = self.schema.members(properties)
        case = Case((), ("FILTER(?x != ?y && isIRI(?x) && isIRI(?y))",))
        for number, member in enumerate(values):
            case += Case((self.relate(member, "?x", f"?v{number}"), self.relate(member, "?y", f"?v{number}")))
        if values:
            owners = [case + a + b for a, b in product(self.body(owner, "?x"), self.body(owner, "?y"))]
            self.add_all(owners, [(Case(), (("?x", SAME, "?y"),))])

    # Property axioms

    def widen(self, narrow: Node, wide: Node) -> None:
        """Compile ``narrow ⊑ wide`` for properties."""
        if wide == OWL["bottomObjectProperty"]:
            self.add(Case((self.relate(narrow, "?x", "?y"),)), ())
        elif wide not in (OWL["topObjectProperty"], OWL["topDataProperty"]):
            self.add(Case((self.relate(narrow, "?x", "?y"),)), (self.relate(wide, "?x", "?y"),))

    def widen_both(self, one: Node, other: Node) -> None:
        """Compile ``one ≡ other`` for properties."""
        self.widen(one, other)
        self.widen(other, one)

    def invert(self, one: Node, other: Node) -> None:
        """Compile that two properties are inverse; a blank node only names an inverse."""
        if isinstance(one, NamedNode):
            for here, there in ((one, other), (other, one)):
                self.add(Case((self.relate(here, "?x", "?y"),)), (self.relate(there, "?y", "?x"),))

    def chain(self, whole: Node, links: Node) -> None:
        """Compile a chain of properties."""
        members = self.schema.members(links)
        stops = ["?x", *(f"?v{number}" for number in range(1, len(members))), "?y"]
        atoms = tuple(self.relate(link, *stops[at : at + 2]) for at, link in enumerate(members))
        if atoms:
            self.add(Case(atoms), (self.relate(whole, "?x", "?y"),))

    def domain(self, relation: Node, owner: Node) -> None:
        """Compile what has a property."""
        self.add_all([Case((self.relate(relation, "?x", "?y"),))], self.head(owner, "?x"))

    def range(self, relation: Node, values: Node) -> None:
        """Compile what is the value of a property."""
        self.add_all([Case((self.relate(relation, "?x", "?y"),))], self.head(values, "?y"))

    def part(self, one: Node, other: Node) -> None:
        """Compile that two properties never hold together."""
        self.add(Case((self.relate(one, "?x", "?y"), self.relate(other, "?x", "?y"))), ())

    def characterise(self, subject: Node, kind: Node) -> None:
        """Compile what a property is stated to be, and what a list of classes or properties says."""
        forward, back = self.relate(subject, "?x", "?y"), self.relate(subject, "?y", "?x")
        match str(kind).removeprefix(f"<{OWL}").removesuffix(">"):
            case "FunctionalProperty":
                self.at_most_one(subject)
            case "InverseFunctionalProperty":
                differ = "FILTER(?y != ?z)"
                self.add(Case((back, self.relate(subject, "?z", "?x")), (differ,)), (("?y", SAME, "?z"),))
            case "TransitiveProperty":
                self.add(Case((forward, self.relate(subject, "?y", "?z"))), (self.relate(subject, "?x", "?z"),))
            case "SymmetricProperty":
                self.add(Case((forward,)), (back,))
            case "AsymmetricProperty":
                self.add(Case((forward, back)), ())
            case "IrreflexiveProperty":
                self.add(Case((self.relate(subject, "?x", "?x"),)), ())
            case "ReflexiveProperty":
                named = ("?x", TYPE, str(OWL["NamedIndividual"]))
                self.add(Case((named,)), (self.relate(subject, "?x", "?x"),))
            case "AllDisjointProperties":
                for one, other in combinations(self.schema.members(self.schema.value(subject, OWL["members"])), 2):
                    self.part(one, other)
            case "AllDisjointClasses":
                for one, other in combinations(self.schema.members(self.schema.value(subject, OWL["members"])), 2):
                    self.separate(one, other)

    # Class expressions

    def body(self, node: Node, of: str) -> list[Case]:
        """Return the ways in which ``of`` is seen to be in a class or data range."""
        if node in (OWL["Thing"], RDFS["Literal"]):
            return [Case()]
        if node == OWL["Nothing"]:
            return []
        if self.schema.is_data_range(node):
            return [Case((), (f"FILTER({condition})",))] if (condition := self.test(node, of)) else []
        if isinstance(node, NamedNode):
            return [Case(((of, TYPE, str(node)),))]
        return self.construct_body(node, of)

    def construct_body(self, node: Node, of: str) -> list[Case]:
        """Return the cases of an expression that has no name, or of the one that a name stands for."""
        value = self.schema.value
        if parts := value(node, OWL["intersectionOf"]):
            cases = (self.body(member, of) for member in self.schema.members(parts))
            return [sum(choice, Case()) for choice in product(*cases)]
        if parts := value(node, OWL["unionOf"]):
            return [case for member in self.schema.members(parts) for case in self.body(member, of)]
        if parts := value(node, OWL["oneOf"]):
            members = [self.term(member) for member in self.schema.members(parts)]
            return [Case((), (f"VALUES {of} {{ {' '.join(members)} }}",))]
        if relation := value(node, OWL["onProperty"]):
            return self.restriction_body(node, relation, of)
        return self.give_up("a class that is told by what is not in it")

    def restriction_body(self, node: Node, relation: Node, of: str) -> list[Case]:
        """Return the cases of a restriction."""
        value, other = self.schema.value, self.variable()
        if (filler := value(node, OWL["someValuesFrom"])) is not None:
            related = Case((self.relate(relation, of, other),))
            return [related + case for case in self.body(filler, other)]
        if (filler := value(node, OWL["hasValue"])) is not None:
            return [Case((self.relate(relation, of, self.term(filler)),))]
        if value(node, OWL["hasSelf"]) is not None:
            return [Case((self.relate(relation, of, of),))]
        least, _, filler = self.cardinality(node)
        if least is None:
            return self.give_up("a class that is told by the absence of other values")
        return self.at_least(least, relation, filler, of) if least else [Case()]

    def at_least(self, number: int, relation: Node, filler: Node, of: str) -> list[Case]:
        """Return the cases of having at least ``number`` values that are known to differ."""
        others = [self.variable() for _ in range(number)]
        atoms = tuple(self.relate(relation, of, other) for other in others)
        fillers = product(*(self.body(filler, other) for other in others))
        cases = [sum(choice, Case(atoms)) for choice in fillers]
        apart = list(combinations(others, 2))
        if self.has_literals(relation):
            return [case + Case((), tuple(differing_literals(*pair) for pair in apart)) for case in cases]
        if number > 1:
            self.tell_apart(relation, filler, of)
        return [case + Case(tuple((one, DIFFERENT, other) for one, other in apart)) for case in cases]

    def tell_apart(self, relation: Node, filler: Node, of: str) -> None:
        """Add the rules that say of any two values of a property how they are known to differ."""
        pair = Case((self.relate(relation, of, "?y"), self.relate(relation, of, "?z")))
        for kinds in product(self.body(filler, "?y"), self.body(filler, "?z")):
            for way, atoms, filters in differing("?y", "?z", self.schema.separating(filler)):
                self.add(sum(kinds, pair) + Case(atoms, filters), (("?y", DIFFERENT, "?z"),), way)

    def head(self, node: Node, of: str) -> list[tuple[Case, Head]]:
        """Return what follows from ``of`` being in a class or data range, and under which further conditions."""
        if node in (OWL["Thing"], RDFS["Literal"]):
            return []
        if node == OWL["Nothing"]:
            return [(Case(), ())]
        if self.schema.is_data_range(node):
            return [(Case((), (f"FILTER(!({condition}))",)), ())] if (condition := self.test(node, of)) else []
        if isinstance(node, NamedNode):
            return [(Case(), ((of, TYPE, str(node)),))]
        return self.construct_head(node, of)

    def construct_head(self, node: Node, of: str) -> list[tuple[Case, Head]]:
        """Return what follows from being in an expression."""
        value = self.schema.value
        if parts := value(node, OWL["intersectionOf"]):
            return [found for member in self.schema.members(parts) for found in self.head(member, of)]
        if (other := value(node, OWL["complementOf"])) is not None:
            return [(case, ()) for case in self.body(other, of)]
        if parts := value(node, OWL["oneOf"]):
            members = [self.term(member) for member in self.schema.members(parts)]
            if len(members) == 1:
                return [(Case((), (f"FILTER({of} != {members[0]})",)), ((of, SAME, members[0]),))]
            different = Case(tuple((of, DIFFERENT, member) for member in members))
            self.give_up("one of several individuals, without telling which")
            return [(different, ())]
        if relation := value(node, OWL["onProperty"]):
            return self.restriction_head(node, relation, of)
        self.give_up("one of several classes, without telling which")
        return []

    def restriction_head(self, node: Node, relation: Node, of: str) -> list[tuple[Case, Head]]:
        """Return what follows from being in a restriction."""
        value, other = self.schema.value, self.variable()
        if (filler := value(node, OWL["hasValue"])) is not None:
            return [(Case(), (self.relate(relation, of, self.term(filler)),))]
        if value(node, OWL["hasSelf"]) is not None:
            return [(Case(), (self.relate(relation, of, of),))]
        if (filler := value(node, OWL["allValuesFrom"])) is not None:
            related = Case((self.relate(relation, of, other),))
            return [(related + case, atoms) for case, atoms in self.head(filler, other)]
        least, most, filler = self.cardinality(node)
        if least or value(node, OWL["someValuesFrom"]) is not None:
            self.give_up("something that exists without a name")
        return [] if most is None else self.at_most(most, relation, filler, of)

    def at_most(self, number: int, relation: Node, filler: Node, of: str) -> list[tuple[Case, Head]]:
        """Return what follows from having at most ``number`` values: a clash, or that two values are one."""
        if number == 1 and not self.has_literals(relation):
            pair = Case((self.relate(relation, of, "?y"), self.relate(relation, of, "?z")), ("FILTER(?y != ?z)",))
            kinds = product(self.body(filler, "?y"), self.body(filler, "?z"))
            return [(sum(choice, pair), (("?y", SAME, "?z"),)) for choice in kinds]
        return [(case, ()) for case in self.at_least(number + 1, relation, filler, of)]

    def at_most_one(self, relation: Node) -> None:
        """Compile a functional property."""
        anything = RDFS["Literal"] if self.has_literals(relation) else OWL["Thing"]
        self.add_all([Case()], self.at_most(1, relation, anything, "?x"))

    # Parts

    def cardinality(self, node: Node) -> tuple[int | None, int | None, Node]:
        """Return the least and the greatest number that a restriction allows, and of what."""
        least, most, exact = (self.number(node, name) for name in ("minCardinality", "maxCardinality", "cardinality"))
        filler = self.schema.value(node, OWL["onClass"]) or self.schema.value(node, OWL["onDataRange"]) or OWL["Thing"]
        return (least, most, filler) if exact is None else (exact, exact, filler)

    def number(self, node: Node, name: str) -> int | None:
        """Return a bound of a restriction, qualified or not."""
        qualified = name.replace("Cardinality", "QualifiedCardinality").replace("cardinality", "qualifiedCardinality")
        values = self.schema.values(node, OWL[name]) + self.schema.values(node, OWL[qualified])
        numbers = [natural_number(value) for value in values if isinstance(value, Literal)]
        return next((found for found in numbers if found is not None), None)

    def relate(self, relation: Node, one: str, other: str) -> Atom:
        """Write a property, or the inverse that a blank node stands for, between two terms."""
        inverse = self.schema.value(relation, OWL["inverseOf"]) if isinstance(relation, BlankNode) else None
        return (one, str(relation), other) if inverse is None else (other, str(inverse), one)

    def has_literals(self, relation: Node) -> bool:
        """Tell whether a property's values are literals."""
        return OWL["DatatypeProperty"] in self.schema.values(relation, RDF["type"])

    def term(self, node: Node) -> str:
        """Write an individual or a literal; one without a name cannot be written in a rule."""
        if isinstance(node, BlankNode):
            self.give_up("an individual without a name")
            return str(OWL["Nothing"])
        return str(node)

    def test(self, node: Node, of: str) -> str:
        """Write the condition that a literal lies in a data range, or "" when SPARQL cannot say it."""
        condition = membership(self.schema, node, of)
        if not condition:
            self.give_up(f"the data range {local_name(node)}")
        return condition

    def variable(self) -> str:
        """Return a variable that the axiom does not use yet."""
        return f"?v{next(self.numbers)}"

    # Results

    def give_up(self, reason: str) -> list[Case]:
        """Note that the current axiom, or a part of it, cannot be said by rules."""
        subject, predicate, thing = (local_name(node) for node in self.axiom)
        self.beyond.append(f"{subject} {predicate} {thing}: {reason}")
        return []

    def add_all(self, cases: Iterable[Case], consequences: Sequence[tuple[Case, Head]]) -> None:
        """Add a rule for every case and consequence."""
        for case, (condition, atoms) in product(cases, consequences):
            self.add(case + condition, atoms)

    def add(self, case: Case, head: Head, way: str = "") -> None:
        """Add a rule, unless it says nothing or has been added."""
        body = tuple(dict.fromkeys(case.atoms))
        if (head and set(head) <= set(body)) or not (body or case.filters):
            return
        if (head, body, case.filters) in self.said:
            return
        if not all(map(is_pattern, (*head, *body))):
            self.give_up("a term in a place of a triple where it cannot stand")
            return
        self.said.add((head, body, case.filters))
        subject, predicate, thing = self.axiom
        slug = "-".join(filter(None, ("" if head else "clash", *map(slugify, (predicate, subject, thing)), way)))
        source = (str(subject), str(predicate), str(thing))
        self.found.append(Rule(slug, "", head, body, case.filters, (), source))

    def rules(self) -> list[Rule]:
        """Return the rules, those of one name numbered in the order of their texts, as blank nodes have no order."""
        named = groupby(sorted(self.found, key=lambda rule: (rule.name, rule.text())), key=lambda rule: rule.name)
        return [rule if number == 1 else replace(rule, name=f"{name}-{number}")
                for name, rules in named for number, rule in enumerate(rules, 1)]


def is_pattern(atom: Atom) -> bool:
    """Tell whether an atom can be written in an update: IRIs or variables, and no blank node or literal before."""
    subject, predicate, thing = atom
    return subject[0] in "?<" and predicate[0] in "?<" and not thing.startswith("_:")


def names(axiom: tuple[Node, Node]) -> tuple[str, ...]:
    """Return what an axiom is sorted by: the names in it."""
    return tuple(str(node) if isinstance(node, NamedNode) else "" for node in axiom)
