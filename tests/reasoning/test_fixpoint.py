"""Rules to their fixpoint: what is added and taken away, links, views, worlds, strata and limits."""

from __future__ import annotations

import random
from pathlib import Path
from typing import cast
from unittest.mock import create_autospec

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryTriples, Store, Triple

from shimoda.errors import InputError, LimitExceeded, SyntaxProblem
from shimoda.namespaces import PREFIXES, graph, view
from shimoda.paths import data
from shimoda.reasoning import Limits, Reasoner, Upkeep, facts, infer
from shimoda.reasoning.rules import parse_rule, read_rule
from shimoda.reasoning.schema import RDF

from .worlds import declare, load, space

AT = space("t")
TREE = (
    declare("A B", "p q", people="x y z")
    + ":p a owl:TransitiveProperty . :A rdfs:subClassOf :B . :x :p :y . :y :p :z . "
)


def node(name: str) -> NamedNode:
    return NamedNode(AT + name)


def held(store: Store, words: str, where: NamedNode | DefaultGraph | None = None) -> bool:
    """Tell whether "x p y" stands in the default graph, or in another."""
    return Quad(*map(node, words.split()), where or DefaultGraph()) in store


def content(store: Store) -> set[Quad]:
    """Return all quads, but for the blank nodes, the rounds and the labels that bear them."""
    return {
        quad for quad in store if "inference" not in str(quad.graph_name) and "_:" not in str(quad)
    }


def test_what_is_inferred_stands_in_its_graph_and_in_the_default_graph() -> None:
    store = load("t", TREE)
    outcome = infer(store)
    assert held(store, "x p z") and held(store, "x p z", graph("inferred"))
    assert not held(store, "x p y", graph("inferred"))
    assert outcome.by_rule["type-p-transitive-property"] == outcome.triples == 1


def test_added_triples_bring_about_what_a_fresh_start_would() -> None:
    added = [Triple(node("z"), node("p"), node("w")), Triple(node("w"), node("p"), node("v"))]
    grown = load("t", TREE)
    upkeep = Upkeep(grown)
    grown.extend(Quad(*triple, DefaultGraph()) for triple in added)
    upkeep.change(added)
    fresh = load("t", TREE)
    fresh.extend(Quad(*triple, DefaultGraph()) for triple in added)
    infer(fresh)
    assert held(grown, "x p v") and content(grown) == content(fresh)


def test_a_triple_that_is_stated_after_it_was_inferred_survives_its_premises() -> None:
    store = load("t", TREE)
    upkeep = Upkeep(store)
    upkeep.change([Triple(node("x"), node("p"), node("z"))])
    assert not held(store, "x p z", graph("inferred"))
    store.remove(Quad(node("x"), node("p"), node("y")))
    upkeep.change([], [Triple(node("x"), node("p"), node("y"))])
    assert held(store, "x p z")


def test_what_follows_from_a_triple_goes_with_it() -> None:
    store = load("t", TREE)
    infer(store)
    store.remove(Quad(node("x"), node("p"), node("y")))
    infer(store)
    assert not held(store, "x p z") and not held(store, "x p z", graph("inferred"))


def test_an_added_axiom_changes_the_rules() -> None:
    store = load("t", TREE)
    upkeep = Upkeep(store)
    axiom = Triple(
        node("q"), NamedNode("http://www.w3.org/2000/01/rdf-schema#subPropertyOf"), node("p")
    )
    fact = Triple(node("z"), node("q"), node("w"))
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in (axiom, fact))
    upkeep.change([axiom, fact])
    assert held(store, "x p w")


def test_links_are_not_premises_and_stand_afterwards_as_before() -> None:
    store = load("t", TREE + ":x a :A .")
    same = NamedNode("http://www.w3.org/2002/07/owl#sameAs")
    for where in (DefaultGraph(), graph("links")):
        store.add(Quad(node("x"), same, NamedNode("http://elsewhere.example/x"), where))
    infer(store)
    assert Quad(node("x"), same, NamedNode("http://elsewhere.example/x")) in store
    assert not list(
        store.quads_for_pattern(NamedNode("http://elsewhere.example/x"), None, None, None)
    )


CLAIMED = {view("party"): [Triple(node("z"), node("p"), node("claimed"))]}


