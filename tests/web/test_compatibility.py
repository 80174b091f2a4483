"""What clients send that is not quite in the standards, or in the corners of them; each worked at none of them once."""

import base64

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from shimoda.namespaces import PREDEFINED

SELECT = "SELECT ?l WHERE { <http://example.org/b> <http://example.org/label> ?l }"
CONSTRUCT = "CONSTRUCT { [] <http://x/p> ?l } WHERE { ?s <http://example.org/label> ?l }"
QUERY = "application/sparql-query"
SD = "http://www.w3.org/ns/sparql-service-description#"


# Formats


@pytest.mark.parametrize(
    ("given", "mimetype"),
    [
        ([("format", "tsv"), ("format", "text/tab-separated-values")], "text/tab-separated-values"),
        ([("format", ""), ("output", "csv")], "text/csv"),
        ([("output", "xml"), ("results", "xml")], "application/sparql-results+xml"),
        ([("results", "csv")], "text/csv"),
        ([("accept", "text/csv")], "text/csv"),
        ([("format", "application/sparql-results+json,*/*")], "application/sparql-results+json"),
        ([("format", "auto"), ("format", "csv")], "text/csv"),
        ([("format", "")], "application/sparql-results+xml"),
    ],
)
def test_results_come_in_the_format_that_any_of_the_usual_parameters_names(client, given, mimetype):
    headers = {"Accept": "application/sparql-results+xml"}
    answer = client.get("/sparql", query_string=[("query", SELECT), *given], headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, mimetype)


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("n3", "text/turtle"),
        ("turtle", "text/turtle"),
        ("json-ld", "application/ld+json"),
        ("rdf+xml", "application/rdf+xml"),
        ("ntriples", "application/n-triples"),
        ("n-triples", "application/n-triples"),
        ("nquads", "application/n-quads"),
        ("text/n3", "text/n3"),
        ("application/x-turtle", "application/x-turtle"),
        ("application/ld+json,application/x-json+ld", "application/ld+json"),
    ],
)
def test_graphs_come_under_every_name_that_clients_have_for_a_format(client, name, mimetype):
    answer = client.get("/sparql", query_string={"query": CONSTRUCT, "format": name})
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    if "/" in name:
        answer = client.get("/sparql", query_string={"query": CONSTRUCT}, headers={"Accept": name})
        assert (answer.status_code, answer.mimetype) == (200, mimetype)


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv"])
def test_a_graph_asked_for_as_results_is_turtle(client, accept):
    answer = client.get("/sparql", query_string={"query": CONSTRUCT}, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, "text/turtle")


def test_a_format_that_nobody_knows_is_refused_with_those_there_are(client):
    answer = client.get("/sparql", query_string={"query": SELECT, "output": "docx"})
    assert answer.status_code == 406
    assert "ntriples" in answer.json["detail"]


# Validators


@pytest.mark.parametrize("path", ["/.well-known/void", "/sparql", "/graphs?default"])
def test_the_same_description_has_the_same_etag_each_time_it_is_made(connect, path):
    accept = {"Accept": "text/turtle"}
    first, second = (connect(cache=0).get(path, headers=accept) for _ in range(2))
    assert first.headers["ETag"] == second.headers["ETag"]
    known = {**accept, "If-None-Match": first.headers["ETag"]}
    assert connect(cache=0).get(path, headers=known).status_code == 304


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/ld+json"])
def test_a_construct_that_makes_blank_nodes_has_one_etag(connect, accept):
    answers = [
        connect(cache=0).get(
            "/sparql", query_string={"query": CONSTRUCT}, headers={"Accept": accept}
        )
        for _ in range(2)
    ]
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
    nodes = {
        quad.subject
        for quad in parse(answers[0].data, RdfFormat.from_media_type(answers[0].mimetype))
    }
    assert len(nodes) == 4


def test_a_shared_cache_may_keep_an_answer_and_asks_again(client):
    control = client.get("/sparql", query_string={"query": SELECT}).headers["Cache-Control"]
    assert {"public", "max-age=0", "must-revalidate"} <= set(control.split(", "))
    assert client.get("/-/version").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("cache", [0, 64])
