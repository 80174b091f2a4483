"""What the views share: the engine, the settings, who may write, and this server's own address."""

import re
from dataclasses import dataclass

from flask import current_app, request

from shimoda.engine.interface import Engine
from shimoda.errors import InputError
from shimoda.settings import Settings
from shimoda.web.auth import Tokens
from shimoda.web.bodies import read_body
from shimoda.web.log import Journal
from shimoda.web.requests import Parameters

EXTENSION = "shimoda"
HOST = re.compile(r"[A-Za-z0-9._~-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Service:
    """One running server."""

    engine: Engine
    settings: Settings
    tokens: Tokens
    journal: Journal


def service() -> Service:
    """Return the server that answers the current request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Service)
    return found


def own_url() -> str:
    """Return the address at which the client reaches this server, without a slash at its end."""
    return (service().settings.public_url or request.host_url).rstrip("/")


def check_host() -> None:
    """Refuse a Host that is missing (RFC 9112 section 3.2) or that is no host: it becomes part of IRIs."""
    host = request.environ.get("HTTP_HOST", "")
    if not HOST.fullmatch(host) and (host or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.1"):
        raise InputError("The header Host is missing or is no host name.")


def query_string() -> Parameters:
    """Return the parameters of the request's URL."""
    return Parameters.decode(request.query_string)


def body() -> bytes:
    """Return the request's body."""
    return read_body(request.environ, service().settings.max_query)


def authorised_body() -> bytes:
    """Return the body of a request that may write, which is found out before any of it is read."""
    service().tokens.check(request.headers.get("Authorization"))
    return read_body(request.environ, service().settings.max_body)
