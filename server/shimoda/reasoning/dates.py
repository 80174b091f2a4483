"""The days that a date allows: ``:earliest`` and ``:latest`` of whatever has a date (EDTF level 1).

No SPARQL engine knows EDTF, so this is the one inference that Python makes. "About" widens a date by one of its own
unit on both sides; an open end gives no day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Triple

from shimoda.namespaces import PREFIXES
from shimoda.reasoning.rules import Rule
from shimoda.reasoning.stores import RuleStore

__all__ = ["DATES", "DATE_RULES", "days"]

SHIMODA, XSD = PREFIXES[""], PREFIXES["xsd"]
BOUNDS = {"date": ("earliest", "latest"), "startDate": ("earliest",), "endDate": ("latest",)}
PART = re.compile(r"(\d[\dX]{3})(?:-(\d\d)(?:-(\d\d))?)?(?P<about>[~%])?\??")
DATES = tuple(SHIMODA[name] for name in BOUNDS)
DATE_RULES = {
    (given, bound): Rule(
        f"{bound}-day-of-{given.removesuffix('Date')}",
        f"The {bound} day is the {bound} that the {words} allows.",
        (("?x", str(SHIMODA[bound]), "?day"),),
        (("?x", str(SHIMODA[given]), "?date"),),
        source="EDTF level 1",
    )
    for given, words in (("date", "date"), ("startDate", "start date"), ("endDate", "end date"))
    for bound in BOUNDS[given]
}


def days(store: RuleStore, world: NamedNode | None = None) -> Iterator[tuple[Rule, Triple]]:
    """Yield the earliest and latest day of everything that has a date and is not said to have that day already.

    ``world`` names the graph to look in, beside the default graph.
    """
    for given, bounds in BOUNDS.items():
        for bound in bounds:
            rows = store.select(
                f"""SELECT ?x ?date WHERE {{ ?x {SHIMODA[given]} ?date
                FILTER NOT EXISTS {{ ?x {SHIMODA[bound]} ?known }} }}""",
                world,
            )
            for subject, value in rows:
                day = day_of(value.value, bound) if isinstance(value, Literal) else None
                if day and isinstance(subject, NamedNode):
                    yield (
                        DATE_RULES[given, bound],
                        Triple(subject, SHIMODA[bound], Literal(day, datatype=XSD["date"])),
                    )


@lru_cache(maxsize=10_000)
def day_of(text: str, bound: str) -> str | None:
    """Return the first or the last day that an EDTF date allows, or None where it is open or does not parse."""
    start, _, end = text.partition("/")
    late = bound == "latest"
    match = PART.fullmatch(end if late and end else start)
    if match is None:
        return None
    year, month, day = (
        int(part.replace("X", "9" if late else "0")) if part else 0 for part in match.group(1, 2, 3)
    )
    unit = sum(map(bool, (year, month, day))) if match["about"] else 0
    try:
        return widened(
            date(year, month or (12 if late else 1), day or 1), unit, late and not day, late
        ).isoformat()
    except ValueError:
        return None


def widened(day: date, unit: int, whole: bool, late: bool) -> date:
    """Move a day by a unit (1 year, 2 month, 3 day; 0 none), and to the end of its month if the month is ``whole``."""
    sign = 1 if late else -1
    months = day.year * 12 + day.month - 1 + sign * {1: 12, 2: 1}.get(unit, 0)
    moved = date(months // 12, months % 12 + 1, day.day) + timedelta(days=sign if unit == 3 else 0)
    return moved.replace(day=monthrange(moved.year, moved.month)[1]) if whole else moved