def test_a_condition_that_fails_is_412_without_a_body(connect, cache, method):
    client = connect(cache=cache)
    for _ in range(2):
        headers = {"If-Match": '"another"'}
        answer = client.open(
            "/sparql", method=method, query_string={"query": SELECT}, headers=headers
        )
        assert (answer.status_code, answer.data) == (412, b"")


@pytest.mark.parametrize("path", ["/sparql?query=ASK{}", "/static/shimoda.css", "/graphs?default"])
def test_head_says_what_get_does_before_and_after_it_is_kept(client, path):
    for _ in range(2):
        head, got = client.head(path), client.get(path)
        assert head.headers["Content-Length"] == str(len(got.data))
        assert head.data == b""


@pytest.mark.parametrize("path", ["/static/shimoda.css", "/graphs?default", "/sparql?query=ASK{}"])
@pytest.mark.parametrize("cache", [0, 64])
def test_a_range_is_sent_of_whatever_says_that_it_sends_ranges(connect, path, cache):
    client = connect(cache=cache)
    whole = client.get(path)
    assert whole.headers["Accept-Ranges"] == "bytes"
    size, etag = len(whole.data), whole.headers["ETag"]
    for asked, start, end in (("2-5", 2, 6), ("3-", 3, size), ("-4", size - 4, size)):
        part = client.get(path, headers={"Range": f"bytes={asked}", "If-Range": etag})
        assert (part.status_code, part.data) == (206, whole.data[start:end])
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert part.headers["Content-Length"] == str(end - start)
    none = client.get(path, headers={"Range": f"bytes={size}-"})
    assert (none.status_code, none.headers["Content-Range"]) == (416, f"bytes */{size}")
    for headers in ({"Range": "bytes=0-1", "If-Range": '"old"'}, {"Range": "lines=1-2"}):
        assert client.get(path, headers=headers).status_code == 200


# Addresses


@pytest.fixture
def japan(engine):
    view = NamedNode("https://w3id.org/shimoda/view/japan")
    engine.store.add(Quad(NamedNode("http://x/s"), NamedNode("http://x/p"), view, view))


def test_a_view_has_an_endpoint_of_its_own(client, japan):
    asked = {"query": "SELECT ?o { <http://x/s> <http://x/p> ?o }"}
    answers = [
        client.get("/view/japan/sparql", query_string=asked),
        client.post("/view/japan/sparql", data=asked),
        client.post("/sparql?view=japan", data=asked),
        client.get("/sparql", query_string=asked),
    ]
    assert [len(one.json["results"]["bindings"]) for one in answers] == [1, 1, 1, 0]


def test_a_view_s_endpoint_describes_itself_and_an_unknown_one_is_404(client, japan):
    turtle = {"Accept": "text/turtle"}
    assert "/view/japan/sparql>" in client.get("/view/japan/sparql", headers=turtle).text
    assert client.get("/view/nobody/sparql", headers=turtle).status_code == 404
    assert client.get("/view/japan/sparql?view=russia&query=ASK{}").status_code == 400
    assert client.get("/view/japan/sparql?view=japan&query=ASK{}").status_code == 200


def test_a_query_that_a_client_glued_to_a_view_is_refused_and_not_answered_with_a_description(
    client,
):
    answer = client.get("/sparql?view=japan?query=ASK{}")
    assert answer.status_code == 400
    assert "/view/japan/sparql" in answer.json["detail"]


def test_a_writable_server_says_where_updates_go(client):
    quads = list(
        parse(client.get("/sparql", headers={"Accept": "text/turtle"}).data, RdfFormat.TURTLE)
    )
    languages = NamedNode(SD + "supportedLanguage")
    updating = {
        quad.subject
        for quad in quads
        if quad.predicate == languages and quad.object.value.endswith("Update")
    }
    places = {
        quad.object.value
        for quad in quads
        if quad.predicate.value == SD + "endpoint" and quad.subject in updating
    }
    assert places == {"http://localhost/update"}


