"""``/sparql`` and ``/update``: the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/)."""

import re

from flask import Blueprint, Response, g, request

from shimoda.engine.interface import Query, Update
from shimoda.errors import InputError, NotAcceptable
from shimoda.sparql.formats import GRAPH_TYPES, RESULTS_TYPES, choose, named, prefers_html
from shimoda.web import home as page
from shimoda.web.discovery import describe
from shimoda.web.log import note
from shimoda.web.problems import Unsupported
from shimoda.web.requests import Parameters
from shimoda.web.responses import send
from shimoda.web.service import authorised_body, body, own_url, query_string, service

blueprint = Blueprint("sparql", __name__)
FORM = "application/x-www-form-urlencoded"
VIEW = re.compile(r"[a-z0-9-]{1,64}")
UTF8 = {"", "utf-8", "utf8", "us-ascii"}


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query; without one, describe the service."""
    parameters = form_or_direct("query", body()) if request.method == "POST" else query_string()
    accept = wanted(parameters)
    if "query" not in parameters and request.method != "POST":
        return page.form() if prefers_html(accept) else describe(accept)
    if prefers_html(accept):
        return page.results(query(parameters, None), parameters)
    return answer(query(parameters, accept), accept)


@blueprint.route("/update", methods=["POST"])
def update() -> Response:
    """Carry out an update (section 2.2): when this answers, the change is on disk and everybody sees it."""
    parameters = form_or_direct("update", authorised_body())
    text = parameters.one("update")
    if text is None:
        raise InputError("The request has no update. Queries go to /sparql.")
    note(request.environ, query=text, outcome="update")
    using, using_named = (
        parameters.iris("using-graph-uri"),
        parameters.iris("using-named-graph-uri"),
    )
    service().engine.update(Update(text, using or None, using_named or None, own_url() + "/update"))
    return Response(status=204)


def form_or_direct(operation: str, sent: bytes) -> Parameters:
    """Return a POST's parameters, the operation's text among them; its media type says where (section 2.1)."""
    if request.mimetype_params.get("charset", "").lower() not in UTF8:
        raise Unsupported("The body has to be in UTF-8.")
    parameters = query_string()
    if request.mimetype == FORM:
        parameters.update(Parameters.decode(sent))
    elif request.mimetype == f"application/sparql-{operation}":
        try:
            parameters.add(operation, sent.decode())
        except UnicodeDecodeError as error:
            raise InputError(f"The {operation} is not UTF-8 (byte {error.start}).") from None
    else:
        raise Unsupported(
            f"A POST to this address has the Content-Type application/sparql-{operation} or {FORM}."
        )
    return parameters


def wanted(parameters: Parameters) -> str | None:
    """Return the Accept header, or the one that the parameter ``format`` stands for."""
    name = parameters.one("format")
    if name is None:
        return request.headers.get("Accept")
    accept = named(name)
    if accept is None:
        raise NotAcceptable(
            f"There is no format {name[:40]!r}; try json, xml, csv, tsv, turtle, nt, rdf or jsonld."
        )
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
    return send(found, choose(accept, types))
