"""The doctor of a real service: a query that is stopped is stopped for it too, and nobody else notices."""

import httpx
import pytest
from tests.processes import bombs
from tests.processes.conftest import Service

LARGE = {
    "many patterns": "".join(f"?s{n} <x:{n}> ?o{n} . " for n in range(200)),
    "one pattern again": "?s <x:p> ?o . " * 300 + "?s <x:none> ?o",
    "groups in groups": "{ " * 300 + "?s <x:none> ?o" + " }" * 300,
    "many objects": "?s <x:p> " + ", ".join(f"<x:{n}>" for n in range(500)),
    "a long path": "?s " + "/".join(["<x:p>"] * 400) + " ?o",
    "many values": "VALUES ?x { " + "1 " * 4000 + "} ?x <x:none> ?o",
}
BOMBS = bombs.TOO_LONG | bombs.TOO_BIG | bombs.TOO_DEEP


def examine(service: Service, query: str) -> dict:
    answer = httpx.post(service.server.url + "/doctor.json", data={"query": query}, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_the_examination_and_nothing_else(limited, name):
    found = examine(limited, BOMBS[name])
    assert found["rows"] is None and not found["complete"]
    assert limited.rows("SELECT ?x { VALUES ?x { 7 } }") == ["7"]


@pytest.mark.parametrize("name", LARGE)
def test_a_large_query_that_finds_nothing_is_given_up_with_what_was_found(limited, name):
    found = examine(limited, f"SELECT * {{ {LARGE[name]} }}")
    assert len(found["findings"]) < 20
    assert limited.rows("SELECT ?x { VALUES ?x { 7 } }") == ["7"]


def test_a_part_that_takes_too_long_ends_the_examination_before_the_query_would(limited):
    """The doctor's own limit is shorter than that of a query."""
    query = f"SELECT * {{ {bombs.crossed(5)} . ?s0 <http://e/none> ?o0 }}"
    found = examine(limited, query)
    assert [one["code"] for one in found["findings"]][:1] == ["unknown-term"]


def test_findings_come_through_the_pool_as_they_do_in_process(limited):
    found = examine(limited, "SELECT * { ?s <http://e/none> ?o }")
    assert found["complete"] and found["rows"] == 0
    assert [one["code"] for one in found["findings"]] == ["unknown-term", "empty-part"]
