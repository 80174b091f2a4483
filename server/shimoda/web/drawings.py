"""``/timeline``, ``/map`` and ``/network``: what nobody disputes, or what one voice says, or two voices side by side."""

import re
from collections.abc import Sequence

from flask import Blueprint, Response

from shimoda.errors import InputError
from shimoda.sparql.results import Row
from shimoda.web import plots
from shimoda.web.pages import html
from shimoda.web.requests import query_string
from shimoda.web.things import look_up

blueprint = Blueprint("drawings", __name__)
VOICE = re.compile(r"[a-z]+/[a-z0-9-]+")
YEAR = re.compile(r"\d{4}")
FILTERS = {"according": VOICE, "beside": VOICE, "from": YEAR, "to": YEAR}


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
    things = look_up(rows)
    drawn = plots.draw(name, columns, rows, things) if name else None
    return {"fitting": plots.fitting(columns, rows, things), "drawn": drawn}


@blueprint.app_template_filter("columns")
def columns_of(rows: Sequence[Row]) -> list[str]:
    """Return the columns that have a value somewhere, in their order."""
    return list(dict.fromkeys(name for row in rows for name in row))
