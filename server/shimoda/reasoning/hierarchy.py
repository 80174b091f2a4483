"""What follows about classes and properties (OWL 2 Profiles section 4.3, table 9), in a graph of its own.

No other rule needs it, as what it says of individuals follows from the axioms themselves; it is there to be queried
without paths. Beside the table there is what else follows and people look for: that a chain of a property with itself
makes it transitive; that properties whose ranges or domains have nothing in common are disjoint.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import permutations

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shimoda.reasoning.compiler import PRIVATE, Compiled
from shimoda.reasoning.facts import HALF, MASK, Facts
from shimoda.reasoning.materialisation import Limits, Materialisation
from shimoda.reasoning.rules import rules_that_hold
from shimoda.reasoning.schema import OWL, RDF, RDFS, XSD, Schema
from shimoda.reasoning.stores import Node
from shimoda.reasoning.terms import Terms
from shimoda.reasoning.values import DATATYPES, INTEGERS, terms

PART, ALTERNATIVE, SAME = (
    NamedNode(f"{PRIVATE[1:]}{name}") for name in ("part", "alternative", "same")
)


class Hierarchy:
    """The axioms of a graph with those that follow from them."""

    def __init__(self, terms: Terms, limits: Limits, whole: bool) -> None:
        self.terms, self.limits, self.whole = terms, limits, whole
        self.schema, self.axioms = Schema(), set[Triple]()
        self.same: set[Triple] = set()
        self.world: Materialisation | None = None

    def restart(self, schema: Schema) -> None:
        """Take axioms that have been checked; what follows is worked out when it is asked for."""
        self.schema, self.world, self.axioms = schema, None, set(schema.triples())

    def unite(self, clique: Iterable[Node]) -> None:
        """Hear that terms are the same."""
        named = [node for node in clique if isinstance(node, NamedNode)]
        self.same |= {Triple(one, SAME, other) for one, other in permutations(named, 2)}

    def closed(self) -> Materialisation:
        """Return all that follows."""
        if self.world is None:
            self.world = Materialisation(self.terms, self.limits)
            groups = ("schema", "beyond") if self.whole else ("schema",)
            self.world.load(Compiled(), rules_that_hold(*groups))
            number, columns = self.terms.number, defaultdict[int, list[int]](list)
            for subject, predicate, thing in (*self.axioms, *self.same, *self.parts()):
                columns[number(predicate)].append(number(subject) << HALF | number(thing))
            self.world.build(Facts.of(columns))
            if self.whole:
                self.world.update(Facts.of({number(RDFS["range"]): self.wider_ranges()}), Facts())
        return self.world

    def wider_ranges(self) -> list[int]:
        """Return the ranges of integers that hold whatever keeps to all the ranges of a property."""
        number = self.terms.number
        bounds = {number(XSD[name]): bound for name, bound in INTEGERS.items()}
        known = defaultdict[int, list[tuple[int | None, int | None]]](list)
        for pair in self.closed().facts.pairs(number(RDFS["range"])).tolist():
            if pair & MASK in bounds:
                known[pair >> HALF].append(bounds[pair & MASK])
        return [
            (prop << HALF) | datatype
            for prop, each in known.items()
            for datatype, (low, high) in bounds.items()
            if low is None or any(one is not None and one >= low for one, _ in each)
            if high is None or any(other is not None and other <= high for _, other in each)
        ]

    def parts(self) -> Iterator[Triple]:
        """Yield what intersections and unions are made of, and what lists and chains say at once."""
        lists, pairs = self.schema.lists, self.schema.pairs
        found: list[tuple[Node, NamedNode, Node]] = []
        for construct, relation in ((OWL["intersectionOf"], PART), (OWL["unionOf"], ALTERNATIVE)):
            for node, head in pairs(construct):
                found += [(node, relation, one) for one in self.schema.members(head)]
        for prop in dict.fromkeys(one for one, _ in pairs(OWL["propertyChainAxiom"])):
            if [prop, prop] in lists(prop, OWL["propertyChainAxiom"]):
                found.append((prop, RDF["type"], OWL["TransitiveProperty"]))
        for _, group in self.schema.groups(OWL["AllDisjointClasses"]):
            found += [(one, OWL["disjointWith"], other) for one, other in permutations(group, 2)]
        return (Triple(*one) for one in found if not isinstance(one[0], Literal))  # type: ignore[arg-type]

    def inferred(self) -> Iterator[Triple]:
        """Yield what follows and is no axiom itself; of expressions that have no name too, if everything is wanted."""
        nodes = self.terms.nodes
        for predicate, pairs in self.closed().facts.rows():
            name = nodes[predicate]
            if not isinstance(name, NamedNode) or name.value.startswith(PRIVATE[1:]):
                continue
            for pair in pairs.tolist():
                subject, thing = nodes[pair >> HALF], nodes[pair & MASK]
                named = not isinstance(subject, BlankNode) and not isinstance(thing, BlankNode)
                if (named or self.whole) and isinstance(subject, NamedNode | BlankNode):
                    triple = Triple(subject, name, thing)
                    if triple not in self.axioms:
                        yield triple


def vocabulary() -> Iterator[Triple]:
    """Yield what every graph holds (rules prp-ap, cls-thing, cls-nothing1, dt-type1)."""
    annotations = "deprecated versionInfo priorVersion backwardCompatibleWith incompatibleWith"
    known = {
        OWL["AnnotationProperty"]: (
            *terms(RDFS, "label comment seeAlso isDefinedBy"),
            *terms(OWL, annotations),
        ),
        OWL["Class"]: terms(OWL, "Thing Nothing"),
        RDFS["Datatype"]: DATATYPES,
    }
    yield from (Triple(one, RDF["type"], kind) for kind, named in known.items() for one in named)
