"""Search and doctor over a store elsewhere say what they say over the store in this process."""

import pytest
from tests.questions.test_doctor import HINTS, PROLOGUE
from tests.questions.test_search import NAMES

from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.questions.doctor import diagnose
from shimoda.questions.search import index_of

OF_ITS_OWN = [one[:2] for one in HINTS if "OFFSET" in one[1] or "?d >" in one[1]]
PATIENCE = 60
"""Seconds: what is compared here is what is found, not how fast."""


def test_search_finds_the_same(remote, store):
    here, there = index_of(LocalEngine(store)), index_of(remote)
    for name in NAMES:
        assert there.search(name)[0].iri == here.search(name)[0].iri


@pytest.mark.parametrize(
    ("code", "query"), [(code, query) for code, query, _ in HINTS if code != "syntax"]
)
def test_the_doctor_finds_the_same_reason(remote, code, query):
    """Virtuoso compares what SPARQL does not, and refuses a large OFFSET: it has nothing, or another thing, to explain."""
    found = diagnose(remote, Query(PROLOGUE + query), PATIENCE)
    if (code, query) in OF_ITS_OWN and found.rows != 0:
        assert found.rows or found.findings[0].code == "unavailable"
        return
    assert code in {one.code for one in found.findings}
