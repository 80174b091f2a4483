"""Where machines look first: descriptions of the service and of the dataset, the context, the sitemap."""

import json
from typing import Any

from flask import Blueprint, Response, render_template, request
from pyoxigraph import parse, serialize

from shimoda import __version__
from shimoda.authoring.exports import context
from shimoda.engine.interface import Query
from shimoda.namespaces import BASE, PREFIXES
from shimoda.sparql.formats import GRAPH_TYPES, JSON_LD, TURTLE, negotiate, rdf_format
from shimoda.sparql.results import Results, Row
from shimoda.web.description import Description
from shimoda.web.pages import here
from shimoda.web.requests import own_url
from shimoda.web.responses import QueryResponse, send_body
from shimoda.web.service import service

blueprint = Blueprint("discovery", __name__)
NAMESPACES = {name: str(iri) for name, iri in PREFIXES.items()} | {
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "ent": "http://www.w3.org/ns/entailment/",
    "formats": "http://www.w3.org/ns/formats/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
}
NAMED_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g {} FILTER isIRI(?g) } ORDER BY ?g LIMIT 10000"


def asked(name: str) -> list[Row]:
    """Return the solutions of a query of ``queries/pages/``."""
    return Description(service().engine, BASE).rows(name)


def describe(accept: str | None) -> QueryResponse:
    """Describe the service (https://www.w3.org/TR/sparql11-service-description/)."""

    def render(graphs: Results) -> Response:
        names = [row["g"].value for row in graphs.rows()]
        values = {"endpoint": own_url() + "/sparql", "settings": service().settings}
        return rdf("service.ttl", values | {"graphs": names}, accept)

    return QueryResponse(Query(NAMED_GRAPHS), render=render)


@blueprint.route("/.well-known/void")
def void() -> Response:
    """Describe the dataset: how large it is, what is in it, what it links to, how it was made, on which terms."""
    names = ("classes", "properties", "linksets", "ontology", "sources", "graphs")
    values: dict[str, Any] = {"here": own_url(), "base": BASE, "version": __version__}
    values |= {"counts": asked("counts")[0]} | {name: asked(name) for name in names}
    return rdf("void.ttl", values, request.headers.get("Accept"))


def rdf(template: str, values: dict[str, Any], accept: str | None) -> Response:
    """Send what a Turtle template says, in the RDF syntax that the client likes best."""
    kind = negotiate(accept, GRAPH_TYPES)
    quads = parse(render_template(template, **values), rdf_format(TURTLE))
    body = serialize(quads, format=rdf_format(GRAPH_TYPES[kind]), prefixes=NAMESPACES)
    return send_body(body or b"", kind)


@blueprint.route("/context.jsonld")
def terms() -> Response:
    """Send the JSON-LD context of our vocabulary."""
    document = context(row["p"].value for row in asked("relations"))
    return send_body(json.dumps(document, indent=1), JSON_LD)


@blueprint.route("/sitemap.xml")
def sitemap() -> Response:
    """List every page about something (https://www.sitemaps.org/protocol.html)."""
    pages = (here(row["page"]).replace("/id/", "/doc/", 1) for row in asked("pages"))
    places = [own_url() + page for page in ("/", *pages)]
    return send_body(render_template("sitemap.xml", places=places), "application/xml")


@blueprint.route("/robots.txt")
def robots() -> Response:
    """Say where the sitemap is, and what is no page."""
    return send_body(
        f"User-agent: *\nDisallow: /sparql\nDisallow: /explain\nSitemap: {own_url()}/sitemap.xml\n",
        "text/plain",
    )
