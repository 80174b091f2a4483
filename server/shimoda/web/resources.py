"""What stands behind our IRIs: a page or RDF for each, by Accept or by suffix.

An entity is no document, so ``/id/…`` answers 303 with ``/doc/…`` (https://www.w3.org/TR/cooluris/); assertions,
sources, views, graphs and the ontology are documents and answer 200. A label in any script, in place of a slug, leads
to its entity.
"""

import re
from collections import defaultdict
from unicodedata import normalize

from flask import Blueprint, Response, redirect, request

from shimoda.errors import UnknownName
from shimoda.namespaces import BASE, PREFIXES, short
from shimoda.questions.search import index_of
from shimoda.sparql.formats import (
    HTML,
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    TRIG,
    TURTLE,
    negotiate,
)
from shimoda.sparql.results import Row
from shimoda.web.description import Description
from shimoda.web.pages import here, html, local
from shimoda.web.requests import own_url
from shimoda.web.responses import send_results
from shimoda.web.service import service

blueprint = Blueprint("resources", __name__)
SUFFIXES = {"ttl": TURTLE, "nt": N_TRIPLES, "jsonld": JSON_LD, "rdf": RDF_XML, "html": HTML[0]}
QUADS = {"trig": TRIG, "nq": N_QUADS}
SUFFIX = re.compile(rf"\.({'|'.join([*SUFFIXES, *QUADS])})$")
MODES = (
    "Narrated",
    "Reported",
    "Quoted",
    "Evaluation",
    "Explanation",
    "Prediction",
    "Recommendation",
    "Counterfactual",
    "Question",
    "",
)


@blueprint.route("/id/<path:name>")
def identify(name: str) -> Response:
    """Send from a thing to the document about it (303)."""
    found = find("id/", name)
    path = here(found.iri)
    response = redirect(own_url() + path.replace("/id/", "/doc/", 1), 303)
    response.headers["Link"] = f'<{response.location}>; rel="describedby"'
    response.vary.add("Accept")
    return response  # type: ignore[return-value]


@blueprint.route("/doc/<path:name>")
def document(name: str) -> Response:
    """Describe an entity."""
    name, kind = split(name)
    found = find("id/", name)
    iri = found.iri
    if iri != BASE + "id/" + name:
        return redirect(own_url() + here(iri).replace("/id/", "/doc/", 1), 303)  # type: ignore[return-value]
    return tell(found, kind)


@blueprint.route("/rule/<path:name>")
def rule(name: str) -> Response:
    """Describe a rule, by which something was inferred."""
    name, kind = split(name)
    return tell(find("rule/", name, (BASE + "graph/schema",)), kind)


@blueprint.route("/view/<path:name>")
@blueprint.route("/graph/<path:name>")
def graph(name: str) -> Response:
    """Show what stands in a graph that is no assertion: a view, the links, what is inferred …"""
    name, kind = split(name)
    found = find(request.path.split("/")[1] + "/", name)
    if kind != HTML[0]:
        return describe(found, "whole", kind)
    size = found.rows("size")[0]["size"]
    return page("graph.html", found, size=int(size.value), content=found.rows("content"))


def split(name: str, *, quads: bool = False) -> tuple[str, str]:
    """Take the suffix off a name; return the media type that it, or else the Accept header, asks for."""
    types = SUFFIXES | QUADS if quads else SUFFIXES
    found = SUFFIX.search(name)
    if found and found[1] in types:
        return name[: found.start()], types[found[1]]
    return name, negotiate(request.headers.get("Accept"), types.values())


def find(area: str, name: str, graphs: tuple[str, ...] | None = None) -> Description:
    """Return what describes the IRI, or the one entity that has this label; UnknownName brings the nearest."""
    engine = service().engine
    name = normalize("NFC", name)
    try:
        found = Description(engine, BASE + area + name, graphs, request.args.get("view"))
        if found.exists():
            return found
    except ValueError:
        pass
    index = index_of(engine)
    kind, _, words = name.rpartition("/")
    called = index.called(words, f"{BASE}{area}{kind}")
    if len(called) == 1:
        return Description(engine, called[0])
    nearest = [iri.removeprefix(BASE) for iri in called or index.nearest(BASE + area + name)]
    raise UnknownName(f"There is no {area}{name} here.", nearest=nearest or None)


def tell(found: Description, kind: str) -> Response:
    """Tell what is known of a thing: what nobody disputes, and who says what of it."""
    if kind != HTML[0]:
        return describe(found, "described", kind)
    facts, told = found.rows("facts"), by_how(found)
    return page(
        "document.html",
        found,
        facts=grouped(facts),
        kinds=kinds(facts),
        told=by_mode(told["mentions"]),
        pointing=grouped(found.rows("pointing")),
        links=found.rows("links"),
        saying=told["says"],
    )


def describe(found: Description, text: str, kind: str) -> Response:
    """Send RDF, which an engine writes."""
    return linked(send_results(found.query(text, kind)), found)


def page(template: str, found: Description, **values: object) -> Response:
    """Send a page, which is told the IRI, its names in each language, and the formats to be had."""
    names = grouped(found.rows("names"))
    called = {
        cell.language: cell
        for cell in (row["o"] for row in names.get(str(PREFIXES["rdfs"]["label"].value), []))
    }
    title = called["en"].value if "en" in called else short(found.iri)
    rest = [row["o"] for row in names.get(PREFIXES["skos"]["altLabel"].value, [])]
    formats = [*SUFFIXES, *QUADS] if template == "assertion.html" else [*SUFFIXES]
    values |= {
        "iri": found.iri,
        "title": title,
        "called": called,
        "aliases": rest,
        "names": names,
        "view": found.view,
        "formats": {name: base_path(found) + f".{name}" for name in formats if name != "html"},
    }
    return linked(html(template, cacheable=found.cacheable, **values), found)


def linked(response: Response, found: Description) -> Response:
    """Add the Link headers (RFC 8288): what this describes, its own address, and its other formats."""
    path = own_url() + base_path(found)
    links = [f'<{path}>; rel="canonical"', f'<{found.iri}>; rel="describes"']
    links += [
        f'<{path}.{suffix}>; rel="alternate"; type="{kind}"' for suffix, kind in SUFFIXES.items()
    ]
    response.headers.extend(("Link", link) for link in links)
    response.vary.add("Accept")
    return response


def base_path(found: Description) -> str:
    """Return the path of the document about an IRI, without a suffix."""
    return here(found.iri).replace("/id/", "/doc/", 1)


def grouped(rows: list[Row]) -> dict[str, list[Row]]:
    """Put rows with the same property together, in the order in which they came."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["p"].value, []).append(row)
    return groups


def kinds(facts: list[Row]) -> list[Row]:
    """Return the classes that a thing is stated to belong to."""
    rdf_type = PREFIXES["rdf"]["type"].value
    return [row for row in facts if row["p"].value == rdf_type and row["inferred"].value == "false"]


def by_how(found: Description) -> dict[str, list[Row]]:
    """Return the assertions about a thing by how it is in them: it is mentioned, says it, holds it, or is it."""
    told: dict[str, list[Row]] = defaultdict(list)
    for row in found.rows("told"):
        if "a" in row:
            told[row["how"].value].append(row)
    return told


def by_mode(told: list[Row]) -> dict[str, list[Row]]:
    """Put assertions in the order of their modes; background has none."""
    modes = {mode: [row for row in told if local(row.get("mode", "")) == mode] for mode in MODES}
    return {mode: rows for mode, rows in modes.items() if rows}
