"""Sources sentence by sentence, and the assertions that are made in them."""

from flask import Blueprint, Response
from pyoxigraph import DefaultGraph, NamedNode, Quad, serialize

from shimoda.dataset.sentences import digest
from shimoda.namespaces import BASE, PREFIXES
from shimoda.sparql.formats import HTML, rdf_format
from shimoda.sparql.results import Row
from shimoda.web.description import Description
from shimoda.web.pages import here
from shimoda.web.requests import own_url
from shimoda.web.resources import QUADS, by_how, describe, find, grouped, linked, page, split
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("source", __name__)


@blueprint.route("/assertion/<path:name>")
def assertion(name: str) -> Response:
    """Show an assertion: who states it, how, in which sentences, and its content. A withdrawn one answers 410."""
    name, kind = split(name, quads=True)
    found = find("assertion/", name)
    facts = found.rows("facts")
    if kind in QUADS.values():
        response = with_graph(found, kind)
    elif kind != HTML[0]:
        response = describe(found, "described", kind)
    else:
        response = page(
            "assertion.html",
            found,
            facts=grouped(facts),
            content=found.rows("content"),
            told=by_how(found)["is"],
            pointing=grouped(found.rows("pointing")),
        )
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
    found = find("source/", name)
    if kind != HTML[0]:
        return describe(found, "source", kind)
    told: dict[str, list[Row]] = {}
    for row in by_how(found)["stands in"]:
        for sentence in row["sentences"].value.split():
            told.setdefault(sentence, []).append(row)
    sentences = found.rows("sentences")
    return page("source.html", found, sentences=sentences, told=told, texts=texts(sentences))


def with_graph(found: Description, kind: str) -> Response:
    """Send an assertion's description, and its content in a graph of its name."""
    name = NamedNode(found.iri)
    quads = [
        Quad(triple.subject, triple.predicate, triple.object, graph)
        for text, graph in (("described", DefaultGraph()), ("whole", name))
        for triple in found.query(text).triples()
    ]
    prefixes = {prefix: str(iri) for prefix, iri in PREFIXES.items()}
    body = serialize(quads, format=rdf_format(kind), prefixes=prefixes)
    return linked(send_body(body or b"", kind, cacheable=found.cacheable), found)


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
