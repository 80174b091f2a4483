"""``cite=1`` over HTTP: in JSON, in tables and on the page."""

import csv
import io

import pytest

from shimoda.engine.local import LocalEngine
from shimoda.settings import Settings
from shimoda.web.app import Application

QUERY = """PREFIX : <https://w3id.org/shimoda/ontology#>
SELECT ?visitor { <https://w3id.org/shimoda/id/event/putin-visit-japan-2009> :visitor ?visitor }"""
SENTENCE = "https://w3id.org/shimoda/source/panov-2011#s073"


@pytest.fixture(scope="module")
def site(store):
    """The application over the whole dataset."""
    return Application(LocalEngine(store), Settings(log_format="none")).test_client()


def ask(site, accept, **parameters):
    arguments = {"query": QUERY, "cite": "1", **parameters}
    return site.get("/sparql", query_string=arguments, headers={"Accept": accept})


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/json", "*/*"])
def test_json_carries_the_sources_of_each_row(site, accept):
    answer = ask(site, accept)
    assert answer.status_code == 200
    assert answer.mimetype in (accept, "application/sparql-results+json")
    assert answer.json["citations"]["rows"][0]["sentences"] == [SENTENCE]
    assert len(answer.json["results"]["bindings"]) == 1


def test_csv_carries_them_in_columns(site):
    head, row = csv.reader(io.StringIO(ask(site, "text/csv").text))
    found = dict(zip(head, row, strict=True))
    assert found["visitor"].endswith("vladimir-putin")
    assert (found["status"], found["sentences"]) == ("asserted", SENTENCE)


def test_the_page_links_to_the_sentences(site):
    answer = ask(site, "text/html")
    assert 'href="/source/panov-2011#s073"' in answer.text
    plain = ask(site, "text/html", cite="0")
    assert 'href="/source/panov-2011#s073"' not in plain.text
    assert "cite=1" in plain.text


def test_a_form_may_ask_for_sources_too(site):
    answer = site.post("/sparql", data={"query": QUERY, "cite": "1"})
    assert answer.json["citations"]["rows"][0]["status"] == "asserted"


def test_an_answer_with_sources_is_kept_like_any_other(site):
    first = ask(site, "application/json")
    again = site.get(
        first.request.full_path,
        headers={"Accept": "application/json", "If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304


def test_what_sources_cannot_go_with_is_told(site):
    assert ask(site, "application/sparql-results+xml").status_code == 406
    assert ask(site, "application/json", cite="yes").status_code == 400
    construct = ask(site, "application/json", query="CONSTRUCT WHERE { ?s a ?o } LIMIT 1")
    assert construct.status_code in (400, 406)


def test_a_named_question_is_answered_with_sources_too(site):
    answer = site.get("/q/organizations-of-a-person.json?cite=1")
    assert {row["status"] for row in answer.json["citations"]["rows"]} >= {"asserted"}
    page = site.get("/q/organizations-of-a-person?cite=1", headers={"Accept": "text/html"})
    assert 'href="/source/panov-2011#s004"' in page.text
