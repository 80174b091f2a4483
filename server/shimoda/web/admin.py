"""``/-/``: how the server is, for those who run it."""

import json
from typing import Any

from flask import Blueprint, Response, abort
from prometheus_client import CONTENT_TYPE_LATEST

from shimoda import __version__
from shimoda.errors import Unavailable
from shimoda.settings import SETTINGS
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("admin", __name__, url_prefix="/-")
TOLD = ("default", "meaning", "option", "environment")


def fresh(values: dict[str, Any]) -> Response:
    """Send JSON that nobody may keep."""
    return send_body(json.dumps(values), "application/json", cacheable=False)


@blueprint.route("/health")
def health() -> Response:
    """Tell that the HTTP process lives."""
    return fresh({"status": "alive"})


@blueprint.route("/ready")
def ready() -> Response:
    """Tell whether queries are answered now."""
    if not service().engine.is_ready():
        raise Unavailable("The engine cannot answer yet.", retry_after=1)
    return fresh({"status": "ready"})


@blueprint.route("/version")
def version() -> Response:
    """Tell the version of the software and of the dataset."""
    return fresh({"shimoda": __version__, "dataset": service().engine.version})


@blueprint.route("/settings")
def settings() -> Response:
    """Show each setting: value, default, meaning, option and environment name; no secret."""
    values = service().settings.shown()
    shown = {
        one.name: {"value": values[one.name], **{name: getattr(one, name) for name in TOLD}}
        for one in SETTINGS
        if not one.secret
    }
    return fresh(shown)


@blueprint.route("/metrics")
def metrics() -> Response:
    """Show the metrics, where they are on."""
    if not service().settings.metrics:
        abort(404)
    headers = {"Cache-Control": "no-store"}
    return Response(service().log.metrics(), headers=headers, content_type=CONTENT_TYPE_LATEST)
