"""The axioms of a graph: every triple that says something about classes and properties, found by subject.

What stands where an axiom needs something else is named: :class:`MalformedAxiom` says of which subject, and what was
expected (OWL 2 Mapping to RDF section 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import partial
from itertools import chain

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shimoda.errors import MalformedAxiom
from shimoda.namespaces import PREFIXES, short
from shimoda.reasoning.stores import Node, RuleStore
from shimoda.reasoning.values import ILL_TYPED, facet, has_datatype, pattern, terms, value_of

OWL, RDF, RDFS, XSD = VOCABULARIES = tuple(PREFIXES[name] for name in ("owl", "rdf", "rdfs", "xsd"))
LENGTHS = terms(XSD, "length minLength maxLength")
FACETS = (*terms(XSD, "minInclusive maxInclusive minExclusive maxExclusive pattern"), *LENGTHS)
BOUNDS = terms(
    OWL,
    "minCardinality maxCardinality cardinality "
    "minQualifiedCardinality maxQualifiedCardinality qualifiedCardinality",
)
BOOLEAN = terms(OWL, "intersectionOf unionOf oneOf complementOf")
LISTED = (
    *BOOLEAN[:3],
    *terms(OWL, "disjointUnionOf hasKey propertyChainAxiom members distinctMembers"),
    *terms(OWL, "withRestrictions onProperties"),
)
RESTRICTIONS = (*terms(OWL, "someValuesFrom allValuesFrom hasValue hasSelf"), *BOUNDS)
CONSTRUCTS = (*BOOLEAN, OWL["onProperty"], OWL["onProperties"])
"""What makes a node a class expression; the datatypes have onDatatype and datatypeComplementOf besides."""
CLASSES = (
    *terms(RDFS, "subClassOf domain range"),
    *terms(OWL, "equivalentClass disjointWith complementOf someValuesFrom allValuesFrom"),
    *terms(OWL, "onClass onDataRange onDatatype datatypeComplementOf"),
)
"""What has a class or a datatype for its object."""
NARROWER = (
    RDFS["subPropertyOf"],
    *terms(OWL, "equivalentProperty propertyDisjointWith"),
)
PROPERTIES = (*NARROWER, *terms(OWL, "inverseOf onProperty assertionProperty"))
"""What has a property for its object."""
OF_PROPERTIES = (*NARROWER, *terms(RDFS, "domain range"), OWL["propertyChainAxiom"])
"""What says something of a property."""
PREDICATES = tuple(
    dict.fromkeys(
        (
            *(*CLASSES, *PROPERTIES, *CONSTRUCTS, *LISTED, *RESTRICTIONS, *FACETS),
            *terms(OWL, "sourceIndividual targetIndividual targetValue"),
            *terms(RDF, "first rest langRange"),
        )
    )
)
CHARACTERISTICS = terms(
    OWL,
    "FunctionalProperty InverseFunctionalProperty TransitiveProperty SymmetricProperty "
    "AsymmetricProperty ReflexiveProperty IrreflexiveProperty",
)
DECLARATIONS = (*terms(OWL, "Class ObjectProperty DatatypeProperty"), RDFS["Datatype"])
KINDS = (
    *CHARACTERISTICS,
    *terms(OWL, "AllDifferent AllDisjointClasses AllDisjointProperties"),
    *DECLARATIONS,
    OWL["NegativePropertyAssertion"],
)
TERMS = {term for term in (*PREDICATES, *KINDS) if term.value.startswith(OWL)} | {
    *terms(OWL, "AnnotationProperty Annotation Axiom DataRange DeprecatedClass DeprecatedProperty"),
    *terms(OWL, "NamedIndividual Nothing Ontology OntologyProperty Restriction Thing deprecated"),
    *terms(OWL, "annotatedProperty annotatedSource annotatedTarget backwardCompatibleWith"),
    *terms(OWL, "bottomDataProperty bottomObjectProperty topDataProperty topObjectProperty"),
    *terms(OWL, "differentFrom sameAs imports incompatibleWith priorVersion rational real"),
    *terms(OWL, "versionIRI versionInfo"),
}
"""Every term of the OWL 2 vocabulary (OWL 2 RDF-Based Semantics section 3.2)."""
DATA = (
    *terms(RDF, "PlainLiteral XMLLiteral langString"),
    *(RDFS["Literal"], OWL["real"], OWL["rational"]),
)
Report = Callable[[MalformedAxiom], None]


def is_axiom(triple: Triple) -> bool:
    """Tell whether a triple belongs to the axioms: a type by an expression without a name does too."""
    if triple.predicate == RDF["type"]:
        return triple.object in KINDS or isinstance(triple.object, BlankNode)
    return triple.predicate in PREDICATES


def is_vocabulary(node: Node) -> bool:
    """Tell whether a term belongs to the language itself: RDF, RDF Schema, OWL or XML Schema."""
    return isinstance(node, NamedNode) and node.value.startswith(VOCABULARIES)


class Schema:
    """Axioms, indexed by subject and predicate."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.objects: dict[Node, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            self.objects[triple.subject][triple.predicate].append(triple.object)

    def values(self, subject: Node | None, *predicates: NamedNode) -> list[Node]:
        """Return the objects of a subject and some predicates."""
        facts = self.objects.get(subject, {}) if subject else {}
        return [thing for predicate in predicates for thing in facts.get(predicate, ())]

    def triples(self) -> Iterator[Triple]:
        """Yield the axioms as triples."""
        for subject, facts in self.objects.items():
            for predicate, things in facts.items():
                for thing in things:
                    yield Triple(subject, predicate, thing)  # type: ignore[arg-type]

    def pairs(self, predicate: NamedNode) -> Iterator[tuple[Node, Node]]:
        """Yield the subjects and objects of a predicate."""
        return (
            (subject, thing)
            for subject, known in list(self.objects.items())
            for thing in known.get(predicate, ())
        )

    def members(self, head: Node | None) -> list[Node]:
        """Return the members of an RDF list; MalformedAxiom for one that is broken or runs in a circle."""
        found: list[Node] = []
        seen: set[Node] = set()
        while head is not None and head != RDF["nil"]:
            first, rest = self.values(head, RDF["first"]), self.values(head, RDF["rest"])
            if head in seen or len(set(first)) != 1 or len(set(rest)) != 1:
                none = "without exactly one rdf:first and one rdf:rest"
                wrong = f"is a list {'in a circle' if head in seen else none}"
                raise self.malformed(head, wrong, "a list that ends with rdf:nil")
            seen.add(head)
            found.append(first[0])
            head = rest[0]
        return found

    def lists(self, subject: Node, *predicates: NamedNode) -> list[list[Node]]:
        """Return the members of each list that a subject has."""
        return [self.members(head) for head in self.values(subject, *predicates)]

    def groups(self, kind: NamedNode) -> Iterator[tuple[Node, list[Node]]]:
        """Yield each owl:AllDifferent (or another kind) with its members."""
        for node, found in self.pairs(RDF["type"]):
            for members in self.lists(node, *GROUPED) if found == kind else ():
                yield node, members

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
        first = [member for members in self.lists(node, *BOOLEAN[:3]) for member in members[:1]]
        if self.values(node, OWL["oneOf"]):
            return bool(first) and isinstance(first[0], Literal)
        return bool(first) and self.is_data_range(first[0], seen | {node})

    def contains(
        self, node: Node, literal: Literal, seen: frozenset[Node] = frozenset()
    ) -> bool | None:
        """Tell whether a literal lies in a data range; None where nobody knows (OWL 2 Direct Semantics section 2.2)."""
        value = value_of(literal)
        if node in seen or (value and value.kind == ILL_TYPED):
            return None
        inside = partial(self.contains, literal=literal, seen=seen | {node})
        lists, values = partial(self.lists, node), partial(self.values, node)
        answers = [all_of(map(inside, members)) for members in lists(OWL["intersectionOf"])]
        answers += [any_of(map(inside, members)) for members in lists(OWL["unionOf"])]
        answers += [
            any_of(same(literal, one) for one in members) for members in lists(OWL["oneOf"])
        ]
        for other in values(OWL["datatypeComplementOf"]):
            answer = inside(other)
            answers.append(None if answer is None else not answer)
        for base in values(OWL["onDatatype"]):
            found = inside(base)
            kept = self.keeps_to_facets(node, literal) if found else ()
            answers.append(all_of((found, *kept)))
        if isinstance(node, NamedNode):
            answers += [*map(inside, values(OWL["equivalentClass"])), has_datatype(value, node)]
        return next((answer for answer in answers if answer is not None), None)

    def keeps_to_facets(self, node: Node, literal: Literal) -> Iterator[bool | None]:
        """Yield of each facet of a datatype whether a literal keeps to it."""
        value = value_of(literal)
        for cell in chain(*self.lists(node, OWL["withRestrictions"])):
            for predicate, limits in self.objects[cell].items():
                for limit in limits:
                    if value and isinstance(predicate, NamedNode) and isinstance(limit, Literal):
                        yield facet(value, predicate.value.removeprefix(XSD), limit)

    def around(self, node: Node, steps: int = 4) -> list[tuple[str, str, str]]:
        """Return the axioms that mention a term, and those that mention what they mention, up to some steps away."""
        known, found = {node}, dict[Triple, None]()
        for _ in range(steps):
            found |= dict.fromkeys(
                axiom for axiom in self.triples() if known & {axiom.subject, axiom.object}
            )
            ends = (end for axiom in found for end in (axiom.subject, axiom.object))
            known |= {end for end in ends if not is_vocabulary(end)}
        plain = (axiom for axiom in found if not axiom.predicate.value.startswith(RDF))
        return [(str(one.subject), str(one.predicate), str(one.object)) for one in plain]

    # What is malformed

    def check(self, report: Report | None = None) -> None:
        """Find axioms that say nothing, or something else than they were meant to, and take them out of the schema.

        Without ``report``, which hears of each, MalformedAxiom is raised for the first.
        """

        def passes(check: Callable[..., None], *subject: object) -> bool:
            try:
                check(*subject)
            except MalformedAxiom as error:
                if report is None:
                    raise
                report(error)
                return False
            return True

        for subject, facts in list(self.objects.items()):
            for predicate, things in list(facts.items()):
                for thing in list(things):
                    if not passes(self.check_axiom, subject, predicate, thing):
                        things.remove(thing)
            if not passes(self.check_restriction, subject):
                facts.clear()
        for node in [node for node in self.objects if isinstance(node, BlankNode)]:
            if not passes(self.check_nesting, node, ()):
                self.objects[node].clear()

    def check_restriction(self, subject: Node) -> None:
        """Check that what restricts says what."""
        facts = {predicate for predicate, things in self.objects[subject].items() if things}
        if facts & set(RESTRICTIONS) and not facts & {OWL["onProperty"], OWL["onProperties"]}:
            raise self.malformed(subject, "is a restriction of no property", "owl:onProperty")
        if OWL["withRestrictions"] in facts and OWL["onDatatype"] not in facts:
            raise self.malformed(subject, "has facets of no datatype", "owl:onDatatype")

    def check_axiom(self, subject: Node, predicate: Node, thing: Node) -> None:
        """Check the object of one triple."""
        if predicate in CLASSES and isinstance(thing, Literal):
            raise self.unexpected(subject, predicate, thing, "a class or a datatype")
        if predicate in BOUNDS and not is_natural(thing):
            raise self.unexpected(subject, predicate, thing, "a non-negative integer")
        if predicate == OWL["hasSelf"] and not same(Literal(True), thing):
            raise self.unexpected(subject, predicate, thing, "true")
        if predicate in PROPERTIES:
            self.check_property(subject, predicate, thing)
        if predicate in OF_PROPERTIES or (predicate == RDF["type"] and thing in CHARACTERISTICS):
            self.check_property(subject, predicate, subject)
        if predicate in LISTED:
            self.check_list(subject, predicate, thing)

    def check_property(self, subject: Node, predicate: Node, thing: Node) -> None:
        """Check that a term can be a property: an IRI, or a blank node that stands for an inverse."""
        inverse = self.values(thing, OWL["inverseOf"]) if isinstance(thing, BlankNode) else []
        if not isinstance(thing, NamedNode) and not inverse:
            expected = "an IRI, or a blank node with owl:inverseOf"
            raise self.unexpected(subject, predicate, thing, expected)
        if thing in inverse:
            raise self.malformed(thing, "is the inverse of itself alone", "the IRI of a property")

    def check_list(self, subject: Node, predicate: Node, head: Node) -> None:
        """Check a list and what stands in it."""
        if isinstance(head, Literal):
            raise self.unexpected(subject, predicate, head, "a list")
        for member in self.members(head):
            if predicate in (OWL["propertyChainAxiom"], OWL["hasKey"]):
                self.check_property(subject, predicate, member)
            for name, limits in list(self.objects[member].items()):
                for limit in limits if predicate == OWL["withRestrictions"] else ():
                    self.check_facet(subject, name, limit)

    def check_facet(self, subject: Node, name: Node, limit: Node) -> None:
        """Check the value of a facet."""
        if name in LENGTHS and not is_natural(limit):
            raise self.unexpected(subject, name, limit, "a non-negative integer")
        if name in FACETS and not isinstance(limit, Literal):
            raise self.unexpected(subject, name, limit, "a literal")
        if name == XSD["pattern"] and isinstance(limit, Literal):
            try:
                pattern(limit.value)
            except ValueError as error:
                raise self.unexpected(subject, name, limit, str(error)) from error

    def check_nesting(self, node: Node, path: tuple[Node, ...]) -> None:
        """Check that an expression without a name does not contain itself."""
        if node in path:
            wrong = "is an expression that contains itself"
            raise self.malformed(node, wrong, "an expression that ends")
        if isinstance(node, BlankNode):
            inner = (*self.values(node, *NESTED), *chain(*self.lists(node, *BOOLEAN[:2])))
            for part in inner:
                self.check_nesting(part, (*path, node))

    def unexpected(
        self, subject: Node, predicate: Node, thing: Node, expected: str
    ) -> MalformedAxiom:
        """Make the error for a triple whose object is another than was expected."""
        return self.malformed(subject, f"has {said(predicate)} {thing}", expected)

    def malformed(self, subject: Node, what: str, expected: str) -> MalformedAxiom:
        """Make the error for a subject; one without a name is told by whatever named thing leads to it."""
        named = self.named(subject)
        inside = "" if named == subject else "An expression in an axiom about "
        detail = f"{inside}{said(named)} {what}; expected {expected}."
        return MalformedAxiom(detail, subject=str(subject), about=str(named), expected=expected)

    def named(self, node: Node) -> Node:
        """Return a named thing whose axioms lead to a node, or the node itself."""
        waiting = [node]
        for wanted in waiting:
            if not isinstance(wanted, BlankNode):
                return wanted
            above = [triple.subject for triple in self.triples() if triple.object == wanted]
            below = self.values(wanted, *self.objects[wanted])  # type: ignore[arg-type]
            near = (*above, *(one for one in below if isinstance(one, NamedNode)))
            waiting += [one for one in near if one not in waiting and not is_vocabulary(one)]
        return node


GROUPED = terms(OWL, "members distinctMembers")
NESTED = terms(
    OWL,
    "complementOf someValuesFrom allValuesFrom onClass datatypeComplementOf onDatatype onDataRange",
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
