"""The doctor over HTTP, and the link that leads to it from an answer that says nothing."""

import pytest

EMPTY = "SELECT * { <http://example.org/a> <http://example.org/labell> ?l }"
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


def doctors(answer):
    links = [link for link in answer.headers.getlist("Link") if 'rel="help"' in link]
    return [link[1 : link.index(">")] for link in links]


TABLES = (
    "text/csv",
    "text/tab-separated-values",
    "application/sparql-results+xml",
    "application/json",
)
QUERIES = {
    EMPTY: TABLES,
    "ASK { <x:no> ?p ?o }": TABLES,
    "CONSTRUCT WHERE { <x:no> ?p ?o }": ("text/turtle",),
}


@pytest.mark.parametrize(
    ("query", "accept"), [(query, accept) for query, all_ in QUERIES.items() for accept in all_]
)
def test_an_empty_answer_leads_to_the_reason(client, query, accept):
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
    [address] = doctors(answer)
    found = client.get(address, headers={"Accept": "application/json"})
    assert found.json["query"] == query and found.json["rows"] == 0 and found.json["findings"]


def test_a_posted_query_and_its_dataset_come_along(client):
    asked = {"query": EMPTY, "default-graph-uri": "http://example.org/g"}
    [address] = doctors(client.post("/sparql", data=asked))
    assert "default-graph-uri=http%3A%2F%2Fexample.org%2Fg" in address


def test_an_answer_that_says_something_has_no_such_link(client):
    for query in ("SELECT * { ?s ?p ?o }", "ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"):
        assert doctors(client.get("/sparql", query_string={"query": query})) == []


def test_a_query_that_is_too_long_for_a_link_is_not_repeated_in_it(client):
    [address] = doctors(client.post("/sparql", data={"query": EMPTY + " " * 5000}))
    assert address == "/doctor"


def test_the_reason_is_json_by_suffix_and_a_page_for_a_browser(client):
    asked = {"query": EMPTY}
    assert (
        client.get("/doctor.json", query_string=asked).json["findings"][0]["code"] == "unknown-term"
    )
    page = client.get("/doctor", query_string=asked, headers=BROWSER)
    assert page.mimetype == "text/html" and "labell&gt;" in page.text
    assert (
        client.post("/doctor", data=asked, headers={"Accept": "application/json"}).json["rows"] == 0
    )


def test_the_reason_is_kept_until_the_dataset_changes(writer, engine):
    first = writer.get("/doctor.json", query_string={"query": EMPTY})
    before = len(engine.asked)
    again = writer.get("/doctor.json", query_string={"query": EMPTY})
    assert again.data == first.data and len(engine.asked) == before
    triple = "<http://example.org/a> <http://example.org/labell> 1"
    writer.post("/update", data={"update": f"INSERT DATA {{ {triple} }}"})
    assert writer.get("/doctor.json", query_string={"query": EMPTY}).json["rows"] == 1


def test_without_a_query_it_is_told_what_to_give(client):
    answer = client.get("/doctor.json")
    assert answer.status_code == 400 and "query" in answer.json["detail"]


def test_what_cannot_be_answered_is_told_with_its_place(client):
    found = client.get("/doctor.json", query_string={"query": "SELECT *\n{ ?s ?p"}).json
    assert found["rows"] is None
    assert (found["findings"][0]["code"], found["findings"][0]["line"]) == ("syntax", 2)
