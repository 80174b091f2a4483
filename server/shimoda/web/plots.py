"""Plots of a result: which of them its columns can fill, and where in the drawing everything lies.

Templates draw them as SVG; lengths are in its user units. Nothing here invents a day or a place: what is only possible
is drawn apart from what is certain.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise, product
from typing import Any
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

from shimoda.namespaces import PREFIXES, short
from shimoda.reasoning.dates import Days, days_of
from shimoda.sparql.results import Row

WIDTH = 960
MOST_MARKS = 300
"""More than that nobody could read; the table has the rest."""
MOST_GROUPS = 6
FEW = 8
"""Nodes that need no more than a third of the width."""
SMALL = 13 / 17
"""A pixel of a drawing with smaller letters than a map's."""
NARROW = 450
"""About how many pixels wide a map's letters are made for on a phone."""
LETTERS = (45, 30, 14)
"""How much of a name is tried, until there is room for it."""
ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""How much of a text stands left of its place."""
POINT = re.compile(r"(-?[\d.]+(?:e-?\d+)?)\s+(-?[\d.]+(?:e-?\d+)?)", re.IGNORECASE)
RING = re.compile(r"\(([^()]+)\)")
EDTF, XSD = PREFIXES["edtf"], PREFIXES["xsd"]
WKT = PREFIXES["geo"]["wktLiteral"]
DATES = {XSD[name] for name in ("date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth")}
NUMBERS = {XSD[name] for name in ("integer", "decimal", "double", "float")}
Array = NDArray[np.float64]
Plot = dict[str, Any]
"""What a template needs to draw a plot; each function says what that is."""


@dataclass
class Thing:
    """A thing and what is known of it; ``facts`` are values by the local name of their property."""

    name: str
    facts: dict[str, str] = field(default_factory=dict)

    @cached_property
    def days(self) -> Days | None:
        """The days that its dates allow."""
        if found := days_of(self.facts.get("date", "")):
            return found
        known = {name: days_of(self.facts.get(name, "")) for name in Days._fields}
        if not known["earliest"] and not known["latest"]:
            return None
        return Days(*[one.earliest if one else None for one in known.values()])


@dataclass(slots=True)
class Table:
    """Rows, the columns of which a plot is made, what is known of the things in them, by IRI, and how wide a map is shown.

    Rows ``beside`` are drawn elsewhere, on a map of the same extent.
    """

    columns: Sequence[str]
    rows: Sequence[Row]
    things: Mapping[str, Thing]
    width: int = WIDTH
    beside: Sequence[Row] = ()
    made: dict[str, Plot | None] = field(default_factory=dict, init=False)

    def cells(self, row: Row) -> list[NamedNode | Literal]:
        """Return the IRIs and literals of a row in the order of the columns."""
        return [row[one] for one in self.columns if type(row.get(one)) in (NamedNode, Literal)]

    def iris(self, row: Row) -> list[str]:
        """Return the IRIs of a row in the order of the columns."""
        return [row[one].value for one in self.columns if type(row.get(one)) is NamedNode]

    def about(self, row: Row) -> Plot:
        """Return the first IRI of a row, and its name: that of its first thing, or its first text."""
        found = {"iri": next(iter(self.iris(row)), ""), "name": ""}
        for term in self.cells(row):
            if term.value in self.things:
                return found | {"name": self.things[term.value].name}
            if isinstance(term, Literal) and not date_of(term):
                return found | {"name": term.value[:80]}
        return found

    def name(self, iri: str) -> str:
        """Return what a thing is called."""
        return self.things[iri].name if iri in self.things else short(iri)

    def fitting(self) -> list[str]:
        """Return the names of the plots that these rows can fill."""
        return [name for name in PLOTS if (edges(self) if name == "network" else self.draw(name))]

    def draw(self, name: str | None) -> Plot | None:
        """Make the plot of that name, once; None when these rows cannot fill it."""
        if name in PLOTS and name not in self.made:
            self.made[name] = PLOTS[name](self)
        return self.made.get(name or "")


def date_of(term: object) -> Days | None:
    """Return the days that a literal allows which is a date (XSD or EDTF); None for any other term."""
    if not isinstance(term, Literal):
        return None
    is_date = term.datatype.value.startswith(EDTF) or term.datatype in DATES
    return days_of(term.value.partition("T")[0]) if is_date else None


# Timeline


def timeline(table: Table) -> Plot | None:
    """Lay rows along time, in which empty stretches are folded.

    Each of the ``spans`` has its ``iri``, ``name`` and ``text``, and where it begins and how wide it is: ``solid`` for
    the days on which it certainly was, ``faint`` for those that are possible. ``ticks`` are years and their x, ``folds``
    the x of what is left out.
    """
    found = {}
    for row in table.rows:
        if when := when_of(table, row):
            about = table.about(row)
            found[about["iri"], when[0]] = about | {"text": when[0]}, when[1]
    if not found:
        return None
    spans = sorted(found.values(), key=lambda span: bounds(span[1]))
    days, xs, folds = scale([bounds(one) for _, one in spans])

    def stretch(first: date, last: date) -> tuple[float, float]:
        start, end = np.interp([first.toordinal(), last.toordinal() + 1], days, xs)
        return round(start, 1), round(max(end - start, 3), 1)

    for span, one in spans:
        _, began, ended, _ = one
        span["solid"] = stretch(began, ended) if began and ended and began <= ended else None
        span["faint"] = stretch(*bounds(one))
    ticks: list[tuple[int, float]] = []
    for day, x in zip(days[::2], xs[::2].round(1), strict=True):
        if not ticks or x - ticks[-1][1] >= 40:
            ticks.append((date.fromordinal(day).year, x))
    return {"spans": [span for span, _ in spans], "ticks": ticks, "folds": folds}


def when_of(table: Table, row: Row) -> tuple[str, Days] | None:
    """Return the date of a row as it is written, and the days it allows: of its columns, or else of its first thing.

    An EDTF date says all by itself. Of two other dates, the first is its start and the second its end, unless they are
    called earliest and latest: then they are the limits of what is possible.
    """
    dates = [(name, row[name], days) for name in table.columns if (days := date_of(row.get(name)))]
    for _, term, days in dates:
        if term.datatype.value.startswith(EDTF):
            return term.value, days
    if limits := limits_of(dates):
        return limits
    if len(dates) > 1:
        (_, start, begins), (_, end, ends) = dates[:2]
        text = f"{start.value}/{end.value}" if start != end else start.value
        return text, Days(begins.earliest, begins.latest, ends.earliest, ends.latest)
    if dates:
        return dates[0][1].value, dates[0][2]
    known = (table.things[iri] for iri in table.iris(row) if iri in table.things)
    return next(((one.facts.get("date", ""), one.days) for one in known if one.days), None)


def limits_of(dates: Sequence[tuple[str, Literal, Days]]) -> tuple[str, Days] | None:
    """Return what is possible by dates called earliest and latest, as EDTF; None if there are none, or they are one day."""
    found = {name: (term.value, days) for name, term, days in dates}
    begins, first = found.get("earliest", ("", None))
    ends, last = found.get("latest", ("", None))
    if begins == ends:
        return None
    days = Days(first and first.earliest, None, None, last and last.latest)
    return f"[{begins}..{ends}]", days


def bounds(days: Days) -> tuple[date, date]:
    """Return the first and the last day that are possible; where one is open, the other."""
    known = [day for day in (days.earliest, days.latest) if day]
    return known[0], known[-1]


def scale(spans: list[tuple[date, date]]) -> tuple[NDArray[np.int64], Array, list[float]]:
    """Return the first day of each year, and the one after its last, by number; the x of each; and the middles of folds.

    More than two years in which nothing lies are folded; of the others one is the wider, the more begins in it.
    """
    begun = Counter(start.year for start, _ in spans)
    lived = sorted({year for start, end in spans for year in range(start.year, end.year + 1)})
    near = {
        year for one, other in pairwise(lived) if other - one <= 3 for year in range(one, other)
    }
    years = sorted(near.union(lived))
    widths = np.array([1 + 2 * math.sqrt(begun[year]) for year in years])
    gaps = np.diff(years, append=years[-1] + 1) > 1
    fold = min(24, WIDTH / 3 / max(gaps.sum(), 1))
    widths *= (WIDTH - fold * gaps.sum()) / widths.sum()
    ends = np.cumsum(widths + fold * gaps) - fold * gaps
    days = [(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1) for year in years]
    xs = np.stack([ends - widths, ends], 1).ravel()
    return np.array(days).ravel(), xs, (ends[gaps] + fold / 2).round(1).tolist()


# Map


def world_map(table: Table) -> Plot | None:
    """Put rows on a map in Mercator's projection, in degrees: by a position of their own, or of their first thing.

    Each of the ``spots`` has its ``iri``, ``name``, ``x`` and ``y``, its outline as an SVG ``path``, and the number of
    its ``group``, by which a column of few things tells the places apart (0: none); ``groups`` are their names. ``names``
    are the spots with the place of their name, for a wide and for a narrow map, each with its ``unit``, about a pixel.
    """
    column, groups = grouping(table)
    spots = []
    for row in table.rows:
        if spot := spot_of(table, row):
            spot["group"] = groups.index(row[column].value) + 1 if column in row else 0
            spots.append(spot)
    if not spots:
        return None
    framed = [spot for row in table.beside if (spot := spot_of(table, row))]
    points = np.array([point for spot in spots + framed for point in spot["points"]])
    (west, top), (east, bottom) = points.min(0), points.max(0)
    width = max(east - west, (bottom - top) * 1.5, 2) * 1.25
    height = max((bottom - top) * 1.25, width / 2)
    box = np.array([(west + east - width) / 2, (top + bottom - height) / 2, width, height])
    units = round(width / table.width, 5), round(width / NARROW, 5)
    return {
        "spots": spots,
        "names": [(unit, name_places(spots, unit, box[0], box[0] + width)) for unit in units],
        "groups": [table.name(iri) for iri in groups],
        "box": box.round(3).tolist(),
        "unit": units[0],
    }


def grouping(table: Table) -> tuple[str, list[str]]:
    """Return the first column after the first that holds only few different things, and these; or nothing."""
    for name in table.columns[1:]:
        found = {row[name].value for row in table.rows if isinstance(row.get(name), NamedNode)}
        if 1 <= len(found) <= MOST_GROUPS:
            return name, sorted(found)
    return "", []


def spot_of(table: Table, row: Row) -> Plot | None:
    """Return where a row lies; None when it says nothing of that."""
    cells = table.cells(row)
    known = [table.things[term.value].facts for term in cells if term.value in table.things]
    wkt = [term.value for term in cells if isinstance(term, Literal) and term.datatype == WKT]
    outlines = wkt or [facts["outline"] for facts in known if "outline" in facts]
    own = {name: term.value for name, term in row.items() if hasattr(term, "value")}
    located = (facts for facts in [own, *known] if {"longitude", "latitude"} <= facts.keys())
    place = next(located, None)
    path = ""
    if outlines:
        rings = [
            [project(float(x), float(y)) for x, y in POINT.findall(ring)]
            for ring in RING.findall(outlines[0])
        ]
        x, y = np.mean(max(rings, key=len), axis=0).round(3).tolist()
        path = "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in rings)
        points = [point for ring in rings for point in ring]
    elif place:
        x, y = project(float(place["longitude"]), float(place["latitude"]))
        points = [(x, y)]
    else:
        return None
    return {**table.about(row), "x": x, "y": y, "path": path, "points": points}


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a position in Mercator's projection, in degrees, y downwards (the coast is drawn so too)."""
    angle = math.radians(min(max(latitude, -85), 85))
    return round(longitude, 4), round(-math.degrees(math.asinh(math.tan(angle))), 4)


