"""The ontology: its documentation, and the ontology itself; and the shapes that data is held against."""

from functools import cache

from flask import Blueprint, Response
from pyoxigraph import Store

from shimoda import paths
from shimoda.engine.local import LocalEngine
from shimoda.errors import UnknownName
from shimoda.namespaces import BASE
from shimoda.sparql.formats import HTML
from shimoda.sparql.results import Row
from shimoda.web.description import Description
from shimoda.web.pages import local
from shimoda.web.resources import describe, find, page, split, tell
from shimoda.web.service import service

blueprint = Blueprint("ontology", __name__)


@blueprint.route("/ontology")
@blueprint.route("/ontology<any('.ttl', '.nt', '.jsonld', '.rdf', '.html'):suffix>")
@blueprint.route("/ontology/<version>")
def ontology(suffix: str = "", version: str = "") -> Response:
    """Document the ontology, or send it; its terms are fragments of this document."""
    _, kind = split("ontology" + suffix)
    found = find("ontology/" if version else "ontology", version)
    if kind != HTML[0]:
        return describe(Description(service().engine, BASE + "graph/ontology"), "whole", kind)
    terms: dict[str, list[Row]] = {}
    for row in found.rows("terms"):
        terms.setdefault(local(row["kind"]), []).append(row)
    return page("ontology.html", found, terms=terms)


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
