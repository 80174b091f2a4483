"""The IRIs that Shimoda mints or builds on: namespaces, graph names, prefixes."""

import re
from functools import lru_cache

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

BASE = "https://w3id.org/shimoda/"
ONTOLOGY = BASE + "ontology#"


class Namespace(str):
    """An IRI prefix that makes terms: ``RDF["type"]`` is a :class:`pyoxigraph.NamedNode`."""

    __slots__ = ()

    def __getitem__(self, name: str) -> NamedNode:  # type: ignore[override]
        return NamedNode(f"{self}{name}")


KINDS = (
    "agreement body document event group link observation office participation person place "
    "position state tenure topic unit"
)
PREFIXES: dict[str, Namespace] = {
    name: Namespace(iri)
    for name, iri in {
        "": ONTOLOGY,
        **{kind: f"{BASE}id/{kind}/" for kind in KINDS.split()},
        **{name: f"{BASE}{name}/" for name in ("assertion", "graph", "shape", "source", "view")},
        "dcterms": "http://purl.org/dc/terms/",
        "edtf": "http://id.loc.gov/datatypes/edtf/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "geo": "http://www.opengis.net/ont/geosparql#",
        "org": "http://www.w3.org/ns/org#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "prov": "http://www.w3.org/ns/prov#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "schema": "https://schema.org/",
        "sh": "http://www.w3.org/ns/shacl#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "time": "http://www.w3.org/2006/time#",
        "vann": "http://purl.org/vocab/vann/",
        "wd": "http://www.wikidata.org/entity/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }.items()
}

USUAL = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dbo": "http://dbpedia.org/ontology/",
    "dbr": "http://dbpedia.org/resource/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "ent": "http://www.w3.org/ns/entailment/",
    "formats": "http://www.w3.org/ns/formats/",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "geonames": "https://sws.geonames.org/",
    "oa": "http://www.w3.org/ns/oa#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "spdx": "http://spdx.org/rdf/terms#",
    "uom": "http://www.opengis.net/def/uom/OGC/1.0/",
    "void": "http://rdfs.org/ns/void#",
    "wdt": "http://www.wikidata.org/prop/direct/",
}
PREDEFINED: dict[str, str] = {**PREFIXES, **USUAL}
"""Prefixes that a query need not declare: those of the dataset, and what else is usual."""


@lru_cache(maxsize=10_000)
def short(iri: str) -> str:
    """Write an IRI with a prefix where there is one; the longest namespace wins."""
    fitting = [
        (len(namespace), name)
        for name, namespace in PREFIXES.items()
        if iri.startswith(namespace) and iri != namespace
    ]
    if not fitting:
        return iri
    length, name = max(fitting)
    return f"{name}:{iri[length:]}"


def relative(iri: str) -> str:
    """Write an IRI of ours without the part that all of them share."""
    return iri.removeprefix(ONTOLOGY).removeprefix(BASE)


def local_name(node: NamedNode | Literal | BlankNode | Triple | str) -> str:
    """Return the last part of an IRI, or the value of a literal; of a blank node, that it is an expression."""
    if isinstance(node, BlankNode):
        return "expression"
    text = node.value if isinstance(node, NamedNode | Literal) else str(node).strip("<>")
    return re.split("[#/]", text)[-1]


def graph(name: str) -> NamedNode:
    """Name one of the graphs that is no assertion: ``graph("inferred")``."""
    return NamedNode(f"{BASE}graph/{name}")


def view(party: str) -> NamedNode:
    """Name the graph that holds what one party's world adds: ``view("japan")``."""
    return NamedNode(f"{BASE}view/{party}")


VIEWS = str(PREFIXES["view"])
"""What the IRI of every view begins with."""
GRAPHS = tuple(
    graph(name)
    for name in ("ontology", "entities", "provenance", "background", "links", "inferred")
)
NEUTRAL = view("neutral")
RDF12 = view("rdf12")