def name_places(spots: Iterable[Plot], unit: float, least: float, most: float) -> list[Plot]:
    """Put a name beside each spot, above or below it, where it covers no dot, outline or other name; else it has none.

    ``unit`` is a pixel where letters have 17; no name reaches left of ``least`` or right of ``most``. The ``label`` is
    its x, its y, and whether the ``text``, which is the name or its beginning, starts, ends or has its middle there.
    """
    named = list({spot["iri"]: spot for spot in spots}.values())
    dots = [(spot["x"], spot["y"]) for spot in named if not spot["path"]]
    taken = [(x - 6 * unit, y - 6 * unit, x + 6 * unit, y + 6 * unit) for x, y in dots]
    taken += [(x, y, x, y) for spot in named if spot["path"] for x, y in spot["points"][::5]]
    taken += [(-math.inf, -math.inf, least, math.inf), (most, -math.inf, math.inf, math.inf)]
    found = []
    for spot in named:
        label, text, name = None, "", spot["name"]
        for size, (x, y, anchor) in product(LETTERS, sides(spot, unit)):
            text = name if len(name) <= size else f"{name[: size - 1].rstrip()}…"
            width = unit * width_of(text)
            left, top, bottom = x - width * ANCHORS[anchor], y - 18 * unit, y + 6 * unit
            right = left + width
            if not any(
                left < box[2] and box[0] < right and top < box[3] and box[1] < bottom
                for box in taken
            ):
                label = x, y, anchor
                taken.append((left, top, right, bottom))
                break
        found.append(spot | {"text": text, "label": label})
    return found


