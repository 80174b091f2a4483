"""The pages that work without scripts: the first page, the query form, and a query's answer as a table."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from shimoda.engine.protocol import Answer, Query
from shimoda.vocabulary import PREFIXES
from shimoda.web.journal import note
from shimoda.web.parameters import Parameters
from shimoda.web.sending import send_body, take
from shimoda.web.service import service

__all__ = ["blueprint", "form", "results"]

blueprint = Blueprint("page", __name__)
LARGEST = 2**20
TOO_LARGE = "This answer is too large for a page. Take it in one of the formats below."

EXAMPLES = {
    "Who takes part in which events?": """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?event ?kind ?label WHERE {
  ?event a ?kind ; rdfs:label ?label .
  FILTER (CONTAINS(STR(?event), "/id/event/") && LANG(?label) = "en")
}
ORDER BY ?label
LIMIT 50
""",
    "What does the article say of Kunashir, and where?": """PREFIX : <https://w3id.org/shimoda/ontology#>
PREFIX place: <https://w3id.org/shimoda/id/place/>

SELECT ?assertion ?subject ?property ?sentence WHERE {
  GRAPH ?assertion { ?subject ?property place:kunashir }
  ?assertion :citedIn ?sentence .
}
ORDER BY ?sentence
LIMIT 50
""",
    "Which kinds of thing are there, and how many of each?": """SELECT ?kind (COUNT(?thing) AS ?things) WHERE {
  ?thing a ?kind .
}
GROUP BY ?kind
ORDER BY DESC(?things)
""",
}
"""Questions to begin with, each with its query."""


@blueprint.route("/")
def home() -> Response:
    """Show what this is, the query form, and questions to begin with."""
    examples = {question: "/sparql?" + urlencode({"query": text}) for question, text in EXAMPLES.items()}
    return html("home.html", examples=examples, query=next(iter(EXAMPLES.values())))


def form() -> Response:
    """Show the query form."""
    return html("query.html", query=next(iter(EXAMPLES.values())), view="", answer=None)


def results(query: Query, parameters: Parameters) -> Response:
    """Carry out a query, and show its answer below the form: rows as a table, triples as Turtle."""
    found = service().engine.query(query)
    note(request.environ, rows=found.rows, outcome=found.form.lower())
    pairs = [pair for pair in parameters.pairs if pair[0] != "format"]
    formats = ("csv", "tsv", "json", "xml") if found.form in ("SELECT", "ASK") else ("ttl", "nt", "rdf", "jsonld")
    links = {name: "/sparql?" + urlencode([*pairs, ("format", name)]) for name in formats}
    shown = show(found)
    return html("query.html", cacheable=found.cacheable, query=query.text, view=query.view or "", answer=found,
                links=links, **shown)


def show(answer: Answer) -> dict[str, object]:
    """Return what the page shows of an answer."""
    body = take(answer)
    if len(body) > LARGEST:
        return {"notice": TOO_LARGE}
    if answer.form not in ("SELECT", "ASK"):
        return {"text": body.decode()}
    document = json.loads(body)
    if "boolean" in document:
        return {"notice": "Yes." if document["boolean"] else "No."}
    rows = [[row.get(name) for name in document["head"]["vars"]] for row in document["results"]["bindings"]]
    return {"columns": document["head"]["vars"], "rows": rows}


@blueprint.app_template_filter("short")
def short(iri: str) -> str:
    """Write an IRI with a prefix where there is one; the longest namespace wins."""
    fitting = [(name, base) for name, base in PREFIXES.items() if iri.startswith(base) and iri != base]
    if not fitting:
        return iri
    name, base = max(fitting, key=lambda pair: len(pair[1]))
    return f"{name}:{iri.removeprefix(base)}"


def html(template: str, *, cacheable: bool = True, **values: object) -> Response:
    """Send a page."""
    response = send_body(render_template(template, **values), "text/html", cacheable=cacheable)
    response.vary.add("Accept")
    return response
