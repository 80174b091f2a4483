"""What holds only between processes: a server that is really started."""

import httpx
from tests.serving import serving


def test_several_http_processes_count_together(tmp_path):
    with serving(tmp_path, "--empty", "--http-workers", "2") as server:
        for _ in range(30):
            assert httpx.get(server.url + "/sparql", params={"query": "ASK {}"}).status_code == 200
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
