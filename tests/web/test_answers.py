"""Answers as sent: kept, compressed, with ETag, and with the headers that every response has."""

import gzip

import brotli
import pytest
import zstandard

from shimoda.sparql.results import Results

SELECT = {"query": "SELECT ?s ?l WHERE { ?s <http://example.org/label> ?l }"}
UNPACK = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}


@pytest.fixture
def long(engine):
    """Make the answer to SELECT long enough to be worth compressing."""
    engine.store.update(
        "INSERT DATA { <http://x/s> <http://example.org/label> '" + "long " * 1000 + "' }"
    )


def test_the_same_request_on_the_same_version_is_evaluated_once(writer, engine):
    first, second = (writer.get("/sparql", query_string=SELECT) for _ in range(2))
    assert (first.data, len(engine.asked)) == (second.data, 1)
    assert writer.post("/sparql", data=SELECT).data == writer.post("/sparql", data=SELECT).data
    assert len(engine.asked) == 2


def test_after_a_write_nobody_gets_the_old_answer(writer, engine):
    before = writer.get("/sparql", query_string=SELECT)
    writer.post(
        "/update", data={"update": "INSERT DATA { <http://x/s> <http://example.org/label> 'new' }"}
    )
    stale = {"If-None-Match": before.headers["ETag"]}
    after = writer.get("/sparql", query_string=SELECT, headers=stale)
    assert (after.status_code, b"new" in after.data, b"new" in before.data) == (200, True, False)


@pytest.mark.parametrize(
    "difference",
    [
        {"headers": {"Accept": "text/csv"}},
        {"headers": {"Host": "other"}},
        {"query_string": {**SELECT, "format": "csv"}},
        {"method": "HEAD"},
        {"method": "POST", "query_string": None, "data": SELECT},
        {"base_url": "https://localhost"},
    ],
)
def test_another_request_is_not_answered_from_the_cache(client, engine, difference):
    client.get("/sparql", query_string=SELECT)
    client.open("/sparql", **{"query_string": SELECT, **difference})
    assert len(engine.asked) == 2


@pytest.mark.parametrize(
    "query", ["SELECT (NOW() AS ?x) {}", "SELECT (RAND() AS ?x) {}", "SELECT (UUID() AS ?x) {}"]
)
def test_what_is_no_function_of_the_dataset_is_not_kept(client, engine, query):
    answers = [client.get("/sparql", query_string={"query": query}) for _ in range(2)]
    assert len(engine.asked) == 2
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert not any("ETag" in answer.headers for answer in answers)


def test_an_error_that_the_same_request_meets_again_is_kept_until_a_write(writer, engine):
    broken = {"query_string": {"query": "ASK {"}}
    answers = [writer.get("/sparql", **broken) for _ in range(2)]
    assert len(engine.asked) == 1
    assert {(one.status_code, one.headers["Cache-Control"]) for one in answers} == {
        (400, "no-store")
    }
    writer.post("/update", data={"update": "INSERT DATA { <http://x/s> <http://x/p> 1 }"})
    assert writer.get("/sparql", **broken).status_code == 400
    assert len(engine.asked) == 2


def test_what_may_go_better_another_time_is_not_kept(connect, engine):
    client = connect()
    engine.max_rows = 1
    for _ in range(2):
        assert client.get("/sparql", query_string=SELECT).status_code == 413
    assert len(engine.asked) == 2


def test_errors_leave_answers_their_room(connect, engine):
    client = connect(cache=1)
    good = client.get("/sparql", query_string=SELECT)
    for number in range(300):
        assert client.get(f"/q/nothing-{number}").status_code == 404
    cache = client.application.cache
    assert len(cache.answers) > 100 and cache.used <= 2**20
    assert client.get("/sparql", query_string=SELECT).data == good.data
    assert len(engine.asked) == 1


