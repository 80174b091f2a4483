"""Where machines look first: the description of the dataset (VoID, DCAT, PROV), the context, the sitemap."""

import json

from flask import Blueprint, Response, render_template, request
from pyoxigraph import RdfFormat, parse, serialize

from shimoda import __version__
from shimoda.errors import NotAcceptable
from shimoda.exchange.exports import RELATIONS, context
from shimoda.vocabulary import BASE, PREFIXES
from shimoda.web.documents import here
from shimoda.web.gathering import Gathering, Row
from shimoda.web.negotiation import GRAPH_TYPES, choose
from shimoda.web.sending import send_body
from shimoda.web.service import own_url, service

blueprint = Blueprint("discovery", __name__)
NAMESPACES = {"void": "http://rdfs.org/ns/void#", "dcat": "http://www.w3.org/ns/dcat#"}
COUNTS = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?p) AS ?properties) (COUNT(DISTINCT ?s) AS ?subjects)
WHERE { ?s ?p ?o }"""
CLASSES = """SELECT ?class (COUNT(*) AS ?size) WHERE { ?s a ?class FILTER (isIRI(?class)) }
GROUP BY ?class ORDER BY ?class"""
PROPERTIES = "SELECT ?property (COUNT(*) AS ?size) WHERE { ?s ?property ?o } GROUP BY ?property ORDER BY ?property"
LINKSETS = """SELECT ?scheme ?relation (COUNT(*) AS ?size) WHERE {
  ?link a :Link ; :identifierScheme ?scheme ; :linkTarget ?target ; :linkRelation ?relation
} GROUP BY ?scheme ?relation ORDER BY ?scheme ?relation"""
ONTOLOGY = "SELECT ?version WHERE { <https://w3id.org/shimoda/ontology> owl:versionIRI ?version }"
SOURCES = "SELECT DISTINCT ?source WHERE { ?sentence :sentenceOf ?source } ORDER BY ?source"
GRAPHS = "SELECT ?graph (COUNT(*) AS ?size) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"
PAGES = """SELECT DISTINCT ?page WHERE {
  { ?page rdfs:label ?label FILTER (STRSTARTS(STR(?page), "$base") && !CONTAINS(STR(?page), "#")) }
  UNION { ?page a :Assertion } } ORDER BY ?page"""
OWN_GRAPHS = (BASE + "graph/", BASE + "view/")


def asked(text: str) -> list[Row]:
    """Return the solutions of a query about the whole dataset."""
    return Gathering(service().engine, BASE).rows(text)


@blueprint.route("/.well-known/void")
def void() -> Response:
    """Describe the dataset: how large it is, what is in it, what it links to, how it was made, on which terms."""
    kind = choose(request.headers.get("Accept"), GRAPH_TYPES)
    if kind is None:
        raise NotAcceptable("The description is RDF: accept Turtle, N-Triples, RDF/XML or JSON-LD.")
    graphs = [row for row in asked(GRAPHS) if row["graph"].value.startswith(OWN_GRAPHS)]
    text = render_template(
        "void.ttl", here=own_url(), base=BASE, version=__version__, counts=asked(COUNTS)[0], classes=asked(CLASSES),
        properties=asked(PROPERTIES), linksets=asked(LINKSETS), ontology=asked(ONTOLOGY), sources=asked(SOURCES),
        graphs=graphs)
    prefixes = {name: str(iri) for name, iri in PREFIXES.items()} | NAMESPACES
    syntax = RdfFormat.from_media_type(GRAPH_TYPES[kind])
    body = serialize(parse(text, RdfFormat.TURTLE), format=syntax, prefixes=prefixes)
    response = send_body(body or b"", kind)
    response.vary.add("Accept")
    return response


@blueprint.route("/context.jsonld")
def terms() -> Response:
    """Send the JSON-LD context of our vocabulary."""
    document = context(row["p"].value for row in asked(RELATIONS))
    return send_body(json.dumps(document, indent=1), "application/ld+json")


@blueprint.route("/sitemap.xml")
def sitemap() -> Response:
    """List every page about something (https://www.sitemaps.org/protocol.html)."""
    pages = (here(row["page"]).replace("/id/", "/doc/", 1) for row in asked(PAGES))
    places = [own_url() + page for page in ("/", *pages)]
    return send_body(render_template("sitemap.xml", places=places), "application/xml")


@blueprint.route("/robots.txt")
def robots() -> Response:
    """Say where the sitemap is, and what is no page."""
    return send_body(f"User-agent: *\nDisallow: /sparql\nDisallow: /explain\nSitemap: {own_url()}/sitemap.xml\n",
                     "text/plain")
