"""``/mcp``: the Model Context Protocol over HTTP, a request at a time and without sessions; ``/llms.txt``.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
"""

import asyncio
from urllib.parse import urlsplit

import httpx
from flask import Blueprint, Response, render_template

from shimoda.errors import Refused
from shimoda.questions import catalogue
from shimoda.settings import Settings
from shimoda.web.requests import Incoming, incoming_request, own_url
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("mcp", __name__)
LOCAL = {"localhost", "127.0.0.1", "::1"}


@blueprint.route("/mcp", methods=["POST"])
def mcp() -> Response:
    """Answer one message; other methods, which would open a stream or end a session, are refused with 405."""
    incoming, settings = incoming_request(), service().settings
    check_origin(incoming, settings)
    return asyncio.run(exchange(incoming, incoming.read_body(settings.max_query)))


@blueprint.route("/llms.txt")
def llms() -> Response:
    """Tell language models what is here (https://llmstxt.org/)."""
    questions = [] if service().settings.empty else catalogue.read_all()
    page = render_template("llms.txt", here=own_url(), questions=questions)
    return send_body(page, "text/plain")


def check_origin(incoming: Incoming, settings: Settings) -> None:
    """Refuse a page of another site: a name of its own may lead its visitors to a server on their own machine.

    The Host header proves nothing then, so only names that the operator gave, or that are always local, count.
    """
    origin = incoming.headers.get("origin")
    public = urlsplit(settings.public_url or "").hostname
    known = {*LOCAL, settings.host, public} - {None}
    if origin and origin not in settings.cors_origins and urlsplit(origin).hostname not in known:
        detail = (
            "Pages of this origin may not use /mcp; the operator can list it with --cors-origins."
        )
        raise Refused(detail)


async def exchange(incoming: Incoming, body: bytes) -> Response:
    """Let the SDK's ASGI application answer a request (https://asgi.readthedocs.io/en/latest/specs/www.html)."""
    from mcp.server.transport_security import TransportSecuritySettings

    from shimoda.mcp.tools import make_server

    application = make_server(service().engine).streamable_http_app(
        json_response=True,
        stateless_http=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=httpx.ASGITransport(application), trust_env=False) as client,
    ):
        headers = list(incoming.headers.items())
        answer = await client.post(own_url() + incoming.path, content=body, headers=headers)
    response = Response(answer.content, answer.status_code, answer.headers.multi_items())
    response.headers["Cache-Control"] = "no-store"
    return response
