"""The days that a date allows (EDTF, ISO 8601-2): when something may have begun, and when it may have ended.

Whatever has a date begins on a day from ``:earliest`` to ``:latestStart`` and ends on a day from
``:earliestEnd`` to ``:latest``. So ``2009-05`` is some time in May, ``2009-05/2009-07`` lasts from a
day in May to a day in July, and ``[2009-05..2009-07]`` is some time between them. An open end
(``..``) gives no day.

* Qualified dates (``~`` about, ``?`` perhaps, ``%`` both) may be wrong by one of their own unit, to
  either side.
* Parts of a year (ISO 8601-2, 4.8) are seasons (21-24), quarters (33-36), thirds (37-39: early, mid
  and late) and halves (40, 41). A winter may be that of January or that of December.

No SPARQL engine knows EDTF, so this is the one inference that Python makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from shimoda.namespaces import PREFIXES
from shimoda.reasoning.rules import Rule

SHIMODA, XSD = PREFIXES[""], PREFIXES["xsd"]
BOUNDS = {
    "date": ("earliest", "latestStart", "earliestEnd", "latest"),
    "startDate": ("earliest", "latestStart"),
    "endDate": ("earliestEnd", "latest"),
}
WORDS = {"date": "date", "startDate": "start date", "endDate": "end date"}
DATES = tuple(SHIMODA[name] for name in BOUNDS)
DATE_RULES = {
    (given, bound): Rule(
        f"{re.sub('(?=[A-Z])', '-', bound).lower()}-day-of-{given.removesuffix('Date')}",
        f"A {WORDS[given]} allows days from a first to a last; one of them is the {bound}.",
        (("?x", str(SHIMODA[bound]), "?day"),),
        (("?x", str(SHIMODA[given]), "?date"),),
        source="EDTF (ISO 8601-2)",
    )
    for given, bounds in BOUNDS.items()
    for bound in bounds
}
YEARS = {0: 12, 1: 120, 2: 1200}
"""How many months a year stands for, by the number of its digits that are unknown (``X``)."""
PARTS = {
    **{21 + season: (3 + 3 * season, 3) for season in range(3)},
    24: (1, 14),
    **{33 + quarter: (1 + 3 * quarter, 3) for quarter in range(4)},
    **{37 + third: (1 + 4 * third, 4) for third in range(3)},
    **{40 + half: (1 + 6 * half, 6) for half in range(2)},
}
"""The first month of a part of the year, and how many months it lasts."""
POINT = re.compile(r"(\d{4}|\d{3}X|\d\dXX)(?:-(\d\d|XX)(?:-(\d\d|XX))?)?([~?%])?")


class Days(NamedTuple):
    """From when to when something may have begun, and from when to when it may have ended."""

    earliest: date | None
    latestStart: date | None  # noqa: N815 - the names of the properties
    earliestEnd: date | None  # noqa: N815
    latest: date | None


def bounds_of(given: NamedNode, text: str) -> Iterator[tuple[NamedNode, Literal]]:
    """Yield the days that a date allows, each with the property that says it of whatever has the date."""
    found = days_of(text)
    for bound in BOUNDS[given.value.removeprefix(SHIMODA)]:
        day = getattr(found, bound, None)
        if day:
            yield SHIMODA[bound], Literal(day.isoformat(), datatype=XSD["date"])


@lru_cache(maxsize=10_000)
def days_of(text: str) -> Days | None:
    """Return the days that an EDTF date allows, or None where it is no date that we know."""
    try:
        if text.startswith("[") and text.endswith("]"):
            begins = ends = one_of(text[1:-1].split(","))
        else:
            start, slash, end = text.partition("/")
            begins = span(start)
            ends = span(end) if slash else begins
    except (ValueError, OverflowError):
        return None
    return Days(*begins, *ends) if any((*begins, *ends)) else None


def one_of(members: list[str]) -> tuple[date | None, date | None]:
    """Return the first and the last day of a set of which one member is meant, such as ``2009..2011`` or ``..1956``."""
    spans = []
    for member in members:
        start, dots, end = member.strip().partition("..")
        spans.append((span(start or "..")[0], span((end or "..") if dots else start)[1]))
    first = [one for one, _ in spans if one]
    last = [other for _, other in spans if other]
    return (
        min(first) if len(first) == len(spans) else None,
        max(last) if len(last) == len(spans) else None,
    )


def span(text: str) -> tuple[date | None, date | None]:
    """Return the first and the last day of one date; an open one has neither."""
    if text in ("", ".."):
        return None, None
    match = POINT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, part, day, qualifier = match.groups()
    if day and day != "XX":
        only = date(int(year), int(part), int(day))
        slack = timedelta(days=1 if qualifier else 0)
        return only - slack, only + slack
    first, months = stretch(year, part)
    slack_months = months if qualifier else 0
    return month(first - slack_months), month(first + months + slack_months) - timedelta(days=1)


def stretch(year: str, part: str | None) -> tuple[int, int]:
    """Return the month in which a date begins, counted from the year 0, and how many months it lasts."""
    first = int(year.replace("X", "0")) * 12
    if part is None or part == "XX":
        return first, YEARS[year.count("X")]
    if "X" in year:
        raise ValueError(year)
    number = int(part)
    start, months = PARTS.get(number, (number, 1))
    if start > 12 or start < 1:
        raise ValueError(part)
    return first + start - 1, months


def month(number: int) -> date:
    """Return the first day of a month that is counted from the year 0."""
    return date(number // 12, number % 12 + 1, 1)
