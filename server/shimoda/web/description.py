"""What the service can do, in RDF (https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Response
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, serialize

from shimoda.engine.protocol import Query
from shimoda.errors import NotAcceptable
from shimoda.vocabulary import PREFIXES, Namespace
from shimoda.web.negotiation import GRAPH_TYPES, RESULTS_TYPES, choose
from shimoda.web.sending import send_body
from shimoda.web.service import own_url, service

__all__ = ["describe"]

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
ENTAILMENT = Namespace("http://www.w3.org/ns/entailment/")
PROFILE = Namespace("http://www.w3.org/ns/owl-profile/")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
TYPE = PREFIXES["rdf"]["type"]
NAMED_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g {} } ORDER BY ?g LIMIT 10000"
RESULT_FORMATS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
GRAPH_FORMATS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads")


def describe(accept: str | None) -> Response:
    """Send the description in the RDF syntax that the client likes best."""
    chosen = choose(accept, GRAPH_TYPES)
    if chosen is None:
        raise NotAcceptable("The service description is RDF: accept Turtle, N-Triples, RDF/XML or JSON-LD.")
    syntax = RdfFormat.from_media_type(GRAPH_TYPES[chosen])
    assert syntax is not None
    prefixes = {"sd": str(SD), "ent": str(ENTAILMENT), "formats": str(FORMATS)}
    body = serialize(triples(), format=syntax, prefixes=prefixes)
    response = send_body(body or b"", chosen)
    response.vary.add("Accept")
    return response


def triples() -> Iterator[Triple]:
    """Describe the service: endpoint, languages, features, formats, entailment and graphs."""
    settings, endpoint = service().settings, NamedNode(own_url() + "/sparql")
    node = BlankNode("service")
    yield Triple(node, TYPE, SD["Service"])
    yield Triple(node, SD["endpoint"], endpoint)
    languages = ["SPARQL10Query", "SPARQL11Query", "SPARQL12Query"]
    languages += ["SPARQL11Update", "SPARQL12Update"] if settings.writable else []
    for language in languages:
        yield Triple(node, SD["supportedLanguage"], SD[language])
    yield Triple(node, SD["feature"], SD["EmptyGraphs"])
    if settings.federate:
        yield Triple(node, SD["feature"], SD["BasicFederatedQuery"])
    for name in (*RESULT_FORMATS, *GRAPH_FORMATS):
        yield Triple(node, SD["resultFormat"], FORMATS[name])
    for name in GRAPH_FORMATS[:4] if settings.writable else ():
        yield Triple(node, SD["inputFormat"], FORMATS[name])
    if settings.empty:
        yield Triple(node, SD["defaultEntailmentRegime"], ENTAILMENT["Simple"])
    else:
        yield Triple(node, SD["defaultEntailmentRegime"], ENTAILMENT["OWL-RDF-Based"])
        yield Triple(node, SD["defaultSupportedEntailmentProfile"], PROFILE["RL"])
    yield from dataset(node)


def dataset(node: BlankNode) -> Iterator[Triple]:
    """Describe the dataset: the default graph, and each named graph as it stands, nothing inferred in it."""
    whole, default = BlankNode("dataset"), BlankNode("default")
    yield Triple(node, SD["defaultDataset"], whole)
    yield Triple(whole, TYPE, SD["Dataset"])
    yield Triple(whole, SD["defaultGraph"], default)
    yield Triple(default, TYPE, SD["Graph"])
    for number, name in enumerate(names()):
        graph = BlankNode(f"named{number}")
        yield Triple(whole, SD["namedGraph"], graph)
        yield Triple(graph, TYPE, SD["NamedGraph"])
        yield Triple(graph, SD["name"], NamedNode(name))
        yield Triple(graph, SD["entailmentRegime"], ENTAILMENT["Simple"])


def names() -> list[str]:
    """Ask the engine for its named graphs."""
    body = service().engine.query(Query(NAMED_GRAPHS, next(iter(RESULTS_TYPES)))).body
    text = body if isinstance(body, bytes) else body.read_bytes()
    return [row["g"]["value"] for row in json.loads(text)["results"]["bindings"] if row["g"]["type"] == "uri"]
