"""Proofs: well-founded, minimal, complete; and what is missing where nothing follows."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store

from shimoda.dataset import snapshot
from shimoda.errors import InconsistentData
from shimoda.namespaces import BASE, graph
from shimoda.reasoning import LocalStore, Upkeep, infer, require_consistency, rules_of
from shimoda.reasoning.hermit import require_sense
from shimoda.reasoning.proofs import Prover
from shimoda.reasoning.rules import Atom

from .worlds import declare, load, triple

ONTOLOGY = f"{BASE}ontology#"


def atom(words: str) -> Atom:
    """Spell out "x p y" in the test's namespace."""
    subject, predicate, thing = (f"<{iri}>" for iri in triple("t", words))
    return subject, predicate, thing


def prover(text: str) -> Prover:
    store = load("t", text)
    infer(store)
    return Prover(LocalStore(store), rules_of(store))


RING = (
    declare("A", "p q", people="x y z")
    + ":p a owl:SymmetricProperty ; owl:equivalentProperty :q . :x :p :y . "
)


def test_a_proof_in_a_ring_of_rules_ends_at_what_is_stated() -> None:
    proof = prover(RING).prove(atom("y q x"))
    assert proof is not None
    assert [leaf.triple for leaf in proof.leaves()] == [atom("x p y")]
    assert proof.size <= 3


def test_alternatives_never_lead_through_the_triple_itself() -> None:
    found = prover(RING + ":y :q :x .").alternatives(atom("y p x"))
    grounds = {tuple(leaf.triple for leaf in proof.leaves()) for proof in found}
    assert grounds == {(atom("x p y"),), (atom("y q x"),)}
    assert all(
        step.triple != atom("y p x")
        for proof in found
        for premise in proof.premises
        for step in premise.steps()
    )


def test_what_does_not_hold_has_no_proof_but_a_rule_that_lacks_little() -> None:
    text = declare("A B", "p", people="x y") + (
        "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] rdfs:subClassOf :A . :x :p :y ."
    )
    asked = prover(text)
    assert asked.prove(atom("x a A")) is None
    gap = asked.missing(atom("x a A"))[0]
    assert gap.present == (atom("x p y"),) and gap.missing == (" ".join([*atom("y a B"), "."]),)


def test_a_type_that_only_hermit_finds_is_added_and_explained_by_the_axioms() -> None:
    store = load(
        "t",
        declare("A B C D E", people="x")
        + (
            ":A owl:equivalentClass [ a owl:Class ; owl:unionOf (:B :C) ] . :B owl:disjointWith :D . :x a :A, :D ."
            "[ a owl:Class ; owl:intersectionOf (:C :D) ] rdfs:subClassOf :E ."
        ),
    )
    require_sense(store, Upkeep(store))
    proof = Prover(LocalStore(store), rules_of(store)).prove(atom("x a C"))
    assert proof is not None and proof.rule is not None and proof.rule.name == "owl-dl"
    grounds = {step.triple for step in proof.premises}
    assert {atom("x a A"), atom("x a D")} <= grounds
    assert any(step[1].endswith("disjointWith>") for step in grounds)


def test_a_contradiction_names_the_fewest_statements_and_their_files() -> None:
    store = load(
        "t",
        declare("A B C", "p q", people="x y z")
        + (
            ":A owl:disjointWith :B . :p rdfs:domain :A . :q rdfs:range :B . :x :p :y . :z :q :x . :x :p :z . :y a :C ."
        ),
    )
    with pytest.raises(InconsistentData) as caught:
        require_consistency(
            store,
            Upkeep(store).reasoner,
            whereabouts=lambda found: [Path(found.predicate.value[-1] + ".ttl")],
        )
    statements = caught.value.where["statements"]
    assert sorted(one["files"] for one in statements) == [["p.ttl"], ["q.ttl"]]
    assert "q.ttl" in caught.value.detail


def test_the_gate_names_a_class_that_nothing_can_be_in() -> None:
    store = load(
        "t", declare("A B C") + ":A rdfs:subClassOf :B, [ a owl:Class ; owl:complementOf :B ] ."
    )
    with pytest.raises(InconsistentData, match="#A"):
        require_sense(store, Upkeep(store))


def test_the_gate_stops_a_contradiction_that_only_hermit_sees() -> None:
    store = load(
        "t",
        declare("A B C", people="x")
        + (
            ":A rdfs:subClassOf [ a owl:Class ; owl:unionOf (:B :C) ] ; owl:disjointWith :B, :C . :x a :A ."
        ),
    )
    with pytest.raises(InconsistentData, match="HermiT"):
        require_sense(store, Upkeep(store))


# Over our graph


@functools.cache
def dataset() -> bytes:
    """The built dataset as N-Quads."""
    return snapshot.load().dump(format=RdfFormat.N_QUADS) or b""


def copy() -> Store:
    store = Store()
    store.bulk_load(dataset(), format=RdfFormat.N_QUADS)
    return store


@functools.cache
def premises() -> list[Quad]:
    """Statements about things, in the default graph, that other statements may follow from."""
    store = copy()
    derived = {
        quad.triple
        for name in ("inferred", "ontology", "links")
        for quad in store.quads_for_pattern(None, None, None, graph(name))
    }
    return sorted(
        (
            quad
            for quad in store.quads_for_pattern(None, None, None, DefaultGraph())
            if isinstance(quad.object, NamedNode)
            and isinstance(quad.subject, NamedNode)
            and quad.predicate.value.startswith(ONTOLOGY)
            and f"{BASE}id/" in quad.subject.value
            and quad.triple not in derived
        ),
        key=str,
    )


@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_removing_a_premise_removes_exactly_what_has_no_other_proof(data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(premises()))
    store = copy()
    before = {quad.triple for quad in store.quads_for_pattern(None, None, None, graph("inferred"))}
    for quad in list(store.quads_for_pattern(gone.subject, gone.predicate, gone.object, None)):
        store.remove(quad)
    infer(store)
    after = {quad.triple for quad in store.quads_for_pattern(None, None, None, graph("inferred"))}
    asked = Prover(LocalStore(store), rules_of(store))
    for lost in before - after - {gone.triple}:
        assert asked.alternatives(spell(lost)) == []
    touched = {gone.subject, gone.object}
    named = (one for one in after if {one.subject, one.object} & touched and "_:" not in str(one))
    for kept in sorted(named, key=str)[:60]:
        proof = asked.prove(spell(kept))
        assert proof is not None and proof.rule is not None
        assert spell(gone.triple) not in [leaf.triple for leaf in proof.leaves()]


def spell(found: object) -> Atom:
    """Write a triple's terms."""
    subject, predicate, thing = (
        str(getattr(found, name)) for name in ("subject", "predicate", "object")
    )
    return subject, predicate, thing


def test_a_claim_is_no_premise_in_the_default_graph() -> None:
    """What Japan says (sovereignty) is proved in its view, and has no proof outside."""
    store = copy()
    claims = [
        quad
        for quad in store.quads_for_pattern(None, NamedNode(f"{ONTOLOGY}sovereignOver"), None, None)
        if str(quad.graph_name).startswith(f"<{BASE}view/")
    ]
    assert claims
    for quad in claims:
        assert isinstance(quad.graph_name, NamedNode)
        rules = rules_of(store)
        assert Prover(LocalStore(store), rules).prove(spell(quad)) is None
        assert Prover(LocalStore(store), rules, quad.graph_name).prove(spell(quad)) is not None
