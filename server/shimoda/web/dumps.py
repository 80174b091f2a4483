"""``/dump``: the whole dataset as one file; each graph by itself is at ``/graphs``."""

from base64 import b64encode
from hashlib import sha256

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from shimoda import __version__
from shimoda.engine.interface import GraphRead
from shimoda.sparql.formats import N_QUADS, TRIG, negotiate
from shimoda.web.requests import incoming_request, own_url
from shimoda.web.responses import compressed, digest, send_body
from shimoda.web.service import service

blueprint = Blueprint("dumps", __name__)
SYNTAXES = {"nq": N_QUADS, "trig": TRIG}
PACKINGS = {"zst": ("zstd", "application/zstd"), "gz": ("gzip", "application/gzip")}
DUMPS = [f"{syntax}{packing}" for syntax in SYNTAXES for packing in ("", ".zst", ".gz")]


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
