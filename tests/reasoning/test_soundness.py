"""Ontologies of other people: what must not follow, what must not pass in silence, and what must not fall over."""

from __future__ import annotations

import time

import pytest
from pyoxigraph import RdfFormat, Store, parse

from shimoda.errors import MalformedAxiom
from shimoda.reasoning import Reasoner, Upkeep

from .worlds import CASES, PREFIXES, Case, declare, load

PREFIX = PREFIXES + "@prefix : <http://t/> . "


def reason(text: str, **options: bool) -> Reasoner:
    return Reasoner((quad.triple for quad in parse(PREFIX + text, RdfFormat.TURTLE)), **options)


def short(term: object) -> str:
    text = str(term).replace("<http://t/", "").replace("<http://www.w3.org/2002/07/owl#", "owl:")
    return text.replace("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "a").replace(">", "")


def answers(reasoner: Reasoner) -> set[str]:
    """What is inferred, as "x p y"."""
    return {
        " ".join(map(short, (triple.subject, triple.predicate, triple.object)))
        for triple in reasoner.inferred()
    }


def restriction(relation: str, constraint: str) -> str:
    return f"[ a owl:Restriction ; owl:onProperty {relation} ; {constraint} ]"


def q(text: str, datatype: str = "") -> str:
    """A literal."""
    return f'"{text}"' + datatype


def facets(base: str, facet: str) -> str:
    return f"[ a rdfs:Datatype ; owl:onDatatype {base} ; owl:withRestrictions ([ {facet} ]) ]"


ONE, NONE, TWO = (f'"{number}"^^xsd:nonNegativeInteger' for number in (1, 0, 2))
BLANK = f":A rdfs:subClassOf {restriction(':p', 'owl:hasValue _:b')} . _:b a :B . :x a :A ."
LENGTH = f":p rdfs:range {facets('xsd:hexBinary', 'xsd:length 2')} . "
CLAIMS = """:C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :v0 ; owl:hasValue :y ] .
    :D owl:hasKey (:k :v0) . :v0 rdfs:domain [ a owl:Restriction ; owl:onProperty :v0 ;
    owl:maxCardinality "1"^^xsd:nonNegativeInteger ] . :x :v0 :m, :n . """

SOUND = {
    "listed things that are the same as others": Case(
        "[ a owl:AllDifferent ; owl:distinctMembers (:x :y) ] . :x owl:sameAs :z .",
        ("z owl:sameAs x",),
        ("x owl:differentFrom x",),
    ),
    "listed classes that are the same as others": Case(
        "[ a owl:AllDisjointClasses ; owl:members (:A :B) ] . :A owl:sameAs :C . :x a :A .",
        ("x a C",),
        ("A owl:disjointWith A",),
    ),
    "exactly one, on the left": Case(
        f"{restriction(':p', f'owl:cardinality {ONE}')} rdfs:subClassOf :A . :x :p :y .",
        (),
        ("x a A",),
    ),
    "exactly none, on the left": Case(
        f"{restriction(':p', f'owl:cardinality {NONE}')} rdfs:subClassOf :A . :x :q :y .",
        (),
        ("x a A",),
    ),
    "two bounds on one restriction": Case(
        f"{restriction(':p', f'owl:minCardinality {ONE} ; owl:maxCardinality {TWO}')} rdfs:subClassOf :A ."
        " :x :p :y .",
        ("x a A",),
    ),
    "a value without a name": Case(BLANK, (), ("x p owl:Nothing",)),
    "one of several without a name": Case(
        ":A owl:equivalentClass [ owl:oneOf (_:b) ] . _:b :p :y .", (), ("owl:Nothing a A",)
    ),
    "a string in the range of tokens": Case(':p rdfs:range xsd:token . :x :p "abc" .', ()),
    "a string in the range of languages": Case(':p rdfs:range xsd:language . :x :p "en" .', ()),
    "a string in the range of plain literals": Case(
        ':p rdfs:range rdf:PlainLiteral . :x :p "a", "a"@en .', ()
    ),
    "a moment in the range of stamps": Case(
        ':p rdfs:range xsd:dateTimeStamp . :x :p "2011-03-11T14:46:00+09:00"^^xsd:dateTime .', ()
    ),
    "one binary in two spellings": Case(
        ':p a owl:FunctionalProperty . :x :p "AB"^^xsd:hexBinary, "ab"^^xsd:hexBinary .', ()
    ),
    "one great number in two spellings": Case(
        ":p a owl:FunctionalProperty . :x :p 18446744073709551617, 018446744073709551617 .", ()
    ),
    "one string as two datatypes": Case(
        ':p a owl:FunctionalProperty . :x :p "a", "a"^^xsd:token .', ()
    ),
    "literals of a datatype that nobody knows": Case(
        ':p a owl:FunctionalProperty . :x :p "a"^^:type, "b"^^:type .', ()
    ),
    "a pattern with subtraction": Case(
        f":p rdfs:range {facets('xsd:string', 'xsd:pattern ' + q('[a-z-[aeiou]]+'))} ."
        ' :x :p "xyz" .',
        (),
    ),
    "a pattern with a dollar": Case(
        f":p rdfs:range {facets('xsd:string', 'xsd:pattern ' + q('US$'))} . :x :p {q('US$')} .",
        (),
    ),
    "the length of a binary": Case(LENGTH + ':x :p "abcd"^^xsd:hexBinary .', ()),
    "names like those of variables": Case(CLAIMS, ("m owl:sameAs n",)),
    "a class without a name": Case(":x a [ owl:complementOf :A ] . :y a :A .", (), ("x a A",)),
    "a restriction with a name": Case(
        ":R a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :A . :R rdfs:subClassOf :B ."
        " :x :p :y . :y a :A .",
        ("x a R", "x a B"),
    ),
    "everything is something": Case(
        "owl:Thing rdfs:subClassOf :A . :x :p :y . :z a :B .", ("x a A", "y a A", "z a A")
    ),
    "an axiom that follows": Case(
        ":below rdfs:subPropertyOf rdfs:subClassOf . :A :below :B . :x a :A .", ("x a B",)
    ),
}
RANGES = [
    f":A{number} rdfs:subClassOf "
    + restriction(":p", "owl:allValuesFrom " + facets("xsd:integer", f"xsd:{facet} {number}"))
    for number, facet in ((5, "minInclusive"), (3, "maxInclusive"))
]
CONTRADICTIONS = {
    "in the one of two ranges without names, and out of the other": " . ".join(
        [*RANGES, ":x a :A5 ; :p 7 . :y a :A3 ; :p 7 ."]
    ),
    "a member of what it is stated not to be in": ":x a [ owl:complementOf :A ] . :x a :A .",
    "a denied relation by its inverse": """[ a owl:NegativePropertyAssertion ; owl:sourceIndividual :y ;
        owl:assertionProperty [ owl:inverseOf :p ] ; owl:targetIndividual :x ] . :x :p :y .""",
    "a denied number in another spelling": """[ a owl:NegativePropertyAssertion ; owl:sourceIndividual :x ;
        owl:assertionProperty :p ; owl:targetValue "1.0"^^xsd:decimal ] . :x :p 01 .""",
    "listed as different, and the same": "[ a owl:AllDifferent ; owl:members (:x :y) ] . :x owl:sameAs :y .",
    "two values of one that has at most one": """:p a owl:FunctionalProperty . :x :p 1, 2 .""",
    "out of the range by value": ":p rdfs:range xsd:byte . :x :p 128 .",
    "too long a binary": LENGTH + ':x :p "abcdef"^^xsd:hexBinary .',
    "a literal that is none": ':x :p "many"^^xsd:integer .',
    "in two of twenty classes": "[ a owl:AllDisjointClasses ; owl:members ("
    + " ".join(f":C{number}" for number in range(20))
    + ") ] . :x a :C3, :C17 .",
}
MALFORMED = {
    "a number of things": (
        f":A rdfs:subClassOf {restriction(':p', 'owl:maxCardinality ' + q('many'))} .",
        ":A",
    ),
    "a class that contains itself": ("_:a owl:complementOf _:a . :A rdfs:subClassOf _:a .", "A"),
    "a property without a name": (":p rdfs:subPropertyOf _:b .", "p"),
    "a list without an end": (":A owl:unionOf _:l . _:l rdf:first :B .", "A"),
    "a list in a circle": (":A owl:unionOf _:l . _:l rdf:first :B ; rdf:rest _:l .", "A"),
    "a term that OWL has not": (":A owl:subClassOf :B .", "A"),
    "a literal for a class": (':A rdfs:subClassOf "B" .', "A"),
    "no self": (f":A rdfs:subClassOf {restriction(':p', 'owl:hasSelf false')} .", "A"),
    "no pattern": (
        f":p rdfs:range {facets('xsd:string', 'xsd:pattern ' + q('[a'))} .",
        "p",
    ),
    "a length of a word": (
        f":p rdfs:range {facets('xsd:string', 'xsd:length ' + q('x'))} .",
        "p",
    ),
    "a restriction of nothing": (":A rdfs:subClassOf [ owl:someValuesFrom :B ] .", "A"),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_follows_and_what_does_not(name: str) -> None:
    reasoner = reason(SOUND[name].text)
    found = answers(reasoner)
    assert set(SOUND[name].follows) <= found
    assert found.isdisjoint(SOUND[name].open)
    assert [clash[0].name for clash in reasoner.clashes()] == []


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_is_found(name: str) -> None:
    assert next(reason(CONTRADICTIONS[name]).clashes(), None)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_axiom_is_named_and_may_be_left_out(name: str) -> None:
    text, subject = MALFORMED[name]
    with pytest.raises(MalformedAxiom, match=f"http://t/{subject.lstrip(':')}") as caught:
        reason(text)
    assert caught.value.status == 422 and caught.value.where["expected"]
    heard: list[MalformedAxiom] = []
    triples = [quad.triple for quad in parse(PREFIX + text, RdfFormat.TURTLE)]
    assert not next(Reasoner(triples, report=heard.append).clashes(), None) and heard


def test_a_write_leaves_what_a_build_would() -> None:
    text = (
        declare("A B", "below", people="x")
        + ":below rdfs:subPropertyOf rdfs:subClassOf . :A :below :B . "
    )
    store = load("t", text)
    upkeep = Upkeep(store)
    triple = next(quad.triple for quad in load("t", ":x a :A ."))
    store.add(next(iter(load("t", ":x a :A ."))))
    upkeep.change([triple])
    assert {quad.triple for quad in store} == {quad.triple for quad in fresh(store)}


def fresh(store: Store) -> Store:
    """A store with the same statements, inferred anew."""
    other = Store()
    upkeep = Upkeep(store)
    other.extend(
        quad for quad in store if quad.triple in set(upkeep.reasoner.triples(upkeep.reasoner.given))
    )
    Upkeep(other)
    return other


SIZES = {
    "at most a hundred": restriction(":p", 'owl:maxCardinality "100"^^xsd:nonNegativeInteger').join(
        (":A rdfs:subClassOf ", " . :x a :A . ")
    )
    + " ".join(f":x :p :y{number} ." for number in range(100)),
    "at least twenty": f"{restriction(':p', 'owl:minCardinality ' + q('20', '^^xsd:nonNegativeInteger'))}"
    + " rdfs:subClassOf :A . "
    + " ".join(f":x :p {number} ." for number in range(30)),
    "one of five hundred": ":A owl:equivalentClass [ owl:oneOf ("
    + " ".join(f":x{number}" for number in range(500))
    + ") ] . :y a :A .",
    "twenty-five choices at once": "[ owl:intersectionOf ("
    + " ".join(f"[ owl:unionOf (:A{number} :B{number}) ]" for number in range(25))
    + ") ] rdfs:subClassOf :C . :x a "
    + ", ".join(f":A{number}" for number in range(25))
    + " .",
}
FOUND = {
    "at least twenty": "x a A",
    "one of five hundred": "x7 a A",
    "twenty-five choices at once": "x a C",
}


@pytest.mark.parametrize("name", SIZES)
def test_great_numbers_take_no_great_time(name: str) -> None:
    begun = time.process_time()
    found = answers(reason(SIZES[name]))
    assert name not in FOUND or FOUND[name] in found
    assert time.process_time() - begun < 10, "far above what it takes: these grew without bounds"


LISTED = " ".join(f":y{number}" for number in range(101))
MORE_THAN_A_HUNDRED = (
    SIZES["at most a hundred"] + f":x :p :y100 . [ a owl:AllDifferent ; owl:members ({LISTED}) ] ."
)


def test_more_than_at_most_a_hundred_is_a_contradiction() -> None:
    assert next(reason(MORE_THAN_A_HUNDRED).clashes(), None)


@pytest.mark.parametrize("name", CASES)
def test_what_rules_find_they_find_where_everything_is_wanted(name: str) -> None:
    triples = [quad.triple for quad in load(name, CASES[name].text)]
    brief, whole = (set(Reasoner(triples, whole=whole).inferred()) for whole in (False, True))
    assert brief <= whole


def test_two_members_of_one_listed_class_are_not_known_to_differ() -> None:
    classes = " ".join(f":C{number}" for number in range(20))
    two = restriction(":p", "owl:minCardinality " + q("2", "^^xsd:nonNegativeInteger"))
    listed = f"[ a owl:AllDisjointClasses ; owl:members ({classes}) ] . {two} rdfs:subClassOf :A . "
    assert "x a A" not in answers(reason(listed + ":x :p :y, :z . :y a :C1 . :z a :C1 ."))
    assert "x a A" in answers(reason(listed + ":x :p :y, :z . :y a :C1 . :z a :C2 ."))
