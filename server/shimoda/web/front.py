"""What stands before Flask: proxies, rate limit, answer cache, journal, and the headers of every response."""

from collections.abc import Iterable
from typing import Any

from werkzeug import Response

from shimoda.engine.interface import Engine
from shimoda.errors import ShimodaError
from shimoda.settings import Settings
from shimoda.web.cache import Cache
from shimoda.web.limits import Rate
from shimoda.web.log import Journal
from shimoda.web.problems import document
from shimoda.web.proxies import Proxies
from shimoda.web.responses import LARGE, read

UNFORESEEN = "Something went wrong inside the server; it has been logged."
UNLIMITED = ("/-/health", "/-/ready")
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
EXPOSED = "ETag, Link, Location, Retry-After"
PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Encoding, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class Front:
    """A WSGI application around another."""

    def __init__(self, inner: Any, engine: Engine, settings: Settings, journal: Journal):
        self.inner = inner
        self.engine = engine
        self.origins = settings.cors_origins
        self.journal = journal
        self.proxies = Proxies(settings.trusted_proxies)
        self.rate = Rate(settings.rate / settings.http_workers)
        self.cache = Cache(settings)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request, whatever happens."""
        begun = self.journal.open(environ)
        try:
            self.proxies.adopt(environ)
            response = self.respond(environ)
        except ShimodaError as error:
            response = document(error.problem())
        except Exception:  # noqa: BLE001 (the HTTP boundary: nobody else would answer the client)
            self.journal.failure(environ)
            response = document(ShimodaError(UNFORESEEN).problem())
        self.dress(response, environ)
        self.journal.close(environ, response.status_code, begun)
        return send(response, environ, start_response)

    def respond(self, environ: dict[str, Any]) -> Response:
        """Answer from the cache, or through Flask."""
        if environ["PATH_INFO"] not in UNLIMITED:
            self.rate.spend(environ.get("REMOTE_ADDR", ""))
        key = self.cache.key(environ, self.engine.version) if self.cache.room else None
        kept = self.cache.get(key, environ) if key else None
        if kept is not None:
            return kept
        environ[LARGE] = []  # a list, for what is inside gets a copy of the environment
        response = Response.from_app(self.inner, environ)
        if key and not environ.get(LARGE):
            self.cache.put(key, response, response.get_data(), environ)
        return response

    def dress(self, response: Response, environ: dict[str, Any]) -> None:
        """Add the headers that every response has (CORS: https://fetch.spec.whatwg.org/#http-cors-protocol)."""
        response.headers.update(SECURITY)
        response.headers.remove("Date")  # the HTTP server adds its own
        if response.status_code in (201, 204):
            response.headers.remove("Content-Type")
        origin = "*" if "*" in self.origins else environ.get("HTTP_ORIGIN")
        if origin != "*":
            response.vary.add("Origin")
        if origin not in self.origins:
            return
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        if environ["REQUEST_METHOD"] == "OPTIONS":
            response.headers.update(PREFLIGHT)
            response.headers["Access-Control-Allow-Methods"] = response.headers.get(
                "Allow", "GET, HEAD, OPTIONS"
            )


def send(response: Response, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Send a whole body as one list, which is what granian sends with least work; a large one from its file."""
    start_response(response.status, response.get_wsgi_headers(environ).to_wsgi_list())
    if large := environ.get(LARGE):
        return read(large[0])
    body = b"".join(response.get_app_iter(environ))
    response.close()
    return [body]
