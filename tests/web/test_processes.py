"""What holds only between processes: a server that is really started."""

import time
from urllib.parse import urlencode

import httpx
from tests.serving import serving


def test_several_http_processes_count_together(tmp_path):
    with serving(tmp_path, "--empty", "--http-workers", "2") as server:
        for _ in range(30):
            assert httpx.get(server.url + "/sparql", params={"query": "ASK {}"}).status_code == 200
        time.sleep(0.5)  # a process counts what it answered ten times a second
        totals = {count(server.url) for _ in range(10)}
    assert totals == {30.0}


def count(url):
    lines = httpx.get(url + "/-/metrics").text.splitlines()
    name = 'shimoda_requests_total{endpoint="/sparql"'
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_a_large_answer_comes_whole_in_every_coding_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    numbers = " ".join(map(str, range(1000)))
    query = {"query": f"SELECT * {{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers[:500]} }} }}"}
    accept = {"Accept": "application/sparql-results+xml"}
    with serving(tmp_path, "--empty") as server:
        answers = [
            httpx.get(
                server.url + "/sparql", params=query, headers={**accept, "Accept-Encoding": coding}
            )
            for coding in ("identity", "gzip", "br", "zstd")
        ]
        head = httpx.head(
            server.url + "/sparql", params=query, headers={**accept, "Accept-Encoding": "identity"}
        )
        (run,) = tmp_path.glob("shimoda-*")
        left = [file.name for file in run.iterdir() if file.name not in ("reader.sock", "version")]
    assert [answer.headers.get("Content-Encoding") for answer in answers] == [
        None,
        "gzip",
        "br",
        "zstd",
    ]
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].text.count("<result>") == 1000 * len(numbers[:500].split())
    assert head.headers["Content-Length"] == str(len(answers[0].content))
    assert left == []


def test_the_same_answer_has_the_same_etag_after_a_restart(tmp_path):
    construct = "CONSTRUCT { [] ?p ?o } WHERE { ?s a owl:Restriction ; ?p ?o }"
    paths = ("/sparql", "/.well-known/void", "/graphs?default", "/dump.nq", "/static/shimoda.css")
    options = ("--cache", "0", "--public-url", "https://example.org")
    found = []
    for start in ("first", "second"):
        (tmp_path / start).mkdir()
        with serving(tmp_path / start, *options) as server:
            places = [*paths, f"/sparql?{urlencode({'query': construct})}"]
            turtle = {"Accept": "text/turtle, */*;q=0.1"}
            answers = [httpx.get(server.url + path, headers=turtle, timeout=60) for path in places]
            found.append([answer.headers["ETag"] for answer in answers])
    assert found[0] == found[1]
