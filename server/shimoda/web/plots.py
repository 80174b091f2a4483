"""Plots of a result: which of them its columns can fill, and where in the drawing everything lies.

Templates draw them as SVG; lengths are in its user units. Nothing here invents a day or a place: what is only possible
is drawn apart from what is certain.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

from shimoda.namespaces import PREFIXES, short
from shimoda.reasoning.dates import Days
from shimoda.sparql.results import Row
from shimoda.web.things import Thing, date_of

WIDTH = 960
MOST_MARKS = 300
"""More than that nobody could read; the table has the rest."""
MOST_GROUPS = 6
FEW = 8
"""Nodes that need no more than a third of the width."""
POINT = re.compile(r"(-?[\d.]+(?:e-?\d+)?)\s+(-?[\d.]+(?:e-?\d+)?)", re.IGNORECASE)
Array = NDArray[np.float64]
Things = Mapping[str, Thing]


@dataclass(frozen=True, slots=True)
class Span:
    """A line of a timeline: when it was certainly, ``solid``, and when possibly, ``faint``; each from x, so wide."""

    iri: str
    name: str
    text: str
    faint: tuple[float, float]
    solid: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans from the earliest to the latest; ``ticks`` are years and their x, ``folds`` where empty time is left out."""

    spans: list[Span]
    ticks: list[tuple[str, float]]
    folds: list[float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a map: a point in the map's units, and its outline as an SVG path if it has one.

    ``group`` is the number of its colour, from 1; 0 where nothing groups the places.
    """

    iri: str
    name: str
    x: float
    y: float
    path: str
    group: int

    @property
    def points(self) -> list[tuple[float, float]]:
        """Every point that a map must show of it."""
        return [(float(x), float(y)) for x, y in POINT.findall(self.path)] or [(self.x, self.y)]


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a place, and where it stands: x and y of its start or its end, as ``anchor`` says."""

    spot: Spot
    x: float
    y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Map:
    """Places in Mercator's projection; ``box`` is x, y, width and height in degrees, ``unit`` a thousandth of its width.

    ``groups`` are the names of the colours, by which a column of few things tells the places apart.
    """

    spots: list[Spot]
    names: list[Name]
    groups: list[str]
    box: tuple[float, float, float, float]
    unit: float


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes by IRI: name, x and y; and the edges between them: from, to, and how many rows say so."""

    nodes: dict[str, tuple[str, float, float]]
    edges: list[tuple[tuple[str, ...], int]]
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars: name, number as written, width in proportion."""

    column: str
    bars: list[tuple[str, str, float]]


Plot = Timeline | Map | Network | Chart


def fitting(columns: Sequence[str], rows: Sequence[Row], things: Things) -> list[str]:
    """Return the names of the plots that these rows can fill."""
    few = rows[:MOST_MARKS]
    return [name for name, (fits, _) in PLOTS.items() if fits(columns, few, things)]


def draw(name: str, columns: Sequence[str], rows: Sequence[Row], things: Things) -> Plot | None:
    """Make the plot of that name, of at most :data:`MOST_MARKS` rows; None when they cannot fill it."""
    return PLOTS[name][1](columns, rows[:MOST_MARKS], things) if name in PLOTS else None


# Timeline


def timeline(columns: Sequence[str], rows: Sequence[Row], things: Things) -> Timeline | None:
    """Lay rows along time, in which empty stretches are folded."""
    found = [(row, *when) for row in rows if (when := when_of(columns, row, things))]
    if not found:
        return None
    found = list(
        {(iri_of(columns, row), text): (row, text, days) for row, text, days in found}.values()
    )
    found.sort(key=lambda one: (one[2].earliest or one[2].latest, one[2].latest or one[2].earliest))
    scale = Scale([bounds(days) for _, _, days in found])
    spans = []
    for row, text, days in found:
        start, end = bounds(days)
        began, ended = days.latestStart, days.earliestEnd
        spans.append(
            Span(
                iri_of(columns, row),
                name_of(columns, row, things),
                text,
                faint=scale.stretch(start, end),
                solid=scale.stretch(began, ended) if began and ended and began <= ended else None,
            )
        )
    return Timeline(spans, scale.ticks(), scale.folds())


def when_of(columns: Sequence[str], row: Row, things: Things) -> tuple[str, Days] | None:
    """Return the date of a row as it is written, and the days it allows: of its columns, or else of its first thing.

    An EDTF date says all by itself. Of two other dates, the first is its start and the second its end, unless they are
    called earliest and latest: then they are the limits of what is possible.
    """
    dates = [(name, row[name], days) for name in columns if (days := date_of(row.get(name)))]
    for _, term, days in dates:
        if term.datatype.value.startswith(PREFIXES["edtf"]):
            return term.value, days
    if len(dates) > 1:
        (first, start, begins), (_, end, ends) = dates[:2]
        text = f"{start.value}/{end.value}" if start != end else start.value
        if first == "earliest" and start != end:
            return text, Days(begins.earliest, None, None, ends.latest)
        return text, Days(begins.earliest, begins.latest, ends.earliest, ends.latest)
    if dates:
        return dates[0][1].value, dates[0][2]
    for term in cells(columns, row):
        if term.value in things and (known := things[term.value].days):
            return things[term.value].facts.get("date", ""), known
    return None


def bounds(days: Days) -> tuple[date, date]:
    """Return the first and the last day that are possible; where one is open, the other."""
    known = [day for day in (days.earliest, days.latest) if day]
    return known[0], known[-1]


class Scale:
    """Time from left to right; stretches of years in which nothing lies take no room."""

    left, right, fold = 0.0, float(WIDTH), 24.0

    def __init__(self, spans: list[tuple[date, date]]) -> None:
        years: dict[int, int] = {}
        for start, end in spans:
            for year in range(start.year, end.year + 1):
                years.setdefault(year, 0)
            years[start.year] += 1
        self.runs: list[list[int]] = []
        for year in sorted(years):
            if self.runs and year - self.runs[-1][-1] <= 3:
                self.runs[-1] += range(self.runs[-1][-1] + 1, year + 1)
            else:
                self.runs.append([year])
        # a year is the wider, the more begins in it
        weights = {year: 1 + 2 * math.sqrt(years.get(year, 0)) for run in self.runs for year in run}
        room = self.right - self.fold * (len(self.runs) - 1)
        unit, x = room / sum(weights.values()), self.left
        self.years: dict[int, tuple[float, float]] = {}
        for run in self.runs:
            for year in run:
                self.years[year] = x, weights[year] * unit
                x += weights[year] * unit
            x += self.fold

    def x(self, day: date, *, after: bool = False) -> float:
        """Return where a day begins, or ends."""
        start, width = self.years[min(max(day.year, min(self.years)), max(self.years))]
        length = date(day.year, 12, 31).timetuple().tm_yday
        return start + width * (day.timetuple().tm_yday - 1 + after) / length

    def stretch(self, start: date, end: date) -> tuple[float, float]:
        """Return where a span begins, and how wide it is."""
        x = self.x(start)
        return round(x, 1), round(max(self.x(end, after=True) - x, 3), 1)

    def ticks(self) -> list[tuple[str, float]]:
        """Return the years that have room for their number."""
        ticks: list[tuple[str, float]] = []
        for year, (x, _) in self.years.items():
            if not ticks or x - ticks[-1][1] >= 40:
                ticks.append((str(year), round(x, 1)))
        return ticks

    def folds(self) -> list[float]:
        """Return the middles of what is folded."""
        ends = [self.years[run[-1]] for run in self.runs[:-1]]
        return [round(x + width + self.fold / 2, 1) for x, width in ends]


# Map


def world_map(columns: Sequence[str], rows: Sequence[Row], things: Things) -> Map | None:
    """Put rows on a map: by an outline or a position of their own, or else by their first thing that has one."""
    column, groups = grouping(columns, rows)
    spots = []
    for row in rows:
        group = row[column].value if column in row else None
        number = groups.index(group) + 1 if group else 0
        spots += [spot] if (spot := spot_of(columns, row, things, number)) else []
    if not spots:
        return None
    points = [point for spot in spots for point in spot.points]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    width = max(east - west, (bottom - top) * 1.5, 2) * 1.25
    height = max((bottom - top) * 1.25, width / 2)
    box = (west + east - width) / 2, (top + bottom - height) / 2, width, height
    x, y, wide, high = (round(one, 3) for one in box)
    names = [things[iri].name if iri in things else short(iri) for iri in groups]
    unit = round(width / 1000, 5)
    return Map(spots, place_names(spots, unit), names, (x, y, wide, high), unit)


def grouping(columns: Sequence[str], rows: Sequence[Row]) -> tuple[str, list[str]]:
    """Return the first column after the first that holds only few different things, and these; or nothing."""
    for name in columns[1:]:
        values = {row[name].value for row in rows if isinstance(row.get(name), NamedNode)}
        if 1 <= len(values) <= MOST_GROUPS:
            return name, sorted(values)
    return "", []


def spot_of(columns: Sequence[str], row: Row, things: Things, group: int) -> Spot | None:
    """Return where a row lies; None when it says nothing of that."""
    known = [things[term.value] for term in cells(columns, row) if term.value in things]
    wkt = [
        term.value for term in cells(columns, row) if is_typed(term, PREFIXES["geo"], "wktLiteral")
    ]
    outlines = wkt or [thing.facts["outline"] for thing in known if "outline" in thing.facts]
    places = [thing.place for thing in known if thing.place]
    if {"latitude", "longitude"} <= row.keys():
        places = [(float(row["longitude"].value), float(row["latitude"].value))]
    about = iri_of(columns, row), name_of(columns, row, things)
    if outlines:
        rings = [
            [project(float(x), float(y)) for x, y in POINT.findall(ring)]
            for ring in re.findall(r"\(([^()]+)\)", outlines[0])
        ]
        largest = max(rings, key=len)
        x, y = (sum(values) / len(largest) for values in zip(*largest, strict=True))
        path = "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in rings)
        return Spot(*about, round(x, 3), round(y, 3), path, group)
    return Spot(*about, *project(*places[0]), "", group) if places else None


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a position in Mercator's projection, in degrees, y downwards (the coast is drawn so too)."""
    y = math.degrees(
        math.log(math.tan(math.pi / 4 + math.radians(min(max(latitude, -85), 85)) / 2))
    )
    return round(longitude, 4), round(-y, 4)


def place_names(spots: Sequence[Spot], unit: float) -> list[Name]:
    """Put a name beside each place, where it covers no other name; on the right, if it can stand nowhere."""
    taken: list[tuple[float, float, float]] = []
    names = []
    for spot in {spot.iri: spot for spot in spots}.values():
        right, left = max(x for x, _ in spot.points), min(x for x, _ in spot.points)
        width, gap = 9.5 * unit * len(spot.name), 8 * unit
        places = [
            (Name(spot, x, spot.y + shift * unit, anchor), start)
            for shift in (5, 25, -15)
            for x, anchor, start in (
                (right + gap, "start", right + gap),
                (left - gap, "end", left - gap - width),
            )
        ]
        name, start = next(
            (one for one in places if is_free(taken, one, width, 18 * unit)), places[0]
        )
        taken.append((start, start + width, name.y))
        names.append(name)
    return names


def is_free(
    taken: list[tuple[float, float, float]], place: tuple[Name, float], width: float, height: float
) -> bool:
    """Tell whether a name so wide and high covers none that has its place already."""
    name, start = place
    return all(
        start > right or start + width < left or abs(name.y - y) > height
        for left, right, y in taken
    )


# Network


def edges(
    columns: Sequence[str], rows: Sequence[Row], _: Things
) -> dict[tuple[str, ...], int] | None:
    """Return how many rows join which pair: what stands in the first two columns of things."""
    found: dict[tuple[str, ...], int] = {}
    for row in rows:
        pair = tuple(term.value for term in cells(columns, row) if is_entity(term))[:2]
        if len(set(pair)) == 2:
            found[pair] = found.get(pair, 0) + 1
    return found if len(found) > 1 else None


def network(columns: Sequence[str], rows: Sequence[Row], things: Things) -> Network | None:
    """Draw the edges between things; what hangs together lies together."""
    found = edges(columns, rows, things)
    if found is None:
        return None
    nodes: dict[str, tuple[str, float, float]] = {}
    left, top, bottom = 0.0, 0.0, 0.0
    for part in components(found):
        width = WIDTH if len(part) > FEW else WIDTH / 3
        height = 60 + (20 if len(part) > FEW else 34) * len(part)
        if left + width > WIDTH:
            left, top = 0.0, bottom
        pairs = np.array([[part.index(end) for end in pair] for pair in found if pair[0] in part])
        places = spread(len(part), pairs) * [width - 210, height - 60] + [left + 105, top + 35]
        for iri, (x, y) in zip(part, places.round(1).tolist(), strict=True):
            nodes[iri] = things[iri].name if iri in things else short(iri), x, y
        left, bottom = left + width, max(bottom, top + height)
    return Network(nodes, list(found.items()), bottom)


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


def spread(count: int, pairs: NDArray[np.int64], rounds: int = 120) -> Array:
    """Return a place in the unit square for each node (Fruchterman and Reingold 1991, from a circle, without chance)."""
    angles = np.arange(count) * 2.399963  # the golden angle, so that no two start at one place
    places = (
        np.stack([np.cos(angles), np.sin(angles)], 1)
        * np.sqrt((np.arange(count) + 1) / count)[:, None]
    )
    ideal = 1.6 / math.sqrt(count)
    for step in range(rounds):
        apart = places[:, None] - places[None]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 0.01)
        move = (apart * (ideal**2 / distance**2)[..., None]).sum(1)
        pull = places[pairs[:, 0]] - places[pairs[:, 1]]
        pull *= np.linalg.norm(pull, axis=1, keepdims=True) / ideal
        np.subtract.at(move, pairs[:, 0], pull)
        np.add.at(move, pairs[:, 1], pull)
        move -= places * 0.3
        length = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-9)
        places += move / length * np.minimum(length, 0.12 * (1 - step / rounds))
    low, high = places.min(0), places.max(0)
    return np.asarray((places - low) / np.maximum(high - low, 1e-9))


