"""The application: the blueprints of this room, what stands before and after each view, and the answers that are kept."""

import gc
from collections import OrderedDict
from collections.abc import Iterable
from http import HTTPStatus
from threading import Lock
from typing import Any, NamedTuple

from flask import Flask, Request, Response, send_from_directory
from flask.templating import Environment
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context, Macro
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.utils import import_string

from shimoda.engine.axioms import compiled_rules
from shimoda.engine.interface import Engine
from shimoda.errors import ShimodaError
from shimoda.questions.catalogue import edited
from shimoda.questions.search import index_of
from shimoda.settings import Settings
from shimoda.sparql.formats import prefers_html
from shimoda.sparql.results import Results
from shimoda.web.clients import Proxies, Rate
from shimoda.web.log import Log
from shimoda.web.pages import text_of, written
from shimoda.web.problems import ProblemResponse, document, respond
from shimoda.web.requests import Incoming
from shimoda.web.responses import PUBLIC, Outgoing, QueryResponse, complete, help_link
from shimoda.web.service import EXTENSION, Service, Tokens

RESOURCES = (
    "admin discovery drawings entities graph_store home mcp ontology openapi pages proofs questions "
    "reconcile resources search source sparql"
)
"""The modules of this room that answer requests; to import the others, too, would take longer."""
UNFORESEEN = "Something went wrong inside the server; it has been logged."
UNLIMITED = ("/-/health", "/-/ready")
LASTING = ("syntax", "unknown-name")
"""The codes of errors that the same request meets again, until the dataset changes."""
Key = tuple[Any, ...]
OVERHEAD = 2**12
SHARE = 16
"""One answer may take this part of the room, so that a scan of large ones leaves the others in peace."""


class Calls(Context):
    """Calls a macro or a function at once; jinja would first ask in five steps whether it wants the context, too."""

    def call(
        self,
        called: Any,
        /,
        *given: Any,
        _loop_vars: Any = None,
        _block_vars: Any = None,
        **named: Any,
    ) -> Any:
        """Return what a macro or a function makes of some values."""
        if type(called) is Macro or not hasattr(called, "jinja_pass_arg"):
            return called(*given, **named)
        more = {"_loop_vars": _loop_vars, "_block_vars": _block_vars}
        return super().call(called, *given, **named, **more)


class Generator(CodeGenerator):
    """Has one function escape what a page shows, where jinja would call two; hence two parentheses.

    Templates that are not escaped, such as those of Turtle, stay as they are.
    """

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.autoescape:
            self.write("environment.written((")
        else:
            super()._output_child_pre(node, frame, finalize)


