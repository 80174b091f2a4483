"""What stands behind our IRIs: a page or RDF for each, by Accept or by suffix.

An entity is no document, so ``/id/…`` answers 303 with ``/doc/…`` (https://www.w3.org/TR/cooluris/); assertions,
sources, views, graphs and the ontology are documents and answer 200. A label in any script, in place of a slug, leads
to its entity.
"""

import re
from collections import defaultdict
from difflib import get_close_matches
from unicodedata import normalize
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from shimoda.errors import NotAcceptable, UnknownName
from shimoda.source.sentences import digest
from shimoda.vocabulary import BASE, PREFIXES, short
from shimoda.web.gathering import Cell, Gathering, Row
from shimoda.web.negotiation import HTML, choose
from shimoda.web.page import html
from shimoda.web.sending import send, send_body
from shimoda.web.service import own_url, service

blueprint = Blueprint("documents", __name__)
SUFFIXES = {"ttl": "text/turtle", "nt": "application/n-triples", "jsonld": "application/ld+json",
            "rdf": "application/rdf+xml", "html": HTML[0]}
QUADS = {"trig": "application/trig", "nq": "application/n-quads"}
SUFFIX = re.compile(rf"\.({'|'.join([*SUFFIXES, *QUADS])})$")
MODES = ("Narrated", "Reported", "Quoted", "Evaluation", "Explanation", "Prediction", "Recommendation",
         "Counterfactual", "Question", "")


@blueprint.app_template_filter("here")
def here(iri: str | Cell) -> str:
    """Return where an IRI is to be found: one of ours on this server, as a path."""
    text = str(iri)
    return quote(text.removeprefix(BASE).join(("/", "")), safe="/#:@!$&'()*+,;=?%~") if text.startswith(BASE) else text


@blueprint.app_template_filter("local")
def local(iri: str | Cell) -> str:
    """Return the last part of an IRI."""
    return re.split("[/#]", str(iri))[-1]


@blueprint.route("/id/<path:name>")
def identify(name: str) -> Response:
    """Send from a thing to the document about it (303)."""
    gathered = find("id/", name)
    path = here(gathered.iri)
    response = redirect(own_url() + path.replace("/id/", "/doc/", 1), 303)
    response.headers["Link"] = f'<{response.location}>; rel="describedby"'
    response.vary.add("Accept")
    return response  # type: ignore[return-value]


@blueprint.route("/doc/<path:name>")
def document(name: str) -> Response:
    """Describe an entity."""
    name, kind = split(name)
    gathered = find("id/", name)
    iri = gathered.iri
    if iri != BASE + "id/" + name:
        return redirect(own_url() + here(iri).replace("/id/", "/doc/", 1), 303)  # type: ignore[return-value]
    return tell(gathered, kind)


@blueprint.route("/rule/<path:name>")
def rule(name: str) -> Response:
    """Describe a rule, by which something was inferred."""
    name, kind = split(name)
    return tell(find("rule/", name, (BASE + "graph/schema",)), kind)


@blueprint.route("/assertion/<path:name>")
def assertion(name: str) -> Response:
    """Show an assertion: who states it, how, in which sentences, and its content. A withdrawn one answers 410."""
    name, kind = split(name, quads=True)
    gathered = find("assertion/", name)
    facts = gathered.rows("facts")
    if kind in QUADS.values():
        response = with_graph(gathered, kind)
    elif kind != HTML[0]:
        response = describe(gathered, "described", kind)
    else:
        response = page("assertion.html", gathered, facts=grouped(facts), content=gathered.rows("content"),
                        told=by_how(gathered)["is"], pointing=grouped(gathered.rows("pointing")))
    for row in facts:
        if row["p"].value == BASE + "ontology#withdrawn":
            response.status_code = 410
        if row["p"].value == BASE + "ontology#replacedBy":
            response.headers.add("Link", f'<{own_url()}{here(row["o"])}>; rel="successor-version"')
    return response


@blueprint.route("/source/<path:name>")
def source(name: str) -> Response:
    """Show a source sentence by sentence, with what is asserted in each."""
    name, kind = split(name)
    gathered = find("source/", name)
    if kind != HTML[0]:
        return describe(gathered, "source", kind)
    told: dict[str, list[Row]] = {}
    for row in by_how(gathered)["stands in"]:
        for sentence in row["sentences"].value.split():
            told.setdefault(sentence, []).append(row)
    sentences = gathered.rows("sentences")
    return page("source.html", gathered, sentences=sentences, told=told, texts=texts(sentences))


@blueprint.route("/ontology")
@blueprint.route("/ontology<any('.ttl', '.nt', '.jsonld', '.rdf', '.html'):suffix>")
@blueprint.route("/ontology/<version>")
def ontology(suffix: str = "", version: str = "") -> Response:
    """Document the ontology, or send it; its terms are fragments of this document."""
    _, kind = split("ontology" + suffix)
    gathered = find("ontology/" if version else "ontology", version)
    if kind != HTML[0]:
        return describe(Gathering(service().engine, BASE + "graph/ontology"), "whole", kind)
    terms: dict[str, list[Row]] = {}
    for row in gathered.rows("terms"):
        terms.setdefault(local(row["kind"]), []).append(row)
    return page("ontology.html", gathered, terms=terms)


@blueprint.route("/view/<path:name>")
@blueprint.route("/graph/<path:name>")
def graph(name: str) -> Response:
    """Show what stands in a graph that is no assertion: a view, the links, what is inferred …"""
    name, kind = split(name)
    gathered = find(request.path.split("/")[1] + "/", name)
    if kind != HTML[0]:
        return describe(gathered, "whole", kind)
    size = gathered.rows("size")[0]["size"]
    return page("graph.html", gathered, size=int(size.value), content=gathered.rows("content"))