@lru_cache(10_000)
def width_of(text: str) -> float:
    """Return how wide a text is in letters of 17 pixels."""
    return sum(17 if east_asian_width(letter) in "FW" else 9.5 for letter in text)


def sides(spot: Plot, unit: float) -> Iterator[tuple[float, float, str]]:
    """Yield where the name of a spot may stand, the best place first."""
    points = spot["points"]
    level = [x for x, y in points if abs(y - spot["y"]) < 12 * unit] or [x for x, _ in points]
    north, south = min(y for _, y in points), max(y for _, y in points)
    beside = (max(level) + 8 * unit, "start"), (min(level) - 8 * unit, "end")
    yield from ((x, spot["y"] + 5 * unit, anchor) for x, anchor in beside)
    yield spot["x"], north - 13 * unit, "middle"
    yield spot["x"], south + 25 * unit, "middle"
    yield from (
        (x, spot["y"] + shift * unit, anchor) for shift in (30, -20) for x, anchor in beside
    )


# Network


def edges(table: Table) -> Counter[tuple[str, ...]] | None:
    """Count the rows that join each pair: what stands in the first two columns of things."""
    pairs = (tuple(table.iris(row)[:2]) for row in table.rows)
    found = Counter(pair for pair in pairs if len(set(pair)) == 2)
    return found if len(found) > 1 else None


