"""The axioms of a graph: every triple that says something about classes and properties, found by subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from shimoda.namespaces import PREFIXES
from shimoda.reasoning.stores import Node, RuleStore

__all__ = ["OWL", "RDF", "RDFS", "XSD", "Schema", "read_schema"]

OWL, RDF, RDFS, XSD = (PREFIXES[name] for name in ("owl", "rdf", "rdfs", "xsd"))

FACETS = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "length", "minLength", "maxLength",
          "pattern")
PREDICATES = (
    *(RDFS[name] for name in ("subClassOf", "subPropertyOf", "domain", "range")),
    *(OWL[name] for name in (
        "equivalentClass", "equivalentProperty", "disjointWith", "propertyDisjointWith", "disjointUnionOf",
        "complementOf", "intersectionOf", "unionOf", "oneOf", "onProperty", "onProperties", "someValuesFrom",
        "allValuesFrom", "hasValue", "hasSelf", "minCardinality", "maxCardinality", "cardinality", "onClass",
        "onDataRange", "minQualifiedCardinality", "maxQualifiedCardinality", "qualifiedCardinality", "inverseOf",
        "propertyChainAxiom", "hasKey", "members", "distinctMembers", "onDatatype", "withRestrictions",
        "datatypeComplementOf", "sourceIndividual", "assertionProperty", "targetIndividual", "targetValue")),
    *(XSD[name] for name in FACETS), RDF["first"], RDF["rest"], RDF["langRange"],
)
KINDS = (
    *(OWL[name] for name in (
        "FunctionalProperty", "InverseFunctionalProperty", "TransitiveProperty", "SymmetricProperty",
        "AsymmetricProperty", "ReflexiveProperty", "IrreflexiveProperty", "DatatypeProperty", "AllDifferent",
        "AllDisjointClasses", "AllDisjointProperties", "NegativePropertyAssertion", "Class")),
    RDFS["Datatype"],
)


class Schema:
    """Axioms, indexed by subject and predicate."""

    def __init__(self) -> None:
        self.objects: dict[Node, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))

    def values(self, subject: Node, predicate: NamedNode) -> list[Node]:
        """Return the objects of a subject and a predicate."""
        return self.objects[subject][predicate] if subject in self.objects else []

    def value(self, subject: Node, predicate: NamedNode) -> Node | None:
        """Return one object, or None."""
        return next(iter(self.values(subject, predicate)), None)

    def pairs(self, predicate: NamedNode) -> Iterator[tuple[Node, Node]]:
        """Yield the subjects and objects of a predicate."""
        return ((subject, thing) for subject, known in list(self.objects.items()) for thing in known.get(predicate, ()))

    def instances(self, kind: NamedNode) -> list[Node]:
        """Return what is stated to be of a kind, such as owl:FunctionalProperty."""
        return [subject for subject, found in self.pairs(RDF["type"]) if found == kind]

    def members(self, head: Node | None) -> list[Node]:
        """Return the members of an RDF list; a broken or circular one ends where it breaks."""
        found: list[Node] = []
        seen: set[Node] = set()
        while head is not None and head != RDF["nil"] and head not in seen:
            seen.add(head)
            found += self.values(head, RDF["first"])[:1]
            head = self.value(head, RDF["rest"])
        return found

    def above(self, node: Node) -> set[Node]:
        """Return a class and the named classes above it."""
        found, waiting = {node}, [node]
        while waiting:
            new = set(self.values(waiting.pop(), RDFS["subClassOf"])) - found
            found |= new
            waiting += new
        return found

    def around(self, node: Node, steps: int = 4) -> list[tuple[str, str, str]]:
        """Return the axioms that mention a term, and those that mention what they mention, up to some steps away."""
        axioms = [(subject, predicate, thing) for subject, facts in self.objects.items()
                  for predicate, things in facts.items() for thing in things if isinstance(predicate, NamedNode)]
        known, found = {node}, dict.fromkeys(axioms[:0])
        for _ in range(steps):
            found |= dict.fromkeys(axiom for axiom in axioms if known & {axiom[0], axiom[2]})
            known |= {term for axiom in found for term in (axiom[0], axiom[2])
                      if not (isinstance(term, NamedNode) and term.value.startswith((OWL, RDF)))}
        return [(str(subject), str(predicate), str(thing)) for subject, predicate, thing in found
                if not predicate.value.startswith(RDF)]

    def separating(self, node: Node) -> list[str]:
        """Return the classes that can tell two members of ``node`` apart, because they have nothing in common."""
        groups = [self.members(head) for kind in self.instances(OWL["AllDisjointClasses"])
                  for head in self.values(kind, OWL["members"])]
        groups += [list(pair) for pair in self.pairs(OWL["disjointWith"])]
        shared = self.above(node)
        return sorted({str(member) for group in groups if shared.isdisjoint(group) for member in group
                       if isinstance(member, NamedNode)})

    def is_data_range(self, node: Node) -> bool:
        """Tell whether a node names or describes literals rather than individuals."""
        if isinstance(node, NamedNode) and node.value.startswith((XSD, "http://www.w3.org/1999/02/22-rdf-syntax-ns#")):
            return True
        members = self.members(self.value(node, OWL["oneOf"]))
        return node == RDFS["Literal"] or RDFS["Datatype"] in self.values(node, RDF["type"]) or (
            bool(members) and isinstance(members[0], Literal))


def read_schema(store: RuleStore, view: NamedNode | None = None) -> Schema:
    """Read the axioms of a store's default graph, in one query so that blank nodes stay the same."""
    schema = Schema()
    query = f"""SELECT ?s ?p ?o WHERE {{
        {{ VALUES ?p {{ {" ".join(map(str, PREDICATES))} }} ?s ?p ?o }}
        UNION {{ VALUES ?o {{ {" ".join(map(str, KINDS))} }} BIND({RDF["type"]} AS ?p) ?s ?p ?o }} }}"""
    for subject, predicate, thing in store.select(query, view):
        assert subject is not None and predicate is not None and thing is not None
        schema.objects[subject][predicate].append(thing)
    return schema
