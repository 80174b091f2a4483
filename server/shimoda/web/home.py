"""The first page."""

from urllib.parse import urlencode

from flask import Blueprint, Response

from shimoda.questions import catalogue
from shimoda.web.pages import html
from shimoda.web.service import service

blueprint = Blueprint("home", __name__)

FIRST = (
    "contradictions",
    "critics-of-the-visit-to-kunashir",
    "control-of-kunashir-and-who-calls-it-illegal",
    "chain-of-sources-behind-the-advisers",
    "corrections",
    "who-saw-divine-punishment",
)
"""Names of the questions to begin with."""
FIRST_QUERY = """SELECT ?kind (COUNT(?thing) AS ?things)
WHERE { ?thing a ?kind }
GROUP BY ?kind
ORDER BY DESC(?things)"""


@blueprint.route("/")
def home() -> Response:
    """Show what this is, questions with their answers one click away, and the query form."""
    is_empty = service().settings.empty
    named = [] if is_empty else [one for one in catalogue.read_all() if not one.parameters]
    links = {one.name: (one.title, "/sparql?" + urlencode({"query": one.body})) for one in named}
    first = [links.pop(name) for name in FIRST if name in links]
    texts = service().engine.rows(catalogue.text_of("texts"))
    others = list(links.values())
    return html("home.html", first=first, others=others, query=FIRST_QUERY, texts=texts)
