"""What a plot needs to know of the things in a result: their names, and when and where they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from shimoda.namespaces import ONTOLOGY, PREFIXES
from shimoda.questions.catalogue import text_of
from shimoda.reasoning.dates import Days, days_of
from shimoda.sparql.results import Row
from shimoda.web.pages import asked, called, learn

MOST = 2_000
"""Things that are looked up for one page; the others are shown by their IRIs."""
OUTLINE = PREFIXES["geo"]["asWKT"].value
XSD_DATES = {"date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"}


@dataclass(slots=True)
class Thing:
    """A thing and what is known of it; ``facts`` are values by the local name of their property."""

    name: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def days(self) -> Days | None:
        """The days that its dates allow."""
        if found := days_of(self.facts.get("date", "")):
            return found
        known = {name: days_of(self.facts.get(name, "")) for name in Days._fields}
        if not known["earliest"] and not known["latest"]:
            return None
        return Days(*[one.earliest if one else None for one in known.values()])

    @property
    def place(self) -> tuple[float, float] | None:
        """Its longitude and latitude, in degrees."""
        if not {"longitude", "latitude"} <= self.facts.keys():
            return None
        return float(self.facts["longitude"]), float(self.facts["latitude"])


def look_up(rows: Iterable[Row]) -> dict[str, Thing]:
    """Return what is known of the things in rows, by IRI; of the first :data:`MOST` of them."""
    terms = [term for row in rows for term in row.values() if isinstance(term, NamedNode)]
    found = list(dict.fromkeys(terms))[:MOST]
    if not found:
        return {}
    learn([{"thing": term} for term in found])
    things = {term.value: Thing(called(term).value) for term in found}
    text = text_of("things").replace("$things", " ".join(str(term) for term in found))
    for row in asked().put(text).rows():
        key = row["p"].value
        name = "outline" if key == OUTLINE else key.removeprefix(ONTOLOGY)
        things[row["thing"].value].facts.setdefault(name, row["o"].value)
    return things


def date_of(term: object) -> Days | None:
    """Return the days that a literal allows which is a date (XSD or EDTF); None for any other term."""
    if not isinstance(term, Literal):
        return None
    kind = term.datatype.value
    is_date = kind.startswith(PREFIXES["edtf"]) or kind.removeprefix(PREFIXES["xsd"]) in XSD_DATES
    return days_of(term.value.partition("T")[0]) if is_date else None
