"""The pages that work without scripts: the first page, the query form, and a query's answer as a table."""

import json
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from shimoda.engine.interface import Answer, Query
from shimoda.namespaces import short
from shimoda.questions import catalogue
from shimoda.web.log import note
from shimoda.web.requests import Parameters
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("page", __name__)
blueprint.add_app_template_filter(short)
LARGEST = 2**20
TOO_LARGE = "This answer is too large for a page. Take it in one of the formats below."

FIRST = (
    "contradictions",
    "critics-of-the-visit-to-kunashir",
    "control-of-kunashir-and-who-calls-it-illegal",
    "chain-of-sources-behind-the-advisers",
    "corrections",
    "who-saw-divine-punishment",
)
"""Names of the questions to begin with."""
QUERY = "SELECT ?kind (COUNT(?thing) AS ?things)\nWHERE { ?thing a ?kind }\nGROUP BY ?kind\nORDER BY DESC(?things)"


@blueprint.route("/")
def home() -> Response:
    """Show what this is, questions with their answers one click away, and the query form."""
    questions = (
        []
        if service().settings.empty
        else [one for one in catalogue.read_all() if not one.parameters]
    )
    links = {
        one.name: (one.summary, "/sparql?" + urlencode({"query": bare(one.text)}))
        for one in questions
    }
    first = [links.pop(name) for name in FIRST if name in links]
    return html("home.html", first=first, others=list(links.values()), query=QUERY, texts=texts())


def texts() -> list[dict[str, str]]:
    """Return the title, and where known the author and the issue, of each text that was read."""
    found = service().engine.query(Query(catalogue.text_of("texts")))
    rows = json.loads(found.content())["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in rows]


def bare(text: str) -> str:
    """Return a named query without its header."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+")).strip()


def form() -> Response:
    """Show the query form."""
    return html("query.html", query=QUERY, view="", answer=None)


def results(query: Query, parameters: Parameters) -> Response:
    """Carry out a query, and show its answer below the form: rows as a table, triples as Turtle."""
    found = service().engine.query(query)
    note(request.environ, rows=found.rows, outcome=found.form.lower())
    pairs = [pair for pair in parameters.items(multi=True) if pair[0] != "format"]
    formats = (
        ("csv", "tsv", "json", "xml")
        if found.form in ("SELECT", "ASK")
        else ("ttl", "nt", "rdf", "jsonld")
    )
    links = {name: "/sparql?" + urlencode([*pairs, ("format", name)]) for name in formats}
    return html(
        "query.html",
        cacheable=found.cacheable,
        query=query.text,
        view=query.view or "",
        answer=found,
        links=links,
        **show(found),
    )


def show(answer: Answer) -> dict[str, object]:
    """Return what the page shows of an answer."""
    body = answer.content()
    if len(body) > LARGEST:
        return {"notice": TOO_LARGE}
    if answer.form not in ("SELECT", "ASK"):
        return {"text": body.decode()}
    document = json.loads(body)
    if "boolean" in document:
        return {"notice": "Yes." if document["boolean"] else "No."}
    rows = [
        [row.get(name) for name in document["head"]["vars"]]
        for row in document["results"]["bindings"]
    ]
    return {"columns": document["head"]["vars"], "rows": rows}


def html(template: str, *, cacheable: bool = True, **values: object) -> Response:
    """Send a page."""
    return send_body(render_template(template, **values), "text/html", cacheable=cacheable)
