"""``/reconcile``: names in other people's tables to our entities.

The Reconciliation Service API 0.2 (https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/), which OpenRefine speaks. An entity's
id is what follows ``/id/`` in its IRI; a class or a property of ours is known by its name, any other with its prefix.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from shimoda import __version__
from shimoda.engine.interface import Query
from shimoda.errors import InputError
from shimoda.namespaces import BASE, ONTOLOGY, PREDEFINED, PREFIXES, short
from shimoda.questions import catalogue
from shimoda.questions.search import Hit, index_of, words_of
from shimoda.sparql.results import Row
from shimoda.web.description import Description
from shimoda.web.pages import JSON, html
from shimoda.web.requests import Parameters, incoming_request, own_url, query_string
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")
ENTITIES = BASE + "id/"
TYPE = PREFIXES["rdf"]["type"].value
MOST = 100
"""Queries of a batch, and candidates for one."""
WEIGHT = 0.3
"""How much of a score is for the properties that a query names."""
NUMBERS = {"integer": ("int", int), "decimal": ("float", float), "double": ("float", float)}
PREVIEW = "default-src 'none'; style-src 'self'; frame-ancestors *"


@blueprint.route("", methods=["GET", "POST"])
def reconcile() -> Response:
    """Answer a batch of queries, or say which values entities have; without either, describe the service."""
    given = query_string()
    if request.method == "POST":
        given.pairs += Parameters(incoming_request().read_body(service().settings.max_query)).pairs
    if (text := given.one("queries")) is not None:
        queries = {name: wanted(query) for name, query in read(text).items()}
        if len(queries) > MOST:
            raise InputError(f"A batch may have {MOST} queries.")
        return send({name: {"result": candidates(query)} for name, query in queries.items()})
    if (text := given.one("extend")) is not None:
        return send(extend(*columns(read(text))))
    return send(manifest())


def manifest() -> dict[str, Any]:
    """Describe the service (section 3)."""
    here = own_url() + "/reconcile"
    suggested = ("entity", "property", "type")
    return {
        "versions": ["0.2"],
        "name": "Shimoda",
        "identifierSpace": ENTITIES,
        "schemaSpace": ONTOLOGY,
        "serviceVersion": __version__,
        "view": {"url": own_url() + "/id/{{id}}"},
        "preview": {"url": here + "/preview?id={{id}}", "width": 420, "height": 180},
        "suggest": {
            one: {"service_url": here, "service_path": f"/suggest/{one}"} for one in suggested
        },
        "extend": {"propose_properties": {"service_url": here, "service_path": "/properties"}},
        "defaultTypes": [{"id": name, "name": name} for name in ("Place", "Person", "Event")],
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query: a name (None where only properties are known), classes, values of properties, how many candidates."""

    text: str | None
    types: set[str]
    conditions: dict[str, list[str]]
    limit: int


