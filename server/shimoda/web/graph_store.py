"""``/graphs``: the Graph Store HTTP Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/); ``/dump``: all graphs."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Literal
from urllib.parse import quote
from uuid import uuid4

from flask import Blueprint, Response, request
from pyoxigraph import Quad, RdfFormat, parse, serialize
from werkzeug.http import http_date

from shimoda import __version__
from shimoda.engine.interface import GraphRead, GraphWrite
from shimoda.engine.local import explained
from shimoda.errors import InputError
from shimoda.sparql.formats import GRAPH_TYPES, N_QUADS, N_TRIPLES, TRIG, TURTLE, negotiate
from shimoda.sparql.text import check_entities
from shimoda.web.problems import Unsupported
from shimoda.web.requests import authorised_body, incoming_request, own_url, parts, query_string
from shimoda.web.responses import compressed, digest, send_body, send_results
from shimoda.web.service import service

blueprint = Blueprint("graph_store", __name__)
READABLE = "Turtle, N-Triples, RDF/XML or JSON-LD"
SYNTAXES = {"nq": N_QUADS, "trig": TRIG}
PACKINGS = {"zst": ("zstd", "application/zstd"), "gz": ("gzip", "application/gzip")}
DUMPS = [f"{syntax}{packing}" for syntax in SYNTAXES for packing in ("", ".zst", ".gz")]


@blueprint.route("/graphs", methods=["GET"])
@blueprint.route("/graphs/<path:name>", methods=["GET"])
def read(name: str = "") -> Response:
    """Send a graph whole."""
    graph = identify(name)
    chosen = negotiate(request.headers.get("Accept"), GRAPH_TYPES)
    results = service().engine.read_graph(GraphRead(graph, GRAPH_TYPES[chosen]))
    incoming_request().note(rows=results.count, outcome="graph")
    return send_results(results, chosen)


@blueprint.route("/graphs", methods=["PUT", "POST"])
@blueprint.route("/graphs/<path:name>", methods=["PUT", "POST"])
def write(name: str = "") -> Response:
    """Replace a graph (PUT), or add to it (POST); a POST that names none makes a new one."""
    body = authorised_body()
    new = request.method == "POST" and not name and not request.query_string
    graph = f"{own_url()}/graphs/{uuid4()}" if new else identify(name)
    method: Literal["PUT", "POST"] = "PUT" if request.method == "PUT" else "POST"
    body, media_type = triples(body, graph)
    base = graph or own_url() + "/graphs"
    made = service().engine.write_graph(GraphWrite(method, graph, body, media_type, base, tags()))
    incoming_request().note(outcome=method.lower())
    response = Response(status=201 if made else 204)
    if new:
        response.headers["Location"] = str(graph)
    return response


@blueprint.route("/graphs", methods=["DELETE"])
@blueprint.route("/graphs/<path:name>", methods=["DELETE"])
def delete(name: str = "") -> Response:
    """Delete a graph."""
    service().tokens.check(request.headers.get("Authorization"))
    service().engine.write_graph(GraphWrite("DELETE", identify(name), tags=tags()))
    incoming_request().note(outcome="delete")
    return Response(status=204)


@blueprint.route("/dump")
@blueprint.route("/dump.<any(nq, trig):syntax>")
@blueprint.route("/dump.<any(nq, trig):syntax>.<any(zst, gz):packing>")
def dump(syntax: str = "", packing: str = "") -> Response:
    """Send every graph, as N-Quads or TriG, with digest (RFC 9530) and date; in ranges, if that is asked for."""
    accept = request.headers.get("Accept")
    media_type = SYNTAXES[syntax] if syntax else negotiate(accept, SYNTAXES.values())
    engine = service().engine
    results = engine.read_graph(GraphRead(media_type=media_type, whole=True))
    incoming_request().note(rows=results.count, outcome="dump")
    body = results.body
    if packing:
        coding, media_type = PACKINGS[packing]
        body = compressed(coding, body)
    response = send_body(body, media_type, cacheable=results.cacheable)
    found = b64encode(digest(body, sha256())).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{found}:"
    name = f"shimoda-{__version__}.{syntax or 'nq'}{packing and f'.{packing}'}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Link"] = f'<{own_url()}/.well-known/void>; rel="describedby"'
    if changed := engine.changed:
        response.headers["Last-Modified"] = http_date(changed)
    return response


def identify(name: str) -> str | None:
    """Return the IRI of the graph that the request is about, None for the default graph (section 4)."""
    parameters = query_string()
    if name:
        if parameters.pairs:
            raise InputError("A graph is named by the address or by a parameter, not by both.")
        return own_url() + quote(
            request.environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=~"
        )
    default, graphs = "default" in parameters, parameters.iris("graph")
    if default + len(graphs) != 1:
        raise InputError("Say which graph: ?default, or ?graph= and its IRI, once.")
    return graphs[0] if graphs else None


def tags() -> tuple[str, ...] | None:
    """Return the entity tags of ``If-Match``, without the coding in which the graph was sent; None without the header."""
    if "If-Match" not in request.headers:
        return None
    known = request.if_match
    return ("*",) if known.star_tag else tuple(tag.partition("-")[0] for tag in known.as_set())


def triples(body: bytes, graph: str | None) -> tuple[bytes, str]:
    """Return what to write and its media type; the files of a form become one document."""
    check_entities(body.decode("latin-1"))  # nobody waits for the writer to hear of that
    if request.mimetype != "multipart/form-data":
        syntax(request.mimetype)
        return body, request.mimetype
    found = (
        quad.triple
        for _, media_type, part in parts(incoming_request(), body)
        for quad in read_part(part, media_type or TURTLE, graph)
    )
    return serialize(found, format=RdfFormat.N_TRIPLES) or b"", N_TRIPLES


def syntax(media_type: str) -> RdfFormat:
    """Return the syntax of a media type that can hold a graph."""
    known = RdfFormat.from_media_type(media_type) if media_type else None
    if known is None or (known.supports_datasets and known != RdfFormat.JSON_LD):
        raise Unsupported(
            f"A graph can be sent as {READABLE}, not as {media_type[:80] or 'a body without a type'}."
        )
    return known


def read_part(part: bytes, media_type: str, graph: str | None) -> Iterator[Quad]:
    """Parse one file of a form; its blank nodes are its own."""
    with explained():
        yield from parse(
            part,
            syntax(media_type),
            base_iri=graph,
            without_named_graphs=True,
            rename_blank_nodes=True,
        )
