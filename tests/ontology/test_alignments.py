"""Alignments: none is imported, each speaks of terms that exist, and HermiT finds each consistent with our graph."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, Triple

from shimoda import paths
from shimoda.dataset.files import parse
from shimoda.namespaces import ONTOLOGY, PREFIXES
from shimoda.reasoning import hermit

ONTOLOGIES = paths.data("ontology")
ALIGNMENTS = sorted((ONTOLOGIES / "alignments").glob("*.ttl"))
VOCABULARIES = {
    "marl",
    "prov",
    "org",
    "sem",
    "schema-org",
    "geosparql",
    "owl-time",
    "skos",
    "wikidata",
    "crminf",
}
OWL, RDFS, RDF, PROV = PREFIXES["owl"], PREFIXES["rdfs"], PREFIXES["rdf"], PREFIXES["prov"]


def triples(*files: Path) -> list[Triple]:
    return [quad.triple for file in files for quad in parse(file)]


@pytest.fixture(scope="module")
def core() -> list[Triple]:
    return triples(*sorted(ONTOLOGIES.glob("*.ttl")))


@pytest.fixture(scope="module")
def people_and_events(store) -> list[Triple]:
    """What the default graph states of some of each kind: enough to clash where an alignment is wrong."""
    kinds = (
        "person",
        "state",
        "body",
        "office",
        "tenure",
        "agreement",
        "document",
        "place",
        "event",
    )
    subjects = {quad.subject.value for quad in store if isinstance(quad.subject, NamedNode)}
    chosen = {
        iri
        for kind in kinds
        for iri in sorted(one for one in subjects if f"/id/{kind}/" in one)[:12]
    }
    return [
        triple
        for triple in hermit.stated(store)
        if isinstance(triple.subject, NamedNode)
        and triple.subject.value in chosen
        and not isinstance(triple.object, BlankNode)
    ]


def test_there_is_an_alignment_for_each_vocabulary_and_the_core_imports_none(core) -> None:
    assert {file.stem for file in ALIGNMENTS} == VOCABULARIES
    assert [triple for triple in core if triple.predicate == OWL["imports"]] == []


@pytest.mark.parametrize("file", ALIGNMENTS, ids=lambda file: file.stem)
def test_an_alignment_speaks_of_terms_of_ours_that_exist(file: Path, core) -> None:
    declared = {triple.subject for triple in core if triple.predicate == RDF["type"]}
    ours = {
        node
        for triple in triples(file)
        for node in (triple.subject, triple.object)
        if isinstance(node, NamedNode) and node.value.startswith(ONTOLOGY)
    }
    assert len(ours) > 0 and ours <= declared


@pytest.mark.parametrize("file", ALIGNMENTS, ids=lambda file: file.stem)
def test_an_alignment_is_consistent_with_our_graph(file: Path, core, people_and_events) -> None:
    opinion = hermit.ask(chain(core, triples(file), people_and_events))
    assert opinion.consistent and opinion.unsatisfiable == ()


def test_a_wrong_alignment_is_found_inconsistent(core, people_and_events) -> None:
    """The same check says no where persons are put under activities, which PROV-O keeps apart from entities."""
    wrong = [
        Triple(PREFIXES[""]["Person"], RDFS["subClassOf"], PROV[name])
        for name in ("Activity", "Entity")
    ]
    prov = triples(ONTOLOGIES / "alignments/prov.ttl")
    assert not hermit.ask(chain(core, prov, wrong, people_and_events)).consistent
