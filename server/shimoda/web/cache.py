"""Answers kept for the same request on the same version of the dataset."""

from collections import OrderedDict
from threading import Lock
from typing import Any

from shimoda.settings import Settings
from shimoda.web.requests import Incoming
from shimoda.web.responses import HeaderList, Outgoing

Key = tuple[Any, ...]
OVERHEAD = 2**12
SHARE = 16
"""One answer may take this part of the room, so that a scan of large ones leaves the others in peace."""


class Kept:
    """A whole answer, and what the log says of it."""

    __slots__ = ("body", "entry", "etag", "headers")

    def __init__(self, outgoing: Outgoing, entry: dict[str, Any]) -> None:
        assert isinstance(outgoing.body, bytes)
        self.headers: HeaderList = outgoing.headers
        self.body: bytes = outgoing.body
        self.etag = outgoing.etag
        self.entry = {**entry, "cached": True}

    @property
    def size(self) -> int:
        """About as many bytes as it takes."""
        return len(self.body) + OVERHEAD

    def outgoing(self) -> Outgoing:
        """Return the answer, to be sent once more."""
        again = Outgoing(200, self.headers, self.body, [])
        again.etag = self.etag
        return again


class Cache:
    """Keeps what has an ETag, which says that it is a function of the request and the dataset's version alone."""

    def __init__(self, settings: Settings) -> None:
        self.room = settings.cache * 2**20
        self.by_origin = "*" not in settings.cors_origins
        self.used = 0
        self.answers: OrderedDict[Key, Kept] = OrderedDict()
        self.lock = Lock()

    def key(self, incoming: Incoming, version: int, body: bytes | None) -> Key | None:
        """Return what an answer depends on; None for a request whose answer is not kept."""
        if not self.room or not (
            incoming.method == "GET"
            or (incoming.method == "POST" and incoming.path == "/sparql" and body)
        ):
            return None
        header = incoming.headers.get
        return (
            version,
            incoming.path,
            incoming.query_string,
            body,
            header("accept"),
            header("accept-encoding"),
            header("accept-language"),
            header("content-type") if body else None,
            header("origin") if self.by_origin else None,
            incoming.scheme,
            incoming.host,
        )

    def get(self, key: Key) -> Kept | None:
        """Return the answer that is kept."""
        with self.lock:
            kept = self.answers.get(key)
            if kept is not None:
                self.answers.move_to_end(key)
            return kept

    def put(self, key: Key, outgoing: Outgoing, entry: dict[str, Any]) -> None:
        """Keep an answer if it may be kept, and drop what was not asked for longest."""
        if outgoing.status != 200 or not outgoing.etag or not isinstance(outgoing.body, bytes):
            return
        kept = Kept(outgoing, entry)
        if kept.size > self.room // SHARE:
            return
        with self.lock:
            # nobody asks for those of an older version again
            if next(iter(self.answers), key)[0] < key[0]:
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
