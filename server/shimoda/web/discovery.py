"""Where machines look first: descriptions of the service and of the dataset, the context, the sitemap."""

import json

from flask import Blueprint, Response, render_template
from pyoxigraph import RdfFormat, parse, serialize

from shimoda import __version__
from shimoda.engine.protocol import Query
from shimoda.exchange.exports import RELATIONS, context
from shimoda.vocabulary import BASE, PREFIXES
from shimoda.web.documents import here
from shimoda.web.gathering import Gathering, Row
from shimoda.web.negotiation import GRAPH_TYPES, negotiate
from shimoda.web.sending import send_body
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


def describe(accept: str | None) -> Response:
    """Describe the service (https://www.w3.org/TR/sparql11-service-description/)."""
    graphs = service().engine.query(Query(NAMED_GRAPHS)).content()
    return rdf("service.ttl", accept, endpoint=own_url() + "/sparql", settings=service().settings,
               graphs=[row["g"]["value"] for row in json.loads(graphs)["results"]["bindings"]])


@blueprint.route("/.well-known/void")
def void() -> Response:
    """Describe the dataset: how large it is, what is in it, what it links to, how it was made, on which terms."""
    graphs = [row for row in asked(GRAPHS) if row["graph"].value.startswith(OWN_GRAPHS)]
    return rdf("void.ttl", here=own_url(), base=BASE, version=__version__, counts=asked(COUNTS)[0],
               classes=asked(CLASSES), properties=asked(PROPERTIES), linksets=asked(LINKSETS),
               ontology=asked(ONTOLOGY), sources=asked(SOURCES), graphs=graphs)


def rdf(template: str, accept: str | None = None, **values: object) -> Response:
    """Send what a Turtle template says, in the RDF syntax that the client likes best."""
    kind = negotiate(GRAPH_TYPES, accept)
    quads = parse(render_template(template, **values), RdfFormat.TURTLE)
    body = serialize(quads, format=RdfFormat.from_media_type(GRAPH_TYPES[kind]), prefixes=NAMESPACES)
    return send_body(body or b"", kind)


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
