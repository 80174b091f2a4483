"""What the views share: the engine, the settings, who may write, and the log."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app

from shimoda.engine.interface import Engine
from shimoda.settings import Settings

if TYPE_CHECKING:
    from shimoda.web.auth import Tokens
    from shimoda.web.log import Log

EXTENSION = "shimoda"


@dataclass(frozen=True, slots=True)
class Service:
    """One running server."""

    engine: Engine
    settings: Settings
    tokens: "Tokens"
    log: "Log"


def service() -> Service:
    """Return the server that answers the current request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Service)
    return found
