"""The proof as people and programs get it: in the terminal and over HTTP."""

from __future__ import annotations

import json

import httpx
import pytest
from click.testing import CliRunner
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse
from tests.serving import PATIENCE, serving

from shimoda.cli import main
from shimoda.namespaces import BASE, PREFIXES, graph
from shimoda.reasoning import LocalStore, rules_of
from shimoda.reasoning.explanation import explain
from shimoda.reasoning.proofs import Prover

CONTESTED = ("place:kunashir", "a", ":ContestedTerritory")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["explain", *arguments])
    return result.exit_code, result.output


def test_the_terminal_shows_rule_premises_and_sentences() -> None:
    code, output = run(*CONTESTED)
    assert code == 0
    assert output.startswith(
        "Kunashir (Kunashiri) is a contested territory\n  by the rule equivalent-class-contested-"
    )
    assert "Japan claims Kunashir (Kunashiri)" in output and "[s068, s080 " in output


def test_json_tells_every_step_with_its_rule_or_its_sentences() -> None:
    found = json.loads(run(*CONTESTED, "--format", "json")[1])

    def steps(step: dict[str, object]) -> list[dict[str, object]]:
        premises = step.get("premises", [])
        assert isinstance(premises, list)
        return [step, *(inner for premise in premises for inner in steps(premise))]

    assert found["holds"] and not found["stated"]
    assert all(("rule" in step) != ("stated" in step) for step in steps(found["proof"]))
    assert f"{BASE}source/panov-2011#s080" in json.dumps(found)


def test_rdf_derives_each_statement_from_its_premises() -> None:
    quads = list(parse(run(*CONTESTED, "--format", "turtle")[1], RdfFormat.TURTLE))
    prov, sh, rdf = PREFIXES["prov"], PREFIXES["sh"], PREFIXES["rdf"]
    statements = {quad.subject for quad in quads if quad.object == rdf["Statement"]}
    derived = {quad.subject for quad in quads if quad.predicate == prov["wasDerivedFrom"]}
    ruled = {quad.subject for quad in quads if quad.predicate == sh["sourceRule"]}
    sources = {quad.object for quad in quads if quad.predicate == prov["hadPrimarySource"]}
    assert derived == ruled and derived < statements
    assert NamedNode(f"{BASE}source/panov-2011#s080") in sources


def test_what_does_not_hold_is_told_with_what_is_missing() -> None:
    code, output = run("person:naoto-kan", "a", ":HeadOfState")
    assert code == 0
    assert (
        "does not hold" in output
        and "office:prime-minister-of-japan rdf:type :HeadOfStateOffice" in output
    )


def test_a_literal_of_another_datatype_is_named_beside_the_one_asked_for() -> None:
    treaty = ("agreement:treaty-of-shimoda", ":date")
    code, output = run(*treaty, '"1855"')
    assert code == 0 and f'another datatype: "1855"^^<{PREFIXES["edtf"]}EDTF>' in output
    found = json.loads(run(*treaty, '"1855"@en', "--format", "json")[1])
    assert not found["holds"] and found["nearest"][0][2].startswith('"1855"^^')
    assert json.loads(run(*treaty, '"1856"', "--format", "json")[1])["nearest"] == []


def test_what_is_told_of_an_assertion_is_cited_with_all_its_sentences(store: Store) -> None:
    asked = ("state:japan", ":discussedIn", "source:panov-2011")
    found = explain(Prover(LocalStore(store), rules_of(store)), asked)
    assert found.proof
    told = [leaf for leaf in found.proof.leaves() if leaf.triple[1] == str(PREFIXES[""]["citedIn"])]
    for leaf in told:
        assertion = NamedNode(leaf.triple[0][1:-1])
        quads = store.quads_for_pattern(assertion, PREFIXES[""]["citedIn"], None, DefaultGraph())
        sentences = {quad.object.value for quad in quads}
        assert [set(citation.sentences) for citation in found.cited(leaf)] == [sentences]
    assert told


