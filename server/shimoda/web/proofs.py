"""``/explain``: why a triple holds, as a page, as JSON or as RDF."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from shimoda.engine.axioms import compiled_rules
from shimoda.engine.interface import EngineStore
from shimoda.errors import InputError
from shimoda.reasoning.explanation import Explanation, explain, shortened
from shimoda.reasoning.words import say
from shimoda.sparql.formats import HTML, TURTLE, negotiate
from shimoda.web.pages import html
from shimoda.web.requests import query_string
from shimoda.web.responses import send_body
from shimoda.web.service import service

__all__ = ["blueprint"]

blueprint = Blueprint("proofs", __name__)
JSON = "application/json"
OFFERED = (*HTML, JSON, TURTLE)


@blueprint.route("/explain")
def answer() -> Response:
    """Explain the triple of ``s``, ``p`` and ``o``, in a ``view`` and with ``alternatives`` if asked for."""
    asked = query_string()
    terms = [asked.one(name) for name in ("s", "p", "o")]
    if None in terms:
        raise InputError("A triple has a subject, a predicate and an object: /explain?s=…&p=…&o=…")
    kind = negotiate(request.headers.get("Accept"), OFFERED)
    engine = service().engine
    subject, predicate, thing = map(str, terms)
    found = explain(
        EngineStore(engine),
        compiled_rules(engine),
        (subject, predicate, thing),
        party=asked.one("view"),
        alternatives=bool(asked.one("alternatives")),
    )
    if kind in HTML:
        response = html(
            "explain.html",
            found=found,
            asked=request.args,
            say=say,
            shortened=shortened,
            things=things(found),
        )
    else:
        as_json = json.dumps(found.as_json(), ensure_ascii=False)
        response = send_body(as_json if kind == JSON else found.as_turtle(), kind)
    response.vary.add("Accept")
    return response


def things(found: Explanation) -> set[str]:
    """Return the IRIs of what an explanation speaks of, and of the voices that it cites."""
    terms = {term[1:-1] for term in found.labels if term.startswith("<")}
    return terms | {citation.voice for citation in found.citations.values() if citation.voice}
