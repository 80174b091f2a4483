"""Answers kept for the same request on the same version of the dataset."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

from werkzeug import Response

from shimoda.errors import ShimodaError
from shimoda.settings import Settings
from shimoda.web.bodies import read_body
from shimoda.web.log import ENTRY

Key = tuple[Any, ...]
LONGEST_BODY = 2**16
OVERHEAD = 2**12


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole answer, and what the log says of it."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    entry: dict[str, Any]

    @property
    def size(self) -> int:
        """About as many bytes as it takes."""
        return len(self.body) + OVERHEAD


class Cache:
    """Keeps what has an ETag, which says that it is a function of the request and the dataset's version alone."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.room = settings.cache * 2**20
        self.used = 0
        self.answers: OrderedDict[Key, Kept] = OrderedDict()
        self.lock = Lock()

    def key(self, environ: dict[str, Any], version: int) -> Key | None:
        """Return what an answer depends on; None for a request whose answer is not kept."""
        method, body = environ["REQUEST_METHOD"], b""
        if method == "POST" and environ["PATH_INFO"] == "/sparql":
            if not 0 < int(environ.get("CONTENT_LENGTH") or 0) <= LONGEST_BODY:
                return None
            try:
                body = read_body(environ, self.settings.max_query)
            except ShimodaError:  # the view meets the same error again, and tells the client
                return None
        elif method not in ("GET", "HEAD"):
            return None
        names = (
            "PATH_INFO",
            "QUERY_STRING",
            "CONTENT_TYPE",
            "wsgi.url_scheme",
            "HTTP_HOST",
            "HTTP_ACCEPT",
            "HTTP_ACCEPT_ENCODING",
            "HTTP_ACCEPT_LANGUAGE",
        )
        return (version, method, body, *(environ.get(name) for name in names))

    def get(self, key: Key, environ: dict[str, Any]) -> Response | None:
        """Return the answer kept, or 304 if the client has it."""
        with self.lock:
            kept = self.answers.get(key)
            if kept is None:
                return None
            self.answers.move_to_end(key)
        environ[ENTRY] = {**kept.entry, "cached": True}
        return Response(kept.body, 200, kept.headers).make_conditional(environ)

    def put(self, key: Key, response: Response, body: bytes, environ: dict[str, Any]) -> None:
        """Keep an answer if it may be kept, and drop what was not asked for longest."""
        if response.status_code != 200 or "ETag" not in response.headers:
            return
        kept = Kept(tuple(response.headers), body, environ[ENTRY])
        if kept.size > self.room // 8:
            return
        with self.lock:
            if (
                next(iter(self.answers), key)[0] < key[0]
            ):  # nobody asks for those of an older version again
                self.answers.clear()
                self.used = 0
            self.drop(key)
            self.answers[key] = kept
            self.used += kept.size
            while self.used > self.room:
                self.drop(next(iter(self.answers)))

    def drop(self, key: Key) -> None:
        """Forget an answer."""
        kept = self.answers.pop(key, None)
        self.used -= kept.size if kept else 0
