"""``/timeline``, ``/map`` and ``/network``: what nobody disputes, or what one voice says, or two voices side by side."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from shimoda.errors import InputError
from shimoda.namespaces import ONTOLOGY, PREFIXES
from shimoda.questions.catalogue import text_of
from shimoda.sparql.results import Row
from shimoda.web.pages import asked, called, html, learn
from shimoda.web.requests import query_string

if TYPE_CHECKING:
    from shimoda.web import plots

blueprint = Blueprint("drawings", __name__)
VOICE = re.compile(r"[a-z]+/[a-z0-9-]+")
YEAR = re.compile(r"\d{4}")
FILTERS = {"according": VOICE, "beside": VOICE, "from": YEAR, "to": YEAR}
MOST = 2_000
"""Things that are looked up for one page; the others are shown by their IRIs."""
OUTLINE = PREFIXES["geo"]["asWKT"].value


@blueprint.route("/<any(timeline, map, network):name>")
def drawing(name: str) -> Response:
    """Draw what a query finds, with the table that it was drawn from."""
    parameters = query_string()
    given = {key: value for key in FILTERS if (value := parameters.one(key))}
    for key, value in given.items():
        if not FILTERS[key].fullmatch(value):
            what = "a year of four digits" if FILTERS[key] is YEAR else "a voice, as in state/japan"
            raise InputError(f"The parameter {key} takes {what}, not {value[:80]!r}.")
    span = {key: given[key] for key in ("from", "to") if key in given}
    return html("drawing.html", name=name, given=given, span=span)


@blueprint.app_template_global()
def plot(columns: Sequence[str], rows: Sequence[Row], name: str | None) -> dict[str, object]:
    """Return the names of the plots that rows can fill (``fitting``), and one of them (``drawn``), if it is wanted."""
    from shimoda.web import plots  # numpy is long to import, and few pages draw

    table = plots.Table(columns, rows, look_up(rows))
    return {"fitting": plots.fitting(table), "drawn": plots.draw(name or "", table)}


def look_up(rows: Sequence[Row]) -> "dict[str, plots.Thing]":
    """Return what is known of the things in rows, by IRI; of the first :data:`MOST` of them."""
    terms = [term for row in rows for term in row.values() if isinstance(term, NamedNode)]
    from shimoda.web import plots

    found = list(dict.fromkeys(terms))[:MOST]
    if not found:
        return {}
    learn([{"thing": term} for term in found])
    things = {term.value: plots.Thing(called(term).value) for term in found}
    text = text_of("things").replace("$things", " ".join(map(str, found)))
    for row in asked().put(text).rows():
        key = row["p"].value
        name = "outline" if key == OUTLINE else key.removeprefix(ONTOLOGY)
        things[row["thing"].value].facts.setdefault(name, row["o"].value)
    return things


@blueprint.app_template_filter("columns")
def columns_of(rows: Sequence[Row]) -> list[str]:
    """Return the columns that have a value somewhere, in their order."""
    return list(dict.fromkeys(name for row in rows for name in row))
