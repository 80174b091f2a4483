"""What the service can do, in RDF (https://www.w3.org/TR/sparql11-service-description/)."""

import json

from flask import Response, render_template
from pyoxigraph import RdfFormat, parse, serialize

from shimoda.engine.protocol import Query
from shimoda.errors import NotAcceptable
from shimoda.web.negotiation import GRAPH_TYPES, choose
from shimoda.web.sending import send_body, take
from shimoda.web.service import own_url, service

NAMED_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g {} FILTER isIRI(?g) } ORDER BY ?g LIMIT 10000"
PREFIXES = {
    "ent": "http://www.w3.org/ns/entailment/",
    "formats": "http://www.w3.org/ns/formats/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
}


def describe(accept: str | None) -> Response:
    """Send the description in the RDF syntax that the client likes best."""
    chosen = choose(accept, GRAPH_TYPES)
    if chosen is None:
        raise NotAcceptable("The service description is RDF: accept Turtle, N-Triples, RDF/XML or JSON-LD.")
    text = render_template("service.ttl", endpoint=own_url() + "/sparql", settings=service().settings, graphs=graphs())
    syntax = RdfFormat.from_media_type(GRAPH_TYPES[chosen])
    body = serialize(parse(text, RdfFormat.TURTLE), format=syntax, prefixes=PREFIXES) or b""
    response = send_body(body, chosen)
    response.vary.add("Accept")
    return response


def graphs() -> list[str]:
    """Ask the engine for the names of its graphs; in each of them stands only what was written there."""
    found = json.loads(take(service().engine.query(Query(NAMED_GRAPHS))))
    return [row["g"]["value"] for row in found["results"]["bindings"]]
