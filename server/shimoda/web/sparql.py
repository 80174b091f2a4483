"""``/sparql``: queries by the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/)."""

import re

from flask import Blueprint, Response, g, request

from shimoda.engine.protocol import Query
from shimoda.errors import InputError, NotAcceptable
from shimoda.web import description, page
from shimoda.web.journal import note
from shimoda.web.negotiation import GRAPH_TYPES, RESULTS_TYPES, choose, named, prefers_html
from shimoda.web.parameters import Parameters
from shimoda.web.problems import Unsupported
from shimoda.web.sending import send
from shimoda.web.service import body, own_url, query_string, service

blueprint = Blueprint("sparql", __name__)
FORM = "application/x-www-form-urlencoded"
VIEW = re.compile(r"[a-z0-9-]{1,64}")
UTF8 = {"", "utf-8", "utf8", "us-ascii"}


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query; without one, describe the service."""
    parameters = read()
    accept = wanted(parameters)
    if "query" not in parameters and request.method != "POST":
        return page.form() if prefers_html(accept) else description.describe(accept)
    if prefers_html(accept):
        return page.results(query(parameters, None), parameters)
    return answer(query(parameters, accept), accept)


def read() -> Parameters:
    """Read the operation: GET, POST with a form, or POST with the query itself (section 2.1)."""
    if request.method == "POST":
        return form_or_direct("query", body())
    return query_string()


def form_or_direct(operation: str, sent: bytes) -> Parameters:
    """Return a POST's parameters, the operation's text among them; its media type says where that stands."""
    if request.mimetype_params.get("charset", "").lower() not in UTF8:
        raise Unsupported("The body has to be in UTF-8.")
    if request.mimetype == FORM:
        return query_string() + Parameters.decode(sent)
    if request.mimetype != f"application/sparql-{operation}":
        types = f"application/sparql-{operation} or {FORM}"
        raise Unsupported(f"A POST to this address has the Content-Type {types}.")
    try:
        return query_string() + Parameters(((operation, sent.decode()),))
    except UnicodeDecodeError as error:
        raise InputError(f"The {operation} is not UTF-8 (byte {error.start}).") from None


def wanted(parameters: Parameters) -> str | None:
    """Return the Accept header, or the one that the parameter ``format`` stands for."""
    name = parameters.one("format")
    if name is None:
        return request.headers.get("Accept")
    accept = named(name)
    if accept is None:
        raise NotAcceptable(f"There is no format {name[:40]!r}; try json, xml, csv, tsv, turtle, nt, rdf or jsonld.")
    return accept


def query(parameters: Parameters, accept: str | None) -> Query:
    """Make the query operation; the dataset of the protocol takes precedence over the query's (section 2.1.4)."""
    text = parameters.one("query")
    if text is None:
        hint = " Updates go to /update." if "update" in parameters else ""
        raise InputError(f"The request has no query.{hint}")
    note(request.environ, query=text)
    g.query = text  # for the page that says what is wrong with it
    results, graph = choose(accept, RESULTS_TYPES), choose(accept, GRAPH_TYPES)
    if results is None and graph is None:
        raise NotAcceptable("None of the formats that the request accepts can be made here.")
    view = parameters.one("view") or None
    if view is not None and not VIEW.fullmatch(view):
        raise InputError("The parameter view takes the short name of a party, as in view=japan.")
    default, named_graphs = parameters.iris("default-graph-uri"), parameters.iris("named-graph-uri")
    dataset = bool(default or named_graphs)
    return Query(
        text,
        results_type=RESULTS_TYPES[results] if results else None,
        graph_type=GRAPH_TYPES[graph] if graph else None,
        default_graphs=default if dataset else None,
        named_graphs=named_graphs if dataset else None,
        view=view,
        base=own_url() + "/sparql",
    )


def answer(operation: Query, accept: str | None) -> Response:
    """Carry out a query and send its answer under the name of the media type that was asked for."""
    found = service().engine.query(operation)
    note(request.environ, rows=found.rows, outcome=found.form.lower())
    types = RESULTS_TYPES if found.form in ("SELECT", "ASK") else GRAPH_TYPES
    response = send(found, choose(accept, types))
    response.vary.add("Accept")
    return response
