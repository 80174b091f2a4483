"""Named questions over HTTP: every format, pages with forms, paging, and what is refused."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from shimoda.engine.local import LocalEngine
from shimoda.questions import catalogue
from shimoda.settings import Settings
from shimoda.web.app import Application

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
HERE = [question for question in catalogue.read_all() if "SERVICE" not in question.text]
"""Those that ask no third endpoint; tests/web/test_federation.py asks the others."""
POSITIONS = "/q/positions-on-a-territory"


@pytest.fixture(scope="module")
def application(store):
    return Application(LocalEngine(store), Settings(log_format="none"))


@pytest.fixture
def client(application) -> FlaskClient:
    return application.test_client()


@pytest.mark.parametrize("question", HERE, ids=lambda question: question.name)
def test_every_question_has_a_page_and_an_answer_in_its_shape(client, question):
    """The columns are those that the header tells, the rows no fewer; the page shows the question in each language."""
    answer = client.get(f"/q/{question.name}?format=json")
    assert answer.status_code == 200, answer.text
    if question.columns:
        assert answer.json["head"]["vars"] == list(question.columns)
        assert len(answer.json["results"]["bindings"]) >= question.least
    for lang in catalogue.LANGUAGES:
        page = client.get(f"/q/{question.name}?lang={lang}", headers=BROWSER)
        assert page.status_code == 200 and question.titles[lang] in page.text.replace("&#39;", "'")


@pytest.mark.parametrize(
    ("address", "accept", "kind"),
    [
        (POSITIONS, "text/csv", "text/csv"),
        (POSITIONS + ".csv", "*/*", "text/csv"),
        (POSITIONS + "?format=tsv", "*/*", "text/tab-separated-values"),
        (POSITIONS, "application/sparql-results+xml", "application/sparql-results+xml"),
        (POSITIONS, "*/*", "application/sparql-results+json"),
        ("/q/nanopublication.ttl", "*/*", "text/turtle"),
        ("/q/nanopublication", "application/ld+json", "application/ld+json"),
    ],
)
def test_a_question_is_answered_in_every_format(client, address, accept, kind):
    answer = client.get(address, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, kind)


def test_a_call_answers_what_the_same_query_answers_at_the_endpoint(client):
    """A label in place of the IRI, and the query with the IRI written out."""
    text = catalogue.find("positions-on-a-territory").text
    query = text.replace("?_territory_iri", "<https://w3id.org/shimoda/id/place/shikotan>")
    here = client.get(POSITIONS + ".csv?territory=色丹島")
    there = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert here.data == there.data and len(here.data.splitlines()) > 2


def test_an_answer_has_a_tag_and_is_not_sent_again(client):
    answer = client.get(POSITIONS)
    again = client.get(POSITIONS, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_pages_of_an_answer_are_linked_and_make_the_whole(client):
    """Following rel=next from the first page brings every row once, in the order of the whole."""
    whole = client.get("/q/voices.csv").text.splitlines()
    address, found = "/q/voices.csv?limit=20", whole[:1]
    while address:
        answer = client.get(address)
        found += answer.text.splitlines()[1:]
        links = {rel: link for link, _, rel in map(str.partition, *linked(answer))}
        address = links.get("next", "")
    assert found == whole and len(whole) > 40


def linked(answer):
    links = [link.removeprefix("<") for link in answer.headers.getlist("Link")]
    return [link.removesuffix('"').replace('>; rel="', " ") for link in links], [" "] * len(links)


def test_a_page_number_is_a_way_to_say_offset(client):
    third = client.get("/q/voices.csv?page=3&limit=10").data
    assert third == client.get("/q/voices.csv?limit=10&offset=20").data


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/q/contradiction", 404, "contradictions"),
        ("/q/../secret", 404, ""),
        (POSITIONS + "?territory=Kunashyr", 400, "kunashir"),
        (POSITIONS + "?territory=Tokyo", 400, "territory"),
        (POSITIONS + "?island=Kunashir", 404, "territory"),
        (POSITIONS + "?territory=Kunashir&territory=Shikotan", 400, "2 times"),
        (POSITIONS + "?limit=0", 400, "limit"),
        (POSITIONS + "?limit=many", 400, "limit"),
        (POSITIONS + "?page=-1", 400, "page"),
        (POSITIONS + "?view=a b", 400, "view"),
        (POSITIONS + ".pdf", 406, "csv"),
        ("/q/what-happened-in-a-time?first=yesterday", 400, "2010-11-01"),
    ],
)
def test_what_cannot_be_asked_is_told(client, address, status, words):
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert words in json.dumps(answer.json)


def test_the_form_offers_what_the_dataset_holds_and_keeps_what_was_chosen(client):
    page = client.get(POSITIONS + "?territory=Кунашир&lang=ja", headers=BROWSER).text
    assert '<option value="kunashir" selected>国後島</option>' in page
    assert 'value="habomai"' in page and 'value="tokyo"' not in page


def test_a_long_list_of_values_is_typed_with_suggestions(client):
    page = client.get("/q/what-is-said-of-an-entity", headers=BROWSER).text
    assert '<datalist id="l-entity">' in page


def test_an_empty_field_of_a_form_is_the_default(client):
    assert client.get(POSITIONS + ".csv?territory=").data == client.get(POSITIONS + ".csv").data


def test_a_view_is_part_of_what_is_asked(client):
    """What Japan's world adds of a kind is asked with view=japan."""
    plain = client.get("/q/things-of-a-kind.csv?kind=ContestedTerritory")
    assert plain.status_code == 200
    assert client.get("/q/things-of-a-kind.csv?view=atlantis").status_code == 404


def test_an_answer_comes_with_its_sources(client):
    answer = client.get("/q/reactions-to-an-event?cite=1").json
    assert len(answer["citations"]["rows"]) == len(answer["results"]["bindings"])
    page = client.get("/q/reactions-to-an-event?cite=1", headers=BROWSER).text
    assert page.count('<span class="source">') >= len(answer["results"]["bindings"])


def test_the_list_tells_every_question_by_topic(client):
    listed = client.get("/q/", headers={"Accept": "application/json"}).json
    assert [one["name"] for one in listed] == [one.name for one in catalogue.read_all()]
    page = client.get("/q/?lang=ru", headers=BROWSER).text
    assert "Люди и должности" in page
    assert all(f'href="{one["path"]}"' in page for one in listed)
