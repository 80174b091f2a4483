"""What follows in our graph that a reader would call interesting, each with its proof down to sentences."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from shimoda.namespaces import BASE, PREFIXES, graph
from shimoda.reasoning import LocalStore, Rule, rules_of
from shimoda.reasoning.explanation import explain
from shimoda.reasoning.proofs import Prover

FOUND = {
    # What follows, the rule (or its kind) that brings it about, and sentences that must be among its grounds.
    "a contested territory by counting claimants": (
        ("place:kunashir", "a", ":ContestedTerritory"),
        "equivalent-class-contested-territory",
        {"s071", "s068"},
    ),
    "the state bound by the 1956 declaration through succession": (
        ("state:russia", ":boundBy", "agreement:joint-declaration-1956"),
        "property-chain-axiom-bound-by",
        {"s065", "s071"},
    ),
    "the clause that binds with it": (
        ("state:russia", ":boundBy", "agreement:article-9"),
        "property-chain-axiom-bound-by",
        {"s063", "s071"},
    ),
    "an official at the time of the act": (
        (
            "participation:medvedev-in-medvedev-visit-kunashir-2010",
            ":holdingOffice",
            "office:president-of-russia",
        ),
        "office-held-then",
        {"s081"},
    ),
    "the state that somebody acts for": (
        ("participation:kan-in-kan-statement", ":actsFor", "state:japan"),
        "acts-for",
        {"s085"},
    ),
    "a visit to contested territory": (
        ("event:shuvalov-visit", "a", ":VisitToContestedTerritory"),
        "equivalent-class-visit",
        {"s084", "s071"},
    ),
    "a pending handover": (
        ("agreement:article-9", "a", ":PendingProvision"),
        "pending-provision",
        {"s063"},
    ),
    "a telephone call, seen from the other side": (
        ("person:naoto-kan", ":talkedWith", "person:dmitry-medvedev"),
        "",
        {"s129"},
    ),
    "a place visited by visiting a part of it": (
        ("person:dmitry-medvedev", ":visited", "place:south-kurils"),
        "visited-whole",
        {"s081"},
    ),
    "an organization at two removes": (
        ("person:alexander-panov", ":belongsTo", "body:russian-academy-of-sciences"),
        "property-chain-axiom-belongs-to",
        {"s004"},
    ),
    "the origin of words quoted at third hand": (
        ("source:panov-2011", ":derivedFrom", "document:us-embassy-cables"),
        "type-derived-from-transitive",
        {"s105", "s107"},
    ),
    "one event before another": (
        ("event:medvedev-visit-kunashir-2010", ":precedes", "event:kan-thanks-call"),
        "precedes",
        {"s081", "s129"},
    ),
    "an order of events that the dates leave open": (
        ("event:signing-of-accords-2009", ":possiblyPrecedes", "event:peace-treaty-dispute"),
        "possibly-precedes",
        {"s007", "s074"},
    ),
    "the cabinet of the day": (
        ("event:approval-of-document-2009", ":during", "body:hatoyama-cabinet"),
        "during-cabinet",
        {"s077"},
    ),
    "a succession in office": (
        ("person:naoto-kan", ":succeededInOffice", "person:yukio-hatoyama"),
        "succeeded-in-office",
        set(),
    ),
    "a joint statement by counting speakers": (
        ("event:ogura-hakamada-statement", "a", ":JointStatement"),
        "equivalent-class-joint-statement",
        {"s118"},
    ),
    "a head of state by an office": (
        ("person:dmitry-medvedev", "a", ":HeadOfState"),
        "equivalent-class-head-of-state",
        set(),
    ),
    "the party for which a voice spoke": (
        ("assertion:panov-2011-s032-no-dispute-on-agenda", ":statedFor", "state:soviet-union"),
        "stated-for",
        set(),
    ),
}


@pytest.fixture(scope="module")
def rules(store: Store) -> list[Rule]:
    return rules_of(store)


@pytest.mark.parametrize("name", FOUND)
def test_what_follows_is_proved_down_to_sentences(
    name: str, store: Store, rules: list[Rule]
) -> None:
    terms, rule, sentences = FOUND[name]
    found = explain(Prover(LocalStore(store), rules), terms)
    assert found.proof is not None and found.proof.rule is not None
    assert found.proof.rule.name.startswith(rule)
    cited = {
        iri.rpartition("#")[2] for place in found.citations.values() for iri in place.sentences
    }
    assert sentences <= cited
    assert all(leaf.places or "_:" in leaf.triple[0] for leaf in found.proof.leaves())


@pytest.mark.parametrize("name", FOUND)
def test_every_step_of_a_proof_is_an_instance_of_its_rule_and_holds(
    name: str, store: Store, rules: list[Rule]
) -> None:
    proof = explain(Prover(LocalStore(store), rules), FOUND[name][0]).proof
    assert proof
    for step in proof.steps():
        if step.rule and "_:" not in "".join(
            term for premise in step.premises for term in premise.triple
        ):
            known = [premise.triple for premise in step.premises]
            assert len(known) == len(step.rule.body)
            values: dict[str, str] = {}
            for pattern, triple in zip(
                (*step.rule.body, *step.rule.head[:1]), (*known, step.triple), strict=True
            ):
                for variable, term in zip(pattern, triple, strict=True):
                    bound = (
                        values.setdefault(variable, term) if variable.startswith("?") else variable
                    )
                    assert bound == term


def test_contested_are_the_four_and_their_group_and_no_other_place(store: Store) -> None:
    kind = PREFIXES[""]["ContestedTerritory"]
    quads = store.quads_for_pattern(None, PREFIXES["rdf"]["type"], kind, DefaultGraph())
    ours = (PREFIXES[""]["discussedIn"], PREFIXES["source"]["panov-2011"], DefaultGraph())
    contested = {quad.subject for quad in quads if Quad(quad.subject, *ours) in store}
    assert {one.value.rpartition("/")[2] for one in contested} == {
        "kunashir",
        "iturup",
        "shikotan",
        "habomai",
        "south-kurils",
    }


def test_no_sovereignty_follows_for_the_default_graph(store: Store) -> None:
    assert not list(
        store.quads_for_pattern(None, PREFIXES[""]["sovereignOver"], None, DefaultGraph())
    )


def test_what_follows_in_a_view_stays_in_it(store: Store) -> None:
    views = [
        name
        for name in store.named_graphs()
        if isinstance(name, NamedNode) and name.value.startswith(f"{BASE}view/")
    ]
    assert views
    for view in views:
        for quad in store.quads_for_pattern(None, None, None, view):
            assert Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()) not in store


def test_links_bring_nothing_about(store: Store) -> None:
    links = {
        quad.object
        for quad in store.quads_for_pattern(None, None, None, graph("links"))
        if isinstance(quad.object, NamedNode) and not quad.object.value.startswith(BASE)
    }
    inferred = {
        quad.object for quad in store.quads_for_pattern(None, None, None, graph("inferred"))
    }
    assert links
    assert not {term for term in links & inferred if "wikidata" in term.value}


def test_the_graphs_are_assertions_and_those_of_the_design(store: Store) -> None:
    kinds = {
        str(name).split("/")[4] for name in store.named_graphs() if "/assertion/" not in str(name)
    }
    assert kinds == {"graph", "view"}
    graphs = {
        str(name).rpartition("/")[2][:-1] for name in store.named_graphs() if "/graph/" in str(name)
    }
    assert graphs <= {
        "ontology",
        "entities",
        "provenance",
        "background",
        "links",
        "inferred",
        "schema",
    }