class Templates(Environment):
    """Looks for a name among the columns of a row, which is a dictionary, before its methods."""

    context_class = Calls
    code_generator_class = Generator
    written = staticmethod(written)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a column, an attribute or an item."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class Application(Flask):
    """A WSGI application over an engine. A server with an event loop may run its steps itself.

    These are :meth:`admit`, :meth:`view`, :meth:`render` and :meth:`finish`; :meth:`wsgi_app` is all of them.
    """

    jinja_environment = Templates

    def __init__(self, engine: Engine, settings: Settings) -> None:
        """Make the application; InputError when the settings cannot go together."""
        super().__init__("shimoda.web")
        self.engine, self.settings = engine, settings
        self.log = Log(settings)
        self.cache = Cache(settings)
        self.rate = Rate(settings.rate / settings.http_workers)
        self.proxies = Proxies(settings.trusted_proxies)
        self.tokens = Tokens(settings)
        self.extensions[EXTENSION] = Service(engine, settings, self.tokens, self.log)
        self.config["PROPAGATE_EXCEPTIONS"] = True  # what nobody foresaw is for recover()
        self.url_map.merge_slashes = False
        self.jinja_env.finalize = text_of
        for name in RESOURCES.split():
            self.register_blueprint(import_string(f"{__package__}.{name}:blueprint"))
        self.register_error_handler(ShimodaError, respond)
        self.register_error_handler(HTTPException, respond)

    def warm_up(self) -> None:
        """Make what the first pages would wait for: templates, the index of names, and rules; all of it stays."""
        index_of(self.engine)
        compiled_rules(self.engine)
        for name in self.jinja_env.list_templates(["html"]):
            self.jinja_env.get_template(name)
        gc.freeze()

    # What Flask does for every request, and this application has no use for

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match paths alone: the host decides nothing."""
        if request is None:
            return None
        return self.url_map.bind("", path_info=request.path, default_method=request.method)

    def send_static_file(self, filename: str) -> Response:
        """Send a file of ours; conditions and ranges are met as for everything else."""
        assert self.static_folder
        response = send_from_directory(self.static_folder, filename, conditional=False)
        response.headers["Cache-Control"] = PUBLIC
        return response

    # The steps

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        incoming = Incoming.from_environ(environ)
        try:
            outgoing = self.admit(incoming) or self.respond(incoming)
        except Exception as error:  # noqa: BLE001 (the HTTP boundary: nobody else would answer)
            outgoing = self.recover(incoming, error)
        start_response(f"{outgoing.status} {HTTPStatus(outgoing.status).phrase}", outgoing.headers)
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
        incoming.key, incoming.version = self.cache.key(incoming, body), self.engine.version
        kept = self.cache.get(incoming.key) if incoming.key else None
        if kept is None or not kept.holds(self.engine):
            return None
        outgoing = kept.outgoing.again()
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
        incoming.default_graph_only = results.default_graph_only
        if response.render is None:
            outgoing = Outgoing.from_results(results, response.media_type(results))
            outgoing.headers += response.headers(results) if response.headers else []
            may_be_empty = results.count == 0 or results.form == "ASK"
            if may_be_empty and results.is_empty:
                outgoing.headers.append(help_link(response.query))
            return self.finish(incoming, outgoing)
        with self.request_context(incoming.environ):
            return self.finish(incoming, response.render(results))

    def recover(self, incoming: Incoming, error: Exception) -> Outgoing:
        """Say what went wrong, in a page to a browser; what nobody foresaw is logged, and not told."""
        if not isinstance(error, ShimodaError):
            self.log.write_failure(incoming, error)
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
        complete(response, incoming, self.settings)
        self.cache.put(incoming, response)
        response.meet_conditions(incoming)
        self.log.write(incoming, response.status)
        return response


class Kept(NamedTuple):
    """A whole answer, what the log says of it, and what of the dataset it depends on."""

    outgoing: Outgoing
    entry: dict[str, Any]
    version: int
    default_graph_only: bool

    @property
    def size(self) -> int:
        """About as many bytes as it takes."""
        return self.outgoing.length + OVERHEAD

    def holds(self, engine: Engine) -> bool:
        """Tell whether what it depends on is as it was."""
        since = engine.default_graph_version if self.default_graph_only else engine.version
        return self.version >= since


class Cache:
    """Keeps what is a function of the request, the dataset's version and the question's file alone.

    That has an ETag, or is an error of :data:`LASTING`. Errors have only the room that answers leave.
    """

    def __init__(self, settings: Settings) -> None:
        self.room = settings.cache * 2**20
        self.by_origin = "*" not in settings.cors_origins
        self.used = 0
        self.answers: OrderedDict[Key, Kept] = OrderedDict()
        self.lock = Lock()

    def key(self, incoming: Incoming, body: bytes | None) -> Key | None:
        """Return what an answer depends on beside the dataset; None for a request whose answer is not kept."""
        if not self.room or not (
            incoming.method == "GET"
            or (incoming.method == "POST" and incoming.path.endswith("/sparql") and body)
        ):
            return None
        header = incoming.headers.get
        folder, _, name = incoming.path.rpartition("/")
        return (
            incoming.path,
            incoming.query_string,
            body,
            edited(name.partition(".")[0]) if folder == "/q" else None,
            header("accept"),
            header("accept-encoding"),
            header("accept-language"),
            header("cookie"),
            header("content-type") if body else None,
            header("origin") if self.by_origin else None,
            incoming.scheme,
            incoming.host,
        )

    def get(self, key: Key) -> Kept | None:
        """Return the answer that is kept."""
        with self.lock:
            kept = self.answers.get(key)
            if kept is not None and kept.outgoing.etag:
                self.answers.move_to_end(key)
            return kept

    def put(self, incoming: Incoming, outgoing: Outgoing) -> None:
        """Keep an answer if it may be kept, and drop what was not asked for longest."""
        key, entry = incoming.key, incoming.entry
        if key is None or not isinstance(outgoing.body, bytes):
            return
        is_whole = outgoing.status == 200 and outgoing.etag
        if not is_whole and entry.get("code") not in LASTING:
            return
        entry = {**entry, "cached": True}
        kept = Kept(outgoing.again(), entry, incoming.version, incoming.default_graph_only)
        if kept.size > self.room // SHARE:
            return
        with self.lock:
            self.drop(key)
            self.answers[key] = kept
            self.used += kept.size
            if not is_whole:
                self.answers.move_to_end(key, last=False)
            while self.used > self.room:
                self.drop(next(iter(self.answers)))

    def drop(self, key: Key) -> None:
        """Forget an answer."""
        kept = self.answers.pop(key, None)
        self.used -= kept.size if kept else 0
