"""The 78 rules of OWL 2 RL/RDF, one by one (OWL 2 Profiles section 4.3, tables 4 to 9).

Each case has the premises of a rule, and what the specification says follows: triples, or ``false``, which is a
contradiction. Where the specification speaks of "a" list or number, one of each length that reads differently is there.
"""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from shimoda.reasoning import Reasoner

PREFIXES = """
@prefix : <http://rl.example/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
FALSE = "false"
NONE, ONE = '"0"^^xsd:nonNegativeInteger', '"1"^^xsd:nonNegativeInteger'
DENIED = ":n owl:sourceIndividual :i1 ; owl:assertionProperty :p ;"

EQUALITY = {
    "eq-ref": (":s :p :o .", ":s owl:sameAs :s . :p owl:sameAs :p . :o owl:sameAs :o ."),
    "eq-sym": (":x owl:sameAs :y .", ":y owl:sameAs :x ."),
    "eq-trans": (":x owl:sameAs :y . :y owl:sameAs :z .", ":x owl:sameAs :z ."),
    "eq-rep-s": (":s owl:sameAs :s2 . :s :p :o .", ":s2 :p :o ."),
    "eq-rep-p": (":p owl:sameAs :p2 . :s :p :o .", ":s :p2 :o ."),
    "eq-rep-o": (":o owl:sameAs :o2 . :s :p :o .", ":s :p :o2 ."),
    "eq-diff1": (":x owl:sameAs :y ; owl:differentFrom :y .", FALSE),
    "eq-diff2": (
        ":x a owl:AllDifferent ; owl:members (:z1 :z2 :z3) . :z1 owl:sameAs :z3 .",
        FALSE,
    ),
    "eq-diff3": (
        ":x a owl:AllDifferent ; owl:distinctMembers (:z1 :z2 :z3) . :z1 owl:sameAs :z3 .",
        FALSE,
    ),
}
PROPERTIES = {
    "prp-ap": (
        "",
        " ".join(
            f"{name} a owl:AnnotationProperty ."
            for name in (
                *("rdfs:label", "rdfs:comment", "rdfs:seeAlso", "rdfs:isDefinedBy"),
                *("owl:deprecated", "owl:versionInfo", "owl:priorVersion"),
                *("owl:backwardCompatibleWith", "owl:incompatibleWith"),
            )
        ),
    ),
    "prp-dom": (":p rdfs:domain :c . :x :p :y .", ":x a :c ."),
    "prp-rng": (":p rdfs:range :c . :x :p :y .", ":y a :c ."),
    "prp-fp": (":p a owl:FunctionalProperty . :x :p :y1, :y2 .", ":y1 owl:sameAs :y2 ."),
    "prp-ifp": (
        ":p a owl:InverseFunctionalProperty . :x1 :p :y . :x2 :p :y .",
        ":x1 owl:sameAs :x2 .",
    ),
    "prp-irp": (":p a owl:IrreflexiveProperty . :x :p :x .", FALSE),
    "prp-symp": (":p a owl:SymmetricProperty . :x :p :y .", ":y :p :x ."),
    "prp-asyp": (":p a owl:AsymmetricProperty . :x :p :y . :y :p :x .", FALSE),
    "prp-trp": (":p a owl:TransitiveProperty . :x :p :y . :y :p :z .", ":x :p :z ."),
    "prp-spo1": (":p1 rdfs:subPropertyOf :p2 . :x :p1 :y .", ":x :p2 :y ."),
    "prp-spo2": (
        ":p owl:propertyChainAxiom (:p1 :p2 :p3) . :u1 :p1 :u2 . :u2 :p2 :u3 . :u3 :p3 :u4 .",
        ":u1 :p :u4 .",
    ),
    "prp-eqp1": (":p1 owl:equivalentProperty :p2 . :x :p1 :y .", ":x :p2 :y ."),
    "prp-eqp2": (":p1 owl:equivalentProperty :p2 . :x :p2 :y .", ":x :p1 :y ."),
    "prp-pdw": (":p1 owl:propertyDisjointWith :p2 . :x :p1 :y ; :p2 :y .", FALSE),
    "prp-adp": (
        ":x a owl:AllDisjointProperties ; owl:members (:p1 :p2 :p3) . :u :p1 :v ; :p3 :v .",
        FALSE,
    ),
    "prp-inv1": (":p1 owl:inverseOf :p2 . :x :p1 :y .", ":y :p2 :x ."),
    "prp-inv2": (":p1 owl:inverseOf :p2 . :x :p2 :y .", ":y :p1 :x ."),
    "prp-key": (
        ":c owl:hasKey (:p1 :p2) . :x a :c ; :p1 :z1 ; :p2 :z2 . :y a :c ; :p1 :z1 ; :p2 :z2 .",
        ":x owl:sameAs :y .",
    ),
    "prp-npa1": (f"{DENIED} owl:targetIndividual :i2 . :i1 :p :i2 .", FALSE),
    "prp-npa2": (f'{DENIED} owl:targetValue "lt" . :i1 :p "lt" .', FALSE),
}
CLASSES = {
    "cls-thing": ("", "owl:Thing a owl:Class ."),
    "cls-nothing1": ("", "owl:Nothing a owl:Class ."),
    "cls-nothing2": (":x a owl:Nothing .", FALSE),
    "cls-int1": (":c owl:intersectionOf (:c1 :c2 :c3) . :y a :c1, :c2, :c3 .", ":y a :c ."),
    "cls-int2": (":c owl:intersectionOf (:c1 :c2 :c3) . :y a :c .", ":y a :c1, :c2, :c3 ."),
    "cls-uni": (":c owl:unionOf (:c1 :c2 :c3) . :y a :c3 .", ":y a :c ."),
    "cls-com": (":c1 owl:complementOf :c2 . :x a :c1, :c2 .", FALSE),
    "cls-svf1": (
        ":x owl:someValuesFrom :y ; owl:onProperty :p . :u :p :v . :v a :y .",
        ":u a :x .",
    ),
    "cls-svf2": (":x owl:someValuesFrom owl:Thing ; owl:onProperty :p . :u :p :v .", ":u a :x ."),
    "cls-avf": (
        ":x owl:allValuesFrom :y ; owl:onProperty :p . :u a :x ; :p :v .",
        ":v a :y .",
    ),
    "cls-hv1": (":x owl:hasValue :y ; owl:onProperty :p . :u a :x .", ":u :p :y ."),
    "cls-hv2": (":x owl:hasValue :y ; owl:onProperty :p . :u :p :y .", ":u a :x ."),
    "cls-maxc1": (f":x owl:maxCardinality {NONE} ; owl:onProperty :p . :u a :x ; :p :y .", FALSE),
    "cls-maxc2": (
        f":x owl:maxCardinality {ONE} ; owl:onProperty :p . :u a :x ; :p :y1, :y2 .",
        ":y1 owl:sameAs :y2 .",
    ),
    "cls-maxqc1": (
        f":x owl:maxQualifiedCardinality {NONE} ; owl:onProperty :p ; owl:onClass :c . "
        ":u a :x ; :p :y . :y a :c .",
        FALSE,
    ),
    "cls-maxqc2": (
        f":x owl:maxQualifiedCardinality {NONE} ; owl:onProperty :p ; owl:onClass owl:Thing . "
        ":u a :x ; :p :y .",
        FALSE,
    ),
    "cls-maxqc3": (
        f":x owl:maxQualifiedCardinality {ONE} ; owl:onProperty :p ; owl:onClass :c . "
        ":u a :x ; :p :y1, :y2 . :y1 a :c . :y2 a :c .",
        ":y1 owl:sameAs :y2 .",
    ),
    "cls-maxqc4": (
        f":x owl:maxQualifiedCardinality {ONE} ; owl:onProperty :p ; owl:onClass owl:Thing . "
        ":u a :x ; :p :y1, :y2 .",
        ":y1 owl:sameAs :y2 .",
    ),
    "cls-oo": (":c owl:oneOf (:y1 :y2 :y3) .", ":y1 a :c . :y2 a :c . :y3 a :c ."),
}
CLASS_AXIOMS = {
    "cax-sco": (":c1 rdfs:subClassOf :c2 . :x a :c1 .", ":x a :c2 ."),
    "cax-eqc1": (":c1 owl:equivalentClass :c2 . :x a :c1 .", ":x a :c2 ."),
    "cax-eqc2": (":c1 owl:equivalentClass :c2 . :x a :c2 .", ":x a :c1 ."),
    "cax-dw": (":c1 owl:disjointWith :c2 . :x a :c1, :c2 .", FALSE),
    "cax-adc": (
        ":x a owl:AllDisjointClasses ; owl:members (:c1 :c2 :c3) . :z a :c1, :c3 .",
        FALSE,
    ),
}
TYPED = """xsd:decimal xsd:integer xsd:nonNegativeInteger xsd:nonPositiveInteger xsd:positiveInteger
xsd:negativeInteger xsd:long xsd:int xsd:short xsd:byte xsd:unsignedLong xsd:unsignedInt xsd:unsignedShort
xsd:unsignedByte xsd:float xsd:double xsd:string xsd:normalizedString xsd:token xsd:language xsd:Name xsd:NCName
xsd:NMTOKEN xsd:boolean xsd:hexBinary xsd:base64Binary xsd:anyURI xsd:dateTime xsd:dateTimeStamp rdf:PlainLiteral
rdf:XMLLiteral rdfs:Literal"""
"""The datatypes of OWL 2 RL (OWL 2 Profiles section 4.2)."""
DATATYPES = {
    "dt-type1": ("", " ".join(f"{name} a rdfs:Datatype ." for name in TYPED.split())),
    # RDF has no literal as a subject: what follows of one is asked of a thing that is the same (eq-rep-s)
    "dt-type2": (':x owl:sameAs "5"^^xsd:byte .', ":x a xsd:byte, xsd:integer, xsd:decimal ."),
    "dt-eq": (
        ':x owl:sameAs "1"^^xsd:integer . :y owl:sameAs "01"^^xsd:integer .',
        ":x owl:sameAs :y .",
    ),
    "dt-diff": (
        ':x owl:sameAs "1"^^xsd:integer . :y owl:sameAs "2"^^xsd:integer .',
        ":x owl:differentFrom :y .",
    ),
    "dt-not-type": (':x :p "many"^^xsd:integer .', FALSE),
}
SCHEMA = {
    "scm-cls": (
        ":c a owl:Class .",
        ":c rdfs:subClassOf :c, owl:Thing ; owl:equivalentClass :c . owl:Nothing rdfs:subClassOf :c .",
    ),
    "scm-sco": (":c1 rdfs:subClassOf :c2 . :c2 rdfs:subClassOf :c3 .", ":c1 rdfs:subClassOf :c3 ."),
    "scm-eqc1": (
        ":c1 owl:equivalentClass :c2 .",
        ":c1 rdfs:subClassOf :c2 . :c2 rdfs:subClassOf :c1 .",
    ),
    "scm-eqc2": (
        ":c1 rdfs:subClassOf :c2 . :c2 rdfs:subClassOf :c1 .",
        ":c1 owl:equivalentClass :c2 .",
    ),
    "scm-op": (
        ":p a owl:ObjectProperty .",
        ":p rdfs:subPropertyOf :p ; owl:equivalentProperty :p .",
    ),
    "scm-dp": (
        ":p a owl:DatatypeProperty .",
        ":p rdfs:subPropertyOf :p ; owl:equivalentProperty :p .",
    ),
    "scm-spo": (
        ":p1 rdfs:subPropertyOf :p2 . :p2 rdfs:subPropertyOf :p3 .",
        ":p1 rdfs:subPropertyOf :p3 .",
    ),
    "scm-eqp1": (
        ":p1 owl:equivalentProperty :p2 .",
        ":p1 rdfs:subPropertyOf :p2 . :p2 rdfs:subPropertyOf :p1 .",
    ),
    "scm-eqp2": (
        ":p1 rdfs:subPropertyOf :p2 . :p2 rdfs:subPropertyOf :p1 .",
        ":p1 owl:equivalentProperty :p2 .",
    ),
    "scm-dom1": (":p rdfs:domain :c1 . :c1 rdfs:subClassOf :c2 .", ":p rdfs:domain :c2 ."),
    "scm-dom2": (":p2 rdfs:domain :c . :p1 rdfs:subPropertyOf :p2 .", ":p1 rdfs:domain :c ."),
    "scm-rng1": (":p rdfs:range :c1 . :c1 rdfs:subClassOf :c2 .", ":p rdfs:range :c2 ."),
    "scm-rng2": (":p2 rdfs:range :c . :p1 rdfs:subPropertyOf :p2 .", ":p1 rdfs:range :c ."),
    "scm-hv": (
        ":c1 owl:hasValue :i ; owl:onProperty :p1 . :c2 owl:hasValue :i ; owl:onProperty :p2 . "
        ":p1 rdfs:subPropertyOf :p2 .",
        ":c1 rdfs:subClassOf :c2 .",
    ),
    "scm-svf1": (
        ":c1 owl:someValuesFrom :y1 ; owl:onProperty :p . :c2 owl:someValuesFrom :y2 ; owl:onProperty :p . "
        ":y1 rdfs:subClassOf :y2 .",
        ":c1 rdfs:subClassOf :c2 .",
    ),
    "scm-svf2": (
        ":c1 owl:someValuesFrom :y ; owl:onProperty :p1 . :c2 owl:someValuesFrom :y ; owl:onProperty :p2 . "
        ":p1 rdfs:subPropertyOf :p2 .",
        ":c1 rdfs:subClassOf :c2 .",
    ),
    "scm-avf1": (
        ":c1 owl:allValuesFrom :y1 ; owl:onProperty :p . :c2 owl:allValuesFrom :y2 ; owl:onProperty :p . "
        ":y1 rdfs:subClassOf :y2 .",
        ":c1 rdfs:subClassOf :c2 .",
    ),
    "scm-avf2": (
        ":c1 owl:allValuesFrom :y ; owl:onProperty :p1 . :c2 owl:allValuesFrom :y ; owl:onProperty :p2 . "
        ":p1 rdfs:subPropertyOf :p2 .",
        ":c2 rdfs:subClassOf :c1 .",
    ),
    "scm-int": (
        ":c owl:intersectionOf (:c1 :c2 :c3) .",
        ":c rdfs:subClassOf :c1, :c2, :c3 .",
    ),
    "scm-uni": (
        ":c owl:unionOf (:c1 :c2 :c3) .",
        ":c1 rdfs:subClassOf :c . :c2 rdfs:subClassOf :c . :c3 rdfs:subClassOf :c .",
    ),
}
RULES = EQUALITY | PROPERTIES | CLASSES | CLASS_AXIOMS | DATATYPES | SCHEMA
SIZES = {4: (EQUALITY, 9), 5: (PROPERTIES, 20), 6: (CLASSES, 19), 7: (CLASS_AXIOMS, 5)} | {
    8: (DATATYPES, 5),
    9: (SCHEMA, 20),
}


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(PREFIXES + text, RdfFormat.TURTLE)]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_of_owl_2_rl_holds(name: str) -> None:
    premises, conclusion = RULES[name]
    reasoner = Reasoner(triples(premises), whole=True)
    contradiction = next(reasoner.clashes(), None)
    if conclusion == FALSE:
        assert contradiction
    else:
        assert not contradiction
        assert {*triples(conclusion)} - {*reasoner.inferred()} == set()


@pytest.mark.parametrize("name", [name for name, (given, _) in RULES.items() if given])
def test_a_rule_says_nothing_where_a_premise_is_missing(name: str) -> None:
    """No rule is so broad that what it says, or the contradiction, is there without the last premise."""
    premises, conclusion = RULES[name]
    every = triples(premises)
    named = [one for one in every if isinstance(one.subject, NamedNode)]
    last = [*named[:1], *(one for one in named if isinstance(one.object, NamedNode | Literal))][-1]
    rest = [one for one in every if one != last]
    reasoner = Reasoner(rest, whole=True, report=[].append)
    if conclusion == FALSE:
        assert next(reasoner.clashes(), None) is None
    else:
        assert {*triples(conclusion)} - {*rest, *reasoner.inferred()}


def test_every_table_is_whole() -> None:
    assert {table: len(cases) for table, (cases, _) in SIZES.items()} == {
        table: size for table, (_, size) in SIZES.items()
    }
    assert len(RULES) == 78