def test_a_view_gets_what_follows_only_there_and_the_default_graph_does_not() -> None:
    store = load("t", TREE)
    infer(store, views=CLAIMED)
    assert held(store, "x p claimed", view("party")) and held(store, "y p claimed", view("party"))
    assert not held(store, "x p claimed") and not held(store, "x p claimed", graph("inferred"))
    assert not held(store, "x p z", view("party"))


def test_a_view_loses_what_followed_from_what_is_gone() -> None:
    store = load("t", TREE)
    infer(store, views=CLAIMED)
    store.remove(Quad(node("x"), node("p"), node("y")))
    infer(store, views=CLAIMED)
    assert held(store, "y p claimed", view("party")) and not held(
        store, "x p claimed", view("party")
    )


def test_a_named_graph_can_be_the_world() -> None:
    store, world = Store(), view("neutral")
    for quad in load("t", TREE):
        store.add(Quad(quad.subject, quad.predicate, quad.object, world))
    infer(store, world=world)
    assert held(store, "x p z", world) and not list(
        store.quads_for_pattern(None, None, None, DefaultGraph())
    )


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.rq"
    prefixes = f"PREFIX : <{AT}>\nPREFIX rdfs: <{PREFIXES['rdfs']}>\n"
    path.write_text(prefixes + text, encoding="utf-8")
    return path


def test_a_rule_that_closes_the_world_runs_after_what_it_says_is_absent(tmp_path: Path) -> None:
    store = load("t", TREE + ":x a :A . :y a :A . :z a :A .")
    absent = read_rule(
        write(
            tmp_path,
            "last",
            "CONSTRUCT { ?x :q ?x } WHERE { ?x a :A FILTER NOT EXISTS { ?x :p :z } }",
        )
    )
    infer(store, rules=[absent])
    assert held(store, "z q z") and not held(store, "x q x") and not held(store, "y q y")


def test_what_takes_place_somewhere_takes_place_in_what_lies_around_it() -> None:
    words = PREFIXES[""]
    event, city, land = node("event"), node("city"), node("land")
    store = Store()
    store.add(Quad(event, words["takesPlaceIn"], city))
    store.add(Quad(city, words["locatedIn"], land))
    infer(store, rules=[read_rule(data("ontology") / "rules" / "takes-place-within.rq")])
    assert Quad(event, words["takesPlaceIn"], land) in store


def test_an_addition_takes_back_what_followed_from_its_absence(tmp_path: Path) -> None:
    store = load("t", TREE + ":x a :A . :w a :A .")
    absent = read_rule(
        write(
            tmp_path,
            "last",
            "CONSTRUCT { ?x :q ?x } WHERE { ?x a :A FILTER NOT EXISTS { ?x :p :z } }",
        )
    )
    upkeep = Upkeep(store, rules=[absent])
    assert held(store, "w q w")
    added = Triple(node("w"), node("p"), node("x"))
    store.add(Quad(*added, DefaultGraph()))
    upkeep.change([added])
    assert held(store, "w p z") and not held(store, "w q w")


def test_what_follows_from_an_absence_is_a_thing_too(tmp_path: Path) -> None:
    text = "CONSTRUCT { ?x :q ?x } WHERE { ?x rdfs:label ?name FILTER NOT EXISTS { ?x :p ?y } }"
    unrelated = read_rule(write(tmp_path, "unrelated", text))
    store = load("t", TREE + ":n rdfs:label 'n' . owl:Thing rdfs:subClassOf :Entity .")
    infer(store, rules=[unrelated])
    assert Quad(node("n"), PREFIXES["rdf"]["type"], node("Entity"), DefaultGraph()) in store