def test_what_goes_to_the_wrong_address_is_told_the_right_one(client, writer):
    update = client.post("/sparql", data="CLEAR ALL", content_type="application/sparql-update")
    query = writer.post("/update", data="ASK {}", content_type=QUERY)
    assert (update.status_code, query.status_code) == (415, 415)
    assert "/update" in update.json["detail"]
    assert "/sparql" in query.json["detail"]
    assert client.get("/sparql?update=CLEAR+ALL").status_code == 400


def test_a_redirect_keeps_the_view(client, japan, engine):
    kan = NamedNode("https://w3id.org/shimoda/id/person/kan")
    engine.store.add(Quad(kan, kan, kan))
    answer = client.get("/id/person/kan?view=japan")
    assert answer.headers["Location"] == "http://localhost/doc/person/kan?view=japan"


@pytest.mark.parametrize("path", ["/favicon.ico", "/void", "/ontology/"])
def test_what_clients_guess_leads_to_what_there_is(client, path):
    answer = client.get(path)
    assert answer.status_code == 308
    assert client.get("/sparql/?query=ASK{}").status_code == 200


def test_the_iri_of_each_problem_explains_it(client):
    kind = client.get("/sparql?query=ASK").json["type"]
    path = kind.removeprefix("https://w3id.org/shimoda")
    assert client.get(path).json["type"] == kind
    assert client.get(path, headers={"Accept": "text/html"}).mimetype == "text/html"
    assert client.get("/problem/nobody-has").status_code == 404


def test_the_iri_of_each_shape_describes_it(client):
    answer = client.get("/shape/assertion", headers={"Accept": "text/turtle"})
    assert answer.status_code == 200
    assert "shape:assertion" in answer.text
    assert client.get("/shape/Nobody").status_code == 404


# Requests


def test_an_empty_default_graph_names_none(client):
    answer = client.get("/sparql", query_string={"query": SELECT, "default-graph-uri": ""})
    assert len(answer.json["results"]["bindings"]) == 1


@pytest.mark.parametrize("how", ["get", "form", "direct"])
def test_a_byte_order_mark_before_a_query_is_no_part_of_it(client, how):
    text = "\ufeff" + SELECT
    if how == "get":
        answer = client.get("/sparql", query_string={"query": text})
    elif how == "form":
        answer = client.post("/sparql", data={"query": text})
    else:
        answer = client.post("/sparql", data=text.encode(), content_type=QUERY)
    assert answer.status_code == 200


def test_a_form_in_parts_holds_a_query_or_an_update(client, writer):
    parts = {"content_type": "multipart/form-data"}
    assert client.post("/sparql", data={"query": SELECT}, **parts).status_code == 200
    update = {"update": "INSERT DATA { <http://x/s> <http://x/p> 1 }"}
    assert writer.post("/update", data=update, **parts).status_code == 204
    broken = client.post(
        "/sparql", data=b"--x\r\nCont", content_type="multipart/form-data; boundary=x"
    )
    assert broken.status_code == 400


@pytest.mark.parametrize("path", ["/sparql", "/update"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_query_and_an_update_in_one_body_are_refused(writer, engine, path, order):
    pairs = [("query", "ASK {}"), ("update", "CLEAR ALL")][::order]
    body = "&".join(f"{name}={value}" for name, value in pairs).replace(" ", "+")
    answer = writer.post(path, data=body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, engine.updates) == (400, [])


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        (b"anybody:a token for tests", 204),
        (b":a token for tests", 204),
        (b"a token for tests:", 401),
        (b"anybody:another guess", 401),
    ],
)
def test_a_token_may_come_as_the_password_of_basic_credentials(client, credentials, status):
    headers = {"Authorization": "Basic " + base64.b64encode(credentials).decode()}
    answer = client.post("/update", data={"update": "INSERT DATA {}"}, headers=headers)
    assert answer.status_code == status


