"""Nothing from the data becomes query text: hostile terms in every place that the compiler reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from shimoda.errors import LimitExceeded, MalformedAxiom, ShimodaError
from shimoda.reasoning import Reasoner, infer
from shimoda.reasoning.schema import FACETS, KINDS, OWL, PREDICATES, RDF, RDFS, XSD

KEPT = Quad(NamedNode("http://x/kept"), RDFS["label"], Literal("kept"), NamedNode("http://x/graph"))
INJECTIONS = (
    "1) } } ; DROP GRAPH <http://x/graph> ; INSERT DATA { <http://x/a> <http://x/p> <http://x/b> } #",
    "1)) } } } ; DROP GRAPH <http://x/graph> #",
    "1 } } ; CLEAR ALL #",
    '" } ; DROP ALL #',
    '\\" } ; DROP ALL #',
    "1\n} } ; DROP NAMED #",
    "\\u0022 } ; DROP ALL #",
    "many",
    "-1",
    "१",
)
DATATYPES = (XSD["integer"], XSD["string"], XSD["nonNegativeInteger"], NamedNode("http://x/type'"))
EXPRESSION = BlankNode("expression")
RELATION, MEMBER = NamedNode("http://x/p"), NamedNode("http://x/member")
CARDINALITIES = [name for name in PREDICATES if "ardinality" in name.value]


def axioms(predicate: NamedNode, hostile: NamedNode | Literal | BlankNode) -> Iterator[Quad]:
    """Yield an ontology in which a hostile term stands as the value of one predicate, on both sides of an axiom."""
    kind = RDFS["Datatype"] if predicate.value.startswith(XSD) else OWL["Restriction"]
    facets, cell = BlankNode("facets"), BlankNode("cell")
    listed = predicate in (
        OWL["oneOf"],
        OWL["unionOf"],
        OWL["intersectionOf"],
        OWL["hasKey"],
        RDF["first"],
    )
    triples = [
        (RELATION, RDF["type"], OWL["DatatypeProperty"]),
        (RELATION, RDFS["range"], EXPRESSION),
        (NamedNode("http://x/C"), RDFS["subClassOf"], EXPRESSION),
        (EXPRESSION, RDFS["subClassOf"], NamedNode("http://x/D")),
        (EXPRESSION, RDF["type"], kind),
        (EXPRESSION, OWL["onProperty"], RELATION),
        (EXPRESSION, OWL["onDatatype"], XSD["string"]),
        (EXPRESSION, OWL["withRestrictions"], facets),
        (facets, RDF["first"], cell),
        (facets, RDF["rest"], RDF["nil"]),
        (cell, predicate, hostile),
        (EXPRESSION, predicate, BlankNode("list") if listed else hostile),
        (BlankNode("list"), RDF["first"], hostile),
        (BlankNode("list"), RDF["rest"], RDF["nil"]),
        (MEMBER, RDF["type"], NamedNode("http://x/C")),
        (MEMBER, RELATION, hostile),
        (MEMBER, RELATION, Literal("ab")),
    ]
    yield from (Quad(*triple, DefaultGraph()) for triple in triples)


def unharmed(predicate: NamedNode, hostile: NamedNode | Literal | BlankNode) -> bool:
    """Tell whether each rule is one query, and inferring, where it is not refused, leaves an unrelated graph alone."""
    quads = [*axioms(predicate, hostile)]
    for rule in Reasoner(
        (quad.triple for quad in quads), whole=True, report=[].append
    ).compiled.rules:
        functions = dict.fromkeys(
            map(NamedNode, re.findall(r"<([^>]*/function/[^>]*)>", rule.text())), Literal
        )
        Store().query(rule.text(), custom_functions=functions)
    store = Store()
    store.extend([*quads, KEPT])
    with suppress(MalformedAxiom):
        infer(store)
    return KEPT in store


@pytest.mark.parametrize("predicate", [*FACETS, *CARDINALITIES], ids=lambda node: node.value)
@pytest.mark.parametrize("text", INJECTIONS)
def test_a_literal_that_ends_the_query_changes_no_other_graph(
    predicate: NamedNode, text: str
) -> None:
    assert all(unharmed(predicate, Literal(text, datatype=datatype)) for datatype in DATATYPES)


literals = st.builds(
    lambda text, datatype: Literal(text, datatype=datatype),
    st.one_of(st.sampled_from(INJECTIONS), st.text(max_size=20)),
    st.sampled_from(DATATYPES),
)
names = st.builds(
    lambda text: NamedNode("http://x/" + text), st.text("abc'()*;/?&$!~,:", max_size=12)
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PREDICATES), st.one_of(literals, names, st.just(BlankNode("b"))))
def test_no_term_in_any_place_of_an_axiom_changes_another_graph(
    predicate: NamedNode, hostile: NamedNode | Literal | BlankNode
) -> None:
    assert unharmed(predicate, hostile)


TERMS = st.one_of(
    st.sampled_from([NamedNode(f"http://x/{name}") for name in "abcp"]),
    st.sampled_from([BlankNode(name) for name in "uvw"]),
    st.sampled_from(
        [
            *PREDICATES,
            *KINDS,
            OWL["Thing"],
            OWL["Nothing"],
            XSD["string"],
            RDF["nil"],
            OWL["sameAs"],
        ]
    ),
)
WILD = st.builds(
    Triple,
    TERMS.filter(lambda term: not isinstance(term, Literal)),
    st.one_of(
        st.sampled_from([*PREDICATES, RDF["type"]]), st.sampled_from([RELATION, OWL["sameAs"]])
    ),
    st.one_of(TERMS, literals),
)
FUZZED = int(os.environ.get("SHIMODA_FUZZED", "300"))


@settings(max_examples=FUZZED, deadline=None)
@given(st.lists(WILD, min_size=1, max_size=14))
def test_axioms_at_random_are_refused_by_name_or_reasoned_with(triples: list[Triple]) -> None:
    for whole in (False, True):
        with suppress(ShimodaError):
            list(Reasoner(triples, whole=whole).inferred())
        with suppress(LimitExceeded):
            tolerant = Reasoner(triples, whole=whole, report=[].append)
            list(tolerant.inferred())
            list(tolerant.clashes())


def test_an_axiom_that_takes_itself_back_is_not_followed_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That b has a value follows as b is the same as something else; it makes b malformed, and so takes b's domain away."""
    followed = 0
    recompile = Reasoner.recompile

    def counted(reasoner: Reasoner) -> object:
        nonlocal followed
        followed += 1
        assert followed < 20
        return recompile(reasoner)

    monkeypatch.setattr(Reasoner, "recompile", counted)
    other, restricts = NamedNode("http://x/b"), OWL["someValuesFrom"]
    triples = [
        Triple(other, RDFS["domain"], OWL["onDatatype"]),
        Triple(restricts, OWL["hasValue"], BlankNode("w")),
        Triple(restricts, OWL["sameAs"], other),
    ]
    problems: list[MalformedAxiom] = []
    list(Reasoner(triples, report=problems.append).inferred())
    assert any("is a restriction of no property" in str(one) for one in problems)
