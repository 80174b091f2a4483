"""The application: Flask's views, and what stands before and after each of them."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from shimoda.engine.interface import Engine
from shimoda.errors import ShimodaError
from shimoda.settings import Settings
from shimoda.sparql.formats import prefers_html
from shimoda.sparql.results import Results
from shimoda.web import (
    admin,
    discovery,
    graph_store,
    home,
    ontology,
    pages,
    proofs,
    resources,
    source,
    sparql,
)
from shimoda.web.auth import Tokens
from shimoda.web.cache import Cache
from shimoda.web.clients import Proxies, Rate
from shimoda.web.log import Log
from shimoda.web.pages import text_of
from shimoda.web.problems import ProblemResponse, document, respond
from shimoda.web.requests import Incoming
from shimoda.web.responses import Outgoing, QueryResponse, complete, status_line
from shimoda.web.service import EXTENSION, Service

VIEWS = (pages, home, resources, ontology, source, discovery, proofs, sparql, graph_store, admin)
UNFORESEEN = "Something went wrong inside the server; it has been logged."
UNLIMITED = ("/-/health", "/-/ready")


class NoSessions(SessionInterface):
    """Nobody is known from one request to the next."""

    nobody = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002
        """Return the session that cannot be written to."""
        return self.nobody


class Application(Flask):
    """A WSGI application over an engine. A server with an event loop may run its steps itself.

    These are :meth:`admit`, :meth:`view`, :meth:`render` and :meth:`finish`; :meth:`wsgi_app` is all of them.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Make the application; InputError when the settings cannot go together."""
        super().__init__("shimoda.web")
        self.engine, self.settings = engine, settings
        self.log = Log(settings)
        self.cache = Cache(settings)
        self.rate = Rate(settings.rate / settings.http_workers)
        self.proxies = Proxies(settings.trusted_proxies)
        self.extensions[EXTENSION] = Service(engine, settings, Tokens(settings), self.log)
        self.config["PROPAGATE_EXCEPTIONS"] = True  # what nobody foresaw is for recover()
        self.session_interface = NoSessions()
        self.url_map.merge_slashes = False
        self.jinja_env.finalize = text_of
        for module in VIEWS:
            self.register_blueprint(module.blueprint)
        self.register_error_handler(ShimodaError, respond)
        self.register_error_handler(HTTPException, respond)

    # What Flask does for every request, and this application has no use for

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match paths alone: the host decides nothing."""
        if request is None:
            return None
        return self.url_map.bind("", path_info=request.path, default_method=request.method)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view as it is: none is asynchronous."""
        return func

    # The steps

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        incoming = Incoming.from_environ(environ)
        try:
            outgoing = self.admit(incoming) or self.respond(incoming)
        except Exception as error:  # noqa: BLE001 (the HTTP boundary: nobody else would answer)
            outgoing = self.recover(incoming, error)
        start_response(status_line(outgoing.status), outgoing.headers)
        if incoming.method == "HEAD":
            outgoing.close()
            return []
        return outgoing.pieces()

    def admit(self, incoming: Incoming) -> Outgoing | None:
        """Count a request, and answer it from the cache if it can be; None if a view has to."""
        if self.settings.trusted_proxies:
            self.proxies.adopt(incoming)
        incoming.check_host()
        if self.settings.rate and incoming.path not in UNLIMITED:
            self.rate.spend(incoming.client)
        body = incoming.short_body() if incoming.method == "POST" else None
        incoming.key = self.cache.key(incoming, self.engine.version, body)
        kept = self.cache.get(incoming.key) if incoming.key else None
        if kept is None:
            return None
        outgoing = kept.outgoing()
        outgoing.meet_conditions(incoming)
        incoming.entry = kept.entry
        self.log.write(incoming, outgoing.status)
        return outgoing

    def respond(self, incoming: Incoming) -> Outgoing:
        """Answer a request by a view, in this thread."""
        response = self.view(incoming)
        if isinstance(response, QueryResponse):
            return self.render(incoming, response, self.engine.query(response.query))
        return self.finish(incoming, response)

    def view(self, incoming: Incoming) -> Response | QueryResponse:
        """Run the view of a request; a :class:`QueryResponse` is still to be completed."""
        with self.request_context(incoming.environ):
            try:
                found = self.dispatch_request()
            except (ShimodaError, HTTPException) as error:
                found = self.handle_user_exception(error)
            return found if isinstance(found, QueryResponse) else self.make_response(found)

    def render(self, incoming: Incoming, response: QueryResponse, results: Results) -> Outgoing:
        """Complete the response to a query with its results."""
        incoming.note(rows=results.count, outcome=results.form.lower())
        if response.render is None:
            outgoing = Outgoing.from_results(results, response.media_type(results))
            return self.finish(incoming, outgoing)
        with self.request_context(incoming.environ):
            return self.finish(incoming, response.render(results))

    def recover(self, incoming: Incoming, error: Exception) -> Outgoing:
        """Say what went wrong, in a page to a browser; what nobody foresaw is logged, and not told."""
        if not isinstance(error, ShimodaError):
            self.log.write_failure(incoming)
            error = ShimodaError(UNFORESEEN)
        if prefers_html(incoming.headers.get("accept")):
            with self.request_context(incoming.environ):
                return self.finish(incoming, respond(error))
        return self.finish(incoming, document(error.problem()))

    def finish(self, incoming: Incoming, response: Response | Outgoing) -> Outgoing:
        """Make a response ready to be sent, keep it if it may be kept, and log it."""
        if isinstance(response, ProblemResponse):
            incoming.note(code=response.code)
        if isinstance(response, Response):
            response = Outgoing.from_response(response)
        outgoing = response
        complete(outgoing, incoming, self.settings)
        if incoming.key:
            self.cache.put(incoming.key, outgoing, incoming.entry)
        self.log.write(incoming, outgoing.status)
        return outgoing