def test_basic_credentials_are_never_asked_for_since_browsers_would_send_them_for_others(client):
    refused = client.post(
        "/update", data={"update": "CLEAR ALL"}, headers={"Authorization": "Basic !"}
    )
    assert refused.status_code == 401
    assert "Basic" not in refused.headers["WWW-Authenticate"]


def test_a_graph_may_be_created_that_is_there_already(writer):
    for text in ("CREATE GRAPH <http://x/new>", "CREATE GRAPH <http://x/new>"):
        assert writer.post("/update", data={"update": text}).status_code == 204
    assert writer.post("/update", data={"update": "INSERT DATA { <a:b> <a:c> 'CREATE GRAPH' }"})


def test_predefined_prefixes_need_no_declaration_in_queries_and_updates(writer):
    assert {"", "rdfs", "wd", "void", "place", "xsd"} <= set(PREDEFINED)
    for name in PREDEFINED:
        text = f"ASK {{ ?s {name}:x {name}:y }}"
        assert writer.get("/sparql", query_string={"query": text}).status_code == 200
    update = "INSERT DATA { place:nowhere rdfs:label 'nowhere' }"
    assert writer.post("/update", data={"update": update}).status_code == 204
    unknown = writer.get("/sparql", query_string={"query": "ASK { ?s nobody:x 1 }"})
    assert (unknown.status_code, unknown.json["line"]) == (400, 1)
    own = "PREFIX rdfs: <http://other/> CONSTRUCT { <a:b> rdfs:x 1 } {}"
    assert "<http://other/x>" in writer.get("/sparql", query_string={"query": own}).text


def test_the_server_as_a_whole_says_which_methods_it_knows(client):
    answer = client.options("*", environ_overrides={"PATH_INFO": "*", "REQUEST_URI": "*"})
    assert answer.status_code == 204
    assert "GET" in answer.headers["Allow"]


def test_a_request_without_host_is_refused_whether_its_answer_is_kept_or_not(client):
    client.get("/sparql", query_string={"query": SELECT})
    for _ in range(2):
        answer = client.get(
            "/sparql",
            query_string={"query": SELECT},
            environ_overrides={"HTTP_HOST": "", "SERVER_PROTOCOL": "HTTP/1.1"},
        )
        assert answer.status_code == 400


@pytest.mark.parametrize("levels", [8, 9, 30])
@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("kind", ["direct", "form"])
def test_entities_that_grow_are_refused_before_they_do(writer, levels, method, kind):
    entities = "".join(
        f"<!ENTITY e{number} '{f'&e{number - 1};' * 10}'>" for number in range(1, levels)
    )
    bomb = (
        f"<!DOCTYPE r [<!ENTITY e0 'lol'>{entities}]>"
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:x='http://x/'>"
        f"<rdf:Description rdf:about='http://x/a'><x:p>&e{levels - 1};</x:p></rdf:Description></rdf:RDF>"
    ).encode()
    if kind == "direct":
        sent = {"data": bomb, "content_type": "application/rdf+xml"}
    else:
        head = b"--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n"
        part = head + b"Content-Type: application/rdf+xml\r\n\r\n" + bomb + b"\r\n--x--\r\n"
        sent = {"data": part, "content_type": "multipart/form-data; boundary=x"}
    answer = writer.open("/graphs?graph=http://x/g", method=method, **sent)
    assert (answer.status_code, answer.json["limit"]) == (413, "entities")


def test_entities_that_only_shorten_namespaces_are_read(writer):
    document = (
        '<!DOCTYPE r [<!ENTITY x "http://x/"><!ENTITY y "http://x/y/">]>'
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:x='http://x/'>"
        "<rdf:Description rdf:about='&y;a'><x:p>1</x:p></rdf:Description></rdf:RDF>"
    )
    place = "/graphs?graph=http://x/g"
    assert writer.put(place, data=document, content_type="application/rdf+xml").status_code == 201
    assert "<http://x/y/a> <http://x/p>" in writer.get(place, headers={"Accept": "text/plain"}).text
