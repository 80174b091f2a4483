"""``/timeline``, ``/map`` and ``/network``: what nobody disputes, or what one voice says, or two voices side by side."""

import re
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response

from shimoda.engine.interface import Query
from shimoda.errors import InputError
from shimoda.namespaces import BASE
from shimoda.questions.catalogue import without_header
from shimoda.web import plots
from shimoda.web.description import question_of
from shimoda.web.pages import html
from shimoda.web.requests import Parameters, query_string
from shimoda.web.service import service
from shimoda.web.things import iris_of, look_up

blueprint = Blueprint("drawings", __name__)
VOICE = re.compile(r"[a-z]+/[a-z0-9-]+")
YEAR = re.compile(r"\d{4}")
FILTERS = ("according", "beside", "from", "to")


@blueprint.route("/<any(timeline, map, network):name>")
def drawing(name: str) -> Response:
    """Draw what a query finds, with the table that it was drawn from."""
    given = read_filters(query_string())
    voices = service().engine.rows(question_of("voices").text)
    known = look_up(service().engine, iris_of(voices))
    sides = [draw_side(name, given.get("according"), given)]
    if given.get("beside"):
        sides.append(draw_side(name, given["beside"], given))
    listed = [
        (
            row["voice"].value.removeprefix(BASE + "id/"),
            known[row["voice"].value],
            row["assertions"],
        )
        for row in voices
    ]
    labels = {voice: thing.label() for voice, thing, _ in listed}
    return html("drawing.html", name=name, sides=sides, voices=listed, labels=labels, given=given)


def read_filters(parameters: Parameters) -> dict[str, str]:
    """Return the filters of a request; InputError says which one takes what."""
    given = {name: value for name in FILTERS if (value := parameters.one(name))}
    for name, value in given.items():
        is_voice = name in ("according", "beside")
        if not (VOICE if is_voice else YEAR).fullmatch(value):
            what = "a voice, as in state/japan" if is_voice else "a year of four digits"
            raise InputError(f"The parameter {name} takes {what}, not {value[:80]!r}.")
    return given


def draw_side(name: str, voice: str | None, given: dict[str, str]) -> dict[str, Any]:
    """Return what one side of the page shows: the drawing, its rows, and the query behind it."""
    engine = service().engine
    question = question_of(f"{name}-according" if voice else name)
    values = {"voice": f"{BASE}id/{voice}"} | given
    names = {parameter.name for parameter in question.parameters}
    text = without_header(question.bind({key: value for key, value in values.items() if key in names}))
    results = engine.query(Query(text))
    rows, columns = results.rows(), results.variables
    things = look_up(engine, iris_of(rows))
    return {
        "voice": voice,
        "columns": columns,
        "rows": rows,
        "things": things,
        "plot": plots.draw(name, columns, rows, things),
        "link": "/sparql?" + urlencode({"query": text, "as": name}),
        "csv": "/sparql?" + urlencode({"query": text, "format": "csv"}),
    }
