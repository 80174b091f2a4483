"""The dataset in the forms in which people take data away."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from shimoda.dataset.assembly import is_assertion
from shimoda.dataset.canonical import canonical_quads
from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.namespaces import NEUTRAL, ONTOLOGY, PREFIXES
from shimoda.questions import catalogue
from shimoda.sparql.formats import CSV
from shimoda.sparql.results import Row

NAMED = {name: str(iri) for name, iri in PREFIXES.items()}
NANOPUB = "http://www.nanopub.org/nschema#"
COORDINATES = re.compile(r"(-?\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?)")
GEOMETRIES = {"POLYGON": "Polygon", "MULTIPOLYGON": "MultiPolygon"}
BRACKETS = str.maketrans("()", "[]")


def to_trig(store: Store) -> bytes:
    """Return everything as TriG."""
    return serialize(store, format=RdfFormat.TRIG, prefixes=NAMED) or b""


def to_nquads(store: Store) -> bytes:
    """Return everything as canonical N-Quads (RDF Dataset Canonicalization, RDFC-1.0)."""
    return "".join(f"{quad}\n" for quad in canonical_quads(store)).encode()


def to_neutral(store: Store) -> bytes:
    """Return N-Quads for the bulk loader of a store that has no default graph: ours stands under ``view/neutral``."""
    quads = [quad for quad in store if quad.graph_name != DefaultGraph()]
    quads += [Quad(s, p, o, NEUTRAL) for s, p, o, _ in default_graph(store)]
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def to_rdf12(store: Store) -> bytes:
    """Return RDF 1.2 Turtle: the default graph, and every triple of an assertion annotated with the assertion.

    What the default graph holds is asserted (``s p o ~ a``); what only a voice says is not (``<< s p o ~ a >>``).
    """
    by_triple: dict[Triple, list[NamedNode]] = defaultdict(list)
    for name in assertions(store):
        for quad in store.quads_for_pattern(None, None, None, name):
            by_triple[quad.triple].append(name)
    lines = []
    for quad in default_graph(store):
        annotated = [quad.triple, *by_triple.pop(quad.triple, [])]
        lines.append(" ~ ".join(map(str, annotated)) + " .\n")
    for triple, names in by_triple.items():
        lines += [f"<< {triple} ~ {name} >> .\n" for name in names]
    return "".join(sorted(lines)).encode()


def default_graph(store: Store) -> Iterator[Quad]:
    """Yield the default graph of a store."""
    return store.quads_for_pattern(None, None, None, DefaultGraph())


def assertions(store: Store) -> list[NamedNode]:
    """Return the assertions that have a graph, by name."""
    return sorted(filter(is_assertion, store.named_graphs()), key=str)


def to_jsonld(store: Store) -> bytes:
    """Return JSON-LD with the published context in it: an object an entity, a ``@graph`` a named graph."""
    relations = relations_of(store)
    expanded = json.loads(serialize(store, format=RdfFormat.JSON_LD) or b"[]")
    document = {**context(relations), "@graph": compact(expanded, set(relations))}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def compact(node: Any, relations: set[str]) -> Any:
    """Shorten expanded JSON-LD by the context: our terms by name, the objects of our relations by IRI."""
    if isinstance(node, list):
        return [compact(one, relations) for one in node]
    if not isinstance(node, dict):
        return node
    short: dict[str, Any] = {}
    for key, value in node.items():
        is_relation = key in relations and all(one.keys() == {"@id"} for one in value)
        short[key.removeprefix(ONTOLOGY)] = (
            [one["@id"] for one in value] if is_relation else compact(value, relations)
        )
    return short


def context(relations: Iterable[str]) -> dict[str, Any]:
    """Return the JSON-LD context: our vocabulary, and which of its terms relate to another entity."""
    terms = {iri.removeprefix(ONTOLOGY): {"@id": iri, "@type": "@id"} for iri in relations}
    return {"@context": {"@vocab": ONTOLOGY, **terms}}


def relations_of(store: Store) -> list[str]:
    """Return the properties of ours that take an IRI."""
    return [row["p"].value for row in LocalEngine(store).rows(catalogue.text_of("relations"))]


def to_geojson(store: Store) -> bytes:
    """Return every place with an outline or coordinates as GeoJSON (RFC 7946), its outline where it has one."""
    features = [feature(row) for row in LocalEngine(store).rows(catalogue.text_of("places"))]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def feature(row: Row) -> dict[str, Any]:
    """Return one place as a GeoJSON feature."""
    if "wkt" in row:
        geometry = outline(row["wkt"].value)
    else:
        point = [float(row[name].value) for name in ("longitude", "latitude")]
        geometry = {"type": "Point", "coordinates": point}
    names = {"name": "name", "name:ja": "nameJa", "name:ru": "nameRu"}
    return {
        "type": "Feature",
        "id": row["place"].value,
        "geometry": geometry,
        "properties": {key: row[name].value for key, name in names.items()},
    }


def outline(wkt: str) -> dict[str, Any]:
    """Turn a WKT polygon into a GeoJSON geometry; both give longitude before latitude in CRS84."""
    kind, bracket, shape = wkt.partition("(")
    coordinates = COORDINATES.sub(r"[\1, \2]", bracket + shape).translate(BRACKETS)
    return {"type": GEOMETRIES[kind.strip()], "coordinates": json.loads(coordinates)}


def to_csv(store: Store) -> bytes:
    """Return a table: a row for each triple that somebody states, with who states it, how and in which sentences."""
    return LocalEngine(store).query(Query(catalogue.text_of("table"), results_type=CSV)).read()


def to_nanopub(store: Store) -> bytes:
    """Return a nanopublication of each assertion with content, as TriG."""
    query, quads = catalogue.find("nanopublication"), list[Quad]()
    for name in assertions(store):
        quads += nanopublication(store, name, query.bind({"assertion": name.value}))
    return serialize(quads, format=RdfFormat.TRIG, prefixes=NAMED | {"np": NANOPUB}) or b""


def nanopublication(store: Store, name: NamedNode, query: str) -> Iterator[Quad]:
    """Yield a nanopublication of an assertion: head, content, provenance and publication info, each in its graph."""
    head, content, provenance, info = (
        NamedNode(f"{name.value}.nanopub#{part}")
        for part in ("head", "content", "provenance", "info")
    )
    for subject, predicate, node in LocalEngine(store).query(Query(query)).triples():
        if subject == name:
            yield Quad(content, predicate, node, provenance)
        else:
            graph = head if NANOPUB in f"{predicate}{node}" else info
            yield Quad(subject, predicate, content if node == name else node, graph)
    for quad in store.quads_for_pattern(None, None, None, name):
        yield Quad(quad.subject, quad.predicate, quad.object, content)


EXPORTS: dict[str, Callable[[Store], bytes]] = {
    "trig": to_trig,
    "nquads": to_nquads,
    "neutral": to_neutral,
    "rdf12": to_rdf12,
    "jsonld": to_jsonld,
    "geojson": to_geojson,
    "csv": to_csv,
    "nanopub": to_nanopub,
    "context": lambda store: json.dumps(context(relations_of(store)), indent=1).encode(),
}
"""What ``shimoda export`` can write."""
