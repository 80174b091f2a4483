"""What stands behind our IRIs: a page or RDF for each, by Accept or by suffix.

An entity is no document, so ``/id/…`` answers 303 with ``/doc/…`` (https://www.w3.org/TR/cooluris/); assertions,
sources, views, graphs and the ontology are documents and answer 200. A label in any script, in place of a slug, leads
to its entity.
"""

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from pyoxigraph import Literal, NamedNode

from shimoda.engine.axioms import compiled_rules
from shimoda.engine.interface import Engine
from shimoda.errors import UnknownName
from shimoda.namespaces import BASE, PREFIXES, short
from shimoda.namespaces import graph as graph_of
from shimoda.questions.bibliography import BIBLIOGRAPHY
from shimoda.questions.search import index_of
from shimoda.reasoning.rules import Atom, Rule, bind, join
from shimoda.reasoning.words import say
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
from shimoda.web.description import Description
from shimoda.web.language import language
from shimoda.web.pages import grouped, here, html, page_of
from shimoda.web.requests import own_url
from shimoda.web.responses import send_results
from shimoda.web.service import service

blueprint = Blueprint("resources", __name__)
SUFFIXES = {"ttl": TURTLE, "nt": N_TRIPLES, "jsonld": JSON_LD, "rdf": RDF_XML, "html": HTML[0]}
QUADS = {"trig": TRIG, "nq": N_QUADS}
SUFFIX = re.compile(rf"\.({'|'.join([*SUFFIXES, *QUADS, *BIBLIOGRAPHY])})$")
IRI = re.compile("<(.*?)>")
SHOWN = ("names", "facts", "told", "corrections", "sayings", "links", "types")
"""What the page of a thing asks."""
PAIRED = (f"{BASE}id/place/", f"{BASE}id/state/")
"""What has pages together with another, too, and asks which."""
APPLIED = 20
"""Triples that the page of a rule shows."""
OF_ASSERTIONS = SUFFIXES | QUADS | BIBLIOGRAPHY


@blueprint.route("/id/<path:name>")
def identify(name: str) -> Response:
    """Send from a thing to the document about it (303)."""
    response = to_document(find("id/", name).iri)
    response.headers["Link"] = f'<{response.location}>; rel="describedby"'
    response.vary.add("Accept")
    return response


def to_document(iri: str) -> Response:
    """Send to the document about a thing, in the same view."""
    view = request.args.get("view")
    path = here(iri).replace("/id/", "/doc/", 1) + (f"?view={quote(view)}" if view else "")
    return redirect(own_url() + path, 303)  # type: ignore[return-value]


@blueprint.route("/doc/<path:name>")
def document(name: str) -> Response:
    """Describe an entity."""
    name, kind = split(name)
    found = find("id/", name)
    iri = found.iri
    if iri != BASE + "id/" + name:
        return to_document(iri)
    return tell(found, kind)


@blueprint.route("/rule/<path:name>")
def rule(name: str) -> Response:
    """Describe a rule: what it says, and some of what follows that it can say."""
    name, kind = split(name)
    found = find("rule/", name, (BASE + "graph/schema",))
    if kind != HTML[0]:
        return describe(found, "described", kind)
    from shimoda.reasoning.explanation import shortened

    made = next((one for one in compiled_rules(found.engine) if one.name == name), None)
    applied = applications(found.engine, made) if made else []
    terms = list(dict.fromkeys(IRI.findall(join([*made.head, *made.body])))) if made else []
    shown = {"rule": made, "terms": terms, "applied": applied, "say": say, "shortened": shortened}
    return page("rule.html", found, iris=terms + IRI.findall(join(applied)), **shown)


def applications(engine: Engine, rule: Rule) -> list[Atom]:
    """Return some inferred triples that a rule can say; none for one whose patterns no query can ask for."""
    from shimoda.reasoning.ways import is_hidden

    if not rule.head or any(map(is_hidden, rule.body)):
        return []
    where = f"GRAPH {graph_of('inferred')} {{ {join(rule.head[:1])} }} {join(rule.body)}"
    rows = engine.rows(f"SELECT DISTINCT * WHERE {{ {where} }} LIMIT {APPLIED}")
    values = ({f"?{name}": str(term) for name, term in row.items()} for row in rows)
    return list(dict.fromkeys(bind(rule.head[0], one) for one in values))


@blueprint.route("/view/<path:name>")
@blueprint.route("/graph/<path:name>")
def graph(name: str) -> Response:
    """Show what stands in a graph that is no assertion: a view, the links, what is inferred …"""
    name, kind = split(name)
    found = find(request.path.split("/")[1] + "/", name)
    if kind != HTML[0]:
        return describe(found, "whole", kind)
    size = found.rows("size")[0]["size"]
    return page("graph.html", found, size=int(size.value))


def split(name: str, types: Mapping[str, str] = SUFFIXES) -> tuple[str, str]:
    """Take the suffix off a name; return the media type that it, or else the Accept header, asks for."""
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
    names, is_paired = [*SHOWN], found.iri.startswith(PAIRED)
    if is_paired:
        names.append("pairs")
    found.prepare(*map(found.text, names))
    return page("document.html", found, is_paired=is_paired)


def describe(found: Description, text: str, kind: str) -> Response:
    """Send RDF, which an engine writes."""
    return linked(send_results(found.query(text, kind)), found)


def page(template: str, found: Description, **values: Any) -> Response:
    """Send a page, which is told the IRI, its names in each language, and the formats to be had."""
    names = grouped(found.rows("names"), "p")
    naming = PREFIXES["rdfs"]["label"], PREFIXES[""]["paraphrase"]
    labels = [row["o"] for name in naming for row in names.get(name.value, [])]
    called = {label.language: label for label in labels}
    unnamed = Literal(short(found.iri).rpartition("/")[2], language=language())
    found.learn([found.iri], language())
    formats = OF_ASSERTIONS if template == "assertion.html" else SUFFIXES
    values |= {
        "iri": found.iri,
        "title": called.get(language()) or called.get("en") or found.labels.get(found.iri, unnamed),
        "this": NamedNode(found.iri),
        "called": called,
        "aliases": [row["o"] for row in names.get(PREFIXES["skos"]["altLabel"].value, [])],
        "names": names,
        "view": found.view,
        "types": OF_ASSERTIONS,
        "canonical": own_url() + page_of(found.iri),
        "formats": {name: page_of(found.iri) + f".{name}" for name in formats if name != "html"},
    }
    return linked(html(template, about=found, **values), found)


def linked(response: Response, found: Description) -> Response:
    """Add the Link headers (RFC 8288): what this describes, its own address, and its other formats."""
    path = own_url() + page_of(found.iri)
    links = [f'<{path}>; rel="canonical"', f'<{found.iri}>; rel="describes"']
    if response.mimetype != JSON_LD:  # PyLD takes one alternate at most, and looks for it there too
        links += [
            f'<{path}.{suffix}>; rel="alternate"; type="{kind}"'
            for suffix, kind in SUFFIXES.items()
        ]
    response.headers.extend(("Link", link) for link in links)
    response.vary.add("Accept")
    return response
