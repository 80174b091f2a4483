"""The dataset in the forms in which people take data away."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from shimoda.namespaces import NEUTRAL, ONTOLOGY, PREFIXES
from shimoda.questions import catalogue

ASSERTIONS = str(PREFIXES["assertion"])
NAMED = {name: str(iri) for name, iri in PREFIXES.items()}
NANOPUB = "http://www.nanopub.org/nschema#"
COORDINATES = re.compile(r"(-?\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?)")


def to_trig(store: Store) -> bytes:
    """Return everything as TriG."""
    return serialize(store, format=RdfFormat.TRIG, prefixes=NAMED) or b""


def to_nquads(store: Store) -> bytes:
    """Return everything as canonical N-Quads (RDF Dataset Canonicalization, RDFC-1.0)."""
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()


def to_neutral(store: Store) -> bytes:
    """Return N-Quads for the bulk loader of a store that has no default graph: ours stands under ``view/neutral``."""
    quads = [quad for quad in store if not isinstance(quad.graph_name, DefaultGraph)]
    for quad in store.quads_for_pattern(None, None, None, DefaultGraph()):
        quads.append(Quad(quad.subject, quad.predicate, quad.object, NEUTRAL))
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def to_rdf12(store: Store) -> bytes:
    """Return RDF 1.2 Turtle: the default graph, and every triple of an assertion annotated with the assertion.

    What the default graph holds is asserted (``s p o ~ a``); what only a voice says is not (``<< s p o ~ a >>``).
    """
    by_triple: dict[Triple, list[NamedNode]] = defaultdict(list)
    for quad in assertion_quads(store):
        by_triple[quad.triple].append(quad.graph_name)  # type: ignore[arg-type]
    lines = []
    for quad in store.quads_for_pattern(None, None, None, DefaultGraph()):
        names = sorted(by_triple.pop(quad.triple, []), key=str)
        lines.append(" ~ ".join([str(quad.triple), *map(str, names)]) + " .\n")
    lines += [
        f"<< {triple} ~ {name} >> .\n" for triple, names in by_triple.items() for name in names
    ]
    return "".join(sorted(lines)).encode()


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
        name = key.removeprefix(ONTOLOGY) if key.startswith(ONTOLOGY) else key
        named = key in relations and all(
            isinstance(one, dict) and set(one) == {"@id"} for one in value
        )
        short[name] = [one["@id"] for one in value] if named else compact(value, relations)
    return short


def context(relations: Iterable[str]) -> dict[str, Any]:
    """Return the JSON-LD context: our vocabulary, and which of its terms relate to another entity."""
    names = [iri.removeprefix(ONTOLOGY) for iri in relations]
    return {
        "@context": {
            "@vocab": ONTOLOGY,
            **{name: {"@id": ONTOLOGY + name, "@type": "@id"} for name in names},
        }
    }


def relations_of(store: Store) -> list[str]:
    """Return the properties of ours that take an IRI."""
    return [row["p"].value for row in rows(store, "relations")]


def to_geojson(store: Store) -> bytes:
    """Return every place with an outline or coordinates as GeoJSON (RFC 7946), its outline where it has one."""
    features = [
        {
            "type": "Feature",
            "id": row["place"].value,
            "geometry": outline(row["wkt"].value)
            if row["wkt"]
            else {
                "type": "Point",
                "coordinates": [float(row["longitude"].value), float(row["latitude"].value)],
            },
            "properties": {
                "name": row["name"].value,
                "name:ja": row["nameJa"].value,
                "name:ru": row["nameRu"].value,
            },
        }
        for row in rows(store, "places")
    ]
    return json.dumps(
        {"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1
    ).encode()


def outline(wkt: str) -> dict[str, Any]:
    """Turn a WKT polygon into a GeoJSON geometry; both give longitude before latitude in CRS84."""
    kind, _, shape = wkt.partition("(")
    names = {"POLYGON": "Polygon", "MULTIPOLYGON": "MultiPolygon"}
    brackets = COORDINATES.sub(r"[\1, \2]", "(" + shape).translate(str.maketrans("()", "[]"))
    return {"type": names[kind.strip()], "coordinates": json.loads(brackets)}


def to_csv(store: Store) -> bytes:
    """Return a table: a row for each triple that somebody states, with who states it, how and in which sentences."""
    return rows(store, "table").serialize(format=QueryResultsFormat.CSV) or b""


def to_nanopub(store: Store) -> bytes:
    """Return a nanopublication of each assertion with content, as TriG."""
    query = catalogue.find("nanopublication")
    names = sorted({quad.graph_name.value for quad in assertion_quads(store)})  # type: ignore[union-attr]
    quads = [
        quad
        for name in names
        for quad in publish(store, query.bind({"assertion": name}), NamedNode(name))
    ]
    return serialize(quads, format=RdfFormat.TRIG, prefixes=NAMED | {"np": NANOPUB}) or b""


def publish(store: Store, query: str, name: NamedNode) -> Iterator[Quad]:
    """Yield one nanopublication: head, content, provenance and publication info, each in its graph."""
    graphs = {
        part: NamedNode(f"{name.value}.nanopub#{part}")
        for part in ("head", "content", "provenance", "info")
    }
    triples = store.query(query)
    assert isinstance(triples, QueryTriples)
    for triple in triples:
        is_head = NANOPUB in f"{triple.predicate}{triple.object}"
        part = "provenance" if triple.subject == name else "head" if is_head else "info"
        subject, node = triple.subject, triple.object
        yield Quad(
            graphs["content"] if subject == name else subject,
            triple.predicate,
            graphs["content"] if node == name else node,
            graphs[part],
        )
    for quad in store.quads_for_pattern(None, None, None, name):
        yield Quad(quad.subject, quad.predicate, quad.object, graphs["content"])


def rows(store: Store, name: str) -> QuerySolutions:
    """Return the solutions of a query in ``queries/pages``."""
    found = store.query(catalogue.text_of(name))
    assert isinstance(found, QuerySolutions)
    return found


def assertion_quads(store: Store) -> Iterator[Quad]:
    """Yield what stands in the assertions' own graphs."""
    for name in store.named_graphs():
        if isinstance(name, NamedNode) and name.value.startswith(ASSERTIONS):
            yield from store.quads_for_pattern(None, None, None, name)


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
