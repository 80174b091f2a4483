"""A hostile request ends with a clean error for whoever sent it, and for nobody else."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.processes import bombs

LIMITS = {"time", "memory", "nesting", "rows", "bytes"}
QUERIES = bombs.TOO_LONG | bombs.TOO_BIG | bombs.TOO_DEEP


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_stopped_at_a_limit_and_says_at_which(limited, name):
    response = limited.ask(QUERIES[name], "text/csv, text/turtle")
    assert response.status_code in (413, 503), response.text[:200]
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["limit"] in LIMITS
    assert limited.rows("SELECT ?x { VALUES ?x { 7 } }") == ["7"]


@pytest.mark.parametrize("name", bombs.UPDATES)
def test_an_update_is_stopped_at_a_limit_and_changes_nothing(limited, name):
    before = limited.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    response = limited.update(bombs.UPDATES[name])
    assert response.status_code == 503, response.text[:200]
    assert response.json()["limit"] in LIMITS
    assert limited.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o } #") == before


def test_what_follows_a_stopped_update_is_written(limited):
    assert limited.update(bombs.UPDATES["sub-select"]).status_code == 503
    assert (
        limited.update(
            "INSERT DATA { GRAPH <http://e/after> { <http://e/a> <http://e/b> 1 } }"
        ).status_code
        == 204
    )
    assert limited.rows("SELECT ?o { GRAPH <http://e/after> { ?s ?p ?o } }") == ["1"]


def test_more_than_can_wait_are_told_when_to_come_back(serve):
    service = serve("--empty", "--workers", "1", "--queue", "1", "--timeout", "2")
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: service.ask(bombs.TOO_LONG["values"] + f"#{n}"), range(8))
        )
    assert {answer.status_code for answer in answers} == {503}
    codes = [answer.json()["code"] for answer in answers]
    assert set(codes) == {"limit", "overloaded"}
    # One works, one is set aside, and one that came after that takes the place of the first to end.
    assert codes.count("overloaded") >= 5
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)


def test_a_short_query_is_answered_while_a_long_one_takes_up_the_only_worker(serve):
    service = serve("--empty", "--workers", "1", "--timeout", "8")
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(service.ask, bombs.TOO_LONG["values"])
        time.sleep(0.2)
        assert service.rows("SELECT ?x { VALUES ?x { 7 } }") == ["7"]
        assert not long.done()
        assert long.result().json()["limit"] == "time"


def test_when_long_queries_pile_up_each_that_is_within_its_limits_is_answered(serve):
    service = serve("--empty", "--workers", "1", "--timeout", "30")
    long = f"SELECT (COUNT(*) AS ?n) {{ {bombs.LONG_ENOUGH} }}"
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: service.rows(f"{long} #{n}"), range(6)))
    assert answers == [["1000000"]] * 6
