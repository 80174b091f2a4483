"""``/update`` and ``/graphs``: who may write, and what the answers say."""

import gzip

import pytest

INSERT = "INSERT DATA { <http://x/s> <http://x/p> 1 }"
TURTLE = "text/turtle"
GRAPH = {"graph": "http://x/g"}


def triples(client, **where):
    answer = client.get("/graphs", query_string=where, headers={"Accept": "application/n-triples"})
    return sorted(answer.text.splitlines()) if answer.status_code == 200 else answer.status_code


@pytest.mark.parametrize(
    ("status", "header"),
    [
        (401, None),
        (401, "Bearer wrong"),
        (401, "Bearer "),
        (401, "Basic YTpi"),
        (401, "Bearer \xff"),
        (204, "Bearer another"),
        (204, "bearer a token for tests"),
    ],
)
def test_writing_needs_one_of_the_tokens(client, engine, status, header):
    answer = client.post(
        "/update", data={"update": INSERT}, headers={"Authorization": header} if header else {}
    )
    assert answer.status_code == status
    assert len(engine.updates) == (status == 204)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_nobody_writes_to_a_read_only_server(connect, engine):
    client = connect(writable=False)
    bearer = {"Authorization": "Bearer another"}
    assert client.post("/update", data={"update": INSERT}, headers=bearer).status_code == 403
    assert (
        client.put(
            "/graphs", query_string=GRAPH, data="", content_type=TURTLE, headers=bearer
        ).status_code
        == 403
    )
    assert client.delete("/graphs", query_string=GRAPH, headers=bearer).status_code == 403
    assert engine.version == 1


def test_without_a_token_the_body_is_not_even_read(client):
    huge = {"CONTENT_LENGTH": str(10**12)}
    assert (
        client.post(
            "/update", content_type="application/sparql-update", environ_overrides=huge
        ).status_code
        == 401
    )


