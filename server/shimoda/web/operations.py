"""``/-/``: how the server is, for those who run it."""

import json
from typing import Any

from flask import Blueprint, Response, abort, current_app
from prometheus_client import CONTENT_TYPE_LATEST

from shimoda import __version__
from shimoda.errors import Unavailable
from shimoda.settings import SETTINGS
from shimoda.web.journal import Journal
from shimoda.web.service import service

blueprint = Blueprint("operations", __name__, url_prefix="/-")


@blueprint.route("/health")
def health() -> Response:
    """Tell that the HTTP process lives."""
    return report({"status": "alive"})


@blueprint.route("/ready")
def ready() -> Response:
    """Tell whether queries are answered now."""
    if not service().engine.ready():
        raise Unavailable("The engine cannot answer yet.", retry_after=1)
    return report({"status": "ready"})


@blueprint.route("/version")
def version() -> Response:
    """Tell the version of the software and of the dataset."""
    return report({"shimoda": __version__, "dataset": service().engine.version})


@blueprint.route("/settings")
def settings() -> Response:
    """Show each setting: value, default, meaning, option and environment name; no secret."""
    values = service().settings.shown()
    return report({
        one.name: {"value": values[one.name], "default": one.default, "meaning": one.meaning, "option": one.option,
                   "environment": one.environment}
        for one in SETTINGS if not one.secret
    })


@blueprint.route("/metrics")
def metrics() -> Response:
    """Show the metrics, where they are on."""
    if not service().settings.metrics:
        abort(404)
    journal = current_app.extensions["shimoda.journal"]
    assert isinstance(journal, Journal)
    return fresh(Response(journal.metrics(), content_type=CONTENT_TYPE_LATEST))


def report(content: dict[str, Any]) -> Response:
    """Send JSON that nobody keeps."""
    return fresh(Response(json.dumps(content, ensure_ascii=False, indent=1) + "\n", mimetype="application/json"))


def fresh(response: Response) -> Response:
    """Forbid to keep a response."""
    response.headers["Cache-Control"] = "no-store"
    return response
