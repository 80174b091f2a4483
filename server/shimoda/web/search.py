"""``/search``: what there is of a name, as a page or as JSON."""

from flask import Blueprint, Response

from shimoda.questions.search import index_of
from shimoda.web.pages import here, html_or_json
from shimoda.web.requests import own_url, query_string
from shimoda.web.service import service

blueprint = Blueprint("search", __name__)
MOST = 100


@blueprint.route("/search")
@blueprint.route("/search.json")
def search() -> Response:
    """Find entities, terms, assertions and questions by a name ``q``, of each ``kind``, at most ``limit`` of them."""
    asked = query_string()
    text, limit, kinds = asked.one("q") or "", asked.number("limit", 20, MOST), asked.all("kind")
    index = index_of(service().engine)
    hits = index.search(text, limit, kinds)
    results = [hit.as_json() | {"page": own_url() + here(hit.iri)} for hit in hits]
    document = {"query": text, "results": results}
    return html_or_json("search.html", document, cacheable=index.cacheable, text=text, hits=hits)
