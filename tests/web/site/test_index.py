"""Search and the index of entities over HTTP."""

import pytest
from pyoxigraph import RdfFormat, parse

BROWSER = {"Accept": "text/html,*/*;q=0.8"}


def test_search_answers_json_by_suffix_and_by_accept(client):
    asked = {"q": "クナシリ", "limit": "2"}
    found = client.get("/search.json", query_string=asked).json
    assert (
        client.get("/search", query_string=asked, headers={"Accept": "application/json"}).json
        == found
    )
    best = found["results"][0]
    assert best["name"] == "place:kunashir" and best["kind"] == "place" and best["score"] == 1
    assert best["matched"] == {"as": "alias", "text": "Kunashiri", "language": "en"}
    assert client.get(best["page"], follow_redirects=True).status_code == 200
    assert len(found["results"]) == 2


def test_search_shows_a_page_that_leads_on(client):
    page = client.get("/search", query_string={"q": "Putin <b>"}, headers=BROWSER)
    assert page.mimetype == "text/html" and 'href="/doc/person/vladimir-putin"' in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1e2", "", "9" * 5000])
def test_a_limit_out_of_range_is_refused_by_name(client, limit):
    answer = client.get("/search.json", query_string={"q": "x", "limit": limit})
    assert answer.status_code == 400 and "limit" in answer.json["detail"]


def test_the_index_lists_kinds_and_entities_with_labels_and_counts(client):
    kinds = client.get("/id.json").json["kinds"]
    places = client.get("/id/place.json").json
    assert places["count"] == kinds["place"] == len(places["entities"])
    kunashir = next(one for one in places["entities"] if one["iri"].endswith("/kunashir"))
    assert kunashir["labels"]["ru"] == "Кунашир" and kunashir["assertions"] > 0


def test_the_index_comes_in_pages_that_together_are_all(client):
    first = client.get("/id/event/", headers={"Accept": "application/json"})
    count, pages = first.json["count"], first.json["pages"]
    found = {
        entity["iri"]
        for page in range(1, pages + 1)
        for entity in client.get("/id/event.json", query_string={"page": page}).json["entities"]
    }
    assert len(found) == count > len(first.json["entities"])
    links = first.headers.getlist("Link")
    assert any(link.endswith('/id/event/?page=2>; rel="next"') for link in links)
    assert not any('rel="prev"' in link for link in links)


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld", "rdf"])
def test_the_index_is_rdf_by_suffix(client, suffix):
    answer = client.get(f"/id/place.{suffix}")
    form = RdfFormat.from_media_type(answer.mimetype)
    subjects = {quad.subject.value for quad in parse(answer.data, form)}
    assert len(subjects) == client.get("/id/place.json").json["count"]


def test_the_index_is_a_page_for_a_browser(client):
    assert 'href="/id/place/"' in client.get("/id/", headers=BROWSER).text
    page = client.get("/id/place/", headers=BROWSER)
    assert 'href="/doc/place/kunashir"' in page.text and "国後島" in page.text


def test_what_is_no_kind_may_be_a_label(client):
    assert client.get("/id/planet.json").status_code == 404
    assert client.get("/id/Кунашир/").headers["Location"].endswith("/doc/place/kunashir")
