"""``/update``: updates by the SPARQL 1.1 Protocol, section 2.2."""

from flask import Blueprint, Response, request

from shimoda.engine.protocol import Update
from shimoda.errors import InputError
from shimoda.web.journal import note
from shimoda.web.service import authorised_body, own_url, service
from shimoda.web.sparql import form_or_direct

blueprint = Blueprint("update", __name__)


@blueprint.route("/update", methods=["POST"])
def update() -> Response:
    """Carry out an update: when this answers, the change is on disk and everybody sees it."""
    parameters = form_or_direct("update", authorised_body())
    text = parameters.one("update")
    if text is None:
        raise InputError("The request has no update. Queries go to /sparql.")
    note(request.environ, query=text, outcome="update")
    using, using_named = parameters.iris("using-graph-uri"), parameters.iris("using-named-graph-uri")
    service().engine.update(Update(text, using or None, using_named or None, own_url() + "/update"))
    return Response(status=204)
