"""The pages that are about no one thing: each is a template and its queries."""

from functools import partial

from flask import Blueprint, Response

from shimoda.namespaces import BASE
from shimoda.web.pages import html
from shimoda.web.requests import query_string
from shimoda.web.resources import find

blueprint = Blueprint("home", __name__)
PAGES = {
    "/": "home",
    "/dispute": "dispute",
    "/about/": "about",
    "/about/model": "model",
    "/about/curation": "curation",
}
"""The template at each address."""
for address, template in PAGES.items():
    blueprint.add_url_rule(address, template, partial(html, f"{template}.html"))


@blueprint.route("/pair")
def pair() -> Response:
    """Show what is told of two things together, ``one`` and ``other``, given by IRI or as ``state/japan``."""
    names = [query_string().one(name) or "" for name in ("one", "other")]
    one, other = (find("id/", name.removeprefix(BASE + "id/")).iri for name in names)
    return html("pair.html", one=one, other=other)
