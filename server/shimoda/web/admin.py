"""``/-/``: how the server is, for those who run it."""

from typing import Any

from flask import Blueprint, Response, abort
from prometheus_client import CONTENT_TYPE_LATEST

from shimoda import __version__
from shimoda.errors import Unavailable
from shimoda.settings import SETTINGS
from shimoda.web.service import service

blueprint = Blueprint("admin", __name__, url_prefix="/-")


@blueprint.after_request
def keep_fresh(response: Response) -> Response:
    """Forbid to keep any of this."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/health")
def health() -> dict[str, str]:
    """Tell that the HTTP process lives."""
    return {"status": "alive"}


@blueprint.route("/ready")
def ready() -> dict[str, str]:
    """Tell whether queries are answered now."""
    if not service().engine.is_ready():
        raise Unavailable("The engine cannot answer yet.", retry_after=1)
    return {"status": "ready"}


@blueprint.route("/version")
def version() -> dict[str, Any]:
    """Tell the version of the software and of the dataset."""
    return {"shimoda": __version__, "dataset": service().engine.version}


@blueprint.route("/settings")
def settings() -> dict[str, Any]:
    """Show each setting: value, default, meaning, option and environment name; no secret."""
    values = service().settings.shown()
    return {
        one.name: {
            "value": values[one.name],
            "default": one.default,
            "meaning": one.meaning,
            "option": one.option,
            "environment": one.environment,
        }
        for one in SETTINGS
        if not one.secret
    }


@blueprint.route("/metrics")
def metrics() -> Response:
    """Show the metrics, where they are on."""
    if not service().settings.metrics:
        abort(404)
    return Response(service().log.metrics(), content_type=CONTENT_TYPE_LATEST)
