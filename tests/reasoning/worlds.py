"""Small ontologies for the tests: one construct each, with what follows, what does not, and what clashes."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import RdfFormat, Store

PREFIXES = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@dataclass(frozen=True)
class Case:
    """An ontology; triples ("s p o", ``a`` for a type) that follow from it, and that do not."""

    text: str
    follows: tuple[str, ...]
    open: tuple[str, ...] = ()


def declare(classes: str = "", objects: str = "", data: str = "", people: str = "") -> str:
    """Write declarations: OWL 2 DL wants one for every name."""
    kinds = {
        "owl:Class": classes,
        "owl:ObjectProperty": objects,
        "owl:DatatypeProperty": data,
        "owl:NamedIndividual": people,
    }
    return "".join(
        f":{name} a {kind} .\n" for kind, names in kinds.items() for name in names.split()
    )


CASES = {
    "subclass": Case(
        declare("A B C", people="x y")
        + ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :x a :A . :y a :C .",
        ("x a B", "x a C"),
        ("y a A", "y a B"),
    ),
    "equivalent-class": Case(
        declare("A B", people="x y") + ":A owl:equivalentClass :B . :x a :A . :y a :B .",
        ("x a B", "y a A"),
    ),
    "subproperty": Case(
        declare(objects="p q", people="x y") + ":p rdfs:subPropertyOf :q . :x :p :y .",
        ("x q y",),
        ("y q x",),
    ),
    "equivalent-property": Case(
        declare(objects="p q", people="x y z")
        + ":p owl:equivalentProperty :q . :x :p :y . :y :q :z .",
        ("x q y", "y p z"),
    ),
    "domain-range": Case(
        declare("A B", "p", people="x y") + ":p rdfs:domain :A ; rdfs:range :B . :x :p :y .",
        ("x a A", "y a B"),
        ("x a B", "y a A"),
    ),
    "inverse": Case(
        declare(objects="p q", people="x y z") + ":p owl:inverseOf :q . :x :p :y . :y :q :z .",
        ("y q x", "z p y"),
        ("x q y",),
    ),
    "symmetric": Case(
        declare(objects="p", people="x y") + ":p a owl:SymmetricProperty . :x :p :y .", ("y p x",)
    ),
    "transitive": Case(
        declare(objects="p", people="w x y z")
        + ":p a owl:TransitiveProperty . :w :p :x . :x :p :y . :y :p :z .",
        ("w p y", "w p z", "x p z"),
        ("z p w",),
    ),
    "reflexive": Case(
        declare(objects="p", people="x") + ":p a owl:ReflexiveProperty .", ("x p x",)
    ),
    "chain": Case(
        declare(objects="p q r", people="w x y z")
        + ":r owl:propertyChainAxiom (:p :q :p) . :w :p :x . :x :q :y . :y :p :z .",
        ("w r z",),
        ("w r y",),
    ),
    "inverse-in-chain": Case(
        declare(objects="p q", people="x y z")
        + ":q owl:propertyChainAxiom (:p [ owl:inverseOf :p ]) . :x :p :y . :z :p :y .",
        ("x q z", "x q x"),
        ("x q y",),
    ),
    "some-values": Case(
        declare("A B", "p", people="x y z")
        + "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] rdfs:subClassOf :A . "
        ":x :p :y . :y a :B . :z :p :z .",
        ("x a A",),
        ("z a A",),
    ),
    "some-anything": Case(
        declare("A", "p", people="x y")
        + "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :A . :x :p :y .",
        ("x a A",),
        ("y a A",),
    ),
    "has-value": Case(
        declare("A", "p", people="x y z")
        + ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :z ] . :x a :A . :y :p :z .",
        ("x p z", "y a A"),
        ("z a A",),
    ),
    "has-literal": Case(
        declare("A", data="p", people="x y")
        + ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue 7 ] . :x :p 7 . :y :p 8 .",
        ("x a A",),
        ("y a A",),
    ),
    "all-values": Case(
        declare("A B", "p", people="x y z")
        + ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :B ] . "
        ":x a :A ; :p :y . :z :p :x .",
        ("y a B",),
        ("x a B", "z a A"),
    ),
    "has-self": Case(
        declare("A", "p", people="x y z")
        + ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; owl:hasSelf true ] . "
        ":x a :A . :y :p :y . :z :p :y .",
        ("x p x", "y a A"),
        ("z a A",),
    ),
    "min-two-listed": Case(
        declare("A B", "p", people="x y a b c")
        + ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; owl:onClass :B ; "
        'owl:minQualifiedCardinality "2"^^xsd:nonNegativeInteger ] . [] a owl:AllDifferent ; '
        "owl:distinctMembers (:a :b) . :a a :B . :b a :B . :c a :B . :x :p :a, :b . :y :p :a, :c .",
        ("x a A",),
        ("y a A",),
    ),
    "min-two-different": Case(
        declare("A", "p", people="x y a b")
        + ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; "
        'owl:minCardinality "2"^^xsd:nonNegativeInteger ] . :a owl:differentFrom :b . :x :p :a, :b . :y :p :a .',
        ("x a A",),
        ("y a A",),
    ),
    "min-two-disjoint": Case(
        declare("A B C D", "p", people="x y a b c d")
        + ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; "
        'owl:minCardinality "2"^^xsd:nonNegativeInteger ] . :B owl:disjointWith :C . '
        ":a a :B . :b a :C . :c a :B . :d a :D . :x :p :a, :b . :y :p :a, :c, :d .",
        ("x a A",),
        ("y a A",),
    ),
    "min-three-all-disjoint": Case(
        declare("A B C D", "p", people="x y a b c")
        + ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; "
        'owl:minCardinality "3"^^xsd:nonNegativeInteger ] . [] a owl:AllDisjointClasses ; owl:members (:B :C :D) . '
        ":a a :B . :b a :C . :c a :D . :x :p :a, :b, :c . :y :p :a, :b .",
        ("x a A",),
        ("y a A",),
    ),
    "min-two-values": Case(
        declare("A", data="p", people="x y")
        + ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; "
        'owl:minCardinality "2"^^xsd:nonNegativeInteger ] . :x :p 1, 2 . :y :p 1 , "1"^^xsd:decimal .',
        ("x a A",),
        ("y a A",),
    ),
    "intersection": Case(
        declare("A B C", people="x y z")
        + ":A owl:equivalentClass [ a owl:Class ; owl:intersectionOf (:B :C) ] . :x a :B, :C . :y a :A . :z a :B .",
        ("x a A", "y a B", "y a C"),
        ("z a A",),
    ),
    "union": Case(
        declare("A B C D", people="x y")
        + ":A owl:equivalentClass [ a owl:Class ; owl:unionOf (:B :C) ] . :A rdfs:subClassOf :D . :x a :B . :y a :A .",
        ("x a A", "x a D", "y a D"),
        ("y a B", "y a C"),
    ),
    "one-of": Case(
        declare("A B", people="x y z")
        + ":A owl:equivalentClass [ a owl:Class ; owl:oneOf (:x :y) ] . :A rdfs:subClassOf :B .",
        ("x a A", "y a B"),
        ("z a A",),
    ),
    "disjoint-union": Case(
        declare("A B C", people="x y") + ":A owl:disjointUnionOf (:B :C) . :x a :B . :y a :A .",
        ("x a A",),
        ("y a B",),
    ),
    "nested-expression": Case(
        declare("A B C", "p q", people="x y z w")
        + "[ a owl:Class ; owl:intersectionOf (:B [ a owl:Restriction ; owl:onProperty [ owl:inverseOf :p ] ; "
        "owl:someValuesFrom [ a owl:Class ; owl:unionOf (:C [ a owl:Restriction ; owl:onProperty :q ; "
        "owl:someValuesFrom owl:Thing ]) ] ]) ] rdfs:subClassOf :A . "
        ":x a :B . :y :p :x ; :q :y . :z a :B . :w :p :z .",
        ("x a A",),
        ("z a A",),
    ),
    "key": Case(
        declare("A B", data="p q", people="x y z w")
        + ':A owl:hasKey (:p :q) . :x a :A, :B ; :p "1" ; :q "2" . :y a :A ; :p "1" ; :q "2" . '
        ':z a :A ; :p "1" ; :q "3" . :w :p "1" ; :q "2" .',
        ("y a B",),
        ("z a B", "w a B"),
    ),
    "object-key": Case(
        declare("A B", "p q", people="x y z a b c")
        + ":A owl:hasKey (:p :q) . :x a :A, :B ; :p :a ; :q :b . :y a :A ; :p :a ; :q :b . :z a :A ; :p :a ; :q :c .",
        ("y a B",),
        ("z a B",),
    ),
    "same-as": Case(
        declare("A", "p", people="x y z w")
        + ":x owl:sameAs :y . :y owl:sameAs :z . :x a :A ; :p :w . :w :p :y .",
        ("z a A", "z p w", "w p z", "w p x"),
        ("w a A",),
    ),
    "functional": Case(
        declare("A", "p", people="x y z")
        + ":p a owl:FunctionalProperty . :x :p :y, :z . :y a :A .",
        ("z a A",),
        ("x a A",),
    ),
    "inverse-functional": Case(
        declare("A", "p", people="x y z")
        + ":p a owl:InverseFunctionalProperty . :x :p :z . :y :p :z . :x a :A .",
        ("y a A",),
        ("z a A",),
    ),
    "max-one": Case(
        declare("A B", "p", people="x y z w")
        + ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:onClass :B ; "
        'owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger ] . :x a :A ; :p :y, :z, :w . :y a :B ; :p :x . '
        ":z a :B .",
        ("z p x",),
        ("w p x",),
    ),
    "facets": Case(
        declare("A", data="p", people="x y z") + "[ a owl:Restriction ; owl:onProperty :p ; "
        "owl:someValuesFrom [ a rdfs:Datatype ; owl:onDatatype xsd:integer ; "
        "owl:withRestrictions ([ xsd:minInclusive 10 ] [ xsd:maxExclusive 20 ]) ] ] rdfs:subClassOf :A . "
        ":x :p 10 . :y :p 20 . :z :p 9 .",
        ("x a A",),
        ("y a A", "z a A"),
    ),
    "datatype": Case(
        declare("A", data="p", people="x y")
        + "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom xsd:nonNegativeInteger ] rdfs:subClassOf :A . "
        ":x :p 5 . :y :p -5 .",
        ("x a A",),
        ("y a A",),
    ),
}

CLASHES = {
    "disjoint-classes": declare("A B", people="x") + ":A owl:disjointWith :B . :x a :A, :B .",
    "all-disjoint-classes": declare("A B C", people="x")
    + "[] a owl:AllDisjointClasses ; owl:members (:A :B :C) . :x a :B, :C .",
    "disjoint-union": declare("A B C", people="x")
    + ":A owl:disjointUnionOf (:B :C) . :x a :B, :C .",
    "functional-value": declare(data="p", people="x")
    + ':p a owl:FunctionalProperty . :x :p "1", "2" .',
    "functional-different": declare(objects="p", people="x y z")
    + ":p a owl:FunctionalProperty . :x :p :y, :z . :y owl:differentFrom :z .",
    "irreflexive": declare(objects="p", people="x") + ":p a owl:IrreflexiveProperty . :x :p :x .",
    "asymmetric": declare(objects="p", people="x y")
    + ":p a owl:AsymmetricProperty . :x :p :y . :y :p :x .",
    "disjoint-properties": declare(objects="p q", people="x y")
    + ":p owl:propertyDisjointWith :q . :x :p :y ; :q :y .",
    "denied-relation": declare(objects="p", people="x y")
    + "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :x ; owl:assertionProperty :p ; "
    "owl:targetIndividual :y . :x :p :y .",
    "denied-value": declare(data="p", people="x")
    + "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :x ; owl:assertionProperty :p ; "
    "owl:targetValue 1 . :x :p 1 .",
    "same-different": declare(people="x y") + ":x owl:sameAs :y ; owl:differentFrom :y .",
    "same-listed-different": declare(people="x y z")
    + "[] a owl:AllDifferent ; owl:distinctMembers (:x :y :z) . :x owl:sameAs :z .",
    "complement": declare("A B", people="x")
    + ":A rdfs:subClassOf [ a owl:Class ; owl:complementOf :B ] . :x a :A, :B .",
    "max-none": declare("A B", "p", people="x y")
    + ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:onClass :B ; "
    'owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ] . :x a :A ; :p :y . :y a :B .',
    "max-two": declare("A", "p", people="x a b c")
    + ':A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:maxCardinality "2"^^xsd:nonNegativeInteger ] . '
    "[] a owl:AllDifferent ; owl:distinctMembers (:a :b :c) . :x a :A ; :p :a, :b, :c .",
    "nothing": declare("A", people="x") + ":A rdfs:subClassOf owl:Nothing . :x a :A .",
    "datatype": declare(data="p", people="x") + ':p rdfs:range xsd:integer . :x :p "one" .',
    "date-range": declare(data="p", people="x") + ':p rdfs:range xsd:date . :x :p "soon" .',
    "facet": declare(data="p", people="x")
    + ":p rdfs:range [ a rdfs:Datatype ; owl:onDatatype xsd:integer ; "
    "owl:withRestrictions ([ xsd:minInclusive 1 ]) ] . "
    ":x :p 0 .",
}


def space(name: str) -> str:
    """Return the namespace of a case."""
    return f"http://example.org/{name}#"


def load(name: str, text: str, into: Store | None = None) -> Store:
    """Load an ontology, its names in a namespace of its own."""
    store = into if into is not None else Store()
    store.load(f"{PREFIXES} @prefix : <{space(name)}> .\n{text}", format=RdfFormat.TURTLE)
    return store


def triple(name: str, words: str) -> tuple[str, str, str]:
    """Spell out "x p y" or "x a A" in a case's namespace."""
    subject, predicate, thing = words.split()
    kind = (
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        if predicate == "a"
        else space(name) + predicate
    )
    return space(name) + subject, kind, space(name) + thing
