"""The ontology: its documentation, a page for each term, and the ontology itself; and the shapes that data is held against."""

from functools import cache

from flask import Blueprint, Response
from pyoxigraph import RdfFormat, Store, parse

from shimoda import paths
from shimoda.engine.axioms import compiled_rules
from shimoda.engine.local import LocalEngine
from shimoda.errors import UnknownName
from shimoda.namespaces import BASE
from shimoda.reasoning.words import say
from shimoda.sparql.formats import HTML
from shimoda.web.description import Description
from shimoda.web.resources import describe, find, page, split, tell
from shimoda.web.service import service

blueprint = Blueprint("ontology", __name__)


@blueprint.route("/ontology")
@blueprint.route("/ontology<any('.ttl', '.nt', '.jsonld', '.rdf', '.html'):suffix>")
def ontology(suffix: str = "", version: str = "") -> Response:
    """Document the ontology, or send it; its terms are fragments of this document."""
    _, kind = split("ontology" + suffix)
    found = find("ontology/" if version else "ontology", version)
    if kind != HTML[0]:
        return describe(Description(service().engine, BASE + "graph/ontology"), "whole", kind)
    return page("ontology.html", found)


@blueprint.route("/ontology/<name>")
def term(name: str) -> Response:
    """Document a term, or the ontology by the IRI of its version."""
    if name[0].isdigit():
        return ontology(version=name)
    name, kind = split(name)
    found = find("ontology#", name)
    if kind != HTML[0]:
        return describe(found, "described", kind)
    node = f"<{found.iri}>"
    rules = compiled_rules(found.engine)
    about = [one for one in rules if any(node in atom for atom in (*one.head, *one.body))]
    return page("term.html", found, rules=about, say=say, alignments=alignments(found.iri))


@cache
def alignments(iri: str) -> list[tuple[str, str, str]]:
    """Return what the alignments say of a term: the name of the other vocabulary, the property, the other term."""
    files = sorted((paths.data("ontology") / "alignments").glob("*.ttl"))
    return [
        (file.stem, quad.predicate.value, quad.object.value)
        for file in files
        for quad in parse(file.read_bytes(), RdfFormat.TURTLE)
        if quad.subject.value == iri and hasattr(quad.object, "value")
    ]


@blueprint.route("/shape/<name>")
def shape(name: str) -> Response:
    """Describe a SHACL shape; shapes are no part of the dataset."""
    name, kind = split(name)
    found = Description(shapes(), BASE + "shape/" + name)
    if not found.exists():
        raise UnknownName(f"There is no shape/{name} here.")
    return tell(found, kind)


@cache
def shapes() -> LocalEngine:
    """Return an engine over the files of shapes."""
    store = Store()
    for file in sorted(paths.data("ontology").glob("shapes/*.ttl")):
        store.load(path=file)
    return LocalEngine(store)
