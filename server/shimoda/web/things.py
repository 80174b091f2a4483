"""What a page shows of the things in a result: their names, and when and where they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from shimoda.engine.interface import Engine, Query
from shimoda.namespaces import BASE, ONTOLOGY, PREFIXES, short
from shimoda.reasoning.dates import Days, days_of
from shimoda.sparql.results import Row
from shimoda.web.description import question_of

MOST = 2_000
"""Things that are looked up for one page; the others are shown by their IRIs."""
LABEL = PREFIXES["rdfs"]["label"].value
OUTLINE = PREFIXES["geo"]["asWKT"].value


@dataclass(slots=True)
class Thing:
    """A thing and what is known of it; ``facts`` are the other values, by the local name of their property."""

    iri: str
    labels: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    def label(self, language: str = "en") -> str:
        """Return its name in a language, or in English, or its IRI in short."""
        known = self.labels.get(language) or self.labels.get("en")
        is_sentence = self.iri.startswith(f"{BASE}source/") and "#" in self.iri
        return known or (self.iri.rpartition("#")[2] if is_sentence else short(self.iri))

    @property
    def days(self) -> Days | None:
        """The days that its dates allow."""
        bounds = [days_of(self.facts.get(name, "")) for name in Days._fields]
        if "date" in self.facts and (found := days_of(self.facts["date"])):
            return found
        earliest, latest = bounds[0], bounds[-1]
        if earliest is None and latest is None:
            return None
        return Days(*[one.earliest if one else None for one in bounds])

    @property
    def place(self) -> tuple[float, float] | None:
        """Its longitude and latitude, in degrees."""
        if not {"longitude", "latitude"} <= self.facts.keys():
            return None
        return float(self.facts["longitude"]), float(self.facts["latitude"])


def look_up(engine: Engine, iris: Iterable[str], view: str | None = None) -> dict[str, Thing]:
    """Return what is known of these IRIs, by IRI; the first :data:`MOST` of them."""
    things = {iri: Thing(iri) for iri in list(dict.fromkeys(iris))[:MOST]}
    if not things:
        return things
    names = " ".join(str(NamedNode(iri)) for iri in things)
    text = question_of("things").text.replace("$things", names)
    for row in engine.query(Query(text, view=view)).rows():
        thing, key, value = things[row["thing"].value], row["p"].value, row["o"]
        if key == LABEL:
            thing.labels[value.language or "en"] = value.value
        else:
            name = "outline" if key == OUTLINE else key.removeprefix(ONTOLOGY)
            thing.facts.setdefault(name, value.value)
    return things


def iris_of(rows: Iterable[Row]) -> list[str]:
    """Return the IRIs in rows, each once."""
    terms = (term for row in rows for term in row.values())
    return list(dict.fromkeys(term.value for term in terms if isinstance(term, NamedNode)))


def date_of(term: object) -> Days | None:
    """Return the days that a literal allows which is a date (XSD or EDTF); None for any other term."""
    if not isinstance(term, Literal):
        return None
    kind = term.datatype.value
    is_date = kind.startswith(PREFIXES["edtf"]) or kind.removeprefix(PREFIXES["xsd"]) in XSD_DATES
    return days_of(term.value.partition("T")[0]) if is_date else None


XSD_DATES = {"date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"}