def test_what_is_told_of_an_entity_is_cited_with_the_source_of_the_entity() -> None:
    store, source = Store(), NamedNode(f"{BASE}source/panov-2011#s001")
    who, state, place = PREFIXES["person"]["x"], PREFIXES["state"]["y"], graph("entities")
    told = [(who, PREFIXES[""]["ofState"], state), (who, PREFIXES["dcterms"]["source"], source)]
    store.extend(Quad(*triple, where) for triple in told for where in (place, DefaultGraph()))
    found = explain(Prover(LocalStore(store), []), ("person:x", ":ofState", "state:y"))
    assert found.proof
    assert [(one.graph, one.sentences) for one in found.cited(found.proof)] == [
        (place.value, (source.value,))
    ]


def test_what_is_told_of_a_sentence_is_cited_with_that_sentence(store: Store) -> None:
    sentence = f"{BASE}source/panov-2011#s142"
    asked = ("source:panov-2011", ":hasSentence", sentence)
    found = explain(Prover(LocalStore(store), rules_of(store)), asked)
    assert found.proof
    told = [one.sentences for leaf in found.proof.leaves() for one in found.cited(leaf)]
    assert told == [(sentence,)]


def test_a_joint_statement_is_cited_with_every_voice(store: Store) -> None:
    asked = ("assertion:panov-2011-s016-creative-partnership", ":mode", ":Reported")
    found = explain(Prover(LocalStore(store), rules_of(store)), asked)
    assert found.proof
    (citation,) = found.cited(found.proof)
    assert citation.voices == tuple(PREFIXES["state"][name].value for name in ("japan", "russia"))
    assert "japan, russia" in str(citation)


def test_an_unknown_name_brings_the_nearest() -> None:
    code, output = run("place:kunashri", "a", ":ContestedTerritory")
    assert code == 1
    assert "place:kunashri" in output and "place:kunashir" in output and "Traceback" not in output


def test_what_only_a_view_holds_is_explained_in_that_view() -> None:
    japan = ("state:japan", ":sovereignOver", "place:kunashir")
    outside, inside = run(*japan)[1], run(*japan, "--view", "japan")[1]
    if "Nothing here is called" not in outside:
        assert "does not hold" in outside
    assert "does not hold" not in inside or "does not hold" in outside


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> object:
    with serving(tmp_path_factory.mktemp("explain")) as server:
        yield server.url


def test_the_page_shows_the_proof_and_links_to_sentences_and_rules(url: str) -> None:
    s, p, o = CONTESTED
    page = httpx.get(
        f"{url}/explain",
        params={"s": s, "p": p, "o": o},
        headers={"Accept": "text/html"},
        timeout=PATIENCE,
    )
    assert page.status_code == 200
    assert 'href="/source/panov-2011#s080"' in page.text and "is a contested territory" in page.text
    rule = page.text.partition('href="/rule/')[2].partition('"')[0]
    assert httpx.get(f"{url}/rule/{rule}", headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "text/turtle"])
def test_programs_get_json_and_rdf(url: str, kind: str) -> None:
    s, p, o = CONTESTED
    answer = httpx.get(f"{url}/explain", params={"s": s, "p": p, "o": o}, headers={"Accept": kind})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith(kind)
    assert "Accept" in answer.headers["Vary"]


def test_bad_requests_are_problems(url: str) -> None:
    unknown = httpx.get(f"{url}/explain", params={"s": "place:kunashri", "p": "a", "o": ":Island"})
    assert unknown.status_code == 404 and "place:kunashir" in unknown.json()["nearest"]
    assert httpx.get(f"{url}/explain", params={"s": "place:kunashir"}).status_code == 400
    no_view = {"s": "state:japan", "p": "a", "o": ":State", "view": "no\tview"}
    assert "no\\tview" in httpx.get(f"{url}/explain", params=no_view).json()["detail"]
    assert (
        httpx.get(f"{url}/explain?s=a&p=a&o=a", headers={"Accept": "image/png"}).status_code == 406
    )
