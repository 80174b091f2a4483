"""Every term of the ontology is named, defined and within OWL 2 DL."""

import re

import pytest
from pyowl2_profiles import detect_profiles
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from shimoda import paths
from shimoda.dataset.files import parse
from shimoda.namespaces import ONTOLOGY, PREFIXES

RDF, RDFS, OWL, SKOS = (PREFIXES[name] for name in ("rdf", "rdfs", "owl", "skos"))
HEADER = NamedNode("https://w3id.org/shimoda/ontology")
FILES = sorted(paths.data("ontology").glob("*.ttl"))
NAMING = {
    OWL["AnnotationProperty"]: re.compile(r"[a-z]+([A-Z0-9][a-z0-9]*)*"),
    OWL["Class"]: re.compile(r"([A-Z][a-z0-9]*)+"),
    OWL["ObjectProperty"]: re.compile(r"[a-z]+([A-Z0-9][a-z0-9]*)*"),
    OWL["DatatypeProperty"]: re.compile(r"[a-z]+([A-Z0-9][a-z0-9]*)*"),
    OWL["NamedIndividual"]: re.compile(r"([A-Z][a-z0-9]*)+"),
}


@pytest.fixture(scope="module")
def ontology():
    store = Store()
    store.extend(quad for file in FILES for quad in parse(file))
    return store


def terms(store, kind):
    found = (quad.subject for quad in store.quads_for_pattern(None, RDF["type"], kind))
    return [
        term for term in found if isinstance(term, NamedNode) and term.value.startswith(ONTOLOGY)
    ]


def values(store, term, predicate):
    return [quad.object for quad in store.quads_for_pattern(term, predicate, None)]


@pytest.mark.parametrize("kind", NAMING, ids=lambda kind: kind.value.rpartition("#")[2])
def test_every_term_is_named_defined_and_placed(ontology, kind):
    assert terms(ontology, kind)
    for term in terms(ontology, kind):
        assert NAMING[kind].fullmatch(term.value.removeprefix(ONTOLOGY)), term
        assert {label.language for label in values(ontology, term, RDFS["label"])} >= {
            "en",
            "ja",
            "ru",
        }, term
        assert len(values(ontology, term, SKOS["definition"])) == 1, term
        assert values(ontology, term, RDFS["isDefinedBy"]) == [HEADER], term


def test_every_term_that_is_used_is_declared(ontology):
    declared = {quad.subject for quad in ontology.quads_for_pattern(None, RDF["type"], None)}
    used = {part for quad in ontology for part in (quad.subject, quad.predicate, quad.object)}
    assert not {term for term in used - declared if str(term).startswith(f"<{ONTOLOGY}")}


@pytest.mark.parametrize("kind", NAMING, ids=lambda kind: kind.value.rpartition("#")[2])
def test_no_two_terms_of_a_kind_share_an_english_label(ontology, kind):
    labels = [label.value for term in terms(ontology, kind) for label in values(ontology, term, RDFS["label"])
              if label.language == "en"]  # fmt: skip
    assert sorted(labels) == sorted(set(labels))


def test_the_ontology_is_within_the_dl_profile(ontology):
    assert detect_profiles(ontology, None, HEADER.value, None)["dl"]["total_violations"] == 0


def test_the_profile_check_sees_what_is_outside(ontology):
    broken = with_type(ontology, "date", "ObjectProperty")
    assert detect_profiles(broken, None, HEADER.value, None)["dl"]["total_violations"] > 0


COMPOSITE = """
PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?property WHERE {
  { ?property a owl:FunctionalProperty } UNION { ?property a owl:InverseFunctionalProperty }
  UNION { ?property a owl:IrreflexiveProperty } UNION { ?property a owl:AsymmetricProperty }
  UNION { ?restriction owl:onProperty ?property ; owl:minQualifiedCardinality|owl:maxQualifiedCardinality ?n }
  ?property ^rdfs:subPropertyOf*/(owl:inverseOf|^owl:inverseOf)? ?part .
  { ?part a owl:TransitiveProperty } UNION { ?part owl:propertyChainAxiom ?chain }
}"""


def test_what_must_be_simple_is_simple(ontology):
    """OWL 2 Structural Specification, section 11.2: no transitivity or chain below what is counted or restricted."""
    assert not list(ontology.query(COMPOSITE))


def test_a_composite_property_that_is_restricted_would_be_seen(ontology):
    found = with_type(ontology, "partOf", "IrreflexiveProperty").query(COMPOSITE)
    assert [row["property"] for row in found] == [PREFIXES[""]["partOf"]]


def with_type(ontology, term, kind):
    broken = Store()
    broken.extend(ontology)
    broken.add(Quad(PREFIXES[""][term], RDF["type"], OWL[kind], DefaultGraph()))
    return broken


def test_the_core_imports_nothing(ontology):
    assert not list(ontology.quads_for_pattern(None, OWL["imports"], None))
