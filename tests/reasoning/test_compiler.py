"""Rules and HermiT agree on every construct that rules can say; both find every kind of clash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from shimoda.reasoning import LocalStore, Upkeep, find_clashes, hermit, infer, rules_of
from shimoda.reasoning.compiler import compile_schema
from shimoda.reasoning.schema import read_schema

from .worlds import CASES, CLASHES, declare, load, triple

DIFFERENCES = tomllib.loads(
    Path(__file__).with_name("differences.toml").read_text(encoding="utf-8")
)["cases"]
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def holds(store: Store, triple: tuple[str, str, str]) -> bool:
    """Tell whether a triple of IRIs stands in the default graph."""
    return Quad(*map(NamedNode, triple), DefaultGraph()) in store


def closed(name: str, text: str) -> Store:
    """Return an ontology with what follows from it."""
    store = load(name, text)
    infer(store)
    return store


@pytest.fixture(scope="module")
def opinion() -> hermit.Opinion:
    """HermiT's answer about all cases: together, but for one, with which it stops at a fault of its own."""
    apart, rest = ("reflexive",), Store()
    opinions = [
        hermit.ask(hermit.stated(load(name, CASES[name].text)), values=True) for name in apart
    ]
    for name in CASES.keys() - set(apart):
        load(name, CASES[name].text, rest)
    opinions.append(hermit.ask(hermit.stated(rest), values=True))
    return hermit.Opinion(
        all(found.consistent for found in opinions),
        (),
        tuple(pair for found in opinions for pair in found.types),
        tuple(triple for found in opinions for triple in found.relations),
    )


@pytest.mark.parametrize("name", CASES)
def test_rules_find_what_follows_from_a_construct(name: str) -> None:
    store = closed(name, CASES[name].text)
    assert [words for words in CASES[name].follows if not holds(store, triple(name, words))] == []


@pytest.mark.parametrize("name", CASES)
def test_rules_find_nothing_that_does_not_follow(name: str) -> None:
    store = closed(name, CASES[name].text)
    assert [words for words in CASES[name].open if holds(store, triple(name, words))] == []
    assert list(find_clashes(store, Upkeep(store).reasoner)) == []


@pytest.mark.parametrize("name", CASES)
def test_rules_and_hermit_agree_on_every_type_and_relation(
    name: str, opinion: hermit.Opinion
) -> None:
    inside = f"http://example.org/{name}#"
    quads = closed(name, CASES[name].text).quads_for_pattern(None, None, None, DefaultGraph())
    found = {
        tuple(term.value for term in (quad.subject, quad.predicate, quad.object))
        for quad in quads
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    }
    mine = {
        one
        for one in found
        if one[2].startswith(inside) and (one[1] == TYPE or one[1].startswith(inside))
    }
    answer = {(one, TYPE, kind) for one, kind in opinion.types} | set(opinion.relations)
    theirs = {one for one in answer if one[0].startswith(inside) and one[2].startswith(inside)}
    listed = {triple(name, words) for words in DIFFERENCES.get(name, {}).get("only_rules", ())}
    assert mine - theirs == listed
    assert theirs - mine == set()


@pytest.mark.parametrize("name", CLASHES)
def test_rules_find_a_clash(name: str) -> None:
    store = closed(name, CLASHES[name])
    assert list(find_clashes(store, Upkeep(store).reasoner))


@pytest.mark.parametrize("name", CLASHES)
def test_hermit_finds_the_clash_too(name: str) -> None:
    assert not hermit.ask(hermit.stated(load(name, CLASHES[name]))).consistent


def test_what_rules_cannot_say_is_listed_by_name() -> None:
    text = declare("A B C", "p") + (
        ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] ."
        ":B rdfs:subClassOf [ a owl:Class ; owl:unionOf (:A :C) ] ."
        "[ a owl:Class ; owl:complementOf :A ] rdfs:subClassOf :C ."
    )
    beyond = compile_schema(read_schema(LocalStore(load("beyond", text)))).beyond
    assert [line.split()[0] for line in beyond] == ["A", "B", "expression"]


def test_a_key_never_merges_under_a_part_of_it() -> None:
    name, case = "key", CASES["key"]
    store = closed(name, case.text)
    same = NamedNode("http://www.w3.org/2002/07/owl#sameAs")
    pairs = {
        (quad.subject.value[-1], quad.object.value[-1])
        for quad in store.quads_for_pattern(None, same, None, DefaultGraph())
    }
    assert pairs == {("x", "y"), ("y", "x")}


def test_every_compiled_rule_is_a_sparql_query() -> None:
    for name, case in CASES.items():
        for rule in rules_of(load(name, case.text)):
            functions = dict.fromkeys(
                map(NamedNode, re.findall(r"<([^>]*/function/[^>]*)>", rule.text())), Literal
            )
            Store().query(rule.text(), custom_functions=functions)
