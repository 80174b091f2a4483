"""``/sparql``: the request forms, the dataset, and what is refused."""

import json

import pytest
from pyoxigraph import RdfFormat, parse

SELECT = "SELECT ?l WHERE { <http://example.org/b> <http://example.org/label> ?l }"
QUERY = "application/sparql-query"


def labels(response):
    assert response.status_code == 200, response.text
    return sorted(row["l"]["value"] for row in json.loads(response.data)["results"]["bindings"])


def test_a_query_is_answered_the_same_by_get_form_and_direct_post(client):
    answers = [
        client.get("/sparql", query_string={"query": SELECT}),
        client.post("/sparql", data={"query": SELECT}),
        client.post("/sparql", data=SELECT, content_type=QUERY),
        client.post("/sparql", data=SELECT, content_type=QUERY + ";charset=UTF-8"),
    ]
    assert [labels(answer) for answer in answers] == [["two"]] * 4


def test_head_has_the_headers_of_get_and_no_body(client):
    got, head = (
        client.open("/sparql", method=method, query_string={"query": SELECT})
        for method in ("GET", "HEAD")
    )
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(got.data))
    assert head.headers["ETag"] == got.headers["ETag"]


@pytest.mark.parametrize("where", ["url", "form"])
def test_the_dataset_of_the_request_comes_before_the_query_s(client, where):
    query = "SELECT ?l FROM <http://example.org/g> WHERE { { ?s ?p ?l } UNION { GRAPH ?g { ?s ?p ?l } } }"
    dataset = {
        "default-graph-uri": "http://example.org/h",
        "named-graph-uri": "http://example.org/g",
    }
    if where == "url":
        answer = client.post("/sparql", query_string=dataset, data=query, content_type=QUERY)
    else:
        answer = client.post("/sparql", data={"query": query, **dataset})
    assert labels(answer) == ["in a graph", "in another"]
    assert labels(client.get("/sparql", query_string={"query": query})) == ["in a graph"]


def test_with_only_named_graphs_given_the_default_graph_is_empty(client):
    dataset = {"named-graph-uri": "http://example.org/g"}
    assert (
        labels(client.post("/sparql", query_string=dataset, data=SELECT, content_type=QUERY)) == []
    )


def test_relative_iris_are_resolved_against_the_endpoint_s_own_address(client):
    query = "CONSTRUCT { <x> <p> <#y> } WHERE {}"
    answer = client.get(
        "/sparql", query_string={"query": query}, headers={"Accept": "application/n-triples"}
    )
    assert (
        answer.text == "<http://localhost/x> <http://localhost/p> <http://localhost/sparql#y> .\n"
    )


def test_a_view_adds_its_graph_to_the_default_graph(client, engine):
    view = "https://w3id.org/shimoda/view/japan"
    engine.store.update(f'INSERT DATA {{ GRAPH <{view}> {{ <http://x/s> <http://x/p> "added" }} }}')
    query = "SELECT ?l WHERE { ?s ?p ?l FILTER(isLiteral(?l)) }"
    asked = ({"query": query}, {"query": query, "view": "japan"})
    plain, seen = (labels(client.get("/sparql", query_string=one)) for one in asked)
    assert sorted([*plain, "added"]) == seen
    assert client.get("/sparql", query_string={"query": query, "view": "nobody"}).status_code == 404
    assert client.get("/sparql", query_string={"query": query, "view": "../x"}).status_code == 400


@pytest.mark.parametrize(
    ("status", "arguments"),
    [
        (400, {"method": "GET", "query_string": [("query", SELECT), ("query", SELECT)]}),
        (
            400,
            {
                "method": "POST",
                "query_string": {"query": SELECT},
                "data": SELECT,
                "content_type": QUERY,
            },
        ),
        (400, {"method": "POST", "data": {"update": "CLEAR ALL"}}),
        (400, {"method": "GET", "query_string": "query=%zz"}),
        (400, {"method": "GET", "query_string": "query=%ff"}),
        (
            400,
            {"method": "GET", "query_string": {"query": SELECT, "default-graph-uri": "not an iri"}},
        ),
        (400, {"method": "POST", "data": b"ASK { \xff }", "content_type": QUERY}),
        (400, {"method": "GET", "query_string": {"query": "ASK {"}}),
        (405, {"method": "PUT", "query_string": {"query": SELECT}}),
        (
            406,
            {
                "method": "GET",
                "query_string": {"query": SELECT},
                "headers": {"Accept": "image/png"},
            },
        ),
        (
            406,
            {
                "method": "GET",
                "query_string": {"query": SELECT},
                "headers": {"Accept": "text/turtle"},
            },
        ),
        (406, {"method": "GET", "query_string": {"query": SELECT, "format": "docx"}}),
        (415, {"method": "POST", "data": SELECT, "content_type": "text/plain"}),
        (415, {"method": "POST", "data": SELECT, "content_type": ""}),
        (
            415,
            {
                "method": "POST",
                "data": SELECT.encode("utf-16"),
                "content_type": QUERY + "; charset=UTF-16",
            },
        ),
    ],
)
def test_what_the_protocol_forbids_is_refused_with_a_problem_document(client, status, arguments):
    answer = client.open("/sparql", **arguments)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.data)["status"] == status


def test_a_syntax_error_says_where_in_the_query_it_is(client):
    problem = client.get("/sparql", query_string={"query": "SELECT *\nWHERE { ?s ?p ?o"}).json
    assert (problem["code"], problem["line"], problem["column"]) == ("syntax", 2, 17)


def test_an_unknown_function_is_an_error_in_its_row_not_of_the_query(client):
    query = "SELECT ?l { VALUES ?v {1} OPTIONAL { BIND(<http://nobody/knows>(?v) AS ?l) } }"
    answer = client.get("/sparql", query_string={"query": query})
    assert (answer.status_code, answer.json["results"]["bindings"]) == (200, [{}])


@pytest.mark.parametrize(
    "media_type",
    [
        "text/turtle",
        "application/n-triples",
        "application/rdf+xml",
        "application/ld+json",
        "application/trig",
        "application/n-quads",
    ],
)
def test_without_a_query_the_service_describes_itself(connect, media_type):
    client = connect(public_url="https://example.org/base/", federate=("wikidata",))
    answer = client.get("/sparql", headers={"Accept": media_type})
    triples = {
        (one.predicate.value.rpartition("#")[2], getattr(one.object, "value", None))
        for one in parse(answer.data, RdfFormat.from_media_type(media_type))
    }
    sd = "http://www.w3.org/ns/sparql-service-description#"
    assert answer.mimetype == media_type
    assert {
        ("endpoint", "https://example.org/base/sparql"),
        ("name", "http://example.org/g"),
        ("supportedLanguage", sd + "SPARQL12Update"),
        ("feature", sd + "BasicFederatedQuery"),
    } <= triples
    assert (
        "SPARQL12Update"
        not in connect(writable=False).get("/sparql", headers={"Accept": media_type}).text
    )
