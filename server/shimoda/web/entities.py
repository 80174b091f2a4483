"""``/id/`` and ``/id/<kind>/``: the index of entities, as pages, as JSON and as RDF."""

from typing import Any

from flask import Blueprint, Response, request

from shimoda.namespaces import BASE
from shimoda.sparql.formats import HTML, negotiate
from shimoda.sparql.results import Row
from shimoda.web.description import Description
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
    found: dict[str, Any] = entities(listed, sizes[kind]) if kind else {"kinds": sizes}
    cacheable = listed.cacheable
    response = html_or_json("entities.html", found, cacheable=cacheable, kind=kind, **found)
    return linked(response, kind, found.get("page", 1), found.get("pages", 1))


def entities(listed: Description, size: int) -> dict[str, Any]:
    """Return a page of the entities of a kind."""
    number = query_string().number("page", 1, MOST_PAGES)
    rows = listed.rows("entities")[(number - 1) * PAGE : number * PAGE]
    return {
        "count": size,
        "page": number,
        "pages": -(-size // PAGE),
        "entities": [entity(row) for row in rows],
    }


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
