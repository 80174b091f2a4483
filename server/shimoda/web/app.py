"""The factory of the Flask application."""

from flask import Flask
from werkzeug.exceptions import HTTPException

from shimoda.engine.interface import Engine
from shimoda.errors import ShimodaError
from shimoda.settings import Settings
from shimoda.web import admin as operations
from shimoda.web import discovery, sparql
from shimoda.web import graph_store as graphs
from shimoda.web import home as page
from shimoda.web import proofs as explain
from shimoda.web import resources as documents
from shimoda.web.auth import Tokens
from shimoda.web.front import Front
from shimoda.web.log import Journal
from shimoda.web.problems import respond
from shimoda.web.responses import pack
from shimoda.web.service import EXTENSION, Service, check_host

VIEWS = (page, documents, discovery, explain, sparql, graphs, operations)


def create_app(engine: Engine, settings: Settings) -> Flask:
    """Make the application that serves an engine; InputError when the settings cannot go together."""
    app = Flask("shimoda.web")
    app.config["PROPAGATE_EXCEPTIONS"] = True  # what nobody foresaw is for Front to catch
    app.url_map.merge_slashes = False
    journal = Journal(settings)
    app.extensions[EXTENSION] = Service(engine, settings, Tokens(settings), journal)
    for module in VIEWS:
        app.register_blueprint(module.blueprint)
    app.register_error_handler(ShimodaError, respond)
    app.register_error_handler(HTTPException, respond)
    app.before_request(check_host)
    app.after_request(pack)
    app.wsgi_app = Front(app.wsgi_app, engine, settings, journal)  # type: ignore[method-assign]
    return app
