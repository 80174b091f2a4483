"""Proposed links: what another dataset may know of our entities, with a score and the evidence, for a person to judge.

A common label counts most, and one in a further script adds to it; dates, coordinates and kinds confirm or contradict.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal

from shimoda.engine.interface import Engine
from shimoda.questions import catalogue
from shimoda.sparql.results import Row

BATCH = 50
NEAR, FAR = 50.0, 300.0
LABEL, SCRIPT, DATE, PLACE, KIND = 0.4, 0.2, 0.2, 0.2, 0.1
DAY = re.compile(r"^(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T|$)")
COORDINATES = {"lat": "north", "latitude": "north", "long": "east", "longitude": "east"}
POINT = re.compile(r"POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)", re.IGNORECASE)


@dataclass
class Described:
    """What can be compared of an entity: labels with language, dates as exact as given, a point in degrees, kinds."""

    labels: set[tuple[str, str]] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    point: dict[str, float] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Candidate:
    """A proposed link: its score (1 is much, below 0.4 little), and the evidence for and against it."""

    entity: str
    target: str
    score: float
    evidence: tuple[str, ...]


def propose(ours: Engine, theirs: Engine, base: str, least: float = 0.4) -> list[Candidate]:
    """Propose links to ``theirs``, whose IRIs begin with ``base``, for entities of ``ours`` without one; best first."""
    here = describe(ours, catalogue.text_of("unlinked").replace("?_base", str(Literal(base))))
    by_label: dict[str, set[str]] = defaultdict(set)
    for iri, one in here.items():
        for text, _ in one.labels:
            by_label[text].add(iri)
    candidates = []
    labels = {label for one in here.values() for label in one.labels}
    for target, other in search(theirs, labels).items():
        if target.startswith(base):
            for iri in {iri for text, _ in other.labels for iri in by_label[text]}:
                found = list(compare(here[iri], other))
                score = round(sum(points for points, _ in found), 2)
                candidates.append(Candidate(iri, target, score, tuple(said for _, said in found)))
    enough = [one for one in candidates if one.score >= least]
    return sorted(enough, key=lambda one: (-one.score, one.entity, one.target))


def search(theirs: Engine, labels: set[tuple[str, str]]) -> dict[str, Described]:
    """Describe everything there that has one of the labels."""
    literals = [str(Literal(text, language=language)) for text, language in sorted(labels)]
    found: dict[str, Described] = {}
    for start in range(0, len(literals), BATCH):
        values = " ".join(literals[start : start + BATCH])
        found |= describe(theirs, catalogue.text_of("labelled").replace("$labels", values))
    return found


def describe(engine: Engine, text: str) -> dict[str, Described]:
    """Read descriptions from rows of entity, property and value."""
    found: dict[str, Described] = defaultdict(Described)
    for row in engine.rows(text):
        add(found[row["entity"].value], row)
    return dict(found)


def add(one: Described, row: Row) -> None:
    """Take one property of an entity into its description."""
    value, name = row["o"].value, re.split("[/#]", row["p"].value)[-1]
    language = row["o"].language if isinstance(row["o"], Literal) else None
    if "kind" in row:
        one.kinds.add(row["kind"].value.casefold())
    if language:
        if name in ("label", "prefLabel", "altLabel"):
            one.labels.add((value, language))
    elif name in COORDINATES:
        one.point[COORDINATES[name]] = float(value)
    elif point := POINT.search(value):
        one.point = {"east": float(point[1]), "north": float(point[2])}
    elif day := DAY.match(value):
        one.days.add(day[1])


def compare(one: Described, other: Described) -> Iterator[tuple[float, str]]:
    """Yield what speaks for and against two being one, with its points."""
    languages = set[str]()
    for text, language in sorted(one.labels & other.labels):
        points = 0.0 if language in languages else SCRIPT if languages else LABEL
        languages.add(language)
        yield points, f"both are called {text} ({language})"
    yield from dates(one, other)
    if len(one.point) == len(other.point) == 2:
        yield distance(one.point, other.point)
    if shared := sorted(one.kinds & other.kinds):
        yield KIND, f"both are: {', '.join(shared)}"


def dates(one: Described, other: Described) -> Iterator[tuple[float, str]]:
    """Compare dates at the precision that both have; none in common speaks against."""
    here, there = sorted(one.days), sorted(other.days)
    same = [
        day for day in here if any(day.startswith(that) or that.startswith(day) for that in there)
    ]
    if same:
        yield DATE, f"a date agrees: {', '.join(same)}"
    elif here and there:
        yield -DATE, f"no date agrees: {', '.join(here)} here, {', '.join(there)} there"


def distance(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[float, str]:
    """Compare points by great-circle distance (the haversine formula), in kilometres."""
    north, south = math.radians(one["north"]), math.radians(other["north"])
    east = math.radians(one["east"] - other["east"])
    chord = math.sin((north - south) / 2) ** 2
    chord += math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    kilometres = 2 * 6371.0 * math.asin(math.sqrt(chord))
    points = PLACE if kilometres <= NEAR else -2 * PLACE if kilometres > FAR else 0.0
    return points, f"{kilometres:,.0f} km apart"