def test_the_cache_is_bounded_in_bytes(connect, engine):
    engine.store.update("INSERT DATA { <http://x/s> <http://x/p> '" + "x" * 50_000 + "' }")
    client = connect(cache=1)
    for number in range(30):
        client.get(
            "/sparql",
            query_string={
                "query": f"SELECT ({number} AS ?n) ?l {{ <http://x/s> <http://x/p> ?l }}"
            },
        )
    cache = client.application.cache
    assert 0 < cache.used <= 2**20
    assert cache.used == sum(kept.size for kept in cache.answers.values())


def test_without_a_cache_every_request_is_evaluated(connect, engine):
    client = connect(cache=0)
    for _ in range(2):
        client.get("/sparql", query_string=SELECT)
    assert len(engine.asked) == 2


@pytest.mark.parametrize("cache", [0, 64])
def test_who_has_the_answer_is_told_so(connect, cache):
    client = connect(cache=cache)
    etag = client.get("/sparql", query_string=SELECT).headers["ETag"]
    for header, status in ((etag, 304), (f'"other", {etag}', 304), ("*", 304), ('"other"', 200)):
        answer = client.get("/sparql", query_string=SELECT, headers={"If-None-Match": header})
        assert (answer.status_code, answer.headers["ETag"], bool(answer.data)) == (
            status,
            etag,
            status == 200,
        )


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, br, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("*", "zstd"),
        ("zstd;q=0, *", "br"),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0", None),
        ("deflate", None),
        (None, None),
    ],
)
def test_an_answer_is_compressed_as_the_client_likes_best(client, long, accept, coding):
    plain = client.get("/sparql", query_string=SELECT)
    answer = client.get(
        "/sparql", query_string=SELECT, headers={"Accept-Encoding": accept} if accept else {}
    )
    assert answer.headers.get("Content-Encoding") == coding
    assert UNPACK[coding](answer.data) if coding else answer.data == plain.data
    assert (answer.headers["ETag"] == plain.headers["ETag"]) == (coding is None)
    assert {"Accept", "Accept-Encoding"} <= set(answer.vary)


def test_a_short_answer_is_sent_as_it_is(client):
    answer = client.get(
        "/sparql", query_string={"query": "ASK {}"}, headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("coding", [None, "gzip", "br", "zstd"])
def test_an_answer_in_a_file_is_sent_whole_and_the_file_closed(
    client, engine, tmp_path, monkeypatch, coding
):
    body = b"one line of many\n" * 100_000
    (tmp_path / "answer").write_bytes(body)
    file = (tmp_path / "answer").open("rb")
    results = Results("SELECT", "text/csv", file, 100_000)
    monkeypatch.setattr(engine, "query", lambda query: results)
    headers = {"Accept-Encoding": coding} if coding else {}
    with client.get("/sparql", query_string=SELECT, headers=headers) as answer:
        assert (UNPACK[coding](answer.data) if coding else answer.data) == body
        assert answer.headers["Content-Length"] == str(len(answer.data))
    assert file.closed


@pytest.mark.parametrize(
    "path",
    ["/", "/sparql", "/nothing", "/-/health", "/static/shimoda.css", "/graphs?default", "/update"],
)
def test_every_response_has_the_headers_that_keep_browsers_safe(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Length"].isdigit()


def test_every_origin_may_read_and_none_with_credentials(client):
    for method in ("GET", "OPTIONS"):
        headers = client.open(
            "/sparql", method=method, headers={"Origin": "https://evil.example"}
        ).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in headers


def test_with_listed_origins_only_those_may_read(connect):
    client = connect(cors_origins=("https://good.example",))
    good, evil = (
        client.get("/sparql", query_string=SELECT, headers={"Origin": f"https://{name}.example"})
        for name in ("good", "evil")
    )
    assert good.headers["Access-Control-Allow-Origin"] == "https://good.example"
    assert "Access-Control-Allow-Origin" not in evil.headers
    assert "Origin" in good.vary
    assert "Origin" in evil.vary


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/sparql", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/update", {"POST", "OPTIONS"}),
        ("/graphs", {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"}),
    ],
)
def test_options_says_what_an_address_answers(client, path, methods):
    answer = client.options(
        path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    )
    assert answer.status_code == 200
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) == methods
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
