"""``/sparql`` and ``/update``: the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/)."""

import re
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response

from shimoda.engine.interface import Query, Update
from shimoda.errors import InputError
from shimoda.namespaces import PREFIXES
from shimoda.questions import catalogue
from shimoda.settings import Settings
from shimoda.sparql.formats import (
    GRAPH_TYPES,
    JSON,
    RESULTS_TYPES,
    accept_of,
    choose_answer,
    prefers_html,
)
from shimoda.sparql.results import Results
from shimoda.web.citations import answer_with_sources, sources_of
from shimoda.web.description import question_of
from shimoda.web.discovery import describe
from shimoda.web.language import language, say
from shimoda.web.log import fingerprint
from shimoda.web.pages import html, learn
from shimoda.web.problems import Unsupported
from shimoda.web.requests import (
    Incoming,
    Parameters,
    authorised_body,
    incoming_request,
    own_url,
    parts,
)
from shimoda.web.responses import QueryResponse
from shimoda.web.service import service

blueprint = Blueprint("sparql", __name__)
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FORMAT = ("format", "output", "results", "accept")
"""Parameters that clients name a format with; some send several at once."""
ENDPOINT = re.compile(r"(?:/view/([^/]+))?/sparql/?")
VIEW = re.compile(r"[a-z0-9-]{1,64}")
ELSEWHERE = {"query": "Updates go to /update.", "update": "Queries go to /sparql."}
"""Where to send what is no query, or no update."""
UNKEPT = {*FORMAT, "as", "cite", "limit", "offset", "page"}
"""Parameters that say how an answer is shown, rather than what is asked."""
UTF8 = {"", "utf-8", "utf8", "us-ascii"}
MARK = "\ufeff"
"""A byte order mark."""
LARGEST_PAGE = 2**20
TOO_LARGE = "This answer is too large for a page. Take it in one of the formats below."


@blueprint.route("/sparql", methods=["GET", "POST"])  # type: ignore[type-var]
@blueprint.route("/sparql/", methods=["GET", "POST"])
@blueprint.route("/view/<view>/sparql", methods=["GET", "POST"])
def sparql(view: str = "") -> Response | QueryResponse:
    """Answer a query; without one, describe the service. A browser gets pages."""
    found = read_request(incoming_request(), service().settings)
    if isinstance(found, QueryResponse):
        return found
    parameters, accept, query = found
    if query is not None and not prefers_html(accept):
        return answer_with_sources(query, accept)
    if query is not None:
        return QueryResponse(query, render=partial(show_results, query, parameters))
    if prefers_html(accept):
        view = view_of(incoming_request(), parameters) or ""
        return html("query.html", view=view, answer=None)
    return describe(accept, view_of(incoming_request(), parameters))


@blueprint.route("/update", methods=["POST"])
def update() -> Response:
    """Carry out an update (section 2.2): when this answers, the change is on disk and everybody sees it."""
    parameters = form_or_direct(incoming_request(), "update", authorised_body())
    check_one_operation(parameters)
    text = parameters.one("update")
    if text is None:
        raise InputError(f"The request has no update. {ELSEWHERE['update']}")
    text = text.removeprefix(MARK)
    incoming_request().note(query=fingerprint(text), outcome="update")
    using, using_named = (
        parameters.iris("using-graph-uri"),
        parameters.iris("using-named-graph-uri"),
    )
    operation = Update(text, using or None, using_named or None, own_url() + "/update")
    service().engine.update(operation)
    return Response(status=204)


# What follows knows nothing of Flask, so that a server with an event loop need not call it for a query.


def read_request(
    incoming: Incoming, settings: Settings
) -> QueryResponse | tuple[Parameters, str | None, Query | None]:
    """Return the response to a query; for a page or with sources, its parameters, the Accept header and the query, if any."""
    if incoming.method == "POST":
        parameters = form_or_direct(incoming, "query", incoming.read_body(settings.max_query))
    else:
        parameters = Parameters(incoming.query_string)
    named = [value for name, value in parameters.pairs if name in FORMAT]
    accept = (accept_of(named) if named else None) or incoming.headers.get("accept")
    if incoming.method != "POST" and "query" not in parameters and "update" not in parameters:
        view_of(incoming, parameters)
        return parameters, accept, None
    if prefers_html(accept):
        return parameters, accept, read_query(incoming, settings, parameters, None)
    query = read_query(incoming, settings, parameters, accept)
    if parameters.is_set("cite"):
        return parameters, accept, query
    return QueryResponse(query, choose_answer(accept))


def form_or_direct(incoming: Incoming, operation: str, sent: bytes) -> Parameters:
    """Return a POST's parameters, the operation's text among them; its media type says where (section 2.1)."""
    media_type, charset = incoming.media_type()
    if charset not in UTF8:
        raise Unsupported("The body has to be in UTF-8.")
    parameters = Parameters(incoming.query_string)
    if media_type == FORM:
        parameters.pairs += Parameters(sent).pairs
    elif media_type == MULTIPART:
        parameters.pairs += ((name, decoded(part, name)) for name, _, part in parts(incoming, sent))
    elif media_type == f"application/sparql-{operation}":
        parameters.pairs.append((operation, decoded(sent, operation)))
    else:
        detail = (
            f"A POST to this address has the Content-Type application/sparql-{operation} or {FORM}."
        )
        raise Unsupported(f"{detail} {ELSEWHERE[operation]}")
    return parameters