def split(name: str, *, quads: bool = False) -> tuple[str, str]:
    """Take the suffix off a name; return the media type that it, or else the Accept header, asks for."""
    types = SUFFIXES | QUADS if quads else SUFFIXES
    found = SUFFIX.search(name)
    if found and found[1] in types:
        return name[: found.start()], types[found[1]]
    kind = choose(request.headers.get("Accept"), types.values())
    if kind is None:
        raise NotAcceptable(f"This can be had as {', '.join(types.values())}.")
    return name, kind


def find(area: str, name: str, graphs: tuple[str, ...] | None = None) -> Gathering:
    """Return a gathering for the IRI, or for the one entity that has this label; UnknownName brings the nearest."""
    name = normalize("NFC", name)
    try:
        gathered = Gathering(service().engine, BASE + area + name, graphs, request.args.get("view"))
        if gathered.exists():
            return gathered
    except ValueError:
        gathered = Gathering(service().engine, BASE)
    known = [(row["e"].value, row["name"].value) for row in gathered.rows("known")]
    kind, _, words = name.rpartition("/")
    wanted = re.sub("[-_ ]+", " ", words).casefold()
    called = {iri for iri, label in known if label.casefold() == wanted and iri.startswith(f"{BASE}{area}{kind}")}
    if len(called) == 1:
        return Gathering(service().engine, called.pop())
    near = {iri.removeprefix(BASE + area) for iri, _ in known if iri.startswith(BASE + area)}
    nearest = [iri.removeprefix(BASE) for iri in sorted(called)] or [
        area + one for one in get_close_matches(name, near, 5, 0.5)]
    raise UnknownName(f"There is no {area}{name} here.", nearest=nearest or None)


def tell(gathered: Gathering, kind: str) -> Response:
    """Tell what is known of a thing: what nobody disputes, and who says what of it."""
    if kind != HTML[0]:
        return describe(gathered, "described", kind)
    facts, told = gathered.rows("facts"), by_how(gathered)
    return page("document.html", gathered, facts=grouped(facts), kinds=kinds(facts), told=by_mode(told["mentions"]),
                pointing=grouped(gathered.rows("pointing")), links=gathered.rows("links"), saying=told["says"])


def describe(gathered: Gathering, text: str, kind: str) -> Response:
    """Send RDF, which an engine writes."""
    return linked(send(gathered.put(text, kind)), gathered)


def with_graph(gathered: Gathering, kind: str) -> Response:
    """Send an assertion's description, and its content in a graph of its name."""
    name, syntax = NamedNode(gathered.iri), RdfFormat.from_media_type(kind)
    quads = list(parse(gathered.put("described").content(), RdfFormat.N_TRIPLES))
    inside = parse(gathered.put("whole").content(), RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    quads += [Quad(quad.subject, quad.predicate, quad.object, name) for quad in inside]
    body = serialize(quads, format=syntax, prefixes={prefix: str(iri) for prefix, iri in PREFIXES.items()})
    return linked(send_body(body or b"", kind, cacheable=gathered.cacheable), gathered)


def page(template: str, gathered: Gathering, **values: object) -> Response:
    """Send a page, which is told the IRI, its names in each language, and the formats to be had."""
    names = grouped(gathered.rows("names"))
    called = {cell.language: cell for cell in (row["o"] for row in names.get(str(PREFIXES["rdfs"]["label"].value), []))}
    title = called["en"].value if "en" in called else short(gathered.iri)
    rest = [row["o"] for row in names.get(PREFIXES["skos"]["altLabel"].value, [])]
    formats = [*SUFFIXES, *QUADS] if template == "assertion.html" else [*SUFFIXES]
    values |= {"iri": gathered.iri, "title": title, "called": called, "aliases": rest,
               "names": names, "view": gathered.view,
               "formats": {name: base_path(gathered) + f".{name}" for name in formats if name != "html"}}
    return linked(html(template, cacheable=gathered.cacheable, **values), gathered)


def linked(response: Response, gathered: Gathering) -> Response:
    """Add the Link headers (RFC 8288): what this describes, its own address, and its other formats."""
    path = own_url() + base_path(gathered)
    links = [f'<{path}>; rel="canonical"', f'<{gathered.iri}>; rel="describes"']
    links += [f'<{path}.{suffix}>; rel="alternate"; type="{kind}"' for suffix, kind in SUFFIXES.items()]
    response.headers.extend(("Link", link) for link in links)
    response.vary.add("Accept")
    return response


def base_path(gathered: Gathering) -> str:
    """Return the path of the document about an IRI, without a suffix."""
    return here(gathered.iri).replace("/id/", "/doc/", 1)


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


def by_how(gathered: Gathering) -> dict[str, list[Row]]:
    """Return the assertions about a thing by how it is in them: it is mentioned, says it, holds it, or is it."""
    told: dict[str, list[Row]] = defaultdict(list)
    for row in gathered.rows("told"):
        if "a" in row:
            told[row["how"].value].append(row)
    return told


def by_mode(told: list[Row]) -> dict[str, list[Row]]:
    """Put assertions in the order of their modes; background has none."""
    modes = {mode: [row for row in told if local(row.get("mode", "")) == mode] for mode in MODES}
    return {mode: rows for mode, rows in modes.items() if rows}


def texts(sentences: list[Row]) -> dict[str, str]:
    """Return the sentences' texts from the operator's copy of the source, those that their digests prove."""
    copy = service().settings.source
    if copy is None:
        return {}
    whole = copy.read_text("utf-8")
    cut = {row["sentence"].value: whole[int(row["start"].value) : int(row["end"].value)] for row in sentences}
    return {row["sentence"].value: text for row in sentences
            if digest(text := cut[row["sentence"].value]) == row["digest"].value}
