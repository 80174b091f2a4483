"""The pages that are about no one thing: each is a template and its queries."""

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from shimoda.namespaces import BASE
from shimoda.web.pages import html
from shimoda.web.requests import query_string
from shimoda.web.resources import find

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


@blueprint.route("/about/")
@blueprint.route("/about/<any(model, curation):name>")
def about(name: str = "about") -> Response:
    """Tell what this is, how the graph is laid out with queries to run, or what is still thin in it."""
    return html(f"{name}.html")


@blueprint.route("/pair")
def pair() -> Response:
    """Show what is told of two things together, ``one`` and ``other``, given by IRI or as ``state/japan``."""
    asked = query_string()
    things = [known(asked.one(name) or "") for name in ("one", "other")]
    return html(
        "pair.html",
        one=things[0],
        other=things[1],
        things=[{"thing": NamedNode(iri)} for iri in things],
    )


def known(name: str) -> str:
    """Return the IRI of an entity by its IRI or its name; UnknownName brings the nearest."""
    return find("id/", name.removeprefix(BASE + "id/")).iri
