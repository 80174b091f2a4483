"""Sources sentence by sentence, and the assertions that are made in them."""

from flask import Blueprint, Response, redirect
from pyoxigraph import DefaultGraph, NamedNode, Quad, serialize

from shimoda.dataset.sentences import digest
from shimoda.namespaces import BASE, ONTOLOGY, PREFIXES
from shimoda.questions import bibliography, catalogue
from shimoda.questions.bibliography import BIBLIOGRAPHY
from shimoda.sparql.formats import HTML, rdf_format
from shimoda.sparql.results import Row
from shimoda.web.description import Description
from shimoda.web.pages import here, html
from shimoda.web.requests import own_url
from shimoda.web.resources import OF_ASSERTIONS, QUADS, describe, find, linked, page, split
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("source", __name__)


@blueprint.route("/assertion/<path:name>")
def assertion(name: str) -> Response:
    """Show an assertion: who states it, how, in which sentences, and its content. A withdrawn one answers 410."""
    name, kind = split(name, OF_ASSERTIONS)
    found = find("assertion/", name)
    facts = found.rows("facts")
    if kind in BIBLIOGRAPHY.values():
        items = bibliography.assertion_items(service().engine, found.iri)
        response = linked(send_body(bibliography.write(items, kind), kind), found)
    elif kind in QUADS.values():
        response = with_graph(found, kind)
    elif kind != HTML[0]:
        response = describe(found, "described", kind)
    else:
        response = page("assertion.html", found, quoted=quoted(facts))
    for row in facts:
        if row["p"].value == BASE + "ontology#withdrawn":
            response.status_code = 410
        if row["p"].value == BASE + "ontology#replacedBy":
            response.headers.add("Link", f'<{own_url()}{here(row["o"])}>; rel="successor-version"')
    return response


@blueprint.route("/source/")
def sources() -> Response:
    """List the sources; where there is one only, lead to it."""
    found = service().engine.rows(catalogue.text_of("texts"))
    if len(found) == 1:
        return redirect(own_url() + here(found[0]["source"]), 303)  # type: ignore[return-value]
    return html("sources.html")


@blueprint.route("/source/<path:name>")
def source(name: str) -> Response:
    """Show a source sentence by sentence, with what is asserted in each."""
    name, kind = split(name)
    found = find("source/", name)
    if kind != HTML[0]:
        return describe(found, "source", kind)
    found.prepare(*map(found.text, ("names", "sentences", "assertions", "corrections", "links")))
    sentences = found.rows("sentences")
    return page("source.html", found, sentences=sentences, texts=texts(sentences))


def with_graph(found: Description, kind: str) -> Response:
    """Send an assertion's description, and its content in a graph of its name."""
    name = NamedNode(found.iri)
    quads = [
        Quad(triple.subject, triple.predicate, triple.object, graph)
        for text, graph in (("described", DefaultGraph()), ("whole", name))
        for triple in found.query(text).triples()
    ]
    body = serialize(quads, format=rdf_format(kind), prefixes=dict(PREFIXES))
    return linked(send_body(body or b"", kind, cacheable=found.cacheable), found)


def quoted(facts: list[Row]) -> dict[str, str]:
    """Return the texts of the sentences that an assertion cites, by their IRIs, where the operator has a copy."""
    cited = {row["o"].value for row in facts if row["p"].value == ONTOLOGY + "citedIn"}
    sources = {iri.partition("#")[0] for iri in cited} if service().settings.source else set()
    rows = [row for iri in sources for row in Description(service().engine, iri).rows("sentences")]
    return texts([row for row in rows if row["sentence"].value in cited])


def texts(sentences: list[Row]) -> dict[str, str]:
    """Return the sentences' texts from the operator's copy of the source, those that their digests prove."""
    copy = service().settings.source
    if copy is None:
        return {}
    whole = copy.read_text("utf-8")
    found: dict[str, str] = {}
    for row in sentences:
        text = whole[int(row["start"].value) : int(row["end"].value)]
        if digest(text) == row["digest"].value:
            found[row["sentence"].value] = text
    return found