def test_what_a_rule_makes_of_any_property_is_closed_where_that_is_transitive(
    tmp_path: Path,
) -> None:
    text = "CONSTRUCT { ?y ?p ?x } WHERE { ?x :from ?y ; :by ?p }"
    store = load("t", TREE + ":w :from :z ; :by :p ; :p :v .")
    infer(store, rules=[read_rule(write(tmp_path, "named", text))])
    assert held(store, "z p v") and held(store, "x p v")


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { ?x :q ?x } WHERE { ?x a :A FILTER NOT EXISTS { ?x :q ?x } }",
        "CONSTRUCT { ?x :q ?x } WHERE { ?x a :A FILTER NOT EXISTS { ?x ?any ?x } }",
        "CONSTRUCT { ?x ?any ?x } WHERE { ?x ?any :A FILTER NOT EXISTS { ?x :q ?x } }",
        "CONSTRUCT { ?x a ?any } WHERE { ?x :p ?any FILTER NOT EXISTS { ?x a :A } }",
    ],
)
def test_rules_without_an_order_are_refused_by_name(text: str, tmp_path: Path) -> None:
    rule = read_rule(write(tmp_path, "liar", text))
    with pytest.raises(InputError, match="liar"):
        infer(load("t", TREE), rules=[rule])


def test_a_rule_that_multiplies_is_stopped_by_name(tmp_path: Path) -> None:
    people = "".join(f":n{number} a :A . " for number in range(60))
    rule = read_rule(
        write(tmp_path, "everyone", "CONSTRUCT { ?x :q ?y } WHERE { ?x a :A . ?y a :A }")
    )
    with pytest.raises(LimitExceeded, match="everyone") as caught:
        infer(load("t", TREE + people), rules=[rule], limits=Limits(triples=1000))
    assert caught.value.where["rule"] == "everyone"


def test_a_rule_that_does_not_end_is_stopped_by_name() -> None:
    chain = "".join(f":n{number} :p :n{number + 1} . " for number in range(100))
    with pytest.raises(LimitExceeded, match="type-p-transitive-property"):
        infer(load("t", TREE + chain), limits=Limits(rounds=3))


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("CONSTRUCT { ?x :p ?new } WHERE { ?x a :A }", InputError, "new"),
        ("CONSTRUCT { ?x :p [] } WHERE { ?x a :A }", InputError, r"\["),
        (
            "CONSTRUCT { ?x :p ?y } WHERE { ?x a :A BIND(IRI('http://x/') AS ?y) }",
            InputError,
            "BIND",
        ),
        ("CONSTRUCT { ?x :p ?y } WHERE { ?x :p/:p ?y }", InputError, "/"),
        ("CONSTRUCT { } WHERE { ?x a :A }", InputError, "head"),
        ("SELECT * WHERE { ?x a :A }", InputError, "CONSTRUCT"),
        ("CONSTRUCT { ?x :p } WHERE { ?x a :A }", SyntaxProblem, "error at"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_file(
    tmp_path: Path, text: str, error: type[InputError], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        read_rule(write(tmp_path, "bad", text))
    assert caught.value.where["file"].endswith("bad.rq")


@pytest.mark.parametrize("many", [0, facts.MANY], ids=["of many", "of few"])
def test_a_rule_finds_what_a_query_does_whatever_is_matched_first(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where two patterns are matched together, as each alone would match too much."""
    real = facts.Facts.extend_by_both
    together = create_autospec(real, side_effect=real)
    monkeypatch.setattr(facts, "MANY", many)
    monkeypatch.setattr(facts.Facts, "extend_by_both", together)
    choose = random.Random(1)
    nodes = [node(f"n{number}") for number in range(40)]
    names = [node("in"), node("by"), RDF["type"]]
    for patterns in (
        "?a :in ?s ; :by ?p . ?b :in ?s ; :by ?p",
        "?a :in ?s . ?b :in ?s ; a :n1",
        "?a :in ?b . ?b :by ?a ; :in ?a",
        "?a :in ?s ; :by ?p . ?s :by ?b . ?p :by ?b",
        "?a :in ?b . ?b :by :n2 . :n3 :in ?b . ?b :by ?b",
    ):
        text = f"PREFIX : <{AT}> CONSTRUCT {{ ?a :near ?b }} WHERE {{ {patterns} }}"
        for _ in range(10):
            triples = {
                Triple(choose.choice(nodes), choose.choice(names), choose.choice(nodes))
                for _ in range(choose.randrange(400))
            }
            store = Store()
            store.extend(Quad(*triple, DefaultGraph()) for triple in triples)
            reasoner = Reasoner(triples, rules=[parse_rule(text, "near", "near")])
            near = {triple for triple in reasoner.inferred() if triple.predicate == node("near")}
            assert near == set(cast(QueryTriples, store.query(text)))
    assert together.called == (many == 0)
