"""Where machines look first: descriptions of the service and of the dataset, the context, the sitemap."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from pyoxigraph import parse, serialize

from shimoda import __version__
from shimoda.engine.interface import Query
from shimoda.errors import ShimodaError, UnknownName
from shimoda.namespaces import BASE, ONTOLOGY, PREDEFINED
from shimoda.sparql.formats import (
    GRAPH_TYPES,
    JSON_LD,
    TURTLE,
    choose,
    negotiate,
    prefers_html,
    rdf_format,
)
from shimoda.sparql.results import Results, Row, compacted, renamed
from shimoda.web.description import Description
from shimoda.web.graph_store import DUMPS
from shimoda.web.pages import here, html
from shimoda.web.requests import own_url
from shimoda.web.responses import QueryResponse, send_body
from shimoda.web.service import service

blueprint = Blueprint("discovery", __name__)
NAMED_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g {} FILTER isIRI(?g) } ORDER BY ?g LIMIT 10000"


def asked(name: str) -> list[Row]:
    """Return the solutions of a query of ``queries/pages/``."""
    return Description(service().engine, BASE).rows(name)


def describe(accept: str | None, view: str | None) -> QueryResponse:
    """Describe the service, in a view or without (https://www.w3.org/TR/sparql11-service-description/)."""

    def render(graphs: Results) -> Response:
        names = [row["g"].value for row in graphs.rows()]
        values = {"here": own_url(), "settings": service().settings, "graphs": names, "view": view}
        return rdf("service.ttl", values, accept)

    return QueryResponse(Query(NAMED_GRAPHS, view=view), render=render)


@blueprint.route("/*", methods=["OPTIONS"])
def everything() -> Response:
    """Say what the server answers at all (``OPTIONS *``, RFC 9110 section 9.3.7)."""
    return Response(status=204, headers={"Allow": "GET, HEAD, POST, PUT, DELETE, OPTIONS"})


@blueprint.route("/favicon.ico", defaults={"path": "/static/shimoda.svg"})
@blueprint.route("/void", defaults={"path": "/.well-known/void"})
@blueprint.route("/ontology/", defaults={"path": "/ontology"})
def moved(path: str) -> Response:
    """Send to where clients guess that something else is."""
    return redirect(own_url() + path, 308)  # type: ignore[return-value]


@blueprint.route("/problem/<code>")
def problem(code: str) -> Response:
    """Explain a problem of which an answer gave the IRI (RFC 9457 section 3.1.1)."""
    known = ShimodaError.kinds
    if code not in known:
        raise UnknownName(f"There is no problem/{code} here.", nearest=sorted(known))
    found = known[code]("Each answer with this type says in its detail what was wrong.").problem()
    if prefers_html(request.headers.get("Accept")):
        return html("problem.html", problem=found)
    return send_body(json.dumps(found), "application/json")


@blueprint.route("/.well-known/void")
def void() -> Response:
    """Describe the dataset: how large it is, what is in it, what it links to, how it was made, on which terms."""
    changed = service().engine.changed
    dated = datetime.fromtimestamp(changed, UTC).isoformat("T", "seconds") if changed else None
    names = ("classes", "properties", "linksets", "ontology", "sources", "graphs")
    values: dict[str, Any] = {name: asked(name) for name in names}
    values |= {"here": own_url(), "base": BASE, "version": __version__}
    values |= {"dumps": DUMPS, "changed": dated, "counts": asked("counts")[0]}
    return rdf("void.ttl", values, request.headers.get("Accept"))


def rdf(template: str, values: dict[str, Any], accept: str | None) -> Response:
    """Send what a Turtle template says, in the RDF syntax that the client likes best."""
    kind = negotiate(accept, GRAPH_TYPES)
    quads = parse(render_template(template, **values), rdf_format(TURTLE))
    triples = renamed(quad.triple for quad in quads)
    body = serialize(triples, format=rdf_format(GRAPH_TYPES[kind]), prefixes=PREDEFINED) or b""
    return send_body(compacted(body) if GRAPH_TYPES[kind] == JSON_LD else body, kind)


@blueprint.route("/prefixes")
@blueprint.route("/prefixes.<any(ttl, jsonld):suffix>")
def prefixes(suffix: str = "") -> Response:
    """Send the prefixes that a query need not declare: as a JSON-LD context, or declared in SHACL's words."""
    named = {"ttl": TURTLE, "jsonld": JSON_LD}.get(suffix)
    accept = named or request.headers.get("Accept")
    if GRAPH_TYPES.get(choose(accept, tuple(GRAPH_TYPES)) or TURTLE) != JSON_LD:
        return rdf("prefixes.ttl", {"prefixes": PREDEFINED, "ontology": ONTOLOGY[:-1]}, accept)
    terms = {name or "@vocab": iri for name, iri in PREDEFINED.items()}
    return send_body(json.dumps({"@context": terms}, indent=1), JSON_LD)


@blueprint.route("/context.jsonld")
def terms() -> Response:
    """Send the JSON-LD context of our vocabulary."""
    from shimoda.authoring.exports import context

    document = context(row["p"].value for row in asked("relations"))
    return send_body(json.dumps(document, indent=1), JSON_LD)


@blueprint.route("/sitemap.xml")
def sitemap() -> Response:
    """List every page about something (https://www.sitemaps.org/protocol.html)."""
    pages = (here(row["page"]).replace("/id/", "/doc/", 1) for row in asked("pages"))
    dumps = (f"/dump.{name}" for name in DUMPS)
    places = [own_url() + page for page in ("/", *dumps, *pages)]
    return send_body(render_template("sitemap.xml", places=places), "application/xml")


@blueprint.route("/robots.txt")
def robots() -> Response:
    """Say where the sitemap is, and what is no page."""
    return send_body(render_template("robots.txt", here=own_url()), "text/plain")
