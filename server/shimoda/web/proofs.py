"""``/explain``: why a triple holds, as a page, as JSON or as RDF."""

import json

from flask import Blueprint, Response, request

from shimoda.engine.axioms import prover_of
from shimoda.errors import InputError
from shimoda.reasoning.words import say
from shimoda.sparql.formats import HTML, TURTLE, negotiate
from shimoda.web.pages import JSON, html
from shimoda.web.requests import query_string
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("proofs", __name__)
OFFERED = (*HTML, JSON, TURTLE)


@blueprint.route("/explain")
def answer() -> Response:
    """Explain the triple of ``s``, ``p`` and ``o``, in a ``view`` and with ``alternatives`` if asked for."""
    from shimoda.reasoning.explanation import explain, shortened

    asked = query_string()
    triple = [asked.one(name) for name in ("s", "p", "o")]
    if None in triple:
        raise InputError("A triple has a subject, a predicate and an object: /explain?s=…&p=…&o=…")
    kind = negotiate(request.headers.get("Accept"), OFFERED)
    subject, predicate, thing = map(str, triple)
    found = explain(
        prover_of(service().engine, asked.one("view")),
        (subject, predicate, thing),
        alternatives=bool(asked.one("alternatives")),
    )
    if kind in HTML:
        terms = {term[1:-1] for term in found.labels if term.startswith("<")}
        voices = {voice for citation in found.citations.values() for voice in citation.voices}
        response = html(
            "explain.html",
            found=found,
            asked=request.args,
            say=say,
            shortened=shortened,
            things=terms | voices,
        )
    else:
        as_json = json.dumps(found.as_json(), ensure_ascii=False)
        response = send_body(as_json if kind == JSON else found.as_turtle(), kind)
    response.vary.add("Accept")
    return response
