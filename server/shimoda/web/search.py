"""``/search`` and ``/doctor``: what there is of a name, and why a query fails or finds nothing; as pages or as JSON."""

from flask import Blueprint, Response

from shimoda.errors import InputError
from shimoda.questions.search import index_of
from shimoda.web.pages import here, html_or_json
from shimoda.web.requests import Parameters, incoming_request, own_url, query_string
from shimoda.web.service import service
from shimoda.web.sparql import form_or_direct, read_query

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


@blueprint.route("/doctor", methods=["GET", "POST"])
@blueprint.route("/doctor.json", methods=["GET", "POST"])
def doctor() -> Response:
    """Examine a query; it is given as to ``/sparql``, and not answered."""
    from shimoda.questions.doctor import diagnose

    incoming, settings = incoming_request(), service().settings
    parameters = Parameters(incoming.query_string)
    if incoming.method == "POST":
        parameters = form_or_direct(incoming, "query", incoming.read_body(settings.max_query))
    if "query" not in parameters:
        raise InputError("Which query? Give it as to /sparql: /doctor?query=…")
    query = read_query(incoming, settings, parameters, None)
    found = diagnose(service().engine, query)
    document = {"query": query.text} | found.as_json()
    shown = {"found": found, "query": query.text, "view": query.view or ""}
    return html_or_json("doctor.html", document, cacheable=found.cacheable, **shown)
