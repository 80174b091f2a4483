"""``/timeline``, ``/map`` and ``/network``: what nobody disputes, or what one voice says, or two voices side by side.

All three take the same filter: a kind of events, a party, and years.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from shimoda.errors import InputError
from shimoda.namespaces import BASE, ONTOLOGY, PREFIXES
from shimoda.sparql.results import Row
from shimoda.web.description import iris_in
from shimoda.web.pages import ask, asked, assertions_in, called, html, learn
from shimoda.web.requests import query_string

if TYPE_CHECKING:
    from shimoda.web import plots

blueprint = Blueprint("drawings", __name__)
ID = BASE + "id/"
CHOICES = {"according": ID, "beside": ID, "party": ID, "kind": ONTOLOGY}
"""The parameters that name a thing, each with what its IRI begins with."""
YEARS = ("from", "to")
NAME = re.compile(r"[A-Za-z]+(/[a-z0-9-]+)?")
YEAR = re.compile(r"\d{4}")
MOST = 2_000
"""Things that are looked up for one page; the others are shown by their IRIs."""
OUTLINE = PREFIXES["geo"]["asWKT"].value


@blueprint.route("/<any(timeline, map, network):name>")
def drawing(name: str) -> Response:
    """Draw what a query finds, with the table that it was drawn from."""
    parameters = query_string()
    given = {key: value for key in (*CHOICES, *YEARS) if (value := parameters.one(key))}
    for key, value in given.items():
        if not (YEAR if key in YEARS else NAME).fullmatch(value):
            what = "a year of four digits" if key in YEARS else "a name, as in state/japan or Visit"
            raise InputError(f"The parameter {key} takes {what}, not {value[:80]!r}.")
    named = {key: CHOICES.get(key, "") + value for key, value in given.items()}
    voices = [named.pop("according", ""), named.pop("beside", "")]
    sides = [side(name, voice, named) for voice in voices[: 1 + bool(voices[1])]]
    found = asked()
    found.prepare(*(found.text(one["query"], **one["values"]) for one in sides))
    for one in sides:
        one["rows"] = rows = ask(one["query"], **one["values"])
        one["columns"] = list(dict.fromkeys(name for row in rows for name in row))
    return html("drawing.html", name=name, given=given, sides=sides)


def side(name: str, voice: str, chosen: dict[str, str]) -> dict[str, Any]:
    """Return by which query it is found what is drawn of a voice, or of what nobody disputes."""
    query, values = (f"{name}-according", chosen | {"voice": voice}) if voice else (name, chosen)
    return {"voice": voice, "query": query, "values": values}


@blueprint.app_template_global()
def plotted(
    columns: Sequence[str], rows: Sequence[Row], width: int = 1000, beside: Sequence[Row] = ()
) -> "plots.Table":
    """Return the first rows with what is known of the things in them, to be drawn, and those of a drawing ``beside``.

    What the table beneath needs to know is asked at the same time. ``width`` is about how many pixels wide a map is
    shown, so that its letters can be read.
    """
    from shimoda.web import plots  # numpy is long to import, and few pages draw

    learn(iris_in(rows)[:MOST])
    few, others = rows[: plots.MOST_MARKS], beside[: plots.MOST_MARKS]
    things = {iri: plots.Thing(called(iri).value) for iri in iris_in([*few, *others])[:MOST]}
    dated = [iri for iri in things if iri.startswith(ID) or not iri.startswith(BASE)]
    found, wanted = asked(), {"things": dated, "manners": assertions_in(few)}
    found.prepare(*(found.text_of(name, iris) for name, iris in wanted.items() if iris))
    for row in found.rows_of("things", dated):
        key = row["p"].value
        name = "outline" if key == OUTLINE else key.removeprefix(ONTOLOGY)
        things[row["thing"].value].facts.setdefault(name, row["o"].value)
    return plots.Table(columns, few, things, width, others)