def decoded(sent: bytes, name: str) -> str:
    """Decode a text in UTF-8, with or without a byte order mark."""
    try:
        return sent.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"The {name} is not UTF-8 (byte {error.start}).") from None


def check_one_operation(parameters: Parameters) -> None:
    """Refuse a request that holds a query and an update."""
    if "query" in parameters and "update" in parameters:
        raise InputError("The request has a query and an update; send one at a time.")


def read_query(
    incoming: Incoming, settings: Settings, parameters: Parameters, accept: str | None
) -> Query:
    """Make the query operation; the dataset of the protocol takes precedence over the query's (section 2.1.4)."""
    check_one_operation(parameters)
    text = parameters.one("query")
    if text is None:
        hint = ELSEWHERE["query"] if "update" in parameters else "Send one in the parameter query."
        raise InputError(f"The request has no query. {hint}")
    text = text.removeprefix(MARK)
    incoming.query = text
    incoming.note(query=fingerprint(text))
    results, graph = choose_answer(accept)
    default, named = parameters.iris("default-graph-uri"), parameters.iris("named-graph-uri")
    return Query(
        text,
        results_type=RESULTS_TYPES[results] if results else None,
        graph_type=GRAPH_TYPES[graph] if graph else None,
        default_graphs=default if default or named else None,
        named_graphs=named if default or named else None,
        view=view_of(incoming, parameters),
        base=incoming.root(settings) + "/sparql",
    )


def view_of(incoming: Incoming, parameters: Parameters) -> str | None:
    """Return the view that the address or the parameter names; InputError where it is none, or they differ."""
    found = ENDPOINT.fullmatch(incoming.path)
    named = {found and found[1], parameters.one("view")} - {None, ""}
    if len(named) > 1 or any(not VIEW.fullmatch(str(name)) for name in named):
        raise InputError(
            "A view is named once, by its short name: /view/japan/sparql, or view=japan beside the query."
        )
    return next(iter(named), None)


# Pages


def show_results(query: Query, parameters: Parameters, results: Results) -> Response:
    """Show results below the query form: rows as a table, triples as Turtle."""
    shown = shown_of(query, parameters, results, "/sparql", cite=parameters.is_set("cite"))
    return html("query.html", query=query.text, view=query.view or "", **shown)


def shown_of(
    query: Query, parameters: Parameters, results: Results, path: str, *, cite: bool
) -> dict[str, Any]:
    """Return what the page of an answer at ``path`` shows, and where it is to be had in other formats and forms."""
    is_table = results.form in ("SELECT", "ASK")
    cited = sources_of(query, results) if is_table and cite else None
    if cited:
        learn([iri for row in cited.rows for iri in row.values("voices") + row.values("modes")])
    formats = ("csv", "tsv", "json", "xml") if is_table else ("ttl", "nt", "rdf", "jsonld")
    kept = [pair for pair in parameters.pairs if pair[0] not in UNKEPT]
    sources = [("cite", "1")] if cited else []

    def address(*pairs: tuple[str, str]) -> str:
        return f"{path}?{urlencode([*kept, *pairs])}"

    return {
        "cacheable": results.cacheable and (cited is None or cited.is_whole),
        "answer": results,
        "address": address(*sources),
        "links": {
            name: address(*sources, ("format", name)) for name in formats[: 3 if cited else 4]
        },
        "other_sources": address() if cited else address(("cite", "1")),
        "chosen": parameters.one("as"),
        "cited": cited,
        **content_of(query, results),
    }


def content_of(query: Query, results: Results) -> dict[str, Any]:
    """Return what the page shows of results."""
    from shimoda.questions.doctor import diagnose

    if len(results.read()) > LARGEST_PAGE:
        return {"notice": TOO_LARGE}
    if results.form == "ASK":
        if results.boolean:
            return {"notice": say("Yes.")}
        return {"notice": say("No."), "examined": diagnose(service().engine, query)}
    if results.form == "SELECT":
        examined = None if results.count else diagnose(service().engine, query)
        return {"columns": results.variables, "rows": results.rows(), "examined": examined}
    return {"text": results.read().decode()}


# What the query editor offers: the words that it completes, examples and prefixes


@blueprint.route("/sparql/<any(vocabulary, usage):name>")  # type: ignore[type-var]
def vocabulary(name: str) -> QueryResponse:
    """Answer with the terms of the ontology, or with how often each property is used (SPARQL results in JSON)."""
    return QueryResponse(Query(question_of(name).text, results_type=JSON))


@blueprint.app_template_global()
def examples() -> list[dict[str, Any]]:
    """Return the named queries that run as they are: topic, question and text."""
    empty = service().settings.empty
    return [] if empty else examples_in(language(), catalogue.edited(""))


@lru_cache(maxsize=8)
def examples_in(spoken: str, edited: float) -> list[dict[str, Any]]:  # noqa: ARG001 (another when a file changed)
    """Return the examples in a language, as the files are since they were last edited."""
    return [
        {
            "topic": catalogue.topics()[one.topic][spoken],
            "question": one.titles.get(spoken, one.title),
            "text": catalogue.without_header(one.bind()),
        }
        for one in catalogue.read_all()
        if one.tags and all(parameter.default for parameter in one.parameters)
    ]


@blueprint.app_template_global()
def prefixes() -> dict[str, str]:
    """Return the prefixes that the editor declares by itself."""
    return {name: str(namespace) for name, namespace in PREFIXES.items()}
