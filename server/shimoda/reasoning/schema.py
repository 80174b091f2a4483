"""The axioms of a graph: every triple that says something about classes and properties, found by subject.

What stands where an axiom needs something else is named: :class:`MalformedAxiom` says of which subject, and what was
expected (OWL 2 Mapping to RDF section 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shimoda.errors import MalformedAxiom
from shimoda.namespaces import PREFIXES, short
from shimoda.reasoning.stores import Node, RuleStore
from shimoda.reasoning.values import ILL_TYPED, facet, has_datatype, pattern, value_of

__all__ = [
    "CONSTRUCTS",
    "KINDS",
    "OWL",
    "PREDICATES",
    "RDF",
    "RDFS",
    "XSD",
    "Report",
    "Schema",
    "is_axiom",
    "read_schema",
]

OWL, RDF, RDFS, XSD = (PREFIXES[name] for name in ("owl", "rdf", "rdfs", "xsd"))

FACETS = (
    *("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"),
    *("length", "minLength", "maxLength", "pattern"),
)
BOUNDS = tuple(
    OWL[name]
    for name in (
        *("minCardinality", "maxCardinality", "cardinality"),
        *("minQualifiedCardinality", "maxQualifiedCardinality", "qualifiedCardinality"),
    )
)
LISTED = tuple(
    OWL[name]
    for name in (
        *(
            "intersectionOf",
            "unionOf",
            "oneOf",
            "disjointUnionOf",
            "hasKey",
            "propertyChainAxiom",
            "members",
        ),
        *("distinctMembers", "withRestrictions", "onProperties"),
    )
)
RESTRICTIONS = (
    *(OWL[name] for name in ("someValuesFrom", "allValuesFrom", "hasValue", "hasSelf")),
    *BOUNDS,
)
BOOLEAN = tuple(OWL[name] for name in ("intersectionOf", "unionOf", "oneOf", "complementOf"))
CONSTRUCTS = (*BOOLEAN, OWL["onProperty"], OWL["onProperties"])
"""What makes a node a class expression; the datatypes have onDatatype and datatypeComplementOf besides."""
PREDICATES = (
    *(RDFS[name] for name in ("subClassOf", "subPropertyOf", "domain", "range")),
    *(
        OWL[name]
        for name in (
            "equivalentClass",
            "equivalentProperty",
            "disjointWith",
            "propertyDisjointWith",
        )
    ),
    *(
        OWL[name]
        for name in ("inverseOf", "onClass", "onDataRange", "onDatatype", "datatypeComplementOf")
    ),
    *(
        OWL[name]
        for name in ("sourceIndividual", "assertionProperty", "targetIndividual", "targetValue")
    ),
    *CONSTRUCTS,
    *(predicate for predicate in LISTED if predicate not in CONSTRUCTS),
    *RESTRICTIONS,
    *(XSD[name] for name in FACETS),
    *(RDF["first"], RDF["rest"], RDF["langRange"]),
)
CHARACTERISTICS = tuple(
    OWL[f"{name}Property"]
    for name in (
        *(
            "Functional",
            "InverseFunctional",
            "Transitive",
            "Symmetric",
            "Asymmetric",
            "Reflexive",
            "Irreflexive",
        ),
    )
)
DECLARATIONS = (
    *(OWL[name] for name in ("Class", "ObjectProperty", "DatatypeProperty")),
    RDFS["Datatype"],
)
GROUPS = tuple(
    OWL[name] for name in ("AllDifferent", "AllDisjointClasses", "AllDisjointProperties")
)
KINDS = (*CHARACTERISTICS, *GROUPS, *DECLARATIONS, OWL["NegativePropertyAssertion"])
OTHERS = (
    "AnnotationProperty Annotation Axiom DataRange DeprecatedClass DeprecatedProperty "
    "NamedIndividual Nothing Ontology OntologyProperty Restriction Thing annotatedProperty "
    "annotatedSource annotatedTarget backwardCompatibleWith bottomDataProperty "
    "bottomObjectProperty deprecated differentFrom imports incompatibleWith priorVersion "
    "rational real sameAs topDataProperty topObjectProperty versionIRI versionInfo "
)
TERMS = {term for term in (*PREDICATES, *KINDS) if term.value.startswith(OWL)} | {
    OWL[name] for name in OTHERS.split()
}
"""Every term of the OWL 2 vocabulary (OWL 2 RDF-Based Semantics section 3.2)."""
WANTED = {
    **dict.fromkeys(
        (RDFS["subClassOf"], OWL["equivalentClass"], OWL["disjointWith"], OWL["complementOf"]),
        "a class",
    ),
    **dict.fromkeys(
        (RDFS["domain"], RDFS["range"], OWL["someValuesFrom"], OWL["allValuesFrom"]), "a class"
    ),
    **dict.fromkeys(
        (OWL["onClass"], OWL["onDataRange"], OWL["onDatatype"]), "a class or a datatype"
    ),
    OWL["datatypeComplementOf"]: "a datatype",
}
"""What the object must be, by predicate: an IRI or a blank node. Of properties, see :meth:`Schema.check_property`."""
RELATING = tuple(
    (RDFS if name == "subPropertyOf" else OWL)[name]
    for name in (
        "subPropertyOf",
        "equivalentProperty",
        "propertyDisjointWith",
        "inverseOf",
        "onProperty",
        "assertionProperty",
    )
)
RELATED = (*RELATING[:3], RDFS["domain"], RDFS["range"], OWL["propertyChainAxiom"])
"""What says something of a property."""


def is_axiom(triple: Triple) -> bool:
    """Tell whether a triple belongs to the axioms: a type by an expression without a name does too."""
    if triple.predicate == RDF["type"]:
        return triple.object in KINDS or isinstance(triple.object, BlankNode)
    return triple.predicate in PREDICATES


Report = Callable[[MalformedAxiom], None]


class Schema:
    """Axioms, indexed by subject and predicate."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.objects: dict[Node, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            self.objects[triple.subject][triple.predicate].append(triple.object)

    def values(self, subject: Node | None, predicate: NamedNode) -> list[Node]:
        """Return the objects of a subject and a predicate."""
        return self.objects[subject].get(predicate, []) if subject in self.objects else []

    def value(self, subject: Node, predicate: NamedNode) -> Node | None:
        """Return one object, or None."""
        return next(iter(self.values(subject, predicate)), None)

    def triples(self) -> Iterator[Triple]:
        """Yield the axioms as triples."""
        for subject, facts in self.objects.items():
            for predicate, things in facts.items():
                for thing in things:
                    if isinstance(subject, NamedNode | BlankNode) and isinstance(
                        predicate, NamedNode
                    ):
                        yield Triple(subject, predicate, thing)

    def pairs(self, predicate: NamedNode) -> Iterator[tuple[Node, Node]]:
        """Yield the subjects and objects of a predicate."""
        return (
            (subject, thing)
            for subject, known in list(self.objects.items())
            for thing in known.get(predicate, ())
        )

    def instances(self, kind: NamedNode) -> list[Node]:
        """Return what is stated to be of a kind, such as owl:FunctionalProperty."""
        return [subject for subject, found in self.pairs(RDF["type"]) if found == kind]

    def members(self, head: Node | None) -> list[Node]:
        """Return the members of an RDF list; MalformedAxiom for one that is broken or runs in a circle."""
        found: list[Node] = []
        seen: set[Node] = set()
        while head is not None and head != RDF["nil"]:
            first, rest = self.values(head, RDF["first"]), self.values(head, RDF["rest"])
            if head in seen or len(set(first)) != 1 or len(set(rest)) != 1:
                wrong = (
                    "in a circle"
                    if head in seen
                    else "without exactly one rdf:first and one rdf:rest"
                )
                raise self.malformed(head, f"is a list {wrong}", "a list that ends with rdf:nil")
            seen.add(head)
            found.append(first[0])
            head = rest[0]
        return found

    def groups(self, kind: NamedNode) -> Iterator[tuple[Node, list[Node]]]:
        """Yield each owl:AllDifferent (or another kind) with its members."""
        for node in self.instances(kind):
            for head in (
                *self.values(node, OWL["members"]),
                *self.values(node, OWL["distinctMembers"]),
            ):
                yield node, self.members(head)

    def is_data_range(self, node: Node, seen: frozenset[Node] = frozenset()) -> bool:
        """Tell whether a node names or describes literals rather than individuals."""
        if isinstance(node, NamedNode) and (node.value.startswith(XSD) or node in DATA):
            return True
        if RDFS["Datatype"] in self.values(node, RDF["type"]) or self.values(
            node, OWL["onDatatype"]
        ):
            return True
        if node in seen or self.values(node, OWL["datatypeComplementOf"]):
            return node not in seen
        if isinstance(node, NamedNode):
            return False
        members = [
            member
            for name in BOOLEAN[:3]
            for head in self.values(node, name)
            for member in self.members(head)[:1]
        ]
        if self.values(node, OWL["oneOf"]):
            return bool(members) and isinstance(members[0], Literal)
        return bool(members) and self.is_data_range(members[0], seen | {node})

    def contains(
        self, node: Node, literal: Literal, seen: frozenset[Node] = frozenset()
    ) -> bool | None:
        """Tell whether a literal lies in a data range; None where nobody knows (OWL 2 Direct Semantics section 2.2)."""
        found = value_of(literal)
        if node in seen or (found and found.kind == ILL_TYPED):
            return None
        seen |= {node}
        answers: list[bool | None] = []
        for head in self.values(node, OWL["intersectionOf"]):
            answers.append(
                all_of(self.contains(member, literal, seen) for member in self.members(head))
            )
        for head in self.values(node, OWL["unionOf"]):
            answers.append(
                any_of(self.contains(member, literal, seen) for member in self.members(head))
            )
        for head in self.values(node, OWL["oneOf"]):
            answers.append(any_of(same(literal, member) for member in self.members(head)))
        for other in self.values(node, OWL["datatypeComplementOf"]):
            inside = self.contains(other, literal, seen)
            answers.append(None if inside is None else not inside)
        for base in self.values(node, OWL["onDatatype"]):
            answers.append(self.is_within(node, base, literal, seen))
        if isinstance(node, NamedNode):
            answers += [
                self.contains(other, literal, seen)
                for other in self.values(node, OWL["equivalentClass"])
            ]
            answers.append(has_datatype(found, node))
        return next((answer for answer in answers if answer is not None), None)

    def is_within(
        self, node: Node, base: Node, literal: Literal, seen: frozenset[Node]
    ) -> bool | None:
        """Tell whether a literal lies in a datatype with facets."""
        found = value_of(literal)
        answers = [self.contains(base, literal, seen)]
        if answers[0] and found is not None:
            for cell in self.facets(node):
                answers += [
                    facet(found, predicate.value.removeprefix(XSD), limit)
                    for predicate, limits in self.objects[cell].items()
                    for limit in limits
                    if isinstance(predicate, NamedNode) and isinstance(limit, Literal)
                ]
        return all_of(answers)

    def facets(self, node: Node) -> list[Node]:
        """Return the nodes that hold the facets of a datatype."""
        return [
            cell
            for head in self.values(node, OWL["withRestrictions"])
            for cell in self.members(head)
        ]

    def around(self, node: Node, steps: int = 4) -> list[tuple[str, str, str]]:
        """Return the axioms that mention a term, and those that mention what they mention, up to some steps away."""
        axioms = [
            (subject, predicate, thing)
            for subject, facts in self.objects.items()
            for predicate, things in facts.items()
            for thing in things
            if isinstance(predicate, NamedNode)
        ]
        known = {node}
        found: dict[tuple[Node, NamedNode, Node], None] = {}
        for _ in range(steps):
            found |= dict.fromkeys(axiom for axiom in axioms if known & {axiom[0], axiom[2]})
            known |= {
                term
                for axiom in found
                for term in (axiom[0], axiom[2])
                if not (isinstance(term, NamedNode) and term.value.startswith((OWL, RDF)))
            }
        return [
            (str(subject), str(predicate), str(thing))
            for subject, predicate, thing in found
            if not predicate.value.startswith(RDF)
        ]

    # What is malformed

    def check(self, report: Report | None = None) -> None:
        """Find axioms that say nothing, or something else than they were meant to, and take them out of the schema.

        Without ``report``, which hears of each, MalformedAxiom is raised for the first.
        """
        told = report or self.refuse
        for subject, facts in list(self.objects.items()):
            for predicate, things in list(facts.items()):
                for thing in list(things):
                    if not self.passes(told, self.check_axiom, subject, predicate, thing):
                        things.remove(thing)
            if not self.passes(told, self.check_restriction, subject):
                facts.clear()
        for node in [node for node in self.objects if isinstance(node, BlankNode)]:
            if not self.passes(told, self.check_nesting, node, ()):
                self.objects[node].clear()

    def passes(self, report: Report, check: Callable[..., None], *subject: object) -> bool:
        """Tell whether something passes a check, or report it."""
        try:
            check(*subject)
        except MalformedAxiom as error:
            report(error)
            return False
        return True

    def refuse(self, error: MalformedAxiom) -> None:
        """Raise an error."""
        raise error

    def check_restriction(self, subject: Node) -> None:
        """Check that what restricts says what."""
        facts = {predicate for predicate, things in self.objects[subject].items() if things}
        if facts & set(RESTRICTIONS) and not facts & {OWL["onProperty"], OWL["onProperties"]}:
            raise self.malformed(subject, "is a restriction of no property", "owl:onProperty")
        if OWL["withRestrictions"] in facts and OWL["onDatatype"] not in facts:
            raise self.malformed(subject, "has facets of no datatype", "owl:onDatatype")

    def check_axiom(self, subject: Node, predicate: Node, thing: Node) -> None:
        """Check the object of one triple."""
        wanted = WANTED.get(predicate) if isinstance(predicate, NamedNode) else None
        if wanted and isinstance(thing, Literal):
            raise self.malformed(subject, f"has {said(predicate)} {thing}", wanted)
        if predicate in BOUNDS and not is_natural(thing):
            raise self.malformed(
                subject, f"has {said(predicate)} {thing}", "a non-negative integer"
            )
        if predicate == OWL["hasSelf"] and not same(Literal(True), thing):
            raise self.malformed(subject, f"has owl:hasSelf {thing}", "true")
        if predicate in RELATING:
            self.check_property(subject, predicate, thing)
        if predicate in RELATED or (predicate == RDF["type"] and thing in CHARACTERISTICS):
            self.check_property(subject, predicate, subject)
        if predicate in LISTED:
            self.check_list(subject, predicate, thing)

    def check_property(self, subject: Node, predicate: Node, thing: Node) -> None:
        """Check that a term can be a property: an IRI, or a blank node that stands for an inverse."""
        inverse = self.values(thing, OWL["inverseOf"]) if isinstance(thing, BlankNode) else []
        if isinstance(thing, Literal) or (isinstance(thing, BlankNode) and not inverse):
            expected = "an IRI, or a blank node with owl:inverseOf"
            raise self.malformed(subject, f"has {said(predicate)} {thing}", expected)
        if thing in inverse:
            raise self.malformed(thing, "is the inverse of itself alone", "the IRI of a property")

    def check_list(self, subject: Node, predicate: Node, head: Node) -> None:
        """Check a list and what stands in it."""
        if isinstance(head, Literal):
            raise self.malformed(subject, f"has {said(predicate)} {head}", "a list")
        members = self.members(head)
        if predicate in (OWL["propertyChainAxiom"], OWL["hasKey"]):
            for member in members:
                self.check_property(subject, predicate, member)
        if predicate == OWL["withRestrictions"]:
            for cell in members:
                self.check_facets(subject, cell)

    def check_facets(self, subject: Node, cell: Node) -> None:
        """Check the facets that a node holds."""
        for predicate, limits in list(self.objects[cell].items()):
            name = predicate.value.removeprefix(XSD) if isinstance(predicate, NamedNode) else ""
            for limit in limits:
                if name in FACETS[4:7] and not is_natural(limit):
                    raise self.malformed(
                        subject, f"has {said(predicate)} {limit}", "a non-negative integer"
                    )
                if name in FACETS and not isinstance(limit, Literal):
                    raise self.malformed(subject, f"has {said(predicate)} {limit}", "a literal")
                if name == "pattern" and isinstance(limit, Literal):
                    try:
                        pattern(limit.value)
                    except ValueError as error:
                        raise self.malformed(
                            subject, f"has xsd:pattern {limit}", str(error)
                        ) from error

    def check_nesting(self, node: Node, path: tuple[Node, ...]) -> None:
        """Check that an expression without a name does not contain itself."""
        if node in path:
            raise self.malformed(
                node, "is an expression that contains itself", "an expression that ends"
            )
        if isinstance(node, BlankNode):
            for part in self.parts(node):
                self.check_nesting(part, (*path, node))

    def parts(self, node: Node) -> Iterator[Node]:
        """Yield the expressions that an expression is made of."""
        for predicate in (
            OWL["complementOf"],
            OWL["someValuesFrom"],
            OWL["allValuesFrom"],
            OWL["onClass"],
        ):
            yield from self.values(node, predicate)
        for predicate in (OWL["datatypeComplementOf"], OWL["onDatatype"], OWL["onDataRange"]):
            yield from self.values(node, predicate)
        for predicate in BOOLEAN[:2]:
            for head in self.values(node, predicate):
                yield from self.members(head)

    def malformed(self, subject: Node, what: str, expected: str) -> MalformedAxiom:
        """Make the error for a subject; one without a name is told by whatever named thing leads to it."""
        named = self.named(subject)
        place = (
            said(named) if named == subject else f"An expression in an axiom about {said(named)}"
        )
        return MalformedAxiom(
            f"{place} {what}; expected {expected}.",
            subject=str(subject),
            about=str(named),
            expected=expected,
        )

    def named(self, node: Node) -> Node:
        """Return a named thing whose axioms lead to a node, or the node itself."""
        seen, waiting = {node}, [node]
        while waiting:
            wanted = waiting.pop(0)
            if not isinstance(wanted, BlankNode):
                return wanted
            above = [
                s
                for s, facts in self.objects.items()
                for things in facts.values()
                if wanted in things
            ]
            below = [thing for things in self.objects.get(wanted, {}).values() for thing in things]
            for found in (
                *above,
                *(one for one in below if isinstance(one, NamedNode) and one.value[:4] == "http"),
            ):
                if found not in seen and not str(found).startswith(
                    (f"<{OWL}", f"<{RDF}", f"<{RDFS}", f"<{XSD}")
                ):
                    seen.add(found)
                    waiting.append(found)
        return node


