"""``/doctor``: why a query fails or finds nothing, as a page or as JSON."""

from flask import Blueprint, Response

from shimoda.errors import InputError
from shimoda.questions.doctor import diagnose
from shimoda.web.pages import html_or_json
from shimoda.web.requests import Parameters, incoming_request
from shimoda.web.service import service
from shimoda.web.sparql import form_or_direct, read_query

blueprint = Blueprint("doctor", __name__)


@blueprint.route("/doctor", methods=["GET", "POST"])
@blueprint.route("/doctor.json", methods=["GET", "POST"])
def doctor() -> Response:
    """Examine a query; it is given as to ``/sparql``, and not answered."""
    incoming, settings = incoming_request(), service().settings
    if incoming.method == "POST":
        body = incoming.read_body(settings.max_query)
        parameters = form_or_direct(incoming, "query", body)
    else:
        parameters = Parameters(incoming.query_string)
    if "query" not in parameters:
        raise InputError("Which query? Give it as to /sparql: /doctor?query=…")
    query = read_query(incoming, settings, parameters, None)
    found = diagnose(service().engine, query)
    return html_or_json(
        "doctor.html",
        {"query": query.text} | found.as_json(),
        cacheable=found.cacheable,
        found=found,
        query=query.text,
        view=query.view or "",
    )