def test_tokens_stand_in_a_file_one_a_line(connect, tmp_path):
    file = tmp_path / "tokens"
    file.write_text("# for the editors\nfirst\n\n second \nthi=rd\n")
    client = connect(tokens=(), token_file=file)
    accepted = [("first", 204), ("second", 204), ("thi=rd", 204)]
    for token, status in (*accepted, ("# for the editors", 401), ("", 401)):
        answer = client.post(
            "/update", data={"update": INSERT}, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == status


def test_an_update_is_done_by_form_and_by_direct_post(writer, engine):
    assert writer.post("/update", data={"update": INSERT}).status_code == 204
    assert (
        writer.post("/update", data=INSERT, content_type="application/sparql-update").status_code
        == 204
    )
    assert [update.text for update in engine.updates] == [INSERT, INSERT]


def test_the_dataset_of_an_update_reaches_the_engine(writer, engine):
    where = {"using-graph-uri": ["http://x/1", "http://x/2"], "using-named-graph-uri": "http://x/3"}
    writer.post(
        "/update", query_string=where, data=INSERT, content_type="application/sparql-update"
    )
    assert engine.updates[0].using_graphs == ("http://x/1", "http://x/2")
    assert engine.updates[0].using_named_graphs == ("http://x/3",)


@pytest.mark.parametrize(
    ("status", "arguments"),
    [
        (400, {"data": {"query": "ASK {}"}}),
        (400, {"data": {"update": ["CLEAR ALL", "CLEAR ALL"]}}),
        (400, {"data": {"update": "INSERT DATA {"}}),
        (405, {"method": "GET", "query_string": {"update": INSERT}}),
        (415, {"data": INSERT, "content_type": "application/sparql-query"}),
    ],
)
def test_what_is_no_update_is_refused(writer, engine, status, arguments):
    assert writer.open("/update", **{"method": "POST", **arguments}).status_code == status
    assert engine.version == 1


def test_a_graph_s_life(writer):
    assert triples(writer, **GRAPH) == 404
    assert (
        writer.put("/graphs", query_string=GRAPH, data="<s> <p> 1", content_type=TURTLE).status_code
        == 400
    )
    assert triples(writer, **GRAPH) == 404
    assert (
        writer.put(
            "/graphs", query_string=GRAPH, data="<s> <p> <o>.", content_type=TURTLE
        ).status_code
        == 201
    )
    assert triples(writer, **GRAPH) == ["<http://x/s> <http://x/p> <http://x/o> ."]
    assert (
        writer.post(
            "/graphs", query_string=GRAPH, data="<s> <p> <n>.", content_type=TURTLE
        ).status_code
        == 204
    )
    assert len(triples(writer, **GRAPH)) == 2
    assert (
        writer.put(
            "/graphs", query_string=GRAPH, data="<a> <p> <o>.", content_type=TURTLE
        ).status_code
        == 204
    )
    assert triples(writer, **GRAPH) == ["<http://x/a> <http://x/p> <http://x/o> ."]
    assert writer.delete("/graphs", query_string=GRAPH).status_code == 204
    assert writer.delete("/graphs", query_string=GRAPH).status_code == 404
    assert writer.head("/graphs", query_string=GRAPH).status_code == 404


@pytest.mark.parametrize("syntax", ["text/turtle", "application/ld+json"])
def test_a_write_with_if_match_is_for_the_graph_that_the_client_knows(writer, syntax):
    """The ETag of any syntax, compressed or not, lets one write through; once that is done, no other."""
    where = {"query_string": {"graph": "http://x/g"}}
    body = {"data": "<http://x/a> <http://x/b> 1 ." * 100, "content_type": "text/turtle"}
    assert writer.put("/graphs", headers={"If-Match": "*"}, **where, **body).status_code == 412
    writer.put("/graphs", **where, **body)
    known = writer.get("/graphs", headers={"Accept": syntax, "Accept-Encoding": "gzip"}, **where)
    condition = {"If-Match": known.headers["ETag"]}
    other = {"data": "<http://x/a> <http://x/b> 2 .", "content_type": "text/turtle"}
    assert writer.put("/graphs", headers=condition, **where, **other).status_code == 204
    late = writer.delete("/graphs", headers=condition, **where)
    assert (late.status_code, late.json["code"]) == (412, "outdated")
    assert writer.delete("/graphs", headers={"If-Match": "*"}, **where).status_code == 204


def test_the_default_graph_is_a_graph_too(writer):
    assert (
        writer.put(
            "/graphs?default", data="<http://s> <http://p> 1 .", content_type=TURTLE
        ).status_code
        == 204
    )
    assert len(triples(writer, default="")) == 1


def test_a_graph_is_named_by_its_own_address(writer):
    path = "/graphs/person/1%20a%E6%97%A5.ttl"
    assert writer.put(path, data="<> <p> 1 .", content_type=TURTLE).status_code == 201
    graph = "http://localhost" + path
    assert triples(writer, graph=graph) == [
        f'<{graph}> <http://localhost/graphs/person/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .'
    ]
    assert writer.get(path).status_code == 200


def test_a_post_that_names_no_graph_makes_one_and_says_where(writer):
    answer = writer.post("/graphs", data="[] <http://p> 1 .", content_type=TURTLE)
    assert answer.status_code == 201
    assert writer.get(answer.headers["Location"]).status_code == 200
    assert len(triples(writer, graph=answer.headers["Location"])) == 1


def test_the_files_of_a_form_go_into_one_graph_each_with_its_own_blank_nodes(writer):
    boundary = "b0undary"
    files = [
        ("a.ttl", TURTLE, "_:x <http://p> 1 ."),
        ("b.nt", "application/n-triples", '_:x <http://p> "2" .'),
        ("c.jsonld", "application/ld+json", '{"@id": "http://s", "http://p": 3}'),
    ]
    body = (
        "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
            f"{text}\r\n"
            for name, kind, text in files
        )
        + f"--{boundary}--\r\n"
    )
    form = f"multipart/form-data; boundary={boundary}"
    assert (
        writer.post("/graphs", query_string=GRAPH, data=body, content_type=form).status_code == 201
    )
    assert len({line.split()[0] for line in triples(writer, **GRAPH)}) == 3


@pytest.mark.parametrize(
    ("status", "arguments"),
    [
        (400, {"method": "GET"}),
        (400, {"method": "GET", "query_string": "default&graph=http://x/g"}),
        (400, {"method": "GET", "query_string": "graph=http://x/g&graph=http://x/h"}),
        (400, {"method": "GET", "query_string": "graph=relative"}),
        (400, {"method": "GET", "query_string": "graph=http://x/%0d%0aSet-Cookie:a"}),
        (400, {"method": "PUT", "data": "", "content_type": TURTLE}),
        (406, {"method": "GET", "query_string": "default", "headers": {"Accept": "image/png"}}),
        (415, {"method": "PUT", "query_string": GRAPH, "data": "a,b", "content_type": "text/csv"}),
        (
            415,
            {
                "method": "PUT",
                "query_string": GRAPH,
                "data": "",
                "content_type": "application/n-quads",
            },
        ),
        (415, {"method": "PUT", "query_string": GRAPH, "data": "<a:> <b:> <c:> ."}),
    ],
)
def test_what_names_no_graph_or_holds_none_is_refused(writer, engine, status, arguments):
    assert writer.open("/graphs", **arguments).status_code == status
    assert engine.version == 1


def test_a_gzipped_body_is_unzipped(writer):
    body = gzip.compress(b"<s> <p> 1 .") + gzip.compress(b"<s> <p> 2 .")
    arguments = {
        "query_string": GRAPH,
        "data": body,
        "content_type": TURTLE,
        "headers": {"Content-Encoding": "gzip"},
    }
    assert writer.put("/graphs", **arguments).status_code == 201
    assert len(triples(writer, **GRAPH)) == 2
