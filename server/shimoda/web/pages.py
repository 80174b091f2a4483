"""How every page is made: its template, and the filters that templates use."""

import json
import re
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from shimoda.namespaces import BASE, short
from shimoda.sparql.formats import HTML, negotiate
from shimoda.web.responses import send_body

blueprint = Blueprint("pages", __name__)
blueprint.add_app_template_filter(short)
JSON = "application/json"
OFFERED = (*HTML, JSON)
KINDS = {NamedNode: "iri", BlankNode: "bnode", Literal: "literal", Triple: "triple"}


def html(template: str, *, cacheable: bool = True, **values: object) -> Response:
    """Send a page."""
    return send_body(render_template(template, **values), "text/html", cacheable=cacheable)


def html_or_json(
    template: str, document: object, *, cacheable: bool = True, **values: object
) -> Response:
    """Send a page, or the document that says the same as JSON, by suffix or by Accept."""
    if request.path.endswith(".json") or negotiate(request.headers.get("Accept"), OFFERED) == JSON:
        text = json.dumps(document, ensure_ascii=False)
        return send_body(text, JSON, cacheable=cacheable)
    return html(template, cacheable=cacheable, **values)


def text_of(value: object) -> object:
    """Return what a page shows of an RDF term: its text; of anything else, itself."""
    return value.value if isinstance(value, NamedNode | Literal | BlankNode) else value


@blueprint.app_template_filter("kind")
def kind_of(term: object) -> str:
    """Return the kind of an RDF term, as a page tells them apart; "" for anything else."""
    return KINDS.get(type(term), "")


@blueprint.app_template_filter("here")
def here(iri: object) -> str:
    """Return where an IRI is to be found: one of ours on this server, as a path."""
    text = str(text_of(iri))
    if not text.startswith(BASE):
        return text
    return quote(f"/{text.removeprefix(BASE)}", safe="/#:@!$&'()*+,;=?%~")


@blueprint.app_template_filter("local")
def local(iri: object) -> str:
    """Return the last part of an IRI."""
    return re.split("[/#]", str(text_of(iri)))[-1]
