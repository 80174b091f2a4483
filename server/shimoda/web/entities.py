"""``/id/`` and ``/id/<kind>/``: the index of entities, as pages, as JSON and as RDF."""

from typing import Any

from flask import Blueprint, Response, request

from shimoda.namespaces import BASE, relative
from shimoda.sparql.formats import HTML, negotiate
from shimoda.sparql.results import Row
from shimoda.web.description import Description, iris_in
from shimoda.web.language import language
from shimoda.web.pages import JSON, html_or_json, local
from shimoda.web.requests import own_url, query_string
from shimoda.web.resources import SUFFIXES, identify
from shimoda.web.responses import send_results
from shimoda.web.service import service

blueprint = Blueprint("entities", __name__)
TYPES = {**{name: kind for name, kind in SUFFIXES.items() if kind not in HTML}, "json": JSON}
ANY = f"<any({', '.join(repr('.' + name) for name in TYPES)}):suffix>"
PAGE = 100
MOST_PAGES = 1_000_000
FACETS = ("class", "party", "decade", "voice", "mode", "standing", "told")
"""By what entities can be chosen, in the order of the page; each is a parameter of the address."""
Facets = dict[str, dict[str, set[str]]]
"""The entities by value by facet."""


@blueprint.route("/id/")
@blueprint.route(f"/id{ANY}")
@blueprint.route("/id/<kind>/", strict_slashes=False)
@blueprint.route(f"/id/<kind>{ANY}")
def listing(kind: str = "", suffix: str = "") -> Response:
    """List the kinds of entities, or the entities of a kind; as RDF, all entities with their classes and labels."""
    listed = Description(service().engine, BASE + "id/")
    sizes = {local(row["kind"].value[:-1]): int(row["size"].value) for row in listed.rows("kinds")}
    if kind and kind not in sizes:
        return identify(kind)
    if kind:
        listed.iri += f"{kind}/"
    accepted = request.headers.get("Accept")
    media_type = TYPES.get(suffix[1:]) or negotiate(accepted, (*TYPES.values(), *HTML))
    if media_type not in (JSON, *HTML):
        return linked(send_results(listed.query("listed", media_type)), kind)
    found: dict[str, Any] = entities(listed) if kind else {"kinds": sizes}
    cacheable = listed.cacheable
    response = html_or_json(
        "entities.html", found, cacheable=cacheable, about=listed, kind=kind, **found
    )
    return linked(response, kind, found.get("page", 1), found.get("pages", 1))


def entities(listed: Description) -> dict[str, Any]:
    """Return a page of the entities of a kind that have what was chosen, and what else there is to choose."""
    listed.prepare(listed.text("entities"), listed.text("facets"))
    rows = listed.rows("entities")
    everything = {row["entity"].value for row in rows}
    facets = facets_of(listed, everything)
    asked = query_string()
    chosen = {name: value for name in facets if (value := asked.one(name))}
    left = {name: facets[name].get(value, set()) for name, value in chosen.items()}
    rows = [row for row in rows if all(row["entity"].value in some for some in left.values())]
    number = asked.number("page", 1, MOST_PAGES)
    labels = {relative(iri): label.value for iri, label in listed.labels.items()}
    return {
        "count": len(rows),
        "page": number,
        "pages": -(-len(rows) // PAGE),
        "chosen": chosen,
        "facets": {
            name: counted(labels, values, [some for other, some in left.items() if other != name])
            for name, values in facets.items()
        },
        "entities": [entity(row) for row in rows[(number - 1) * PAGE : number * PAGE]],
    }


def facets_of(listed: Description, everything: set[str]) -> Facets:
    """Return the entities by value by facet; those without a value are under ``unknown``."""
    facets: Facets = {name: {} for name in FACETS}
    rows = listed.rows("facets")
    listed.learn(iris_in({"value": row["value"]} for row in rows), language())
    for row in rows:
        values = facets[row["facet"].value]
        there = everything.intersection(row["entities"].value.split())
        values[relative(row["value"].value)] = there
    for values in facets.values():
        if unknown := everything.difference(*values.values()):
            values["unknown"] = unknown
    return facets


def counted(
    labels: dict[str, str], values: dict[str, set[str]], others: list[set[str]]
) -> list[dict[str, Any]]:
    """Return the values of a facet, the most frequent first, each with its label and how many entities it leaves."""
    counts = ((len(some.intersection(*others)), value) for value, some in values.items())
    return [
        {"value": value, "label": labels.get(value, value), "count": count}
        for count, value in sorted(counts, key=lambda pair: (-pair[0], pair[1]))
        if count
    ]


def entity(row: Row) -> dict[str, Any]:
    """Return an entity: its IRI, its labels by language, and how many assertions are about it."""
    labels = {language: row[language].value for language in ("en", "ja", "ru") if language in row}
    assertions = int(row["assertions"].value)
    return {"iri": row["entity"].value, "labels": labels, "assertions": assertions}


def linked(response: Response, kind: str, page: int = 1, pages: int = 1) -> Response:
    """Add the Link headers (RFC 8288): other formats, the page before and the next."""
    path = f"{own_url()}/id/{kind}"
    links = [
        f'<{path.rstrip("/")}.{name}>; rel="alternate"; type="{TYPES[name]}"' for name in TYPES
    ]
    near = {"prev": page - 1, "next": page + 1}
    links += [f'<{path}/?page={n}>; rel="{rel}"' for rel, n in near.items() if 1 <= n <= pages]
    response.headers.extend(("Link", link) for link in links)
    response.vary.add("Accept")
    return response