DATA = (
    RDF["PlainLiteral"],
    RDF["XMLLiteral"],
    RDF["langString"],
    RDFS["Literal"],
    OWL["real"],
    OWL["rational"],
)


def check_term(triple: Triple) -> None:
    """Raise MalformedAxiom for a term in the namespace of OWL that OWL does not have."""
    places = (triple.predicate, triple.object if triple.predicate == RDF["type"] else None)
    for term in places:
        if isinstance(term, NamedNode) and term.value.startswith(OWL) and term not in TERMS:
            near = get_close_matches(term.value, [one.value for one in TERMS], n=1)
            hint = f"did you mean {short(near[0])}?" if near else "a term of OWL 2"
            detail = f"{said(triple.subject)}: OWL has no term {said(term)}; {hint}"
            raise MalformedAxiom(detail, subject=str(triple.subject), expected=hint)


def said(node: Node) -> str:
    """Say a term in few words."""
    return short(node.value) if isinstance(node, NamedNode) else str(node)


def is_natural(node: Node) -> bool:
    """Tell whether a term is a literal whose value is an integer of 0 or more."""
    found = value_of(node) if isinstance(node, Literal) else None
    return found is not None and has_datatype(found, XSD["nonNegativeInteger"]) is True


def same(one: Literal, other: Node) -> bool | None:
    """Tell whether two literals are one value; None where nobody knows."""
    if one == other or not isinstance(other, Literal):
        return one == other
    values = value_of(one), value_of(other)
    return None if None in values else values[0] == values[1]


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Join answers by "and", where None is not known."""
    known = list(answers)
    return False if False in known else None if None in known else True


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Join answers by "or", where None is not known."""
    known = list(answers)
    return True if True in known else None if None in known else False


def read_schema(store: RuleStore, view: NamedNode | None = None) -> Schema:
    """Read the axioms of a store's default graph, in one query so that blank nodes stay the same."""
    query = f"""SELECT ?s ?p ?o WHERE {{
        {{ VALUES ?p {{ {" ".join(map(str, PREDICATES))} }} ?s ?p ?o }}
        UNION {{ ?s {RDF["type"]} ?o FILTER(isBlank(?o) || ?o IN ({", ".join(map(str, KINDS))}))
                 BIND({RDF["type"]} AS ?p) }} }}"""
    rows = store.select(query, view)
    return Schema(Triple(*row) for row in rows)  # type: ignore[arg-type]
