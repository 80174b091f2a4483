"""What a client may not do: too much, too often, too large, or under another's name."""

import gzip
import json
import tracemalloc

import pytest

from shimoda.errors import InputError, LimitExceeded, Overloaded
from shimoda.settings import Settings
from shimoda.web.clients import Rate
from shimoda.web.problems import TooManyRequests

ASK = {"query": "ASK {}"}
ZIPPED = gzip.compress(b"ASK {}", mtime=0)
QUERY = "application/sparql-query"


def test_a_client_is_stopped_at_its_rate_and_goes_on_when_time_has_passed():
    now = [0.0]
    rate = Rate(6, clock=lambda: now[0])
    for _ in range(6):
        rate.spend("10.0.0.1")
    with pytest.raises(TooManyRequests) as stopped:
        rate.spend("10.0.0.1")
    assert stopped.value.where["retry_after"] == pytest.approx(10)
    rate.spend("10.0.0.2")
    now[0] = 10.0
    rate.spend("10.0.0.1")
    with pytest.raises(TooManyRequests):
        rate.spend("10.0.0.1")


def test_addresses_of_one_ipv6_network_are_one_client():
    rate = Rate(1)
    rate.spend("2001:db8:1:2::1")
    rate.spend("2001:db8:1:3::1")
    with pytest.raises(TooManyRequests):
        rate.spend("2001:db8:1:2:ffff::9")


def test_too_many_requests_are_answered_429_with_the_time_to_wait(connect):
    client = connect(rate=2)
    statuses = [client.get("/sparql", query_string=ASK).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.get("/")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    assert client.get("/-/health").status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (Overloaded("Full.", retry_after=7), 503, "7"),
        (LimitExceeded("Too long.", limit="time"), 503, "1"),
        (KeyError("secret"), 500, None),
    ],
)
def test_an_error_of_the_engine_is_a_problem_and_nothing_leaks(
    client, engine, monkeypatch, capsys, error, status, retry
):
    def fail(query):
        raise error

    monkeypatch.setattr(engine, "query", fail)
    answer = client.get("/sparql", query_string=ASK)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.headers.get("Retry-After") == retry
    assert "secret" not in answer.text
    assert ("secret" in capsys.readouterr().err) == (status == 500)


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_a_body_over_the_limit_is_413_zipped_or_not(connect, headers):
    body = b"ASK {} #" + b"x" * 2000
    client = connect(max_query=1000)
    sent = gzip.compress(body) if headers else body
    assert client.post("/sparql", data=sent, content_type=QUERY, headers=headers).status_code == 413


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(connect):
    bomb = gzip.compress(bytes(200_000_000))
    client = connect(max_query=1_000_000)
    tracemalloc.start()
    answer = client.post(
        "/sparql", data=bomb, content_type=QUERY, headers={"Content-Encoding": "gzip"}
    )
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 413
    assert most < 20_000_000


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", ZIPPED, 200),
        ("x-gzip", ZIPPED, 200),
        ("identity", b"ASK {}", 200),
        ("gzip", b"ASK {}", 400),
        ("gzip", ZIPPED[:-3], 400),
        ("gzip", ZIPPED + b"junk", 400),
        ("br", b"ASK {}", 415),
        ("gzip, gzip", b"ASK {}", 415),
    ],
)
def test_a_body_is_read_in_the_codings_known(client, coding, body, status):
    answer = client.post(
        "/sparql", data=body, content_type=QUERY, headers={"Content-Encoding": coding}
    )
    assert answer.status_code == status


@pytest.mark.parametrize("host", ["", "a b", "a/b", 'a"><script>', "a,b", "a:99999999", "a@b"])
def test_a_host_that_is_none_is_refused(client, host):
    request = {"HTTP_HOST": host, "SERVER_PROTOCOL": "HTTP/1.1"}
    answer = client.get("/sparql", query_string=ASK, environ_overrides=request)
    assert answer.status_code == 400


FORWARDED = {
    "X-Forwarded-For": "198.51.100.7, 10.0.0.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "public.example",
}


@pytest.mark.parametrize(
    ("proxies", "url", "address"),
    [
        ((), "http://localhost/", "10.0.0.1"),
        (("10.0.0.2",), "http://localhost/", "10.0.0.1"),
        (("10.0.0.0/24",), "https://public.example/", "198.51.100.7"),
    ],
)
def test_forwarded_headers_count_only_from_listed_proxies(connect, capsys, proxies, url, address):
    client = connect(trusted_proxies=proxies, log_format="json")
    answer = client.get(
        "/sparql",
        query_string={"query": "CONSTRUCT {<> <p:> 1} {}"},
        headers=FORWARDED,
        environ_overrides={"REMOTE_ADDR": "10.0.0.1"},
    )
    assert f"<{url}sparql>" in answer.text
    assert json.loads(capsys.readouterr().err)["client"] == address


def test_the_log_tells_of_a_query_but_not_the_query(connect, capsys):
    client = connect(log_format="json")
    for _ in range(2):
        client.get("/sparql", query_string={"query": "SELECT * { VALUES ?private { 1 2 } }"})
    text = capsys.readouterr().err
    first, second = map(json.loads, text.splitlines())
    assert "private" not in text
    assert (first["rows"], first["outcome"], first["status"], len(first["query"])) == (
        2,
        "select",
        200,
        16,
    )
    assert (second["query"], second["cached"]) == (first["query"], True)


def test_the_log_names_the_code_of_an_error(connect, capsys):
    client = connect(log_format="json")
    client.get("/sparql", query_string={"query": "ASK {"})
    client.get("/nothing")
    codes = [json.loads(line)["code"] for line in capsys.readouterr().err.splitlines()]
    assert codes == ["syntax", "not-found"]


def test_the_metrics_count_what_was_answered(client):
    for _ in range(3):
        client.get("/sparql", query_string={"query": "SELECT * { VALUES ?x { 1 2 } }"})
    client.get("/wp-login.php")
    text = client.get("/-/metrics").text
    assert 'shimoda_requests_total{endpoint="/sparql",method="GET",status="200"} 3.0' in text
    assert 'shimoda_requests_total{endpoint="/other",method="GET",status="404"} 1.0' in text
    assert "shimoda_cache_hits_total 2.0" in text
    assert "shimoda_rows_total 6.0" in text


def test_metrics_can_be_switched_off(connect):
    assert connect(metrics=False).get("/-/metrics").status_code == 404


def test_ready_follows_the_engine_and_health_does_not(client, engine, monkeypatch):
    assert client.get("/-/ready").status_code == 200
    monkeypatch.setattr(engine, "is_ready", lambda: False)
    assert (client.get("/-/ready").status_code, client.get("/-/health").status_code) == (503, 200)


def test_settings_that_cannot_go_together_are_refused_at_the_start(connect, tmp_path):
    missing = {"tokens": (), "token_file": tmp_path / "missing"}
    for settings in ({"tokens": ()}, missing, {"trusted_proxies": ("nginx",)}):
        with pytest.raises(InputError):
            connect(**settings)
    assert Settings().writable is False
