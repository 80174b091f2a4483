"""Which format answers which Accept header."""

import pytest

ASK = {"query": "ASK {}"}
CONSTRUCT = {"query": "CONSTRUCT { <http://a> <http://b> 1 } WHERE {}"}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("nonsense", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/xml", "text/xml; charset=utf-8"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("TEXT/CSV", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("text/csv;q=0.2, application/sparql-results+xml;q=0.3", "application/sparql-results+xml"),
        ("text/*", "text/xml; charset=utf-8"),
        (
            "application/sparql-results+json;q=0, application/json;q=0, */*",
            "application/sparql-results+xml",
        ),
        ("text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("image/png, text/csv;q=0.01", "text/csv; charset=utf-8"),
        ("text/html, */*", "application/sparql-results+json"),
    ],
)
def test_results_come_in_the_format_liked_best(client, accept, content_type):
    answer = client.get("/sparql", query_string=ASK, headers={"Accept": accept} if accept else {})
    assert answer.headers["Content-Type"] == content_type
    assert "Accept" in answer.vary


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/turtle; charset=utf-8"),
        ("application/n-triples", "application/n-triples"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("application/rdf+xml, text/turtle;q=0.9", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
        ("application/trig", "application/trig"),
        ("application/n-quads", "application/n-quads"),
        ("application/sparql-results+json, */*;q=0.1", "text/turtle; charset=utf-8"),
    ],
)
def test_graphs_come_in_the_format_liked_best(client, accept, content_type):
    answer = client.get(
        "/sparql", query_string=CONSTRUCT, headers={"Accept": accept} if accept else {}
    )
    assert answer.headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("csv", "text/csv"),
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("html", "text/html"),
    ],
)
def test_the_parameter_format_comes_before_the_header(client, name, mimetype):
    answer = client.get(
        "/sparql", query_string={**ASK, "format": name}, headers={"Accept": "image/png"}
    )
    assert answer.mimetype == mimetype


@pytest.mark.parametrize(
    ("media_type", "body"), [("text/csv", "true"), ("text/tab-separated-values", "true")]
)
def test_ask_has_an_answer_in_every_results_format(client, media_type, body):
    assert client.get("/sparql", query_string=ASK, headers={"Accept": media_type}).text == body
