"""On our graph, the rules and HermiT find the same, but for the differences that are listed with their reasons."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Store

from shimoda.namespaces import BASE, ONTOLOGY
from shimoda.reasoning import hermit

LISTED = tomllib.loads(Path(__file__).with_name("differences.toml").read_text(encoding="utf-8"))[
    "graph"
]
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SPOKEN_OF = f"{BASE}id/"


@pytest.fixture(scope="module")
def found(store: Store) -> set[tuple[str, str, str]]:
    """What the default graph holds between IRIs."""
    quads = store.quads_for_pattern(None, None, None, DefaultGraph())
    return {
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for quad in quads
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    }


def test_types_differ_only_where_listed(store: Store, found: set[tuple[str, str, str]]) -> None:
    opinion = hermit.ask(hermit.stated(store))
    theirs = {pair for pair in opinion.types if pair[1].startswith(ONTOLOGY)}
    mine = {
        (one, kind)
        for one, relation, kind in found
        if relation == TYPE and kind.startswith(ONTOLOGY)
    }
    assert len(theirs) > 1000
    assert theirs - mine == set()
    kinds = {
        kind.removeprefix(ONTOLOGY)
        for one, kind in mine - theirs
        if not one.startswith(f"{BASE}id/link/")
    }
    assert kinds <= LISTED["types"].keys()


def test_relations_differ_only_where_listed(store: Store, found: set[tuple[str, str, str]]) -> None:
    """Between what the article speaks of; with sentences and assertions HermiT would take minutes."""
    left_out = (f"{BASE}assertion/", f"{BASE}source/")
    told = (
        triple
        for triple in hermit.stated(store)
        if not any(part in str(triple) for part in left_out)
    )
    opinion = hermit.ask(told, values=True)
    theirs = {
        one
        for one in opinion.relations
        if one[1].startswith(ONTOLOGY) and one[0].startswith(SPOKEN_OF)
    }
    mine = {one for one in found if one[1].startswith(ONTOLOGY) and one[0].startswith(SPOKEN_OF)}
    mine = {one for one in mine if one[2].startswith((SPOKEN_OF, ONTOLOGY))}
    assert len(theirs) > 1000
    assert theirs - mine == set()
    differences = Counter(relation.removeprefix(ONTOLOGY) for _, relation, _ in mine - theirs)
    assert differences.keys() == LISTED["relations"].keys()
