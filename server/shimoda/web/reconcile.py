"""``/reconcile``: names in other people's tables to our entities.

The Reconciliation Service API 0.2 (https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/), which OpenRefine speaks. An entity's
id is what follows ``/id/`` in its IRI; a class or a property of ours is known by its name, any other with its prefix.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, render_template, request
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
        queries = read(text)
        if len(queries) > MOST:
            raise InputError(f"A batch may have {MOST} queries.")
        return send({name: {"result": candidates(query)} for name, query in queries.items()})
    if (text := given.one("extend")) is not None:
        return send(extend(read(text)))
    return send(manifest())


def manifest() -> dict[str, Any]:
    """Describe the service (section 3)."""
    values = {"here": own_url(), "entities": ENTITIES, "terms": ONTOLOGY, "version": __version__}
    return read(render_template("reconcile.json", **values))


def candidates(query: Any) -> list[dict[str, Any]]:
    """Return the entities that a query may mean, best first (sections 4.1 and 4.2); InputError if it is none."""
    try:
        text, limit = query.get("query"), int(query.get("limit") or 5)
        types = {term(name) for name in as_list(query.get("type"))}
        wanted = {term(one["pid"]): texts_of(one["v"]) for one in as_list(query.get("properties"))}
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise InputError("A query has a query or properties, each with pid and v.") from None
    limit = max(1, min(limit, MOST))
    if text is None:
        rows = values(["UNDEF"], wanted)
        hits = {row["e"].value: 1.0 for row in rows if row["e"].value.startswith(ENTITIES)}
    else:
        hits = {hit.iri: hit.score for hit in found(str(text), 10 * limit)}
    held = by_entity(values(map(reference, hits), [TYPE, *wanted]))
    results: list[dict[str, Any]] = []
    for iri, score in hits.items():
        classes = [term for term in held[iri, TYPE] if term.value.startswith(ONTOLOGY)]
        if types and types.isdisjoint(one.value for one in classes):
            continue
        met = [satisfies(held[iri, name], texts) for name, texts in wanted.items()]
        share = 1 - WEIGHT + WEIGHT * sum(met) / len(met) if met else 1
        facts = {
            "type": [named(one.value) for one in classes],
            "score": round(100 * score * share, 1),
        }
        results.append(named(iri) | facts)
    results.sort(key=lambda one: -one["score"])
    sure = [one for one in results if one["score"] > 99]
    return [one | {"match": sure == [one]} for one in results[:limit]]


def extend(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the values of some properties of some entities (section 7); InputError if it does not say of which."""
    try:
        entities = {name: ENTITIES + name for name in asked["ids"]}
        terms = {one["id"]: term(one["id"]) for one in asked["properties"]}
    except (AttributeError, KeyError, TypeError):
        raise InputError("It has ids, and properties, each with an id.") from None
    held = by_entity(values(map(reference, entities.values()), terms.values()))
    rows = {
        name: {column: list(map(value, held[iri, about])) for column, about in terms.items()}
        for name, iri in entities.items()
    }
    return {"meta": [named(iri) | {"id": name} for name, iri in terms.items()], "rows": rows}


@blueprint.route("/suggest/<any(entity, property, type):what>")
def suggest(what: str) -> Response:
    """Complete a name that somebody begins to write (section 6)."""
    hits = found(query_string().one("prefix") or "", MOST, what)
    return send({"result": [named(hit.iri) | {"description": hit.kind} for hit in hits[:20]]})


@blueprint.route("/properties")
def propose() -> Response:
    """Propose properties to fetch of a class (section 7.3)."""
    asked = query_string()
    name, limit = asked.one("type") or "Entity", asked.number("limit", 20, MOST)
    rows = Description(service().engine, term(name)).rows("proposals")[:limit]
    return send({"type": name, "properties": [named(row["p"].value) for row in rows]})


@blueprint.route("/preview")
def preview() -> Response:
    """Show an entity in a small frame (section 5); OpenRefine puts it into a page of its own."""
    iri = reference(ENTITIES + (query_string().one("id") or ""))[1:-1]
    response = html("preview.html", about=Description(service().engine, iri), iri=iri)
    response.headers["Content-Security-Policy"] = PREVIEW
    return response


def found(text: str, limit: int, what: str = "entity") -> list[Hit]:
    """Return the entities, the properties or the classes that have such a name."""
    start = {"entity": ENTITIES, "type": ONTOLOGY + "[A-Z]", "property": ONTOLOGY + "[^A-Z]"}[what]
    hits = index_of(service().engine).search(text, 10 * limit)
    return [hit for hit in hits if re.match(start, hit.iri)][:limit]


def values(things: Iterable[str], properties: Iterable[str]) -> list[Row]:
    """Ask which values things have for some properties."""
    text = catalogue.text_of("values").replace("$things", " ".join(things))
    text = text.replace("$properties", " ".join(map(reference, properties)))
    return service().engine.query(Query(text)).rows()


def by_entity(rows: list[Row]) -> dict[tuple[str, str], list[Any]]:
    """Return the values that an entity has for a property."""
    held: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        held[row["e"].value, row["p"].value].append(row["o"])
    return held


def texts_of(given: Any) -> list[str]:
    """Return the values that a query names: texts, numbers, or entities by id."""
    return [str(one["id"] if isinstance(one, dict) else one) for one in as_list(given)]


def satisfies(held: list[Any], texts: list[str]) -> bool:
    """Tell whether one of these values is held, by id, by text or by name."""
    known = [one.value for one in held if isinstance(one, NamedNode | Literal)]
    names = [words_of(text) for one in known for text in (one, named(one)["name"])]
    ids = {id_of(one) for one in known}
    return any(text in ids or words_of(text) in names for text in texts)


def value(term: Any) -> dict[str, Any]:
    """Return a value as the protocol has it."""
    if isinstance(term, NamedNode) and term.value.startswith(ENTITIES):
        return named(term.value)
    if isinstance(term, Literal):
        kind = term.datatype.value.removeprefix(PREFIXES["xsd"])
        if kind in NUMBERS:
            name, read_number = NUMBERS[kind]
            return {name: read_number(term.value)}
    return {"str": getattr(term, "value", "")}


def as_list(found: Any) -> list[Any]:
    """Return a list as it is, anything else in one, and nothing in none."""
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def named(iri: str) -> dict[str, str]:
    """Return an entity, a class or a property with its name."""
    return {"id": id_of(iri), "name": index_of(service().engine).labels.get(iri, id_of(iri))}


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
