"""The pages that are about no one thing: each is a template and its queries."""

from flask import Blueprint, Response

from shimoda.web.pages import html

blueprint = Blueprint("home", __name__)

FIRST_QUERY = """SELECT ?kind (COUNT(?thing) AS ?things)
WHERE { ?thing a ?kind }
GROUP BY ?kind
ORDER BY DESC(?things)"""


@blueprint.route("/")
def home() -> Response:
    """Show what this is, questions with their answers, and the query form."""
    return html("home.html", query=FIRST_QUERY)


@blueprint.route("/dispute")
def dispute() -> Response:
    """Show what is disputed: who claims and holds what, what was offered and refused, and each party's world."""
    return html("dispute.html")