# Chart


def chart(columns: Sequence[str], rows: Sequence[Row], things: Things) -> Chart | None:
    """Draw a bar for each row, as long as the only number in it, or the second of two."""
    numeric = [name for name in columns if all(is_number(row.get(name)) for row in rows)]
    is_told = len(numeric) == 1 or len(columns) == 2
    if not numeric or not is_told or len(columns) < 2 or len(rows) < 2:
        return None
    column = numeric[-1]
    values = [row[column].value for row in rows]
    most = max(float(value) for value in values)
    if most <= 0 or min(float(value) for value in values) < 0:
        return None
    rest = [name for name in columns if name != column]
    names = [name_of(rest, row, things) for row in rows]
    widths = [round(float(value) / most, 4) for value in values]
    return Chart(column, list(zip(names, values, widths, strict=True)))


# What a term is


def cells(columns: Sequence[str], row: Row) -> list[NamedNode | Literal]:
    """Return the IRIs and literals of a row in the order of the columns."""
    return [row[name] for name in columns if isinstance(row.get(name), NamedNode | Literal)]


def iri_of(columns: Sequence[str], row: Row) -> str:
    """Return the first IRI of a row, or nothing."""
    return next((term.value for term in cells(columns, row) if is_entity(term)), "")


def name_of(columns: Sequence[str], row: Row, things: Things) -> str:
    """Return what to call a row: the name of its first thing, or its first text."""
    for term in cells(columns, row):
        if term.value in things:
            return things[term.value].name
        if isinstance(term, Literal) and not date_of(term):
            return term.value[:80]
    return ""


def is_entity(term: NamedNode | Literal) -> bool:
    """Tell whether a term is an IRI."""
    return isinstance(term, NamedNode)


def is_typed(term: object, namespace: str, *names: str) -> bool:
    """Tell whether a term is a literal of one of these datatypes."""
    return isinstance(term, Literal) and term.datatype.value in [namespace + name for name in names]


def is_number(term: object) -> bool:
    """Tell whether a term is a number (XSD's numeric types that SPARQL knows, section 17.1)."""
    return is_typed(
        term, PREFIXES["xsd"], "integer", "decimal", "double", "float"
    ) and math.isfinite(float(getattr(term, "value", "nan")))


Maker = Callable[[Sequence[str], Sequence[Row], Things], object]
PLOTS: dict[str, tuple[Maker, Callable[[Sequence[str], Sequence[Row], Things], Plot | None]]] = {
    "timeline": (timeline, timeline),
    "map": (world_map, world_map),
    "network": (edges, network),
    "chart": (chart, chart),
}
"""For each plot what tells whether rows can fill it, and what makes it."""
