"""Where machines look first: descriptions of the service and of the dataset, the context, the sitemap."""

import json
from typing import Any

from flask import Blueprint, Response, render_template
from pyoxigraph import RdfFormat, parse, serialize

from shimoda import __version__
from shimoda.authoring.exports import context
from shimoda.engine.interface import Query
from shimoda.namespaces import BASE, PREFIXES
from shimoda.sparql.formats import GRAPH_TYPES, negotiate
from shimoda.web.gathering import Gathering, Row
from shimoda.web.resources import here
from shimoda.web.responses import send_body
from shimoda.web.service import own_url, service

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
    return Gathering(service().engine, BASE).rows(name)


def describe(accept: str | None) -> Response:
    """Describe the service (https://www.w3.org/TR/sparql11-service-description/)."""
    graphs = json.loads(service().engine.query(Query(NAMED_GRAPHS)).content())["results"][
        "bindings"
    ]
    values = {"endpoint": own_url() + "/sparql", "settings": service().settings}
    return rdf("service.ttl", values | {"graphs": [row["g"]["value"] for row in graphs]}, accept)


@blueprint.route("/.well-known/void")
def void() -> Response:
    """Describe the dataset: how large it is, what is in it, what it links to, how it was made, on which terms."""
    found = {
        name: asked(name)
        for name in ("classes", "properties", "linksets", "ontology", "sources", "graphs")
    }
    values = {"here": own_url(), "base": BASE, "version": __version__, "counts": asked("counts")[0]}
    return rdf("void.ttl", values | found)


def rdf(template: str, values: dict[str, Any], accept: str | None = None) -> Response:
    """Send what a Turtle template says, in the RDF syntax that the client likes best."""
    kind = negotiate(GRAPH_TYPES, accept)
    quads = parse(render_template(template, **values), RdfFormat.TURTLE)
    body = serialize(
        quads, format=RdfFormat.from_media_type(GRAPH_TYPES[kind]), prefixes=NAMESPACES
    )
    return send_body(body or b"", kind)


@blueprint.route("/context.jsonld")
def terms() -> Response:
    """Send the JSON-LD context of our vocabulary."""
    document = context(
        row["p"].value for row in Gathering(service().engine, BASE).rows("relations")
    )
    return send_body(json.dumps(document, indent=1), "application/ld+json")


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