def wanted(query: Any) -> Wanted:
    """Read a query (section 4.1); InputError if it is not as it should be."""
    try:
        return Wanted(
            query.get("query"),
            {term(name) for name in as_list(query.get("type") or [])},
            {term(one["pid"]): texts_of(one["v"]) for one in query.get("properties") or []},
            max(1, min(int(query.get("limit") or 5), MOST)),
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise InputError("A query has a query or properties, each with pid and v.") from None


def candidates(query: Wanted) -> list[dict[str, Any]]:
    """Return the entities that a query may mean, best first (section 4.2)."""
    if query.text is None:
        rows = values(["UNDEF"], query.conditions)
        hits = {row["e"].value: 1.0 for row in rows if row["e"].value.startswith(ENTITIES)}
    else:
        hits = {hit.iri: hit.score for hit in found(str(query.text), 10 * query.limit)}
    held = by_entity(values(map(reference, hits), [TYPE, *query.conditions]))
    results = []
    for iri, score in hits.items():
        types = [row for row in held[iri] if row["p"].value == TYPE and is_ours(row)]
        if query.types and query.types.isdisjoint(row["o"].value for row in types):
            continue
        met = [satisfies(held[iri], name, texts) for name, texts in query.conditions.items()]
        share = 1 - WEIGHT + WEIGHT * sum(met) / len(met) if met else 1
        results.append(described(iri, types) | {"score": round(100 * score * share, 1)})
    results.sort(key=lambda one: -one["score"])
    sure = [one for one in results if one["score"] > 99]
    return [one | {"match": sure == [one]} for one in results[: query.limit]]


def columns(asked: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Read which entities and which properties are asked for, each by its IRI; InputError if it does not say so."""
    try:
        entities = {ENTITIES + name: name for name in asked["ids"]}
        return entities, {term(one["id"]): one["id"] for one in asked["properties"]}
    except (AttributeError, KeyError, TypeError):
        raise InputError("It has ids, and properties, each with an id.") from None


def extend(entities: dict[str, str], terms: dict[str, str]) -> dict[str, Any]:
    """Return the values of some properties of some entities (section 7)."""
    held = by_entity(values(map(reference, entities), terms))
    labels = index_of(service().engine).labels
    rows = {
        name: {
            column: [value(row) for row in held[iri] if row["p"].value == property_iri]
            for property_iri, column in terms.items()
        }
        for iri, name in entities.items()
    }
    meta = [{"id": name, "name": labels.get(iri, name)} for iri, name in terms.items()]
    return {"meta": meta, "rows": rows}


@blueprint.route("/suggest/<any(entity, property, type):what>")
def suggest(what: str) -> Response:
    """Complete a name that somebody begins to write (section 6)."""
    hits = found(query_string().one("prefix") or "", MOST, what)
    results = [{"id": id_of(hit.iri), "name": hit.label, "description": hit.kind} for hit in hits]
    return send({"result": results[:20]})


@blueprint.route("/properties")
def propose() -> Response:
    """Propose properties to fetch of a class (section 7.3)."""
    asked = query_string()
    name, limit = asked.one("type") or "Entity", asked.number("limit", 20, MOST)
    rows = Description(service().engine, term(name)).rows("proposals")[:limit]
    properties = [{"id": id_of(row["p"].value), "name": label_of(row, "p")} for row in rows]
    return send({"type": name, "properties": properties})


@blueprint.route("/preview")
def preview() -> Response:
    """Show an entity in a small frame (section 5); OpenRefine puts it into a page of its own."""
    iri = reference(ENTITIES + (query_string().one("id") or ""))[1:-1]
    response = html("preview.html", about=Description(service().engine, iri), iri=iri)
    response.headers["Content-Security-Policy"] = PREVIEW
    return response


def found(text: str, limit: int, what: str = "entity") -> list[Hit]:
    """Return the entities, the properties or the classes that have such a name."""
    start = ENTITIES if what == "entity" else ONTOLOGY
    hits = (hit for hit in index_of(service().engine).search(text, 10 * limit))
    of_area = [hit for hit in hits if hit.iri.startswith(start)]
    if what != "entity":
        of_area = [
            hit for hit in of_area if hit.iri[len(start) :][:1].isupper() == (what == "type")
        ]
    return of_area[:limit]


def values(things: Iterable[str], properties: Iterable[str]) -> list[Row]:
    """Ask which values things have for some properties."""
    text = catalogue.text_of("values").replace("$things", " ".join(things))
    text = text.replace("$properties", " ".join(map(reference, properties)))
    return service().engine.query(Query(text)).rows()


def by_entity(rows: list[Row]) -> dict[str, list[Row]]:
    """Put the rows about the same entity together."""
    held: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        held[row["e"].value].append(row)
    return held


def texts_of(given: Any) -> list[str]:
    """Return the values that a query names: texts, numbers, or entities by id."""
    return [str(one["id"] if isinstance(one, dict) else one) for one in as_list(given)]


def satisfies(rows: list[Row], property_iri: str, texts: list[str]) -> bool:
    """Tell whether an entity has one of these values, by id, by text or by name."""
    return any(
        id_of(row["o"].value) == text
        or words_of(text) in (words_of(row["o"].value), words_of(label_of(row, "o")))
        for row in rows
        if row["p"].value == property_iri and isinstance(row["o"], NamedNode | Literal)
        for text in texts
    )


def value(row: Row) -> dict[str, Any]:
    """Return a value as the protocol has it."""
    node = row["o"]
    if isinstance(node, NamedNode) and node.value.startswith(ENTITIES):
        return {"id": id_of(node.value), "name": label_of(row, "o")}
    if isinstance(node, Literal):
        kind = node.datatype.value.removeprefix(PREFIXES["xsd"])
        if kind in NUMBERS:
            name, read_number = NUMBERS[kind]
            return {name: read_number(node.value)}
    return {"str": getattr(node, "value", "")}


def described(iri: str, types: list[Row]) -> dict[str, Any]:
    """Return an entity with its classes."""
    classes = [{"id": id_of(row["o"].value), "name": label_of(row, "o")} for row in types]
    return {"id": id_of(iri), "name": index_of(service().engine).label(iri), "type": classes}


def as_list(found: Any) -> list[Any]:
    """Return a list as it is, and anything else in one."""
    return found if isinstance(found, list) else [found]


def is_ours(row: Row) -> bool:
    """Tell whether a class is one of ours."""
    return bool(row["o"].value.startswith(ONTOLOGY))


def label_of(row: Row, column: str) -> str:
    """Return what the value in a row is called."""
    return str(row["label"].value if "label" in row else id_of(row[column].value))


def id_of(iri: str) -> str:
    """Return the id of an entity, a class or a property."""
    return short(iri.removeprefix(ENTITIES).removeprefix(ONTOLOGY))


def term(name: str) -> str:
    """Return the IRI of a class or a property; InputError if it can be none."""
    prefix, _, local = str(name).rpartition(":")
    return reference(PREDEFINED.get(prefix, f"{prefix}:") + local)[1:-1]


def reference(iri: str) -> str:
    """Write an IRI as a query has it; InputError if it is none."""
    try:
        return str(NamedNode(iri))
    except ValueError:
        raise InputError(f"{iri[:200]!r} is the id of nothing.") from None


def read(text: str) -> dict[str, Any]:
    """Read a JSON object; InputError if it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("The parameter holds no JSON.") from None
    if not isinstance(document, dict):
        raise InputError("The parameter holds no JSON object.")
    return document


def send(document: dict[str, Any]) -> Response:
    """Send JSON."""
    cacheable = index_of(service().engine).cacheable
    return send_body(json.dumps(document, ensure_ascii=False), JSON, cacheable=cacheable)