def network(table: Table) -> Plot | None:
    """Draw the edges between things; what hangs together lies together.

    ``nodes`` are by IRI, and like the spots of a map; ``edges`` are pairs of IRIs, and how many rows say so.
    """
    found = edges(table)
    if found is None:
        return None
    nodes: dict[str, Plot] = {}
    left, top, bottom = 0.0, 0.0, 0.0
    for part in components(found):
        width = WIDTH if len(part) > FEW else WIDTH / 3
        height = 60 + (26 if len(part) > FEW else 34) * len(part)
        if left + width > WIDTH:
            left, top = 0.0, bottom
        pairs = [(part.index(one), part.index(other)) for one, other in found if one in part]
        places = spread(len(part), tuple(pairs)) * [width - 210, height - 60]
        places += [left + 105, top + 35]
        for iri, (x, y) in zip(part, places.round(1).tolist(), strict=True):
            spot = {"iri": iri, "name": table.name(iri), "path": ""}
            nodes[iri] = spot | {"x": x, "y": y, "points": [(x, y)]}
        left, bottom = left + width, max(bottom, top + height)
    named = name_places(nodes.values(), SMALL, 0, WIDTH)
    nodes = {spot["iri"]: spot for spot in named}
    return {"nodes": nodes, "edges": list(found.items()), "height": bottom}


def components(pairs: Iterable[tuple[str, ...]]) -> list[list[str]]:
    """Return what hangs together, the largest first."""
    part_of: dict[str, list[str]] = {}
    for one, other in pairs:
        joined, added = part_of.setdefault(one, [one]), part_of.setdefault(other, [other])
        if joined is not added:
            joined += added
            part_of.update(dict.fromkeys(added, joined))
    parts = {id(part): part for part in part_of.values()}
    return sorted(parts.values(), key=len, reverse=True)


@lru_cache(maxsize=256)
def spread(count: int, pairs: tuple[tuple[int, int], ...], rounds: int = 120) -> Array:
    """Return a place in the unit square for each node (Fruchterman and Reingold 1991, from a circle, without chance).

    In between, a place is a complex number. Small networks often have the same shape.
    """
    joined = np.zeros((count, count))
    for one, other in pairs:
        joined[one, other] = joined[other, one] = 1
    number = np.arange(count)
    # the golden angle, so that no two start at one place
    places = np.exp(2.399963j * number) * np.sqrt((number + 1) / count)
    ideal = 1.6 / math.sqrt(count)
    for step in range(rounds):
        apart = places[:, None] - places
        distance = np.maximum(abs(apart), 0.01)
        move = (apart * (ideal**2 / distance**2 - joined * distance / ideal)).sum(1) - places * 0.3
        length = np.maximum(abs(move), 1e-9)
        places += move / length * np.minimum(length, 0.12 * (1 - step / rounds))
    found = np.stack([places.real, places.imag], 1)
    low, high = found.min(0), found.max(0)
    return np.asarray((found - low) / np.maximum(high - low, 1e-9))


# Chart


def chart(table: Table) -> Plot | None:
    """Draw a bar for each row, as long as the only number in it, or the second of two: name, number, part of the longest."""
    columns, rows = table.columns, table.rows
    numeric = [name for name in columns if all(is_number(row.get(name)) for row in rows)]
    is_told = len(numeric) == 1 or len(columns) == 2
    if not numeric or not is_told or len(columns) < 2 or len(rows) < 2:
        return None
    values = [row[numeric[-1]].value for row in rows]
    numbers = np.array(values, float)
    if numbers.max() <= 0 or numbers.min() < 0:
        return None
    rest = replace(table, columns=[name for name in columns if name != numeric[-1]])
    names = [rest.about(row)["name"] for row in rows]
    widths = (numbers / numbers.max()).round(4).tolist()
    return {"bars": list(zip(names, values, widths, strict=True))}


def is_number(term: object) -> bool:
    """Tell whether a term is a number (XSD's numeric types that SPARQL knows, section 17.1)."""
    is_typed = isinstance(term, Literal) and term.datatype in NUMBERS
    return is_typed and math.isfinite(float(getattr(term, "value", "nan")))


PLOTS: dict[str, Callable[[Table], Plot | None]]
PLOTS = {"timeline": timeline, "map": world_map, "network": network, "chart": chart}
