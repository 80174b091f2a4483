"""The calculus of dates: when something may have begun and ended, and what follows for the order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, Quad, Store

from shimoda import paths
from shimoda.dataset.files import parse
from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.namespaces import PREFIXES
from shimoda.questions import catalogue
from shimoda.reasoning import infer, rules_of
from shimoda.reasoning.dates import days_of

SHIMODA, RDF, EDTF = PREFIXES[""], PREFIXES["rdf"]["type"], PREFIXES["edtf"]["EDTF"]
ALLOWED = next(
    quad.object.value
    for quad in parse(paths.data("ontology") / "shapes" / "dates.ttl")
    if quad.predicate == PREFIXES["sh"]["pattern"]
)


@pytest.mark.parametrize(
    ("text", "earliest", "latest_start", "earliest_end", "latest"),
    [
        # A date is some time within what it names.
        ("2011-03-14", "2011-03-14", "2011-03-14", "2011-03-14", "2011-03-14"),
        ("2008-02", "2008-02-01", "2008-02-29", "2008-02-01", "2008-02-29"),
        ("1956", "1956-01-01", "1956-12-31", "1956-01-01", "1956-12-31"),
        # Unknown digits: a month of the year, a year of the decade or of the century.
        ("2004-XX", "2004-01-01", "2004-12-31", "2004-01-01", "2004-12-31"),
        ("2011-03-XX", "2011-03-01", "2011-03-31", "2011-03-01", "2011-03-31"),
        ("197X", "1970-01-01", "1979-12-31", "1970-01-01", "1979-12-31"),
        ("19XX", "1900-01-01", "1999-12-31", "1900-01-01", "1999-12-31"),
        # About: wrong by one of its own unit at most.
        ("2011-03-19~", "2011-03-18", "2011-03-20", "2011-03-18", "2011-03-20"),
        ("2010-01~", "2009-12-01", "2010-02-28", "2009-12-01", "2010-02-28"),
        ("2009?", "2008-01-01", "2010-12-31", "2008-01-01", "2010-12-31"),
        ("197X%", "1960-01-01", "1989-12-31", "1960-01-01", "1989-12-31"),
        # Early, mid and late; halves, quarters and seasons.
        ("2011-37", "2011-01-01", "2011-04-30", "2011-01-01", "2011-04-30"),
        ("2010-38", "2010-05-01", "2010-08-31", "2010-05-01", "2010-08-31"),
        ("2010-39", "2010-09-01", "2010-12-31", "2010-09-01", "2010-12-31"),
        ("2010-41", "2010-07-01", "2010-12-31", "2010-07-01", "2010-12-31"),
        ("2010-33", "2010-01-01", "2010-03-31", "2010-01-01", "2010-03-31"),
        ("2010-22", "2010-06-01", "2010-08-31", "2010-06-01", "2010-08-31"),
        ("2010-24", "2010-01-01", "2011-02-28", "2010-01-01", "2011-02-28"),
        # A span lasts from a day of its first date to a day of its last.
        ("1999/2001", "1999-01-01", "1999-12-31", "2001-01-01", "2001-12-31"),
        ("2010-39/2011-37", "2010-09-01", "2010-12-31", "2011-01-01", "2011-04-30"),
        ("2009-05/..", "2009-05-01", "2009-05-31", None, None),
        ("../2004", None, None, "2004-01-01", "2004-12-31"),
        # One of a set: some time within the years; not after a year.
        ("[2000..2003]", "2000-01-01", "2003-12-31", "2000-01-01", "2003-12-31"),
        ("[1956,1960]", "1956-01-01", "1960-12-31", "1956-01-01", "1960-12-31"),
        ("[..1956]", None, "1956-12-31", None, "1956-12-31"),
        ("[2011-03-11..]", "2011-03-11", None, "2011-03-11", None),
    ],
)
def test_a_date_allows_the_days_that_edtf_says(text, earliest, latest_start, earliest_end, latest):
    """Read off EDTF (ISO 8601-2), not off the code."""
    found = [day and day.isoformat() for day in days_of(text)]
    assert found == [earliest, latest_start, earliest_end, latest]


@pytest.mark.parametrize(
    "text", ["some day", "2011-13", "2011-02-30", "2011-02-29", "../..", "[]", "197X-05", "2011-25"]
)
def test_what_is_no_date_allows_nothing_and_does_not_pass_the_check(text):
    assert days_of(text) is None and not re.search(ALLOWED, text)


@given(st.from_regex(ALLOWED, fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_whatever_the_check_lets_pass_has_days(text):
    found = days_of(text.rstrip("\n"))
    assert found is not None and any(found)


@pytest.fixture(scope="module")
def rules(store: Store):
    return rules_of(store)


ONE, OTHER = PREFIXES["event"]["one"], PREFIXES["event"]["other"]


def dated(rules, one: str, other: str, sources: str = "yy") -> Store:
    """Return what our rules make of two events with these dates, in these sources, and with one participant."""
    store = Store()
    for event, text, source in zip((ONE, OTHER), (one, other), sources, strict=True):
        for predicate, thing in (
            ("date", Literal(text, datatype=EDTF)),
            ("hasParticipant", PREFIXES["state"]["x"]),
            ("discussedIn", PREFIXES["source"][source]),
        ):
            store.add(Quad(event, SHIMODA[predicate], thing, DefaultGraph()))
    infer(store, rules=rules)
    return store


def order(store: Store) -> set[str]:
    """Return how the one event stands to the other in time."""
    return {
        quad.predicate.value.removeprefix(SHIMODA)
        for quad in store.quads_for_pattern(ONE, None, OTHER, DefaultGraph())
    }


@pytest.mark.parametrize(
    ("one", "other", "follows", "never"),
    [
        ("2010-11-01", "2011-03-14", {"precedes"}, {"possiblyPrecedes", "follows"}),
        ("2009-05", "2009-05", {"possiblyPrecedes"}, {"precedes", "follows"}),
        # A span that began before is no unknown day after.
        ("2011-03-14", "2010-01/2011-06", set(), {"precedes", "possiblyPrecedes", "follows"}),
        ("2011-03-19~", "2011-03-19", {"possiblyPrecedes"}, {"precedes"}),
        ("2011-03-17~", "2011-03-19", {"precedes"}, {"possiblyPrecedes"}),
        ("[..1956]", "1960", {"precedes"}, {"possiblyPrecedes"}),
        ("2009/..", "2011", set(), {"precedes", "possiblyPrecedes"}),
    ],
)
def test_spans_and_vague_dates_are_ordered_as_far_as_they_tell(rules, one, other, follows, never):
    found = order(dated(rules, one, other))
    assert follows <= found and not never & found


def test_events_of_two_sources_are_put_in_order_when_somebody_asks(rules):
    """As triples they would grow with the square of the sources."""
    store = dated(rules, "2010-11-01", "2011-03-14", "yz")
    assert not order(store)
    question = catalogue.find("events-after").bind({"event": ONE.value})
    assert [row["later"] for row in LocalEngine(store).query(Query(question)).rows()] == [OTHER]


def test_a_year_never_becomes_one_day(store: Store) -> None:
    treaty = PREFIXES["agreement"]["treaty-of-shimoda"]
    found = {
        quad.predicate.value.removeprefix(SHIMODA): quad.object.value
        for quad in store.quads_for_pattern(treaty, None, None, DefaultGraph())
    }
    assert (found["date"], found["earliest"], found["latest"]) == (
        "1855",
        "1855-01-01",
        "1855-12-31",
    )


def test_the_yearly_day_has_no_date_and_its_occurrence_has(store: Store) -> None:
    """The day is kept every year (s085); only that of 2011 stands before or after something."""
    event = PREFIXES["event"]
    assert not list(
        store.quads_for_pattern(
            event["northern-territories-day"], SHIMODA["earliest"], None, DefaultGraph()
        )
    )
    assert (
        Quad(event["northern-territories-day-2011"], SHIMODA["precedes"], event["earthquake-2011"])
        in store
    )
